"""One writer of an account's guardrails at a time, and the change log they all add to."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, func, insert, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.guardrail_changes import guardrail_changes

__all__ = ["Change", "lock_guardrails", "log_change"]

_LONGEST_PROGRAM = 500

_LOCK = Statement(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended(bindparam("name", type_=Text()), literal_column("0"))
        )
    )
)


async def lock_guardrails(database: Database, caller: Caller) -> None:
    """Let one writer of the account's guardrails, or of the platform's, act at a time."""
    await database.fetch(_LOCK, name=f"cockpit guardrails {caller.account_id or ''}")


class Change(NamedTuple):
    """A line of the change log."""

    guard: str
    """The guard changed; `policy` for the policy of a scope."""
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    fields: list[str]
    """Names of what differs; the two documents may hold more, which says what was changed."""


_LOG = Statement(
    insert(guardrail_changes).values(
        account_id=bindparam(TENANT, type_=Text()),
        changed_by=bindparam("author", type_=Text()),
        guard_type=bindparam("guard", type_=Text()),
        action=bindparam("action", type_=Text()),
        old_config=bindparam("before", type_=guardrail_changes.c.old_config.type),
        new_config=bindparam("after", type_=guardrail_changes.c.new_config.type),
        changed_fields=bindparam("fields", type_=ARRAY(Text())),
        ip_address=bindparam("address", type_=guardrail_changes.c.ip_address.type),
        user_agent=bindparam("program", type_=Text()),
    )
)


async def log_change(
    database: Database,
    caller: Caller,
    change: Change,
    *,
    address: str | None = None,
    program: str | None = None,
) -> None:
    """Add a line to the account's change log, with where the change came from."""
    values = change._replace(guard=change.guard.lower())._asdict()
    await database.execute(
        _LOG,
        author=caller.id,
        address=_as_address(address),
        program=None if program is None else program[:_LONGEST_PROGRAM],
        **values,
        **tenant_values(caller),
    )


def _as_address(text: str | None) -> str | None:
    """An address as PostgreSQL takes it; None for a path or a name."""
    try:
        return None if text is None else str(ip_address(text))
    except ValueError:
        return None
