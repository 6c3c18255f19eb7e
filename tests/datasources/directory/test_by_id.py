"""Rows of the directory by id: in either directory, and in one that is named."""

from __future__ import annotations

from typing import Any

import pytest

from auth.caller import Caller
from datasources.database import Pool
from datasources.directory import pages, reads
from datasources.directory.rows import COPILOT, IDENTITY
from tests.harness.callers import member, nobody, person, super_admin
from tests.harness.directory import (
    ACME,
    BETA,
    add_identity_team,
    add_identity_user,
    add_person,
    id_of,
)

ADMIN = person(ACME)
BUCKET = "identity:ungrouped:acme"

BY_ID: list[tuple[Any, list[str]]] = [
    (reads.users_by_id, [id_of("Ada"), "finn", "eve@acme.test"]),
    (reads.groups_by_id, [id_of("Research"), "org-eng", "org-lost", BUCKET]),
    (reads.teams_by_id, [id_of("Lab"), "t-core", "t-blank"]),
    (
        reads.memberships_by_id,
        [id_of("Ada-membership"), id_of("Bob-Field"), "identity:finn:t-core"],
    ),
    (reads.invites_by_id, [id_of("open-invite")]),
]


@pytest.mark.parametrize(("read", "ids"), BY_ID)
@pytest.mark.parametrize(
    "caller", [ADMIN, member(ACME), super_admin()], ids=["admin", "member", "super admin"]
)
async def test_rows_are_found_in_either_directory_in_the_order_asked(
    filled: Pool, caller: Caller, read: Any, ids: list[str]
) -> None:
    asked = [*ids, "nothing", id_of("nothing"), *reversed(ids)]
    found = await read(filled, caller, asked)
    assert [row and row.id for row in found] == [*ids, None, None, *reversed(ids)]
    assert {row.account_id for row in found if row} == {ACME}


@pytest.mark.parametrize(("read", "ids"), BY_ID)
@pytest.mark.parametrize("caller", [person(BETA), nobody()], ids=["other account", "no account"])
async def test_another_accounts_rows_read_as_absent(
    filled: Pool, caller: Caller, read: Any, ids: list[str]
) -> None:
    absent = await read(filled, caller, ["nothing", *ids])
    assert absent == [None] * (len(ids) + 1)


@pytest.mark.parametrize("read", [read for read, _ in BY_ID[:3]])
async def test_ids_of_both_directories_are_one_statement(filled: Pool, read: Any) -> None:
    before = filled.statements
    await read(filled, super_admin(), [id_of("Ada"), "finn", BUCKET, "t-core"])
    assert filled.statements - before == 1


@pytest.mark.parametrize("id", ["", " ", "identity:", "identity:a", "x" * 5000, "'; --", "%"])
@pytest.mark.parametrize("read", [read for read, _ in BY_ID])
async def test_malformed_ids_read_as_absent(filled: Pool, read: Any, id: str) -> None:
    assert await read(filled, ADMIN, [id]) == [None]


async def test_identity_rows_without_a_real_account_reach_nobody(filled: Pool) -> None:
    assert await reads.users_by_id(filled, super_admin(), ["lost"]) == [None]
    assert await reads.teams_by_id(filled, super_admin(), ["t-none"]) == [None]
    for caller in (ADMIN, member(BETA)):
        assert await reads.users_by_id(filled, caller, ["lost", "literal"]) == [None, None]


async def test_an_identity_membership_is_found_although_its_ids_hold_colons(filled: Pool) -> None:
    await add_identity_user(filled, ACME, "urn:user:7", teams=["urn:team:9"])
    await add_identity_team(filled, ACME, "urn:team:9")
    (found,) = await reads.memberships_by_id(filled, ADMIN, ["identity:urn:user:7:urn:team:9"])
    assert found is not None
    assert (found.user_id, found.team_id) == ("urn:user:7", "urn:team:9")


IN_DIRECTORY = [
    (reads.users_in_directory, COPILOT, id_of("Ada")),
    (reads.users_in_directory, IDENTITY, "finn"),
    (reads.groups_in_directory, COPILOT, id_of("Research")),
    (reads.groups_in_directory, IDENTITY, BUCKET),
    (reads.groups_in_directory, IDENTITY, "org-lost"),
    (reads.teams_in_directory, COPILOT, id_of("Lab")),
    (reads.teams_in_directory, IDENTITY, "t-free"),
    (reads.invites_in_account, COPILOT, id_of("open-invite")),
]


@pytest.mark.parametrize(("read", "source", "id"), IN_DIRECTORY)
async def test_rows_are_found_in_their_own_account_and_directory_only(
    filled: Pool, read: Any, source: str, id: str
) -> None:
    other = IDENTITY if source == COPILOT else COPILOT
    keys = [(ACME, source, id), (ACME, other, id), (BETA, source, id), (ACME, source, "nothing")]
    found = await read(filled, super_admin(), keys)
    assert [row and row.id for row in found] == [id, None, None, None]
    assert await read(filled, person(BETA), keys) == [None] * 4


async def test_an_unknown_organisation_is_a_group_of_every_account_that_names_it(
    filled: Pool,
) -> None:
    await add_identity_team(filled, BETA, "t-lost", organization_id="org-lost")
    keys = [(ACME, IDENTITY, "org-lost"), (BETA, IDENTITY, "org-lost")]
    found = await reads.groups_in_directory(filled, super_admin(), keys)
    assert [row and row.account_id for row in found] == [ACME, BETA]


async def test_an_owner_of_another_account_is_nobody(filled: Pool) -> None:
    (archive,) = await reads.groups_by_id(filled, ADMIN, [id_of("Archive")])
    assert archive is not None
    key = (ACME, COPILOT, archive.owner_id)
    assert await reads.users_in_directory(filled, super_admin(), [key]) == [None]


async def test_the_strongest_active_role_counts(filled: Pool) -> None:
    people = [(COPILOT, id_of(name)) for name in ("Ada", "Bob", "Cleo", "Dan")]
    people += [(IDENTITY, name) for name in ("eve@acme.test", "finn", "gwen", "hugo")]
    keys = [(ACME, *person) for person in people]
    before = filled.statements
    found = await reads.roles_of_users(filled, ADMIN, keys)
    assert filled.statements - before == 2
    assert found == ["ADMIN", "VIEWER", None, "GUEST", "ADMIN", None, "USER", None]
    assert await reads.roles_of_users(filled, person(BETA), keys) == [None] * 8


async def test_people_are_counted_once_a_group_and_only_while_active(filled: Pool) -> None:
    keys = [
        (ACME, COPILOT, id_of("Research")),
        (ACME, COPILOT, id_of("Global")),
        (ACME, COPILOT, id_of("Archive")),
        (ACME, COPILOT, "not-an-id"),
        (ACME, IDENTITY, "org-eng"),
        (ACME, IDENTITY, "org-lost"),
        (ACME, IDENTITY, BUCKET),
    ]
    assert await reads.people_of_groups(filled, ADMIN, keys) == [2, 0, 0, 0, 2, 0, 1]
    assert await reads.people_of_groups(filled, person(BETA), keys) == [0] * 7


async def test_teams_and_their_active_members_are_counted(filled: Pool) -> None:
    groups = [(ACME, COPILOT, id_of("Research")), (ACME, IDENTITY, BUCKET)]
    assert await pages.teams_of_groups(filled, ADMIN, groups) == [2, 2]
    teams = [(ACME, COPILOT, id_of("Lab")), (ACME, IDENTITY, "t-core"), (ACME, IDENTITY, "t-text")]
    assert await pages.active_members(filled, ADMIN, teams) == [2, 2, 0]


async def test_the_subject_of_a_person_is_found_by_address_in_their_own_account(
    filled: Pool,
) -> None:
    await add_identity_user(
        filled, ACME, "ada-1", user_email=" ADA@acme.test", sso_user_id="sub-ada"
    )
    keys = [(ACME, "ada@acme.test"), (BETA, "ada@acme.test"), (ACME, "bob@acme.test")]
    assert await reads.external_ids(filled, super_admin(), keys) == ["sub-ada", None, None]
    assert await reads.external_ids(filled, person(BETA), keys) == [None] * 3


async def test_people_are_found_by_address_ignoring_case(filled: Pool) -> None:
    await add_person(filled, BETA, "Ada2", email="ada@acme.test")
    keys = [(ACME, " Ada@ACME.test"), (BETA, "ada@acme.test"), (BETA, "bob@acme.test")]
    found = await reads.users_by_email(filled, super_admin(), keys)
    assert [row and row.id for row in found] == [id_of("Ada"), id_of("Ada2"), None]
