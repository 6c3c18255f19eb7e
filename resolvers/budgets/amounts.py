"""Amounts of a budget: checked against each other and against what was used and handed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datasources.budgets.rows import BudgetRow
from resolvers.budgets.charging import MOST_CREDITS
from resolvers.errors import refuse

__all__ = ["check_floor", "checked_amounts"]


def checked_amounts(given: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """`allocated`, `limit` and `overflow_cap`: the limit is `allocated` when absent or null."""
    allocated = given.get("allocated")
    if allocated is None:
        raise refuse("REQUIRED", "Say how many credits.", *path, "allocated")
    limit = given.get("limit")
    limit = allocated if limit is None else limit
    cap = given.get("overflow_cap")
    for name, value in (("allocated", allocated), ("limit", limit), ("overflow_cap", cap)):
        if value is not None and not 0 <= value <= MOST_CREDITS:
            raise refuse("INVALID", f"Credits are 0 to {MOST_CREDITS}.", *path, name)
    if limit > allocated:
        raise refuse("INVALID", "A limit is never above what is allocated.", *path, "limit")
    return {"allocated": allocated, "limit": limit, "overflow_cap": cap}


def check_floor(budget: BudgetRow, values: Mapping[str, Any], distributed: int, *path: str) -> None:
    """Refuse amounts below what a budget has handed on, set aside, used or held."""
    pooled = values.get("pooled", budget.pooled)
    if values["allocated"] < distributed + pooled:
        message = f"{distributed + pooled} credits of it are handed on or set aside."
        raise refuse("BELOW_DISTRIBUTED", message, *path, "allocated")
    taken = budget.used + budget.reserved
    if values["limit"] < taken and values["limit"] < budget.limit:
        message = f"{taken} credits of it are used or held already."
        at = "limit" if values["limit"] < values["allocated"] else "allocated"
        raise refuse("INVALID_STATE", message, *path, at)
    cap, beyond = values["overflow_cap"], budget.overflow_used + budget.reserved_overflow
    if cap is not None and cap < beyond and budget.overflow_cap != cap:
        message = f"{beyond} credits beyond the limit are used or held already."
        raise refuse("INVALID_STATE", message, *path, "overflow_cap")
