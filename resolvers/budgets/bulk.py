"""Granting many accounts credits at once, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from datasources.budgets.writes import plans
from datasources.bulk import Item
from datasources.bulk_steps import NewOperation, begin_in_accounts
from resolvers.account_steps import in_each_account
from resolvers.base import Services
from resolvers.budgets.allocating import take_turn
from resolvers.budgets.amounts import checked_amounts
from resolvers.budgets.charging import MOST_CREDITS
from resolvers.budgets.granting import apply_allocation, checked_factor, grant_of, is_in_effect
from resolvers.errors import refuse
from resolvers.selected_accounts import GONE, select_accounts
from resolvers.stepping import Begun, begun_by, go_on_with_what_is_left
from resolvers.writing import WriteContext

__all__ = ["bulk_set_account_allocation", "go_on_granting"]

_SHOWN = {
    "allocated": "allocated",
    "limit": "limit",
    "overflow_cap": "overflowCap",
    "credit_factor": "creditFactor",
}
"""What can be set, and what an operation calls it."""


async def bulk_set_account_allocation(
    context: WriteContext,
    *,
    dry_run: bool,
    account_ids: Sequence[str] | None = None,
    filter: Mapping[str, Any] | None = None,
    **given: Any,
) -> Begun:
    """Set what every account selected gets per cycle; those it does not fit are skipped.

    The accounts are changed one by one once this has committed: the change of one makes nobody
    wait who uses credits of another.
    """
    values = _checked(given)
    selected = await select_accounts(context, account_ids, filter)
    gone = [Item(id, GONE) for id in selected.missing]
    beginning = NewOperation(_GRANTING.kind, dry_run, selected.selection, values)
    operation = await begin_in_accounts(
        context.database, context.caller, beginning, selected.ids, gone
    )
    context.changed_nothing()
    context.go_on_with(partial(begun_by, context, operation.id, _GRANTING))
    return Begun(operation)


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values given as an operation shows them; refused when they fit no account."""
    if not given:
        raise refuse("REQUIRED", "Say what to set: credits, a ceiling or the factor.", "allocated")
    checked_amounts({"allocated": MOST_CREDITS, **given})
    values = dict(given)
    if "credit_factor" in values:
        values["credit_factor"] = checked_factor(values["credit_factor"])
    return {_SHOWN[name]: value for name, value in values.items()}


async def _set(context: WriteContext, values: dict[str, Any], operation_id: str) -> str | None:
    """Grant one account what is asked for, as `setAccountAllocation` does."""
    await take_turn(context)
    given = {name: values[shown] for name, shown in _SHOWN.items() if shown in values}
    grant = await grant_of(context, given, datetime.now(UTC))
    if await is_in_effect(context, grant):
        return "Is that way already."
    await plans.put_allocation(context.database, context.caller, grant.after)
    await apply_allocation(context, grant.after)
    await context.audit(grant.event("bulk_update", operation_id))
    return None


_GRANTING = in_each_account("SET_ACCOUNT_ALLOCATION", _set)


async def go_on_granting(services: Services) -> list[str]:
    """Go on with what was interrupted; the operations' ids."""
    return await go_on_with_what_is_left(services, _GRANTING)
