"""Quality of identity data: what counts, how it is scored, and who sees it."""

from __future__ import annotations

import pytest

from datasources.database import Pool
from datasources.directory.health import all_health, health_of_accounts, samples
from datasources.paging import PageRequest
from datasources.tables import account_admins
from tests.harness.callers import person, super_admin
from tests.harness.directory import ACME, BETA, add_account, add_identity_user
from tests.harness.rows import add

ADMIN = person(ACME)


async def counts(pool: Pool, account_id: str) -> dict[str, int]:
    (row,) = await health_of_accounts(pool, super_admin(), [account_id])
    assert row is not None
    return {issue.kind: issue.number for issue in row.issues}


async def test_every_kind_of_issue_is_counted_and_four_lower_the_score(filled: Pool) -> None:
    (row,) = await health_of_accounts(filled, ADMIN, [ACME])
    assert row is not None
    assert (row.user_count, row.team_count, row.group_count) == (4, 4, 2)
    assert await counts(filled, ACME) == {
        "USER_WITHOUT_TEAM": 1,
        "USER_WITH_UNKNOWN_TEAM": 1,
        "TEAM_WITHOUT_GROUP": 2,
        "TEAM_WITH_UNKNOWN_GROUP": 1,
        "GROUP_WITHOUT_TEAMS": 1,
        "USER_WITH_WEAK_LINK": 0,
    }
    assert row.score_percent == 37.5


async def test_an_account_without_identity_data_is_in_perfect_health(filled: Pool) -> None:
    await add_account(filled, "empty", "empty.test")
    (row,) = await health_of_accounts(filled, super_admin(), ["empty"])
    assert row is not None
    assert (row.score_percent, row.user_count) == (100.0, 0)


async def test_the_score_never_falls_below_zero(filled: Pool) -> None:
    await add_account(filled, "bad", "bad.test")
    await add_identity_user(filled, "bad", "one", teams=["x"])
    await add_identity_user(filled, "bad", "two")
    (row,) = await health_of_accounts(filled, super_admin(), ["bad"])
    assert row is not None
    assert row.score_percent == 0.0


async def test_a_person_tied_by_nothing_but_the_domain_has_a_weak_link(filled: Pool) -> None:
    await add(filled, account_admins, id="1", account_id=ACME, user_email="Boss@ACME.test")
    for user_id, values in (
        ("weak", {"user_email": "Weak@ACME.test"}),
        ("elsewhere", {"user_email": "x@elsewhere.test"}),
        ("signed-in", {"user_email": "signed@acme.test", "sso_user_id": "sub"}),
        ("synced", {"user_email": "synced@acme.test", "metadata": '{"scim_active": true}'}),
        ("boss", {"user_email": "boss@acme.test"}),
        ("placed", {"user_email": "placed@acme.test", "organization_id": "org-eng"}),
        ("teamed", {"user_email": "teamed@acme.test", "teams": ["t-core"]}),
    ):
        await add_identity_user(filled, ACME, user_id, **values)
    (page,) = await samples.read(filled, ADMIN, PageRequest(10), [(ACME, "USER_WITH_WEAK_LINK")])
    assert [row.id for row in page.rows] == ["weak"]
    assert (await counts(filled, ACME))["USER_WITH_WEAK_LINK"] == 1


async def test_samples_of_all_kinds_are_one_statement_and_name_what_is_missing(
    filled: Pool,
) -> None:
    kinds = list(await counts(filled, ACME))
    before = filled.statements
    found = await samples.read(filled, ADMIN, PageRequest(5), [(ACME, kind) for kind in kinds])
    assert filled.statements - before == 1
    shown = {
        kind: [(row.id, sorted(row.missing_ids)) for row in page.rows]
        for kind, page in zip(kinds, found, strict=True)
    }
    assert shown == {
        "USER_WITHOUT_TEAM": [("hugo", [])],
        "USER_WITH_UNKNOWN_TEAM": [("finn", ["t-beta", "t-missing"])],
        "TEAM_WITHOUT_GROUP": [("t-blank", []), ("t-free", [])],
        "TEAM_WITH_UNKNOWN_GROUP": [("t-text", ["org-lost"])],
        "GROUP_WITHOUT_TEAMS": [("org-idle", [])],
        "USER_WITH_WEAK_LINK": [],
    }


async def test_all_accounts_are_one_statement_the_worst_first(filled: Pool) -> None:
    await add_account(filled, "empty", "empty.test")
    before = filled.statements
    (page,) = await all_health.read(filled, super_admin(), PageRequest(10), [None])
    assert filled.statements - before == 1
    assert [row.account_id for row in page.rows] == [ACME, BETA, "empty"]
    scores = [row.score_percent for row in page.rows]
    assert scores == sorted(scores)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ((("account_ids", (BETA, "nothing")),), [BETA]),
        ((("max_score_percent", 40.0),), [ACME]),
        ((("max_score_percent", 37.0),), []),
    ],
)
async def test_the_list_of_accounts_can_be_filtered(
    filled: Pool, filters: tuple[tuple[str, object], ...], expected: list[str]
) -> None:
    request = PageRequest(10, filters=filters)
    (page,) = await all_health.read(filled, super_admin(), request, [None])
    assert [row.account_id for row in page.rows] == expected


async def test_walking_over_accounts_meets_each_once(filled: Pool) -> None:
    await add_account(filled, "empty", "empty.test")
    (first,) = await all_health.read(filled, super_admin(), PageRequest(1), [None])
    request = PageRequest(5, cursor=first.cursors[0])
    (rest,) = await all_health.read(filled, super_admin(), request, [None])
    assert [row.account_id for row in (*first.rows, *rest.rows)] == [ACME, BETA, "empty"]


async def test_another_accounts_health_reads_as_absent(filled: Pool) -> None:
    assert await health_of_accounts(filled, person(BETA), [ACME]) == [None]
    (page,) = await all_health.read(filled, person(BETA), PageRequest(10), [None])
    assert [row.account_id for row in page.rows] == [BETA]
    key = (ACME, "USER_WITHOUT_TEAM")
    (page_of,) = await samples.read(filled, person(BETA), PageRequest(10), [key])
    assert page_of.rows == ()
