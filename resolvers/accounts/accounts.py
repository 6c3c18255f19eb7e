"""Creating, changing, suspending and deleting accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict, Unpack
from uuid import uuid4

from datasources.accounts import deletion, writes
from datasources.accounts.accounts import accounts_by_id
from datasources.accounts.deletion import StillReferred
from datasources.accounts.rows import AccountRow, TallyRow
from datasources.accounts.writes import NewAccount, Taken
from datasources.defaults import ensure_defaults
from resolvers.accounts.admins import appoint
from resolvers.accounts.auditing import account_event
from resolvers.accounts.checks import MoneyGiven, checked_money
from resolvers.accounts.domains import checked_domain
from resolvers.accounts.holding import hold_account
from resolvers.auditing import changes
from resolvers.checks import checked_line, checked_name
from resolvers.errors import Refused, UserError, refuse
from resolvers.writing import WriteContext

__all__ = [
    "AccountChanges",
    "ChangedAccount",
    "DeletedAccount",
    "create_account",
    "delete_account",
    "set_account_status",
    "update_account",
]

_AUDITED = ("name", "alias", "domain", "identity_organization_id", "max_budget", "status")
_TAKEN = {
    "name": "Another account has this name.",
    "domain": "Another account has this domain.",
    "identity_organization_id": "Another account is linked to this organisation.",
}


class ChangedAccount(NamedTuple):
    """An account after a change."""

    account: AccountRow


class DeletedAccount(NamedTuple):
    """What went with an account."""

    affected: list[TallyRow]
    deleted_id: str


class AccountChanges(TypedDict, total=False):
    """Master data of an account; what is left out stays."""

    name: str | None
    alias: str | None
    domain: str | None
    identity_organization_id: str | None
    max_spend: MoneyGiven | None


async def create_account(
    context: WriteContext,
    *,
    admin_email: str | None = None,
    admin_password: str | None = None,
    **master_data: Unpack[AccountChanges],
) -> ChangedAccount:
    """Create an account with its default group and team and, if given, its first administrator."""
    if admin_password is not None and admin_email is None:
        raise refuse("REQUIRED", "A password needs a person.", "admin_email")
    values = _checked(master_data)
    account = NewAccount(str(uuid4()), **values)
    caller = context.caller.bound_to(account.account_id)
    await _claim(context, account.account_id, values)
    if not await writes.insert_account(context.database, caller, account):
        raise refuse("TAKEN", "Another account has this name or domain.", "name")
    await ensure_defaults(context.database, caller)
    created = await _read(context, account.account_id)
    await context.audit(
        account_event("create", f"Account {created.name} was created.", created.id, _seen(created))
    )
    if admin_email is not None:
        await appoint(context, caller, admin_email, admin_password, prefix="admin_")
    return ChangedAccount(created)


async def update_account(
    context: WriteContext, **master_data: Unpack[AccountChanges]
) -> ChangedAccount:
    """Change an account's master data; nothing else of it is touched."""
    values = _checked(master_data)
    await hold_account(context)
    before = await _read(context, context.account_id)
    values = {name: value for name, value in values.items() if getattr(before, name) != value}
    if not values:
        context.changed_nothing()
        return ChangedAccount(before)
    await _claim(context, context.account_id, values)
    try:
        await writes.update_account(context.database, context.caller, values)
    except Taken:
        raise refuse("TAKEN", "Another account has this name or domain.", "name") from None
    after = await _read(context, context.account_id)
    await context.audit(
        account_event(
            "update",
            f"Account {after.name} was changed.",
            after.id,
            changes(_seen(before), _seen(after)),
        )
    )
    if "domain" in values or "identity_organization_id" in values:
        context.end_access()
    return ChangedAccount(after)


async def set_account_status(
    context: WriteContext, *, status: str, reason: str | None = None
) -> ChangedAccount:
    """Suspend or reactivate an account, for live sessions and keys too."""
    why = checked_line(reason, "reason", longest=1000)
    await hold_account(context)
    before = await _read(context, context.account_id)
    if before.status == status:
        context.changed_nothing()
        return ChangedAccount(before)
    await writes.set_status(context.database, context.caller, status.lower())
    after = await _read(context, context.account_id)
    is_suspended = status == "SUSPENDED"
    done = "suspended" if is_suspended else "reactivated"
    await context.audit(
        account_event(
            "suspend" if is_suspended else "reactivate",
            f"Account {after.name} was {done}.",
            after.id,
            {**changes(_seen(before), _seen(after)), "reason": why},
            severity="warning" if is_suspended else "info",
        )
    )
    context.end_access()
    return ChangedAccount(after)


async def delete_account(
    context: WriteContext,
    *,
    account_id: str,
    confirm_name: str,
    dry_run: bool = False,
) -> DeletedAccount:
    """Delete a suspended account for good, with everything it owns."""
    caller = context.caller.bound_to(account_id)
    await hold_account(context, caller)
    account = await _read(context, account_id)
    if account.name != confirm_name:
        raise refuse(
            "CONFIRMATION_MISMATCH", "This is not the account's exact name.", "confirm_name"
        )
    if account.status != "SUSPENDED":
        raise refuse("INVALID_STATE", "Suspend the account first.", "account_id")
    try:
        affected = await deletion.delete_account(context.database, caller)
    except StillReferred:
        raise refuse(
            "IN_USE", "Rows of another account refer to rows of this one.", "account_id"
        ) from None
    removed = {tally.key: tally.number for tally in affected}
    await context.audit(
        account_event(
            "delete",
            f"Account {account.name} was deleted with everything it owned.",
            account_id,
            {"before": _seen(account), "removed": removed},
            severity="warning",
            is_platform_wide=True,
        )
    )
    context.end_access()
    return DeletedAccount(affected, account_id)


def _checked(given: AccountChanges) -> dict[str, Any]:
    """The given master data as it is stored; what was not given is not there."""
    values: dict[str, Any] = {}
    if "name" in given:
        values["name"] = checked_name(given["name"], "name")
    if "alias" in given:
        values["alias"] = checked_line(given["alias"], "alias")
    if "domain" in given:
        domain = given["domain"]
        values["domain"] = None if domain is None else checked_domain(domain)
    if "identity_organization_id" in given:
        path = "identity_organization_id"
        values[path] = checked_line(given["identity_organization_id"], path)
    if "max_spend" in given:
        values["max_budget"] = checked_money(given["max_spend"], "max_spend")
    return values


async def _claim(context: WriteContext, account_id: str, values: Mapping[str, Any]) -> None:
    """Hold the right to these unique values; refuses with an error for each that is taken."""
    unique = {name: values[name] for name in _TAKEN if values.get(name) is not None}
    if not unique:
        return
    await writes.lock_unique_values(context.database)
    taken = await writes.taken_values(context.database, account_id, **unique)
    if taken:
        raise Refused([UserError("TAKEN", _TAKEN[name], (name,)) for name in taken])


async def _read(context: WriteContext, account_id: str) -> AccountRow:
    """The account as it is in this transaction now."""
    row = (await accounts_by_id(context.database, context.caller, [account_id]))[0]
    if row is None:
        raise refuse("NOT_FOUND", "There is no such account.", "account_id")
    return row


def _seen(account: AccountRow) -> dict[str, Any]:
    return {name: getattr(account, name) for name in _AUDITED}
