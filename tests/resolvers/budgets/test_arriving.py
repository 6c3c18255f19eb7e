"""Who joins while a cycle runs gets a share, in the same transaction, where the plan says so."""

from __future__ import annotations

from typing import Any

import pytest

from datasources.database import Pool
from datasources.tables import accounts, identity_users, memberships, users
from tests.harness.budgets import ADA, BOB, ORG, TEAM, add_budget, add_plan, fill_places
from tests.harness.callers import super_admin
from tests.harness.directory import id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look, run

OTHER = id_of("other account")
EQUAL = {"distribution_mode": "equal_distribution", "default_target_scope": "user"}
CREATE = """
    mutation($input: CreateUserInput!) {
        createUser(input: $input) { user { id } userErrors { code } }
    }
"""


async def join(graph: Graph, email: str, **more: Any) -> str | None:
    """Somebody joins; their id, or None where they were refused."""
    given = {"accountId": ORG, "email": email, "name": "New", "role": "MEMBER", **more}
    response = await graph.ask(super_admin(), CREATE, input=given)
    assert response.errors == (), response.errors
    assert response.data is not None
    user = response.data["createUser"]["user"]
    return None if user is None else str(user["id"])


async def shares(pool: Pool) -> dict[str, int]:
    rows = await look(
        pool,
        "SELECT scope_id::text, allocated FROM copilot.credit_budget WHERE scope_type = 'user'",
    )
    return {str(row[0]): row[1] for row in rows}


async def people(pool: Pool, **distribution: Any) -> tuple[Graph, str]:
    """An account of 1000 credits with two people, and a plan; and its own budget."""
    await fill_places(pool)
    root = await add_budget(pool, "account", ORG, 1000)
    await add_plan(pool, **distribution)
    return Graph(pool), root


async def test_a_newcomer_gets_an_equal_share_and_the_others_make_room(pool: Pool) -> None:
    graph, root = await people(pool, **EQUAL, auto_distribute_new_users=True)
    await add_budget(pool, "user", ADA, 700, parent_budget_id=root, allocation_strategy="override")
    first = await join(graph, "first@new.test")
    second = await join(graph, "second@new.test")

    assert first is not None
    assert second is not None
    assert await shares(pool) == {ADA: 700, BOB: 100, first: 100, second: 100}
    told = await look(
        pool,
        "SELECT count(*) FROM copilot.audit_log"
        " WHERE event_type = 'copilot_budget' AND action = 'distribute'",
    )
    assert told == [(2,)]


async def test_nobody_s_share_falls_below_what_they_used(pool: Pool) -> None:
    graph, root = await people(pool, **EQUAL, auto_distribute_new_users=True)
    await join(graph, "first@new.test")
    await run(
        pool,
        "UPDATE copilot.credit_budget SET used = 300 WHERE scope_id = $1::text::uuid OR id = $2",
        BOB,
        root,
    )
    second = await join(graph, "second@new.test")

    found = await shares(pool)
    assert found[BOB] >= 300
    assert found[second or ""] > 0
    assert sum(found.values()) == 1000


@pytest.mark.parametrize(
    "distribution",
    [
        {**EQUAL, "auto_distribute_new_users": False},
        {"distribution_mode": "manual", "auto_distribute_new_users": True},
        {**EQUAL, "default_target_scope": "team", "auto_distribute_new_users": True},
    ],
)
async def test_where_the_plan_does_not_say_so_nobody_gets_anything(
    pool: Pool, distribution: dict[str, Any]
) -> None:
    graph, _ = await people(pool, **distribution)
    assert await join(graph, "first@new.test")

    assert await shares(pool) == {}


async def test_by_weight_people_keep_what_they_have_and_their_part_of_what_is_left(
    pool: Pool,
) -> None:
    graph, _ = await people(
        pool,
        distribution_mode="weighted",
        weights={"group": 50, "team": 30, "user": 20},
        auto_distribute_new_users=True,
    )
    first = await join(graph, "first@new.test")

    assert sum((await shares(pool)).values()) == 200
    assert set(await shares(pool)) == {ADA, BOB, first}


async def test_who_cannot_be_given_anything_joins_all_the_same(pool: Pool) -> None:
    graph, root = await people(pool, **EQUAL, auto_distribute_new_users=True)
    await run(pool, "UPDATE copilot.credit_budget SET allocated = 0, limit_amount = 0")
    assert await join(graph, "first@new.test")
    await run(pool, "DELETE FROM copilot.credit_budget WHERE id = $1", root)

    assert await join(graph, "second@new.test")


async def test_who_is_refused_leaves_the_shares_as_they_were(pool: Pool) -> None:
    graph, _ = await people(pool, **EQUAL, auto_distribute_new_users=True)
    await join(graph, "first@new.test")
    before = await shares(pool)

    assert await join(graph, "first@new.test") is None
    assert await shares(pool) == before


async def old_hand(pool: Pool, number: int) -> None:
    """Somebody of the team who has no budget."""
    id = id_of(f"old hand {number}")
    await add(pool, users, id=id, account_id=ORG, email=f"{number}@old.test", name="Old")
    await add(pool, memberships, user_id=id, team_id=TEAM, account_id=ORG)


async def test_sharing_again_takes_as_many_statements_however_many_people_there_are(
    pool: Pool,
) -> None:
    graph, _ = await people(pool, **EQUAL, auto_distribute_new_users=True)
    taken = []
    for arriving in range(4):
        if arriving == 2:
            for number in range(30):
                await old_hand(pool, number)
        before = pool.statements
        await join(graph, f"{arriving}@new.test")
        taken.append(pool.statements - before)

    assert len(await shares(pool)) == 2 + 30 + 4
    # The first shares with everybody; the third with thirty who had nothing, the others with one.
    assert taken[2] == taken[1] == taken[3]


async def test_ids_that_are_no_uuids_or_are_taken_by_another_tenant_get_shares_too(
    pool: Pool,
) -> None:
    graph, _ = await people(pool, **EQUAL, auto_distribute_new_users=True)
    await add(pool, accounts, account_id=OTHER, account_name="Other")
    await add_budget(pool, "user", BOB, 1, account_id=OTHER, id=id_of("in the way"))
    await add(pool, identity_users, user_id="carl@old.test", account_id=ORG)
    first = await join(graph, "first@new.test")

    found = await look(
        pool,
        "SELECT coalesce(d.scope_id, b.scope_id::text), b.allocated FROM copilot.credit_budget b"
        " LEFT JOIN gateway.budget_details d ON d.budget_id = b.id"
        " WHERE b.scope_type = 'user' AND b.account_id = $1",
        ORG,
    )
    assert dict(found) == dict.fromkeys([ADA, BOB, "carl@old.test", first], 250)
