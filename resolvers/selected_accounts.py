"""The accounts that a super admin's change of many is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datasources.account_selection import selected_accounts
from resolvers.filters import conditions_of
from resolvers.selecting import Selectable, selected_ids
from resolvers.writing import WriteContext

__all__ = ["GONE", "SelectedAccounts", "select_accounts"]

GONE = "There is no such account."
"""Why an account named is left alone."""

_ACCOUNTS = Selectable(selected_accounts, (), "accounts", "account_ids", most=1_000)


class SelectedAccounts(NamedTuple):
    """Accounts selected by their ids, by conditions, or by both."""

    ids: list[str]
    missing: list[str]
    """Ids named of which there is no such account, or not one that meets the conditions."""
    selection: dict[str, Any]
    """Ids and conditions given, as an operation shows them."""


async def select_accounts(
    context: WriteContext,
    account_ids: Sequence[str] | None,
    filter: Mapping[str, Any] | None,
) -> SelectedAccounts:
    """Select accounts. Raises the user errors of `selected_ids`."""
    found = await selected_ids(context, _ACCOUNTS, account_ids, conditions_of(filter))
    missing = [id for id in dict.fromkeys(account_ids or ()) if id not in set(found)]
    given = {"accountIds": account_ids, "filter": _plain(filter)}
    return SelectedAccounts(found, missing, {name: value for name, value in given.items() if value})


def _plain(filter: Mapping[str, Any] | None) -> dict[str, Any]:
    """The conditions as an operation shows them."""
    conditions = conditions_of(filter)
    return {
        name: str(value) if name.startswith("created") else value
        for name, value in conditions.items()
    }
