"""A budget is created, or moved, below one that contains it and still has the credits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from datasources.database import Pool
from datasources.tables import groups, teams
from tests.harness.budgets import ADA, BOB, CYCLE_END, CYCLE_START, GROUP, ORG, TEAM, admin
from tests.harness.directory import id_of
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.sql import look, run

ROOT = id_of(f"budget of account {ORG}")
GROUPS, TEAMS = id_of(f"budget of group {GROUP}"), id_of(f"budget of team {TEAM}")
ADAS = id_of(f"budget of user {ADA}")
OTHER_GROUP, OTHER_TEAM = id_of("other group"), id_of("other team")


@pytest.fixture
async def wider(budgets: ModuleGraph, pool: Pool) -> ModuleGraph:
    """The account with another group, and another team in the first one."""
    await add(pool, groups, id=OTHER_GROUP, name="Sales", account_id=ORG)
    await add(pool, teams, id=OTHER_TEAM, name="Beta", group_id=GROUP, account_id=ORG)
    return budgets


async def create(graph: ModuleGraph, kind: str, id: str, credits: int, **more: Any) -> Any:
    fields = "budget { id allocated parent { id } cycle { startAt endAt } }"
    given = {"scope": {"type": kind, "id": id}, "allocated": credits} | more
    return await graph.write(admin(), "createBudget", fields, **given)


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


@pytest.mark.parametrize(
    ("scope", "gone", "parent"),
    [
        (("GROUP", OTHER_GROUP), "", ROOT),
        (("TEAM", OTHER_TEAM), "", GROUPS),
        (("TEAM", OTHER_TEAM), "group", ROOT),
        (("USER", BOB), "", TEAMS),
        (("USER", BOB), "team", GROUPS),
        (("USER", BOB), "group", ROOT),
    ],
)
async def test_credits_come_from_the_nearest_broader_budget_there_is(
    wider: ModuleGraph, pool: Pool, scope: tuple[str, str], gone: str, parent: str
) -> None:
    """With a level also go those below it, whose credits came from there."""
    levels = ["group", "team", "user"]
    missing = levels[levels.index(gone) :] if gone else []
    await run(pool, "DELETE FROM copilot.credit_budget WHERE scope_type = ANY($1)", missing)
    created = await create(wider, *scope, 10)
    assert created["budget"]["parent"] == {"id": parent}


@pytest.mark.parametrize(
    ("more", "left"), [({}, 200), ({"parentId": GROUPS}, 300), ({"parentId": ROOT}, 400)]
)
async def test_no_more_is_given_than_the_parent_has_left(
    budgets: ModuleGraph, pool: Pool, more: dict[str, str], left: int
) -> None:
    before = await look(pool, "SELECT count(*) FROM copilot.credit_budget")
    assert codes(await create(budgets, "USER", BOB, left + 1, **more)) == ["INSUFFICIENT_CREDITS"]
    assert await look(pool, "SELECT count(*) FROM copilot.credit_budget") == before
    assert codes(await create(budgets, "USER", BOB, left, **more)) == []


@pytest.mark.parametrize(
    ("kind", "id", "parent"),
    [
        ("USER", BOB, ADAS),
        ("TEAM", OTHER_TEAM, TEAMS),
        ("TEAM", OTHER_TEAM, ADAS),
        ("GROUP", OTHER_GROUP, GROUPS),
        ("GROUP", OTHER_GROUP, TEAMS),
    ],
)
async def test_a_parent_that_does_not_contain_the_scope_is_refused(
    wider: ModuleGraph, kind: str, id: str, parent: str
) -> None:
    assert codes(await create(wider, kind, id, 1, parentId=parent)) == ["OUT_OF_SCOPE"]


@pytest.mark.parametrize("kind", ["USER", "TEAM", "GROUP"])
async def test_a_scope_that_the_account_does_not_have_gets_no_budget(
    budgets: ModuleGraph, pool: Pool, kind: str
) -> None:
    theirs = id_of("theirs")
    await add(pool, groups, id=theirs, name="Theirs", account_id="another")
    await add(pool, teams, id=theirs, name="Theirs", group_id=theirs, account_id="another")
    for id in (theirs, id_of("nobody")):
        assert codes(await create(budgets, kind, id, 1)) == ["NOT_FOUND"]


async def test_the_period_is_the_parent_s(budgets: ModuleGraph) -> None:
    longer, later = CYCLE_END + timedelta(1), CYCLE_START + timedelta(1)
    refused: list[dict[str, Any]] = [
        {"cycle": {"to": longer.isoformat()}},
        {"cycle": {"from": later.isoformat()}, "parentId": TEAMS},
        {"cycle": {"from": CYCLE_START.isoformat(), "to": longer.isoformat()}},
    ]
    for given in refused:
        assert codes(await create(budgets, "USER", BOB, 1, **given)) == ["CYCLE_OVERLAP"], given
    none = {"cycle": {"from": later.isoformat()}}
    assert codes(await create(budgets, "USER", BOB, 1, **none)) == ["NOT_FOUND"]
    own = {"cycle": {"from": CYCLE_START.isoformat(), "to": CYCLE_END.isoformat()}}
    assert codes(await create(budgets, "USER", BOB, 1, **own)) == []


async def test_a_child_that_is_allocated_less_keeps_what_it_handed_on(
    budgets: ModuleGraph,
) -> None:
    async def allocate(credits: int) -> Any:
        given = {"parentId": GROUPS, "scope": {"type": "TEAM", "id": TEAM}, "allocated": credits}
        return await budgets.write(admin(), "allocateBudget", "budget { unallocated }", **given)

    assert codes(await allocate(99)) == ["BELOW_DISTRIBUTED"]
    assert (await allocate(100))["budget"] == {"unallocated": 0}


async def test_who_moves_takes_the_credits_from_the_new_parent(budgets: ModuleGraph) -> None:
    async def move(**more: Any) -> Any:
        given = {"id": ADAS, "parentId": GROUPS} | more
        return await budgets.write(admin(), "updateBudget", "budget { parent { id } }", **given)

    set_aside = {"id": GROUPS, "pooled": 201}
    await budgets.write(admin(), "updateBudget", "budget { pooled }", **set_aside)
    assert codes(await move()) == ["INSUFFICIENT_CREDITS"]
    assert (await move(allocated=99))["budget"] == {"parent": {"id": GROUPS}}
