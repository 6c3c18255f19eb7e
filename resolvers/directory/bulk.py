"""Inviting and changing many people at once, recorded object by object."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypedDict, Unpack

from datasources.bulk import BulkOperationRef, BulkReport, Item, record_operation
from datasources.directory.pages import account_users
from datasources.directory.rows import COPILOT
from datasources.directory.writes import bulk, invites
from datasources.directory.writes.places import lock_directory
from resolvers.directory.administrators import checked_role, keeping_an_administrator
from resolvers.directory.auditing import directory_event
from resolvers.directory.invites import checked_invite, new_token
from resolvers.directory.lookups import team_of
from resolvers.errors import refuse
from resolvers.selecting import Selectable, selected_ids
from resolvers.trials import tried
from resolvers.writing import WriteContext

__all__ = ["BulkUserChanges", "Finished", "bulk_create_invites", "bulk_update_users"]

_MOST_INVITES = 1_000
_MOST_PEOPLE = 10_000


class Finished(NamedTuple):
    """A bulk operation that was carried out, or tried."""

    operation: BulkOperationRef


class BulkUserChanges(TypedDict, total=False):
    """What to set for everybody selected; what is left out stays."""

    is_active: bool | None
    role: str | None
    team_id: str | None


async def bulk_create_invites(
    context: WriteContext, *, emails: list[str], dry_run: bool, **promise: Any
) -> Finished:
    """Invite many people; members and people already invited are skipped."""
    if not emails:
        raise refuse("EMPTY_SELECTION", "Name the people to invite.", "emails")
    if len(emails) > _MOST_INVITES:
        message = f"Up to {_MOST_INVITES} people can be invited at once."
        raise refuse("INVALID", message, "emails")
    invite = await checked_invite(context, **promise)
    database, caller = context.database, context.caller
    await invites.lock_invitee(database, caller)
    members = await invites.members_among(database, caller, emails)
    pending = await invites.pending_among(database, caller, emails)
    items = [_invitee(email, i, emails, members, pending) for i, email in enumerate(emails)]
    new = [item.target_id for item in items if item.reason is None]
    if new and not dry_run:
        tokens = [(email, new_token()[1]) for email in new]
        await invites.insert_invites(database, caller, tokens, invite)
    values = {"role": invite.role, "expiresInDays": invite.expires_in_days}
    values |= {"teamId": invite.team_id} if invite.team_id else {}
    return await _report(
        context, BulkReport("CREATE_INVITES", dry_run, {"count": len(emails)}, values, items)
    )


def _invitee(
    email: str, i: int, emails: Sequence[str], members: frozenset[str], pending: frozenset[str]
) -> Item:
    if email in members:
        return Item(email, "Is a member already.")
    if email in pending:
        return Item(email, "Is invited already.")
    return Item(email, "Was named before." if email in emails[:i] else None)


async def bulk_update_users(
    context: WriteContext,
    *,
    ids: list[str] | None = None,
    filter: dict[str, Any] | None = None,
    dry_run: bool,
    **given: Unpack[BulkUserChanges],
) -> Finished:
    """Change state, role or team of many people; the account keeps an administrator."""
    changes = await _checked(context, given)
    await lock_directory(context.database, context.caller)
    people = Selectable(account_users, (context.account_id, COPILOT), "people", "ids", _MOST_PEOPLE)
    conditions = {name: value for name, value in (filter or {}).items() if value is not None}
    selected = await selected_ids(context, people, ids, conditions)
    items = await _applied(context, selected, changes, dry_run=dry_run)
    missing = [id for id in dict.fromkeys(ids or ()) if id not in set(selected)]
    items += [Item(id, "Is not among the people selected.") for id in missing]
    if not dry_run and any(item.reason is None for item in items):
        context.end_access()
    selection = {"ids": ids, "filter": filter}
    kept = {name: value for name, value in selection.items() if value}
    return await _report(context, BulkReport("UPDATE_USERS", dry_run, kept, dict(given), items))


_Change = Callable[[Sequence[str]], Awaitable[frozenset[str]]]


async def _checked(context: WriteContext, given: BulkUserChanges) -> list[_Change]:
    """What was asked for, as steps that each answer whom they changed."""
    database, caller = context.database, context.caller
    steps: list[_Change] = []
    is_active, role, team_id = given.get("is_active"), given.get("role"), given.get("team_id")
    if is_active is not None:
        steps.append(lambda ids: bulk.set_active(database, caller, ids, is_active=is_active))
    if role is not None:
        checked = checked_role(context, role, "role")
        steps.append(lambda ids: bulk.set_role(database, caller, ids, checked))
    if team_id is not None:
        team = await team_of(context, team_id, "team_id")
        steps.append(lambda ids: bulk.place_all(database, caller, ids, team.id))
    if not steps:
        raise refuse("REQUIRED", "Say what to change: state, role or team.", "is_active")
    return steps


async def _applied(
    context: WriteContext, selected: Sequence[str], steps: Sequence[_Change], *, dry_run: bool
) -> list[Item]:
    """Carry the steps out; a dry run does the same work and takes it back."""

    async def work() -> list[Item]:
        async with keeping_an_administrator(context):
            changed = [await step(selected) for step in steps]
        return _items(selected, frozenset().union(*changed))

    return await tried(context, work, dry_run=dry_run)


def _items(selected: Sequence[str], changed: frozenset[str]) -> list[Item]:
    return [Item(id, None if id in changed else "Is that way already.") for id in selected]


async def _report(context: WriteContext, report: BulkReport) -> Finished:
    operation = await record_operation(context.database, context.caller, report)
    if report.is_dry_run or not report.changed:
        context.changed_nothing()
        return Finished(operation)
    action = {"CREATE_INVITES": "bulk_invite", "UPDATE_USERS": "bulk_update"}[report.kind]
    details = {
        "matched": len(report.items),
        "changed": report.changed,
        "skipped": len(report.items) - report.changed,
        "values": report.values,
    }
    await context.audit(
        directory_event(
            action,
            "bulk_operation",
            operation.id,
            "Many people were changed at once.",
            details,
            operation_id=operation.id,
        )
    )
    return Finished(operation)
