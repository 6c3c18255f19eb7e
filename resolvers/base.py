"""The context of one request: who is calling, and reads collected over everything asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from aiodataloader import DataLoader

from auth.caller import Caller
from auth.errors import Forbidden
from datasources.audit_following import AuditTrail
from datasources.base import Database, Databases
from datasources.notices import Notices
from datasources.paging import BadCursor, Listing, Page, PageRequest
from datasources.references import existing_accounts
from datasources.scopes import ScopeRow
from resolvers.coalescing import Coalescer
from resolvers.collecting import Collector
from resolvers.deciding import Deciding
from resolvers.decisions import Decide, Decisions
from resolvers.errors import BadUserInput, NotFound

__all__ = [
    "AtHandRead",
    "BatchRead",
    "Origin",
    "Principals",
    "RequestContext",
    "SecretBox",
    "Services",
    "at_hand_of",
]

RowT = TypeVar("RowT")
ResultT_co = TypeVar("ResultT_co", covariant=True)


class BatchRead(Protocol[ResultT_co]):
    """A read of the datasources: all keys at once, one result a key, in key order."""

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[Any], /
    ) -> Sequence[ResultT_co]:
        """Read the results of these keys."""


AtHandRead: TypeAlias = Callable[[Caller, Sequence[Any]], Sequence[Any]]
"""What a read that needs no database has as `at_hand`: the same, without waiting."""


def at_hand_of(read: BatchRead[Any]) -> AtHandRead | None:
    """How a read is answered without waiting; None where it has to ask."""
    at_hand: AtHandRead | None = getattr(read, "at_hand", None)
    return at_hand


class SecretBox(Protocol):
    """Encrypts what is stored and must not be readable there."""

    def seal(self, plain: bytes, *, purpose: str) -> tuple[str, bytes]:
        """Encrypt; answers the key's id and the ciphertext, which is bound to the purpose."""

    def open(self, key_id: str, ciphertext: bytes, *, purpose: str) -> bytes:
        """Decrypt what `seal` made for the same purpose."""


class Principals(Protocol):
    """The authenticator's cache of who may do what."""

    def forget(self) -> None:
        """Check every caller against the database again at their next request."""


@dataclass(frozen=True, slots=True)
class Services:
    """What lives as long as the process and a request may need."""

    databases: Databases
    secrets: SecretBox
    principals: Principals
    notices: Notices
    trail: AuditTrail
    coalescer: Coalescer = field(default_factory=Coalescer)
    decisions: Decisions = field(default_factory=Decisions)
    credits_factor: Decimal = Decimal(5)
    """Credits for a US dollar in the catalogue's prices; accounts may have factors of their own."""
    provider_variables: frozenset[str] = frozenset()
    """Server variables that providers of models may name."""
    public_url: str = "http://localhost:4000"
    """Where clients reach the gateway, without a slash at the end."""
    exports_kept: timedelta = timedelta(days=7)
    """How long a file that was prepared can be fetched."""
    arrivals: Sequence[Callable[[Any], Awaitable[None]]] = ()
    """What other modules do when somebody joins an account, each given the `WriteContext`."""


class Origin(NamedTuple):
    """Where a request came from, as far as it is known."""

    address: str | None = None
    program: str | None = None


class RequestContext:
    """One request: the caller, their database, and loaders that collect keys over the request.

    A loader is identified by the read it runs, so the same read asked for from anywhere in the
    operation becomes one call with all keys.
    """

    def __init__(
        self,
        caller: Caller,
        services: Services,
        request_id: str,
        habits: set[Any] | None = None,
    ) -> None:
        """Begin; `habits` is what is known of the operation from when it was executed before."""
        self.caller = caller
        self.services = services
        self.request_id = request_id
        self.origin = Origin()
        self.database: Database = services.databases.as_caller(caller)
        self._loaders: dict[Any, DataLoader[Any, Any]] = {}
        self._collectors: dict[Any, Collector] = {}
        self._habits = set() if habits is None else habits
        self._decided: Deciding | None = None

    @property
    def deciding(self) -> Deciding:
        """Decisions as this request sees them."""
        if self._decided is None:
            self._decided = self._deciding()
        return self._decided

    def load(self, read: BatchRead[RowT], key: Hashable) -> Awaitable[RowT]:
        """The result of a batch read for one key."""
        loader: DataLoader[Any, RowT] | None = self._loaders.get(read)
        if loader is None:

            async def run(keys: list[Any]) -> list[RowT]:
                return list(await read(self.database, self.caller, keys))

            loader = self._loaders[read] = DataLoader(run)
        return loader.load(key)

    async def load_all(self, read: BatchRead[RowT], keys: Sequence[Hashable]) -> Sequence[RowT]:
        """The results of a batch read for many keys at once, in their order.

        PERF: bench/access; nobody has to be waited for by a read that asks no database itself.
        """
        at_hand = at_hand_of(read)
        if at_hand is not None:
            return at_hand(self.caller, keys)
        return await self._collected(
            read, lambda wanted: read(self.database, self.caller, wanted), keys
        )

    async def decide(self, decide: Decide[RowT], scope: ScopeRow) -> RowT:
        """What a decision says of a scope, remembered while nothing it depends on has changed."""
        known = self.deciding.known(decide, scope)
        return (await self.deciding.made(decide, scope) if known is None else known).value

    def _deciding(self) -> Deciding:
        return Deciding(self, self.services.decisions, self._habits)

    def load_page(
        self, pages: Listing, request: PageRequest, parent: Hashable
    ) -> Awaitable[Page[Any]]:
        """One page of one parent's list. Raises `BadUserInput` for a cursor of another list."""
        identity = (pages, request)
        loader = self._loaders.get(identity)
        if loader is None:
            loader = self._loaders[identity] = DataLoader(self._page_read(pages, request))
        return loader.load(_key_of(parent))

    async def load_pages(
        self, pages: Listing, request: PageRequest, parents: Sequence[Hashable]
    ) -> Sequence[Page[Any]]:
        """The same page of many parents' lists. Raises `BadUserInput` as `load_page` does."""
        read = self._page_read(pages, request)
        return await self._collected((pages, request), read, [_key_of(key) for key in parents])

    def load_count(
        self, pages: Listing, filters: tuple[tuple[str, Hashable], ...], parent: Hashable
    ) -> Awaitable[int]:
        """How many rows of one parent's list match."""
        identity = (pages, "count", filters)
        loader = self._loaders.get(identity)
        if loader is None:
            loader = self._loaders[identity] = DataLoader(self._count_read(pages, filters))
        return loader.load(_key_of(parent))

    async def load_counts(
        self,
        pages: Listing,
        filters: tuple[tuple[str, Hashable], ...],
        parents: Sequence[Hashable],
    ) -> Sequence[int]:
        """How many rows of many parents' lists match."""
        read = self._count_read(pages, filters)
        keys = [_key_of(parent) for parent in parents]
        return await self._collected((pages, "count", filters), read, keys)

    async def _collected(
        self,
        identity: Any,
        read: Callable[[list[Any]], Awaitable[Sequence[Any]]],
        keys: Sequence[Any],
    ) -> Sequence[Any]:
        collector = self._collectors.get(identity)
        if collector is None:
            collector = self._collectors[identity] = Collector()
        return await collector.load(read, keys)

    def _page_read(
        self, pages: Listing, request: PageRequest
    ) -> Callable[[list[Any]], Coroutine[Any, Any, list[Page[Any]]]]:
        async def read(parents: list[Any]) -> list[Page[Any]]:
            try:
                return await pages.read(self.database, self.caller, request, parents)
            except BadCursor as error:
                raise BadUserInput(str(error)) from error

        return read

    def _count_read(
        self, pages: Listing, filters: tuple[tuple[str, Hashable], ...]
    ) -> Callable[[list[Any]], Coroutine[Any, Any, list[int]]]:
        async def read(parents: list[Any]) -> list[int]:
            return await pages.count(self.database, self.caller, filters, parents)

        return read

    async def address(self, account_id: str | None) -> str | None:
        """The account an argument names, or the caller's own when it names none.

        None when a caller who spans accounts names one that does not exist. Raises `Forbidden`
        for an account out of reach, `BadUserInput` when a super admin names none.
        """
        caller = self.caller
        if account_id is None:
            if caller.account_id is not None:
                return caller.account_id
            if caller.spans_accounts:
                raise BadUserInput("Name the account: you have none of your own.")
            raise Forbidden("You belong to no account yet.")
        if account_id == caller.account_id:
            return account_id
        if not caller.reaches(account_id):
            raise Forbidden("This account is not yours.")
        return account_id if await self.load(existing_accounts, account_id) else None

    async def watched(self, account_id: str | None) -> str | None:
        """The account whose events an argument names, or the caller's own; None for all accounts.

        All are for super admins who name none. Raises `Forbidden` for an account out of reach, and
        `NotFound` when a caller who spans accounts names one that does not exist.
        """
        if account_id is None and self.caller.is_super_admin:
            return None
        addressed = await self.address(account_id)
        if addressed is None:
            raise NotFound("There is no such account.")
        return addressed

    def act_as(self, caller: Caller) -> None:
        """Read the rest of this operation as the same principal, narrowed to another account.

        For whoever joined one by the operation: they may see what they joined.
        """
        self.caller = caller
        self.database = self.services.databases.as_caller(caller)

    def forget_reads(self) -> None:
        """Read everything anew from here on: something was written."""
        self._loaders.clear()
        self._collectors.clear()
        self._decided = None


def _key_of(parent: Hashable) -> Hashable:
    """A loader takes any key but None, which is the parent of lists that hang off nothing."""
    return () if parent is None else parent
