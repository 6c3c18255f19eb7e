"""Writing plans and what super admins grant, and finding what is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, DateTime, Text, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.budgets.allocations import allocation_rows
from datasources.budgets.reads import plan_rows
from datasources.budgets.rows import AllocationRow, PlanRow
from datasources.budgets.tables import account_allocations as granted
from datasources.budgets.tables import budget_plans
from datasources.reads import row_columns
from datasources.tables import credit_budgets
from datasources.updates import RowUpdate

__all__ = [
    "active_plan",
    "deactivate_others",
    "delete_plan",
    "insert_plan",
    "latest_allocation",
    "mark_applied",
    "put_allocation",
    "update_plan",
]

_account = bindparam(TENANT, type_=Text())

_INSERT = Statement(
    insert(budget_plans)
    .values(
        account_id=_account,
        name=bindparam("name", type_=Text()),
        is_active=bindparam("is_active", type_=Boolean()),
        distribution=bindparam("distribution", type_=JSONB()),
    )
    .returning(*[budget_plans.c[name] for name in PlanRow._fields])
)


async def insert_plan(
    database: Database, caller: Caller, *, name: str, is_active: bool, distribution: Any
) -> PlanRow:
    """Add a plan."""
    record = await database.fetchrow(
        _INSERT,
        name=name,
        is_active=is_active,
        distribution=distribution,
        **tenant_values(caller),
    )
    return PlanRow._make(record or ())


_update = RowUpdate(budget_plans)


async def update_plan(
    database: Database, caller: Caller, plan_id: str, changes: Mapping[str, Any]
) -> None:
    """Change columns of a plan."""
    await _update(database, caller, plan_id, changes)


_plan_id = bindparam("plan_id", type_=budget_plans.c.id.type)
_DEACTIVATE = Statement(
    update(budget_plans)
    .where(in_account(budget_plans), budget_plans.c.is_active, budget_plans.c.id != _plan_id)
    .values(is_active=False, updated_at=func.now())
)


async def deactivate_others(database: Database, caller: Caller, plan_id: str) -> int:
    """Let this be the account's only active plan; how many others were."""
    return await database.execute(_DEACTIVATE, plan_id=plan_id, **tenant_values(caller))


_DELETE = Statement(
    delete(budget_plans).where(in_account(budget_plans), budget_plans.c.id == _plan_id)
)
_FORGET = Statement(
    update(credit_budgets)
    .where(in_account(credit_budgets), credit_budgets.c.budget_plan_id == _plan_id)
    .values(budget_plan_id=None)
)


async def delete_plan(database: Database, caller: Caller, plan_id: str) -> None:
    """Remove a plan; budgets it produced no longer name it."""
    await database.execute(_FORGET, plan_id=plan_id, **tenant_values(caller))
    await database.execute(_DELETE, plan_id=plan_id, **tenant_values(caller))


_ACTIVE = Statement(
    plan_rows()
    .where(in_account(budget_plans), budget_plans.c.is_active)
    .order_by(budget_plans.c.updated_at.desc(), budget_plans.c.id)
    .limit(1)
)


async def active_plan(database: Database, caller: Caller) -> PlanRow | None:
    """The account's active plan; the one changed last where production left several."""
    record = await database.fetchrow(_ACTIVE, **tenant_values(caller))
    return None if record is None else PlanRow(*[record[name] for name in PlanRow._fields])


# --- what was granted -----------------------------------------------------------------------------

_versions = allocation_rows().subquery("versions")
_LATEST = Statement(
    select(*row_columns(AllocationRow, _versions))
    .where(
        in_account(_versions),
        _versions.c.effective_from_at <= bindparam("moment", type_=DateTime(timezone=True)),
    )
    .order_by(_versions.c.effective_from_at.desc())
    .limit(1)
)


async def latest_allocation(
    database: Database, caller: Caller, moment: datetime
) -> AllocationRow | None:
    """The version in effect at a moment."""
    record = await database.fetchrow(_LATEST, moment=moment, **tenant_values(caller))
    return None if record is None else AllocationRow._make(record)


_PUT = insert(granted).values(
    account_id=_account,
    **{
        name: bindparam(name, type_=granted.c[name].type)
        for name in (
            "allocated",
            "limit_amount",
            "overflow_cap",
            "credit_factor",
            "effective_from_at",
            "is_applied",
            "updated_by",
        )
    },
)
_PUT_STATEMENT = Statement(
    _PUT.on_conflict_do_update(
        index_elements=["account_id", "effective_from_at"],
        set_={
            name: _PUT.excluded[name]
            for name in (
                "allocated",
                "limit_amount",
                "overflow_cap",
                "credit_factor",
                "is_applied",
                "updated_by",
            )
        },
    )
)


async def put_allocation(database: Database, caller: Caller, version: AllocationRow) -> None:
    """Write the version that is in effect from a moment on."""
    await database.execute(
        _PUT_STATEMENT,
        allocated=version.allocated,
        limit_amount=version.limit,
        overflow_cap=version.overflow_cap,
        credit_factor=Decimal(version.credit_factor),
        effective_from_at=version.effective_from_at,
        is_applied=version.is_applied,
        updated_by=version.updated_by,
        **tenant_values(caller),
    )


_APPLIED = Statement(
    update(granted)
    .where(
        in_account(granted),
        granted.c.effective_from_at <= bindparam("moment", type_=DateTime(timezone=True)),
        ~granted.c.is_applied,
    )
    .values(is_applied=True)
)


async def mark_applied(database: Database, caller: Caller, moment: datetime) -> int:
    """Say that what was due at a moment has been applied; how many versions were."""
    return await database.execute(_APPLIED, moment=moment, **tenant_values(caller))
