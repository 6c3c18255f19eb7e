"""Patterns: an account's own, and the platform's, which an account can only switch."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from auth.errors import Forbidden
from datasources.guardrails.patterns import patterns_in_account, patterns_of_platform
from datasources.guardrails.rows import PatternRow
from datasources.guardrails.writes import patterns
from datasources.guardrails.writes.changes import lock_guardrails
from resolvers.checks import checked_line, checked_name, checked_text
from resolvers.errors import BadUserInput, refuse
from resolvers.guardrails.expressions import problem_of
from resolvers.guardrails.recording import record_change
from resolvers.writing import WriteContext

__all__ = [
    "ChangedPattern",
    "DeletedPattern",
    "create_guardrail_pattern",
    "delete_guardrail_pattern",
    "update_guardrail_pattern",
]

_GUARDS = ("PII", "JAILBREAK")
"""Guards that look for patterns; toxic language is recognised by words."""
_LONGEST_CATEGORY = 100
_FIELDS = ("name", "regex", "type", "action", "severity", "category", "description", "is_enabled")
_CLEARED = {"category", "description"}


class ChangedPattern(NamedTuple):
    """A pattern after the change."""

    pattern: PatternRow


class DeletedPattern(NamedTuple):
    """The pattern that was removed, if there was one."""

    deleted_id: str | None


async def create_guardrail_pattern(
    context: WriteContext, *, guard: str, is_platform: bool = False, **given: Any
) -> ChangedPattern:
    """Add a pattern to the account, or to the platform."""
    _check_owner(context, is_platform=is_platform)
    if guard not in _GUARDS:
        raise refuse("INVALID", f"{guard} does not look for patterns.", "guard")
    values = await _checked({"category": None, "description": None} | given)
    await lock_guardrails(context.database, context.caller)
    await _check_free(context, guard, values["name"])
    id = await patterns.insert_pattern(context.database, context.caller, guard, values)
    stored = await _stored(context, id)
    await _record(context, f"Pattern {stored.name} was created.", None, stored)
    return ChangedPattern(stored)


async def update_guardrail_pattern(
    context: WriteContext, *, id: str, **given: Any
) -> ChangedPattern:
    """Change a pattern; of the platform's, an account changes whether it uses it."""
    wanted = {name: value for name, value in given.items() if value is not None or name in _CLEARED}
    values = await _checked(wanted)
    await lock_guardrails(context.database, context.caller)
    before = await _found(context, id)
    if before is None:
        raise refuse("NOT_FOUND", "There is no such pattern.", "id")
    after = before._replace(**values)
    if after == before:
        context.changed_nothing()
        return ChangedPattern(before)
    await _store(context, before, after)
    stored = await _stored(context, before.id)
    await _record(context, f"Pattern {stored.name} was changed.", before, stored)
    return ChangedPattern(stored)


async def delete_guardrail_pattern(context: WriteContext, *, id: str) -> DeletedPattern:
    """Remove a pattern; the platform's only where the platform is addressed."""
    await lock_guardrails(context.database, context.caller)
    before = await _found(context, id)
    if before is None:
        context.changed_nothing()
        return DeletedPattern(None)
    if before.account_id != context.caller.account_id:
        raise refuse("PROTECTED", "The pattern is the platform's; switch it off instead.", "id")
    await patterns.delete_pattern(context.database, context.caller, before.id)
    await _record(context, f"Pattern {before.name} was deleted.", before, None)
    return DeletedPattern(before.id)


def _check_owner(context: WriteContext, *, is_platform: bool) -> None:
    caller = context.caller
    if not is_platform:
        if caller.account_id is None:
            raise BadUserInput("Name the account: you have none of your own.")
    elif not caller.is_super_admin:
        raise Forbidden("Only operators of the platform change its patterns.")
    elif caller.account_id is not None:
        raise refuse("INVALID", "A pattern of the platform has no account.", "account_id")


async def _found(context: WriteContext, id: str) -> PatternRow | None:
    """A pattern as the account acted in has it, or as the platform stores it."""
    caller, database = context.caller, context.database
    if caller.account_id is not None:
        return (await patterns_in_account(database, caller, [(caller.account_id, id)]))[0]
    if not caller.is_super_admin:
        raise Forbidden("Only operators of the platform change its patterns.")
    return (await patterns_of_platform(database, caller, [id]))[0]


async def _stored(context: WriteContext, id: str) -> PatternRow:
    row = await _found(context, id)
    if row is None:
        raise LookupError("What was just written is there.")
    return row


async def _store(context: WriteContext, before: PatternRow, after: PatternRow) -> None:
    if before.account_id == context.caller.account_id:
        if after.name != before.name:
            await _check_free(context, before.guard, after.name)
        await patterns.update_pattern(context.database, context.caller, before.id, _values(after))
        return
    if after != before._replace(is_enabled=after.is_enabled):
        sentence = "The pattern is the platform's; it can only be switched on or off."
        raise refuse("PROTECTED", sentence, "id")
    await patterns.switch_pattern(
        context.database, context.caller, before.id, is_enabled=after.is_enabled
    )


async def _check_free(context: WriteContext, guard: str, name: str) -> None:
    if await patterns.pattern_named(context.database, context.caller, guard, name) is not None:
        raise refuse("TAKEN", f"{guard} has a pattern of this name.", "name")


async def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """The values to store of the fields that are given."""
    values = dict(given)
    if "name" in values:
        values["name"] = checked_name(values["name"], "name")
    if "category" in values:
        line = checked_line(values["category"], "category", longest=_LONGEST_CATEGORY)
        values["category"] = line
    if "description" in values:
        values["description"] = checked_text(values["description"], "description")
    if "regex" in values:
        problem = await asyncio.to_thread(problem_of, values["regex"])
        if problem is not None:
            raise refuse("UNSAFE_PATTERN", problem, "regex")
    return values


def _values(row: PatternRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FIELDS}


async def _record(
    context: WriteContext, message: str, before: PatternRow | None, after: PatternRow | None
) -> None:
    row = after or before
    if row is None:
        raise LookupError("A change has something before it or after it.")
    await record_change(
        context,
        "guardrail_pattern",
        row.id,
        message,
        guard=row.guard,
        before=None if before is None else _values(before),
        after=None if after is None else _values(after),
        about={"pattern_id": row.id, "pattern_name": row.name},
    )
