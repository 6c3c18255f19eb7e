"""Following the audit trail: which events were chained since the last look, in all processes.

Every change is recorded, and commits that carry a notice take turns in PostgreSQL; so events are
not announced but looked for. Chains have no gaps and grow in the order of their commits: whoever
knows where each ended knows what is new, also when a look failed or came late.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

from sqlalchemy import BigInteger, Boolean, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from datasources.base import Database, Statement
from datasources.notices import Feed

__all__ = ["PLATFORM", "AuditTrail", "EventIds"]

_LOG = logging.getLogger(__name__)

PLATFORM = ""
"""The chain of events that are of no account."""

EventIds: TypeAlias = tuple[str, ...]
"""Events that were found together, in the order of their chains."""

_MOST_TOGETHER = 200

_chains = bindparam("chains", type_=ARRAY(Text()))
_ENDS = Statement(
    text("SELECT chain, position FROM gateway.audit_chain_ends(:chains)").bindparams(_chains)
)
_NEW = Statement(
    text(
        "SELECT chain, position, event_id"
        " FROM gateway.audit_events_after(:chains, :positions, :others)"
    ).bindparams(
        _chains,
        bindparam("positions", type_=ARRAY(BigInteger())),
        bindparam("others", type_=Boolean()),
    )
)


class AuditTrail:
    """Follows chains for everybody in this process who listens, with one look for all of them.

    While nobody listens nothing is looked for.
    """

    def __init__(self, database: Database, *, seconds: float = 1.0) -> None:
        """Take the database, which must see all accounts, and how long to wait between looks."""
        self._database = database
        self._seconds = seconds
        self._feeds: dict[Feed[EventIds], frozenset[str] | None] = {}
        """Whoever listens, and to which chains; None is all of them."""
        self._ends: dict[str, int] = {}
        self._looking: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    @property
    def follower_count(self) -> int:
        """How many feeds there are."""
        return len(self._feeds)

    @asynccontextmanager
    async def follow(self, chains: Collection[str] | None) -> AsyncIterator[Feed[EventIds]]:
        """Events chained from now on, in these chains or, for None, in all of them.

        Raises `DatabaseUnavailable`; iterating raises `NoticesMissed` for a follower who was too
        slow.
        """
        followed = None if chains is None else frozenset(chains)
        feed: Feed[EventIds] = Feed()
        async with self._turn:
            await self._look()
            await self._begin(followed)
            self._feeds[feed] = followed
            if self._looking is None:
                self._looking = asyncio.create_task(self._go_on())
        try:
            yield feed
        finally:
            await self._leave(feed)

    async def aclose(self) -> None:
        """End looking; feeds are told nothing more."""
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    async def _begin(self, chains: frozenset[str] | None) -> None:
        """Note where chains end that nobody has followed so far."""
        records = await self._database.fetch(_ENDS, chains=chains and sorted(chains))
        found = {chain: int(position) for chain, position in records}
        self._ends = {**dict.fromkeys(chains or (), 0), **found, **self._ends}

    async def _leave(self, feed: Feed[EventIds]) -> None:
        del self._feeds[feed]
        if None not in self._feeds.values():
            # What nobody follows would be told of from there when somebody follows it again.
            wanted = {chain for chains in self._feeds.values() for chain in chains or ()}
            self._ends = {chain: at for chain, at in self._ends.items() if chain in wanted}
        if not self._feeds:
            await self.aclose()

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                async with self._turn:
                    await self._look()
            except Exception:  # noqa: BLE001 - mostly a database that is away; nothing is lost by it
                _LOG.exception("The audit trail was not read; the next look finds what is new.")

    async def _look(self) -> None:
        """Tell every feed what is new to it."""
        if not self._feeds:
            return
        records = await self._database.fetch(
            _NEW,
            others=None in self._feeds.values(),
            chains=list(self._ends),
            positions=list(self._ends.values()),
        )
        if not records:
            return
        for feed, chains in self._feeds.items():
            ids = [str(id) for chain, _, id in records if chains is None or chain in chains]
            for start in range(0, len(ids), _MOST_TOGETHER):
                feed.put(tuple(ids[start : start + _MOST_TOGETHER]))
        # Somebody may have left meanwhile; what is noted is only what is still followed.
        is_every = None in self._feeds.values()
        self._ends |= {
            chain: position for chain, position, _ in records if is_every or chain in self._ends
        }
