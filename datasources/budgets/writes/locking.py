"""One at a time changes an account's credits; what it decides about is read after its turn came.

Whoever changes anything locks the account's row in `gateway.budget_locks` first. Budgets are then
read and locked from the account's own down, against writers that do not know of that row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Text, Uuid, any_, bindparam, case, literal_column, text
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.budgets.expressions import BUDGET, budgets
from datasources.budgets.rows import BudgetRow
from datasources.budgets.scope_ids import stored_scope_ids
from datasources.budgets.tables import budget_locks
from datasources.expressions import word
from datasources.scopes import ScopeRow

__all__ = ["lock_account", "lock_budgets", "lock_cycle", "lock_scope"]

# PERF: bench/usage; a plan lives as long as its connection, and one made while a table was small
# reads all of it for ever. What follows in the transaction is looked for by keys alone.
_LOCK = Statement(
    text(
        "SELECT account_id, set_config('enable_seqscan', 'off', true) FROM gateway.budget_locks"
        " WHERE account_id = :caller_account FOR UPDATE"
    ).bindparams(bindparam(TENANT, type_=Text()))
)
_ADD = Statement(
    insert(budget_locks).values(account_id=bindparam(TENANT, type_=Text())).on_conflict_do_nothing()
)


async def lock_account(database: Database, caller: Caller) -> None:
    """Wait for one's turn to change the account's credits, to the end of the transaction."""
    while not await database.fetch(_LOCK, **tenant_values(caller)):
        await database.execute(_ADD, **tenant_values(caller))


_LEVEL = case(
    (BUDGET.c.scope_type == word("account"), literal_column("0")),
    (BUDGET.c.scope_type == word("group"), literal_column("1")),
    (BUDGET.c.scope_type == word("team"), literal_column("2")),
    else_=literal_column("3"),
)
_COLUMNS = [budgets().selected_columns[name] for name in BudgetRow._fields]
_FOUND = (
    budgets()
    .with_only_columns(*_COLUMNS, maintain_column_froms=True)
    .order_by(_LEVEL, BUDGET.c.id)
    .with_for_update(of=BUDGET)
)

# Running budgets of the scopes, those named, and all that any of them comes from.
_CHAINS = text(
    """
    WITH RECURSIVE wanted AS (
        SELECT b.id, b.parent_budget_id FROM copilot.credit_budget b
        JOIN unnest(CAST(:kinds AS text[]), CAST(:scope_ids AS uuid[])) AS s(kind, id)
            ON b.scope_type = s.kind AND b.scope_id = s.id
        WHERE b.account_id = :caller_account AND b.cycle_start <= statement_timestamp()
            AND b.cycle_end + interval '1 second' > statement_timestamp()
        UNION
        SELECT b.id, b.parent_budget_id FROM copilot.credit_budget b
        WHERE b.account_id = :caller_account AND b.id = ANY(CAST(:named AS uuid[]))
        UNION
        SELECT b.id, b.parent_budget_id FROM copilot.credit_budget b
        JOIN wanted w ON w.parent_budget_id = b.id WHERE b.account_id = :caller_account
    ) SELECT id FROM wanted
    """
).bindparams(
    bindparam(TENANT, type_=Text()),
    bindparam("kinds", type_=ARRAY(Text())),
    bindparam("scope_ids", type_=ARRAY(Uuid(as_uuid=False))),
    bindparam("named", type_=ARRAY(Uuid(as_uuid=False))),
)
_LOCK_CHAINS = Statement(
    _FOUND.where(
        in_account(BUDGET), BUDGET.c.id.in_(_CHAINS.columns(BUDGET.c.id).scalar_subquery())
    )
)


async def lock_budgets(
    database: Database,
    caller: Caller,
    scopes: Iterable[tuple[str, str]] = (),
    named: Sequence[str] = (),
) -> dict[str, BudgetRow]:
    """Running budgets of these scopes, budgets named, and all they come from, by id."""
    account_id = caller.account_id or ""
    kinds: list[str] = []
    ids: list[str] = []
    for kind, id in {("ACCOUNT", account_id), *scopes}:
        for stored in stored_scope_ids(account_id, kind, id):
            if is_uuid(stored):
                kinds.append(kind.lower())
                ids.append(stored)
    records = await database.fetch(
        _LOCK_CHAINS,
        kinds=kinds,
        scope_ids=ids,
        named=[id for id in named if is_uuid(id)],
        **tenant_values(caller),
    )
    return {record[0]: BudgetRow._make(record) for record in records}


_CYCLE = BUDGET.c.cycle_start == bindparam("start", type_=BUDGET.c.cycle_start.type)
_LOCK_CYCLE = Statement(_FOUND.where(in_account(BUDGET), _CYCLE))


async def lock_cycle(database: Database, caller: Caller, start: object) -> dict[str, BudgetRow]:
    """Every budget of the cycle that starts then, closed ones included, by id."""
    records = await database.fetch(_LOCK_CYCLE, start=start, **tenant_values(caller))
    return {record[0]: BudgetRow._make(record) for record in records}


_LOCK_SCOPE = Statement(
    _FOUND.where(
        in_account(BUDGET),
        _CYCLE,
        BUDGET.c.scope_id == any_(bindparam("scope_ids", type_=ARRAY(Uuid(as_uuid=False)))),
        BUDGET.c.scope_type == bindparam("kind", type_=Text()),
    )
)


async def lock_scope(
    database: Database, caller: Caller, scope: ScopeRow, start: object
) -> BudgetRow | None:
    """A scope's budget in the cycle that starts then, closed or not."""
    stored = stored_scope_ids(scope.account_id, scope.type, scope.id)
    record = await database.fetchrow(
        _LOCK_SCOPE,
        start=start,
        kind=scope.type.lower(),
        scope_ids=[id for id in stored if is_uuid(id)],
        **tenant_values(caller),
    )
    return None if record is None else BudgetRow._make(record)
