"""The chains of the audit trail: one an account and one of the platform, in both logs.

`docs/audit.md` says what a hash covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, NamedTuple

from sqlalchemy import Text, Uuid, bindparam, column, delete, func, select, table
from sqlalchemy.dialects.postgresql import ARRAY, INET

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, tenant_values

__all__ = ["Cause", "Link", "as_address", "as_program", "chain_events", "end_chain"]

_LONGEST_PROGRAM = 500


class Cause(NamedTuple):
    """What an event was caused by, as far as it is known."""

    request_id: str | None = None
    address: str | None = None
    program: str | None = None


class Link(NamedTuple):
    """An event that is written, and not in its chain yet."""

    source: str
    """The log it stands in: `COCKPIT` or `GUARDRAILS`."""
    event_id: str
    cause: Cause
    operation_id: str | None = None
    """The bulk operation it belongs to."""


_texts, _uuids = ARRAY(Text()), ARRAY(Uuid(as_uuid=False))
_CHAIN = Statement(
    select(
        func.gateway.chain_audit_events(
            bindparam("sources", type_=_texts),
            bindparam("event_ids", type_=_uuids),
            bindparam("request_ids", type_=_texts),
            bindparam("operation_ids", type_=_uuids),
            bindparam("addresses", type_=ARRAY(INET())),
            bindparam("programs", type_=_texts),
        )
    )
)
_END = Statement(
    delete(table("audit_chains", column("chain", Text()), schema="gateway")).where(
        column("chain", Text()) == bindparam(TENANT, type_=Text())
    )
)


async def chain_events(database: Database, links: Sequence[Link]) -> None:
    """Put the events of a transaction into their chains, each after those before it in the list.

    Must be the transaction's last statement, once: the ends of the chains stay locked until it
    commits, and whoever holds them must wait for nobody. Events taken back with a savepoint are
    passed over.
    """
    if links:
        await database.fetch(
            _CHAIN,
            sources=[link.source for link in links],
            event_ids=[link.event_id for link in links],
            request_ids=[link.cause.request_id for link in links],
            operation_ids=[link.operation_id for link in links],
            addresses=[as_address(link.cause.address) for link in links],
            programs=[as_program(link.cause.program) for link in links],
        )


async def end_chain(database: Database, caller: Caller) -> None:
    """Forget where the chain of the caller's account ends: its events are gone.

    Last of what deletes an account, for the reason `chain_events` has.
    """
    await database.execute(_END, **tenant_values(caller))


def as_address(text: str | None) -> Any:
    """An address as PostgreSQL takes it; None for a path or a name."""
    try:
        return None if text is None else str(ip_address(text))
    except ValueError:
        return None


def as_program(text: str | None) -> str | None:
    """What a client calls itself, at the length that is kept."""
    return None if text is None else text[:_LONGEST_PROGRAM]
