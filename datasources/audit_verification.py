"""Walking a chain of the audit trail: whether nothing in it is missing or changed.

What an event says is put together here, not in the database, in the form that `docs/audit.md`
writes down: a function that was tampered with does not vouch for what it chained.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import text

from datasources.base import Database, Statement

__all__ = ["Anchor", "Broken", "Verified", "chains", "content_of", "verify_chain"]

_START = bytes(32)
_BATCH = 1_000

_CHAINS = Statement(
    text(
        "SELECT chain FROM gateway.audit_chains"
        " UNION SELECT DISTINCT coalesce(account_id, '') FROM gateway.audit_links ORDER BY 1"
    )
)
_HEAD = Statement(text("SELECT position, hash FROM gateway.audit_chains WHERE chain = :chain"))
_LINKS = Statement(
    text(
        "SELECT link.position, link.hash, link.event_id, link.source, link.request_id,"
        " link.operation_id, host(link.ip_address) AS caused_from, link.user_agent AS caused_by,"
        " event.id AS found_id, event.account_id, event.created_at AS at, event.event_type,"
        " event.action, event.severity, event.resource_type, event.resource_id, event.actor_id,"
        " event.actor_email, event.message, event.details::text AS details,"
        " line.id AS line_id, line.account_id AS line_account_id, line.changed_at, line.guard_type,"
        " line.action AS line_action, line.changed_by,"
        " to_jsonb(line.changed_fields)::text AS changed_fields,"
        " line.old_config::text AS old_config, line.new_config::text AS new_config,"
        " host(line.ip_address) AS ip_address, line.user_agent"
        " FROM gateway.audit_links AS link"
        " LEFT JOIN copilot.audit_log AS event"
        "  ON link.source = 'COCKPIT' AND event.id = link.event_id"
        " LEFT JOIN copilot.guardrails_audit_log AS line"
        "  ON link.source = 'GUARDRAILS' AND line.id = link.event_id"
        " WHERE coalesce(link.account_id, '') = :chain AND link.position > :after"
        " ORDER BY link.position LIMIT :size"
    )
)
_EVENT = ("event_type", "action", "severity", "resource_type", "resource_id", "actor_id",
          "actor_email", "message")  # fmt: skip


class Anchor(NamedTuple):
    """A place in a chain that somebody noted down earlier."""

    position: int
    hash: bytes


class Verified(NamedTuple):
    """A chain without a broken link, and where it ends."""

    chain: str
    """Account; empty for the platform."""
    position: int
    """How many events it has."""
    hash: bytes
    """Hash of its last event."""


class Broken(NamedTuple):
    """The first broken link of a chain."""

    chain: str
    position: int
    event_id: str | None
    """The event there; None where the link itself is gone."""
    reason: str


async def chains(database: Database) -> list[str]:
    """Every chain there is: accounts, and the empty text for the platform."""
    return [row[0] for row in await database.fetch(_CHAINS)]


async def verify_chain(
    database: Database,
    chain: str,
    anchor: Anchor | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Verified | Broken:
    """Walk a chain from its first event; the first broken link, or where it ends.

    Who can write to every table can make the whole chain anew, or cut its end off: only an anchor
    that was kept elsewhere tells. The database must be one that sees every account. `on_progress`
    is told how many events are walked, every thousand.
    """
    end = Verified(chain, 0, _START)
    while True:
        async for row in _links(database, chain, end.position):
            walked = _next(end, row, anchor)
            if isinstance(walked, Broken):
                return walked
            end = walked
            if on_progress is not None and end.position % _BATCH == 0:
                on_progress(end.position)
        head, found = await _head(database, chain), end.position
        if head.position <= found or not await _grew(database, chain, found):
            return _ended(end, head, anchor)


def _next(end: Verified, row: asyncpg.Record, anchor: Anchor | None) -> Verified | Broken:
    """Where the chain ends with one more link."""
    chain, position = end.chain, end.position + 1
    if row["position"] != position:
        return Broken(chain, position, None, "The link is missing.")
    content = content_of(row)
    if content is None:
        return Broken(chain, position, row["event_id"], "The event is missing.")
    hash = hashlib.sha256(end.hash + content.encode()).digest()
    if hash != row["hash"]:
        reason = "The event or its place was changed."
        return Broken(chain, position, row["event_id"], reason)
    if anchor is not None and anchor.position == position and anchor.hash != hash:
        reason = "The chain up to here is not the one that was noted down."
        return Broken(chain, position, row["event_id"], reason)
    return Verified(chain, position, hash)


def _ended(end: Verified, head: Anchor, anchor: Anchor | None) -> Verified | Broken:
    for known in (head, anchor):
        if known is not None and known.position > end.position:
            return Broken(end.chain, end.position + 1, None, "The link is missing.")
    if (end.position, end.hash) != head:
        reason = "The end that was kept of the chain is not its last event."
        return Broken(end.chain, end.position, None, reason)
    return end


async def _head(database: Database, chain: str) -> Anchor:
    row = await database.fetchrow(_HEAD, chain=chain)
    return Anchor(0, _START) if row is None else Anchor(row["position"], row["hash"])


async def _grew(database: Database, chain: str, position: int) -> bool:
    """Whether there are links by now after what was the last one."""
    return bool(await database.fetch(_LINKS, chain=chain, after=position, size=1))


async def _links(database: Database, chain: str, after: int) -> AsyncIterator[asyncpg.Record]:
    """The links after a place, in order, with what they link."""
    while rows := await database.fetch(_LINKS, chain=chain, after=after, size=_BATCH):
        for row in rows:
            yield row
        after = rows[-1]["position"]


def content_of(row: Any) -> str | None:
    """The canonical content of a linked event; None where the event is gone."""
    said = _event(row) if row["source"] == "COCKPIT" else _line(row)
    if said is None:
        return None
    caused = [row["request_id"], row["operation_id"], row["caused_from"], row["caused_by"]]
    return f"[{', '.join([*said, *map(_json, caused)])}]"


def _event(row: Any) -> Sequence[str] | None:
    if row["found_id"] is None:
        return None
    about = ["COCKPIT", row["found_id"], row["account_id"], _moment(row["at"])]
    return [*map(_json, [*about, *(row[name] for name in _EVENT)]), row["details"]]


def _line(row: Any) -> Sequence[str] | None:
    if row["line_id"] is None:
        return None
    about = ["GUARDRAILS", row["line_id"], row["line_account_id"], _moment(row["changed_at"])]
    who = [row["guard_type"], row["line_action"], row["changed_by"]]
    documents = [row["changed_fields"], row["old_config"] or "null", row["new_config"] or "null"]
    caller = [row["ip_address"], row["user_agent"]]
    return [*map(_json, [*about, *who]), *documents, *map(_json, caller)]


def _json(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
