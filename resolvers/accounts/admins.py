"""Appointing, changing and removing the administrators of an account."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any, NamedTuple, TypedDict, Unpack

from auth.caller import Caller
from auth.domains import domain_of
from auth.passwords import hash_password, problem_with_password
from datasources.accounts import access, admins, people
from datasources.accounts.rows import AccountAdminRow
from resolvers.accounts.auditing import account_event
from resolvers.accounts.holding import hold_account
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "AdminChanges",
    "ChangedAdmin",
    "RemovedAdmin",
    "add_account_admin",
    "appoint",
    "remove_account_admin",
    "update_account_admin",
]


class ChangedAdmin(NamedTuple):
    """An administrator after a change."""

    admin: AccountAdminRow


class RemovedAdmin(NamedTuple):
    """Who was removed."""

    deleted_id: str


class AdminChanges(TypedDict, total=False):
    """What to change about an administrator; what is left out stays."""

    email: str | None
    password: str | None


async def appoint(
    context: WriteContext,
    caller: Caller,
    email: str,
    password: str | None,
    *,
    prefix: str = "",
) -> AccountAdminRow:
    """Make a person administrator of the caller's account.

    `prefix` is what the arguments' names begin with. Raises `Refused`: TAKEN for people of other
    accounts and for administrators, INVALID for a password against the policy.
    """
    hashed = None if password is None else await _hashed(password, email, f"{prefix}password")
    await _refuse_stranger(context, caller, email, f"{prefix}email")
    admin_id = await admins.insert_admin(context.database, caller, email)
    if admin_id is None:
        raise refuse("TAKEN", "This person administers the account already.", f"{prefix}email")
    if hashed is not None:
        await access.set_password(context.database, caller, email, hashed)
    admin = await _read(context, caller, admin_id)
    details = {"after": {"email": admin.email}, "has_password": hashed is not None}
    await _record(context, "add_admin", f"{admin.email} became an administrator.", admin, details)
    return admin


async def add_account_admin(
    context: WriteContext, *, email: str, password: str | None = None
) -> ChangedAdmin:
    """Make a person administrator of one account."""
    await hold_account(context)
    return ChangedAdmin(await appoint(context, context.caller, email, password))


async def update_account_admin(
    context: WriteContext, *, admin_id: str, **given: Unpack[AdminChanges]
) -> ChangedAdmin:
    """Change an administrator's address or password."""
    await hold_account(context)
    before = await _read(context, context.caller, admin_id)
    email = _new_email(before, given)
    hashed = await _new_password(email, given)
    if email == before.email and hashed is None:
        context.changed_nothing()
        return ChangedAdmin(before)
    argument = "password" if email == before.email else "email"
    await _refuse_stranger(context, context.caller, email, argument)
    await access.end_sessions(context.database, context.caller, before.email)
    if email != before.email:
        await _readdress(context, before, email)
    if hashed is not None:
        await access.set_password(context.database, context.caller, email, hashed)
    after = await _read(context, context.caller, admin_id)
    details = {
        "before": {"email": before.email},
        "after": {"email": after.email},
        "password_changed": hashed is not None,
    }
    message = f"The administrator {after.email} was changed."
    await _record(context, "update_admin", message, after, details)
    return ChangedAdmin(after)


async def remove_account_admin(context: WriteContext, *, admin_id: str) -> RemovedAdmin:
    """Take the administrator role away and end the person's sessions; the last one stays."""
    database, caller = context.database, context.caller
    await hold_account(context)
    admin = await _read(context, caller, admin_id)
    if await admins.count_admins(database, caller) < 2:
        raise refuse(
            "LAST_ADMIN", "The account would be left without an administrator.", "admin_id"
        )
    await access.end_sessions(database, caller, admin.email)
    await admins.delete_admin(database, caller, admin.email)
    revoked = await access.revoke_admin_rights(database, caller, admin.email)
    details = {"before": {"email": admin.email}, "revoked_directory_rights": revoked}
    message = f"{admin.email} is no administrator any more."
    await _record(context, "remove_admin", message, admin, details, severity="warning")
    return RemovedAdmin(admin.id)


async def _record(
    context: WriteContext,
    action: str,
    message: str,
    admin: AccountAdminRow,
    details: dict[str, Any],
    *,
    severity: str = "info",
) -> None:
    """Record a change of an administrator, and have everybody's rights checked anew."""
    event = account_event(
        action,
        message,
        admin.account_id,
        details,
        resource=("account_admin", admin.id),
        severity=severity,
    )
    await context.audit(event)
    context.end_access()


async def _read(context: WriteContext, caller: Caller, admin_id: str) -> AccountAdminRow:
    row = (await admins.admins_by_id(context.database, caller, [admin_id]))[0]
    if row is None:
        raise refuse("NOT_FOUND", "The account has no such administrator.", "admin_id")
    return row


async def _refuse_stranger(
    context: WriteContext, caller: Caller, email: str, argument: str
) -> None:
    """Refuse a person who belongs to another account; nobody is moved."""
    await people.lock_person(context.database, email)
    if await people.belongs_elsewhere(context.database, caller, email, domain_of(email)):
        raise refuse("TAKEN", "This person belongs to another account.", argument)


def _new_email(before: AccountAdminRow, given: AdminChanges) -> str:
    if "email" not in given:
        return before.email
    if given["email"] is None:
        raise refuse("REQUIRED", "An administrator needs an address.", "email")
    return given["email"]


async def _new_password(email: str, given: AdminChanges) -> str | None:
    if "password" not in given:
        return None
    if given["password"] is None:
        raise refuse("REQUIRED", "A password can be replaced, not removed.", "password")
    return await _hashed(given["password"], email, "password")


async def _readdress(context: WriteContext, before: AccountAdminRow, email: str) -> None:
    """Give the administrator, and the person behind, a new address nobody else has."""
    database, caller = context.database, context.caller
    if await people.has_person(database, caller, email):
        raise refuse("TAKEN", "Another person of the account has this address.", "email")
    await admins.delete_doubles(database, caller, before)
    if not await admins.change_address(database, caller, before.id, email):
        raise refuse("TAKEN", "Another administrator has this address.", "email")
    await people.change_address(database, caller, before.email, email)


async def _hashed(password: str, email: str, argument: str) -> str:
    """The hash to store, made in a thread: it takes tens of milliseconds by design."""
    problem = problem_with_password(password, email=email)
    if problem is not None:
        raise refuse("INVALID", problem, argument)
    return await to_thread(hash_password, password)
