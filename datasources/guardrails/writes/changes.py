"""One writer of an account's guardrails at a time, and the change log they all add to."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Text, Uuid, bindparam, func, insert, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from auth.caller import Caller
from datasources.audit_chain import Cause, Link, as_address, as_program
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.guardrail_changes import guardrail_changes

__all__ = ["Change", "lock_guardrails", "log_change"]

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
        id=bindparam("id", type_=Uuid(as_uuid=False)),
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
    database: Database, caller: Caller, change: Change, cause: Cause | None = None
) -> Link:
    """Add a line to the account's change log, with where the change came from.

    Answers what `chain_events` takes before the transaction commits.
    """
    cause = cause or Cause()
    id = str(uuid4())
    values = change._replace(guard=change.guard.lower())._asdict()
    await database.execute(
        _LOG,
        id=id,
        author=caller.id,
        address=as_address(cause.address),
        program=as_program(cause.program),
        **values,
        **tenant_values(caller),
    )
    return Link("GUARDRAILS", id, cause)
