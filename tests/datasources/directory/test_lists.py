"""The directory's lists: what is in them, how they are filtered, sorted and walked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from auth.caller import Caller
from datasources.base import Statement
from datasources.database import Pool, PoolOptions
from datasources.directory import pages
from datasources.directory.rows import COPILOT, IDENTITY, InviteRow, MembershipRow
from datasources.paging import BadCursor, Listing, PageRequest, Sorting
from datasources.tables import user_invites
from tests.harness.callers import nobody, person, super_admin
from tests.harness.directory import (
    ACME,
    BETA,
    add_group,
    add_identity_team,
    add_identity_user,
    add_membership,
    add_person,
    add_team,
    id_of,
)

ADMIN = person(ACME)
OWN, THEIRS = (ACME, COPILOT), (ACME, IDENTITY)
BUCKET = "identity:ungrouped:acme"

LISTS: list[Listing] = [
    pages.account_users,
    pages.account_groups,
    pages.account_teams,
    pages.account_memberships,
    pages.account_invites,
]


async def rows(
    pool: Pool,
    listing: Listing,
    parent: Any,
    *,
    caller: Caller = ADMIN,
    sorting: Sorting | None = None,
    **filters: Any,
) -> list[Any]:
    request = PageRequest(50, sorting=sorting, filters=tuple(sorted(filters.items())))
    (page,) = await listing.read(pool, caller, request, [parent])
    (count,) = await listing.count(pool, caller, request.filters, [parent])
    assert count == len(page.rows)
    return list(page.rows)


async def names(pool: Pool, listing: Listing, parent: Any, **options: Any) -> list[str]:
    return [row.name for row in await rows(pool, listing, parent, **options)]


@pytest.mark.parametrize(
    ("order", "descending", "expected"),
    [
        ("CREATED_AT", True, ["Dan", "Cleo", "Bob", "Ada"]),
        ("NAME", False, ["Ada", "Bob", "Cleo", "Dan"]),
        ("EMAIL", True, ["Dan", "Cleo", "Bob", "Ada"]),
        ("LAST_ACTIVE_AT", False, ["Ada", "Bob", "Cleo", "Dan"]),
    ],
)
async def test_people_can_be_sorted(
    filled: Pool, order: str, descending: bool, expected: list[str]
) -> None:
    sorting = Sorting(order, descending=descending)
    assert await names(filled, pages.account_users, OWN, sorting=sorting) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"search": "  B@ACME "}, ["Bob"]),
        ({"search": "cle"}, ["Cleo"]),
        ({"search": "%"}, []),
        ({"search": "_"}, []),
        ({"ids": (id_of("Ada"), id_of("Zoe"), "not-an-id")}, ["Ada"]),
        ({"is_active": False}, ["Dan"]),
        ({"roles": ("ADMIN",)}, ["Ada"]),
        ({"roles": ("VIEWER",)}, ["Bob"]),
        ({"roles": ("USER", "GUEST")}, ["Cleo", "Dan"]),
        ({"group_id": id_of("Research")}, ["Ada", "Bob"]),
        ({"group_id": "not-an-id"}, []),
        ({"team_id": id_of("Field")}, ["Bob"]),
        ({"team_id": id_of("North")}, []),
        ({"has_team": False}, ["Dan"]),
        ({"has_team": True, "is_active": True}, ["Ada", "Bob", "Cleo"]),
    ],
)
async def test_people_of_the_own_directory_can_be_filtered(
    filled: Pool, filters: dict[str, Any], expected: list[str]
) -> None:
    found = await names(filled, pages.account_users, OWN, sorting=Sorting("NAME"), **filters)
    assert found == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["eve@acme.test", "finn", "gwen", "hugo"]),
        ({"search": "100%"}, ["finn"]),
        ({"search": "%"}, ["finn"]),
        ({"search": "_"}, []),
        ({"search": "EVE@"}, ["eve@acme.test"]),
        ({"search": "finn@acme"}, ["finn"]),
        ({"ids": ("gwen", "zed", "lost")}, ["gwen"]),
        ({"is_active": False}, ["finn"]),
        ({"roles": ("ADMIN",)}, ["eve@acme.test", "hugo"]),
        ({"roles": ("VIEWER",)}, ["finn"]),
        ({"roles": ("USER",)}, ["gwen"]),
        ({"group_id": BUCKET}, ["gwen"]),
        ({"group_id": "org-lost"}, ["finn"]),
        ({"group_id": "org-eng"}, ["eve@acme.test", "finn", "gwen"]),
        ({"team_id": "t-core"}, ["eve@acme.test", "finn", "gwen"]),
        ({"team_id": "t-free", "is_active": True}, ["gwen"]),
        ({"has_team": False}, ["hugo"]),
        ({"has_team": True}, ["eve@acme.test", "finn", "gwen"]),
    ],
)
async def test_people_of_the_identity_provider_can_be_filtered_the_same_way(
    filled: Pool, filters: dict[str, Any], expected: list[str]
) -> None:
    found = await rows(filled, pages.account_users, THEIRS, **filters)
    assert sorted(row.id for row in found) == expected


async def test_faulty_identity_people_still_have_everything_the_graph_promises(
    filled: Pool,
) -> None:
    people = {row.id: row for row in await rows(filled, pages.account_users, THEIRS)}
    assert people["eve@acme.test"].email == "eve@acme.test"
    assert (people["finn"].name, people["finn"].email) == ("Finn 100%", "finn@acme.test")
    assert (people["gwen"].name, people["gwen"].created_at) == ("not an address", None)
    assert (people["hugo"].email, people["hugo"].is_active) == (None, True)
    assert not people["finn"].is_active


async def test_the_default_group_comes_first_and_the_bucket_last(filled: Pool) -> None:
    assert await names(filled, pages.account_groups, OWN) == ["Global", "Archive", "Research"]
    assert [row.id for row in await rows(filled, pages.account_groups, THEIRS)] == [
        "org-eng",
        "org-idle",
        "org-lost",
        BUCKET,
    ]


async def test_groups_sorted_by_name_have_no_exceptions(filled: Pool) -> None:
    sorting = Sorting("NAME", descending=True)
    assert await names(filled, pages.account_groups, THEIRS, sorting=sorting) == [
        "Unassigned (No SCIM Organization)",
        "org-lost",
        "Idle",
        "Engineering",
    ]


async def test_the_bucket_exists_only_with_a_team_in_it(filled: Pool) -> None:
    beta = (BETA, IDENTITY)
    found = await rows(filled, pages.account_groups, beta, caller=person(BETA))
    assert [row.id for row in found] == ["org-beta"]
    await add_identity_team(filled, BETA, "t-new")
    (_, bucket) = await rows(filled, pages.account_groups, beta, caller=person(BETA))
    assert (bucket.id, bucket.is_unassigned) == ("identity:ungrouped:beta", True)


@pytest.mark.parametrize(
    ("parent", "filters", "expected"),
    [
        (OWN, {"search": "ARCHI"}, ["Archive"]),
        (OWN, {"statuses": ("INACTIVE",)}, ["Archive"]),
        (OWN, {"ids": (id_of("Sales"), id_of("Research"))}, ["Research"]),
        (THEIRS, {"search": "unassigned"}, ["Unassigned (No SCIM Organization)"]),
        (THEIRS, {"statuses": ("INACTIVE",)}, []),
        (THEIRS, {"ids": ("org-lost", "org-beta")}, ["org-lost"]),
    ],
)
async def test_groups_can_be_filtered(
    filled: Pool, parent: tuple[str, str], filters: dict[str, Any], expected: list[str]
) -> None:
    assert await names(filled, pages.account_groups, parent, **filters) == expected


@pytest.mark.parametrize(
    ("parent", "filters", "expected"),
    [
        (OWN, {}, ["Everybody", "Field", "Lab"]),
        (OWN, {"search": "la"}, ["Lab"]),
        (OWN, {"group_id": id_of("Research")}, ["Field", "Lab"]),
        (OWN, {"group_id": id_of("Sales")}, []),
        (THEIRS, {}, ["Core", "t-blank", "t-free", "Text"]),
        (THEIRS, {"group_id": BUCKET}, ["t-blank", "t-free"]),
        (THEIRS, {"group_id": "org-lost"}, ["Text"]),
        (THEIRS, {"search": "T-FREE"}, ["t-free"]),
        (THEIRS, {"ids": ("t-core", "t-none", "t-literal", "t-beta")}, ["Core"]),
    ],
)
async def test_teams_can_be_filtered(
    filled: Pool, parent: tuple[str, str], filters: dict[str, Any], expected: list[str]
) -> None:
    found = await names(filled, pages.account_teams, parent, **filters)
    assert sorted(found, key=str.lower) == sorted(expected, key=str.lower)


async def test_memberships_are_the_union_of_both_tables_without_repetition(filled: Pool) -> None:
    found: list[MembershipRow] = await rows(filled, pages.account_memberships, OWN)
    assert [(row.user_id, row.team_id, row.role) for row in found] == [
        (id_of("Ada"), id_of("Lab"), "ADMIN"),
        (id_of("Bob"), id_of("Lab"), "USER"),
        (id_of("Cleo"), id_of("Everybody"), "VIEWER"),
        (id_of("Dan"), None, "GUEST"),
        (id_of("Bob"), id_of("Field"), "VIEWER"),
    ]


async def test_identity_memberships_are_the_union_of_what_people_and_teams_say(
    filled: Pool,
) -> None:
    found: list[MembershipRow] = await rows(filled, pages.account_memberships, THEIRS)
    assert {row.id: (row.role, row.is_active) for row in found} == {
        "identity:eve@acme.test:t-core": ("ADMIN", True),
        "identity:finn:t-core": ("USER", False),
        "identity:finn:t-text": ("VIEWER", False),
        "identity:finn:t-missing": ("VIEWER", False),
        "identity:finn:t-beta": ("VIEWER", False),
        "identity:gwen:t-core": ("USER", True),
        "identity:gwen:t-free": ("GUEST", True),
    }


@pytest.mark.parametrize(
    ("parent", "filters", "expected"),
    [
        (OWN, {"search": "bob"}, 2),
        (OWN, {"user_id": id_of("Bob")}, 2),
        (OWN, {"user_id": "not-an-id"}, 0),
        (OWN, {"team_id": id_of("Lab")}, 2),
        (OWN, {"not_in_team_id": id_of("Lab")}, 2),
        (OWN, {"not_in_team_id": id_of("Lab"), "is_active": True}, 1),
        (OWN, {"roles": ("VIEWER",)}, 2),
        (THEIRS, {"search": "finn@"}, 4),
        (THEIRS, {"user_id": "gwen"}, 2),
        (THEIRS, {"team_id": "t-core"}, 3),
        (THEIRS, {"not_in_team_id": "t-text"}, 3),
        (THEIRS, {"roles": ("GUEST", "ADMIN")}, 2),
        (THEIRS, {"is_active": False}, 4),
    ],
)
async def test_memberships_can_be_filtered(
    filled: Pool, parent: tuple[str, str], filters: dict[str, Any], expected: int
) -> None:
    assert len(await rows(filled, pages.account_memberships, parent, **filters)) == expected


async def test_memberships_are_sorted_by_the_persons_name_when_asked(filled: Pool) -> None:
    sorting = Sorting("NAME", descending=True)
    found = await rows(filled, pages.account_memberships, OWN, sorting=sorting)
    assert [row.user_id for row in found][:2] == [id_of("Dan"), id_of("Cleo")]


async def test_invites_expire_on_read_and_show_what_clients_attached(filled: Pool) -> None:
    found: list[InviteRow] = await rows(filled, pages.account_invites, OWN)
    assert {row.id: (row.status, row.data) for row in found} == {
        id_of("open-invite"): ("PENDING", {"campaign": "spring"}),
        id_of("late-invite"): ("EXPIRED", {"campaign": "text"}),
        id_of("gone-invite"): ("CANCELLED", None),
    }
    stored = await filled.fetch(Statement(select(user_invites.c.status).distinct()))
    assert {row["status"] for row in stored} == {"PENDING", "CANCELLED"}


async def test_invites_can_be_filtered_by_the_state_they_read_as(filled: Pool) -> None:
    found = await rows(filled, pages.account_invites, OWN, statuses=("EXPIRED",))
    assert [row.id for row in found] == [id_of("late-invite")]
    found = await rows(filled, pages.account_invites, OWN, search="OPEN@")
    assert [row.id for row in found] == [id_of("open-invite")]


async def test_no_row_of_an_invite_holds_its_token(filled: Pool) -> None:
    assert not any("secret" in str(row) for row in await rows(filled, pages.account_invites, OWN))


async def test_the_identity_provider_has_no_invites(filled: Pool) -> None:
    assert await rows(filled, pages.account_invites, THEIRS) == []


# --- cursors ------------------------------------------------------------------------------------


async def walked(pool: Pool, listing: Listing, parent: Any, between: Any = None) -> list[str]:
    """Ids met when walking with pages of one, something happening after the first."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        (page,) = await listing.read(pool, ADMIN, PageRequest(1, cursor=cursor), [parent])
        ids += [row.id for row in page.rows]
        if not page.has_next:
            return ids
        if cursor is None and between is not None:
            await between()
        cursor = page.cursors[-1]


@pytest.mark.parametrize("parent", [OWN, THEIRS], ids=["own", "identity"])
@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.row.__name__)
async def test_walking_with_cursors_meets_every_row_once(
    filled: Pool, listing: Listing, parent: tuple[str, str]
) -> None:
    whole = [row.id for row in await rows(filled, listing, parent)]
    assert await walked(filled, listing, parent) == whole


@pytest.mark.parametrize("parent", [OWN, THEIRS], ids=["own", "identity"])
@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.row.__name__)
async def test_walking_backwards_meets_the_same_rows(
    filled: Pool, listing: Listing, parent: tuple[str, str]
) -> None:
    whole = [row.id for row in await rows(filled, listing, parent)]
    met: list[str] = []
    cursor: str | None = None
    while True:
        request = PageRequest(2, cursor=cursor, backwards=True)
        (page,) = await listing.read(filled, ADMIN, request, [parent])
        met = [*[row.id for row in page.rows], *met]
        if not page.has_previous:
            break
        cursor = page.cursors[0]
    assert met == whole


async def test_cursors_stay_good_while_people_come(filled: Pool) -> None:
    before = [row.id for row in await rows(filled, pages.account_users, OWN)]

    async def two_more() -> None:
        await add_person(filled, ACME, "Newest", day=9)
        await add_person(filled, ACME, "Oldest", day=-9)

    assert await walked(filled, pages.account_users, OWN, two_more) == [*before, id_of("Oldest")]


async def test_cursors_stay_good_while_identity_memberships_come(filled: Pool) -> None:
    before = [row.id for row in await rows(filled, pages.account_memberships, THEIRS)]

    async def one_more() -> None:
        await add_identity_user(filled, ACME, "ada", teams=["t-core"])

    met = await walked(filled, pages.account_memberships, THEIRS, one_more)
    assert met == [*before, "identity:ada:t-core"]


@pytest.mark.parametrize("parent", [OWN, THEIRS], ids=["own", "identity"])
@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.row.__name__)
@pytest.mark.parametrize("cursor", ["x", "e30=", "WyJOT1BFIiwwLCJhIl0="])
async def test_cursors_of_no_list_are_refused(
    filled: Pool, listing: Listing, parent: tuple[str, str], cursor: str
) -> None:
    with pytest.raises(BadCursor):
        await listing.read(filled, ADMIN, PageRequest(5, cursor=cursor), [parent])


# --- tenants ------------------------------------------------------------------------------------

FOREIGN: list[tuple[Listing, Any]] = [
    *[(listing, (ACME, source)) for listing in LISTS for source in (COPILOT, IDENTITY)],
    (pages.group_teams, (ACME, COPILOT, id_of("Research"))),
    (pages.group_teams, (ACME, IDENTITY, "org-eng")),
    (pages.group_teams, (ACME, IDENTITY, BUCKET)),
    (pages.team_members, (ACME, COPILOT, id_of("Lab"))),
    (pages.team_members, (ACME, IDENTITY, "t-core")),
    (pages.user_memberships, (ACME, COPILOT, id_of("Bob"))),
    (pages.user_memberships, (ACME, IDENTITY, "finn")),
]


@pytest.mark.parametrize("caller", [person(BETA), nobody()], ids=["other account", "no account"])
@pytest.mark.parametrize(("listing", "parent"), FOREIGN)
async def test_another_accounts_lists_are_empty(
    filled: Pool, caller: Caller, listing: Listing, parent: Any
) -> None:
    assert await rows(filled, listing, parent, caller=caller) == []


@pytest.mark.parametrize(
    ("listing", "parent"),
    [
        (pages.group_teams, (ACME, COPILOT, id_of("Sales"))),
        (pages.group_teams, (ACME, IDENTITY, "org-beta")),
        (pages.team_members, (ACME, COPILOT, id_of("North"))),
        (pages.team_members, (ACME, IDENTITY, "t-beta")),
        (pages.user_memberships, (ACME, COPILOT, id_of("Zoe"))),
        (pages.user_memberships, (ACME, IDENTITY, "zed")),
    ],
)
@pytest.mark.parametrize("caller", [ADMIN, super_admin()], ids=["admin", "super admin"])
async def test_another_accounts_places_have_nobody_of_this_account_to_show(
    filled: Pool, caller: Caller, listing: Listing, parent: Any
) -> None:
    found = await rows(filled, listing, parent, caller=caller)
    assert [row for row in found if row.account_id != ACME] == []


@pytest.mark.parametrize("source", [COPILOT, IDENTITY])
@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.row.__name__)
async def test_twenty_accounts_are_one_statement(
    filled: Pool, listing: Listing, source: str
) -> None:
    parents = [(f"account-{i}", source) for i in range(18)] + [(ACME, source), (BETA, source)]
    before = filled.statements
    found = await listing.read(filled, super_admin(), PageRequest(2), parents)
    assert filled.statements - before == 1
    assert [bool(page.rows) for page in found[:18]] == [False] * 18
    alone = await listing.read(filled, ADMIN, PageRequest(2), [(ACME, source)])
    assert found[18] == alone[0]


async def test_a_page_over_both_directories_is_one_statement_each(filled: Pool) -> None:
    before = filled.statements
    own, theirs, again = await pages.account_users.read(
        filled, ADMIN, PageRequest(1), [OWN, THEIRS, OWN]
    )
    assert filled.statements - before == 2
    assert (own, own.rows[0].source, theirs.rows[0].source) == (again, COPILOT, IDENTITY)


async def test_a_membership_of_another_accounts_person_is_nobodys(filled: Pool) -> None:
    await add_person(filled, BETA, "Yan")
    await add_membership(filled, ACME, "Yan", "Lab", "ADMIN")
    found = await rows(filled, pages.team_members, (ACME, COPILOT, id_of("Lab")))
    assert id_of("Yan") not in {row.user_id for row in found}


async def test_a_team_in_another_accounts_group_is_nobodys(filled: Pool) -> None:
    await add_group(filled, BETA, "Lent")
    await add_team(filled, ACME, "Borrowed", "Lent")
    assert "Borrowed" not in await names(filled, pages.account_teams, OWN)
    beta = await names(filled, pages.account_teams, (BETA, COPILOT), caller=person(BETA))
    assert beta == ["North"]


@pytest.mark.parametrize("source", [COPILOT, IDENTITY])
@pytest.mark.parametrize("caller", [ADMIN, person(BETA), super_admin()], ids=lambda c: c.name)
async def test_the_fence_of_row_level_security_changes_no_answer(
    filled: Pool, database_url: str, caller: Caller, source: str
) -> None:
    fenced = await Pool.open(database_url, PoolOptions(role="cockpit_gateway"))
    try:
        for listing in LISTS:
            parents = [(ACME, source), (BETA, source)]
            plain = await listing.read(filled, caller, PageRequest(50), parents)
            behind = fenced.as_caller(caller)
            assert await listing.read(behind, caller, PageRequest(50), parents) == plain
    finally:
        await fenced.close()
