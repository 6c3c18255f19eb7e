"""A scope's own budget of the running cycle is found by what is stored for the scope."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

import orjson
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import cast, select, union_all
from sqlalchemy.types import Uuid

from datasources.base import Statement
from datasources.budgets.running import running_group_budgets, running_user_budgets
from datasources.budgets.scope_ids import derived_scope_id
from datasources.budgets.tables import budget_details
from datasources.database import Pool
from datasources.expressions import word
from datasources.json_text import id_text
from datasources.trees import Here, Leaf, Linked, object_text
from tests.harness.budgets import (
    ADA,
    BOB,
    CYCLE_END,
    CYCLE_START,
    GROUP,
    ORG,
    TEAM,
    add_budget,
    admin,
    fill_budgets,
)
from tests.harness.callers import person, super_admin
from tests.harness.directory import id_of
from tests.harness.rows import add
from tests.harness.sql import look, run

_MANY = (
    "INSERT INTO copilot.credit_budget (account_id, scope_type, scope_id, allocated, limit_amount,"
    " cycle_start, cycle_end) SELECT $1, 'user', gen_random_uuid(), 1, 1, $2, $3"
    " FROM generate_series(1, 5000)"
)
_DETAILED = (
    "INSERT INTO gateway.budget_details (budget_id, account_id)"
    " SELECT id, account_id FROM copilot.credit_budget WHERE account_id = $1"
)
TEXT = st.text(st.characters(blacklist_categories=["Cs"]))


@given(account=TEXT, id=TEXT)
def test_what_is_derived_is_a_uuid_of_a_url(account: str, id: str) -> None:
    expected = uuid5(NAMESPACE_URL, f"cockpit:{account}:USER:{id}")
    assert derived_scope_id(account, "USER", id) == str(expected)


async def test_each_level_has_its_own_in_one_statement(pool: Pool) -> None:
    ids = await fill_budgets(pool)
    before = pool.statements
    keys = [(ORG, BOB), (ORG, ADA), (ORG, "nobody"), ("other", ADA)]
    found = await running_user_budgets(pool, admin(), keys)
    assert [row and row.id for row in found] == [None, ids["user"], None, None]
    assert pool.statements - before == 1
    (of_group,) = await running_group_budgets(pool, super_admin(), [(ORG, GROUP)])
    assert of_group is not None
    assert (of_group.id, of_group.parent_id) == (ids["group"], ids["account"])


async def test_another_account_finds_none(pool: Pool) -> None:
    await fill_budgets(pool)
    assert await running_user_budgets(pool, person("other"), [(ORG, ADA)]) == [None]


async def test_a_scope_is_found_whose_id_is_no_uuid_or_was_taken(pool: Pool) -> None:
    await fill_budgets(pool)
    for id in ("auth0|ada", TEAM):
        stored = derived_scope_id(ORG, "GROUP", id)
        budget = await add_budget(pool, "group", stored, 5)
        await add(pool, budget_details, budget_id=budget, account_id=ORG, scope_id=id)
        (found,) = await running_group_budgets(pool, admin(), [(ORG, id)])
        assert found is not None
        assert (found.id, found.scope_id) == (budget, id)
        # The UUID alone is nobody's.
        assert await running_group_budgets(pool, admin(), [(ORG, stored)]) == [None]


async def test_a_group_s_own_is_found_beside_its_row(pool: Pool) -> None:
    """Whatever it is stored under; another account's group of the same id has none."""
    ids = await fill_budgets(pool)
    taken = id_of("Taken")
    stored = derived_scope_id(ORG, "GROUP", taken)
    budget = await add_budget(pool, "group", stored, 5)
    await add(pool, budget_details, budget_id=budget, account_id=ORG, scope_id=taken)
    found = await beside(pool, [(ORG, GROUP), (ORG, taken), (ORG, TEAM), ("other", GROUP)])
    assert found == [ids["group"], budget, None, None]


async def beside(pool: Pool, scopes: Sequence[tuple[str, str]]) -> list[str | None]:
    """Ids of the budgets, written beside rows of the scopes."""
    rows = [
        select(word(of).label("account_id"), cast(word(id), Uuid).label("id")) for of, id in scopes
    ]
    source = union_all(*rows).subquery("scopes")
    tree = (("id", Leaf("id", id_text, is_required=True)),)
    budget = Linked(running_group_budgets, ("account_id", "id"), tree, is_required=False)
    text = object_text((("budget", budget),), Here(source, super_admin()))
    records = await pool.fetch(Statement(select(text).select_from(source)))
    objects = [orjson.loads(record[0])["budget"] for record in records]
    return [found and found["id"] for found in objects]


async def test_only_the_running_cycle_counts(pool: Pool) -> None:
    ids = await fill_budgets(pool)
    later = {"cycle_start": CYCLE_END, "cycle_end": CYCLE_END + (CYCLE_END - CYCLE_START)}
    await add_budget(pool, "user", ADA, 7, id=id_of("next"), **later)
    (found,) = await running_user_budgets(pool, admin(), [(ORG, ADA)])
    assert found is not None
    assert found.id == ids["user"]
    over = "UPDATE copilot.credit_budget SET cycle_end = now() - interval '1 hour' WHERE id = $1"
    await run(pool, over, ids["user"])
    assert await running_user_budgets(pool, admin(), [(ORG, ADA)]) == [None]


async def test_a_budget_without_parent_finds_the_accounts_own_by_an_index(pool: Pool) -> None:
    """However many budgets the account has in the cycle, and whatever plan is made."""
    ids = await fill_budgets(pool)
    await run(pool, "UPDATE copilot.credit_budget SET parent_budget_id = NULL")
    await run(pool, _MANY, ORG, CYCLE_START, CYCLE_END)
    await run(pool, _MANY, "elsewhere", CYCLE_START, CYCLE_END)
    await run(pool, _DETAILED, "elsewhere")
    await run(pool, "ANALYZE copilot.credit_budget, gateway.budget_details")
    (found,) = await running_group_budgets(pool, admin(), [(ORG, GROUP)])
    assert found is not None
    assert found.parent_id == ids["account"]
    statement = running_group_budgets._statement(admin(), is_single=False)
    arguments = statement.arguments({"keys_0": [GROUP], "keys_1": [GROUP], "caller_account": ORG})
    rows = await look(pool, f"EXPLAIN (GENERIC_PLAN) {statement.text}", *arguments)
    plan = "\n".join(row[0] for row in rows)
    assert "credit_budget_account_id_cycle_start_idx" in plan
    assert "Seq Scan" not in plan
