"""How every mutation runs: one account, one transaction, its audit event, at most once a key.

A mutation's resolver is a plain function `(context: WriteContext, **arguments) -> NamedTuple`. It
decides and writes; what surrounds it is here, so that no mutation can forget it:

- the account it acts in is addressed and the caller narrowed to it;
- everything it writes, audit event included, is one transaction;
- a `Refused` rolls it back and becomes user errors;
- a dry run does the same work and is then rolled back, so it cannot answer anything else than the
  real run would;
- an idempotency key makes a repetition answer with the first result;
- what PostgreSQL takes back because another transaction waited for it, as it did for that, is done
  again.

What is too much for one transaction is begun in it and goes on after it: see `stepping`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from functools import partial
from typing import Any, NamedTuple, NoReturn, TypeAlias, TypeVar

from auth.caller import ActorKind, Caller
from auth.policy import require_feature
from datasources import audit
from datasources.audit import AuditEvent, Recorded
from datasources.audit_chain import Cause, Link, chain_events
from datasources.base import Transactional
from datasources.errors import Deadlock
from datasources.features import features_of_accounts
from datasources.scopes import ScopeRow
from resolvers import idempotency
from resolvers.base import RequestContext, Services
from resolvers.deciding import Deciding
from resolvers.decisions import Decide, Decisions
from resolvers.errors import Refused, UserError, refuse

__all__ = ["Reach", "WriteContext", "Writer", "Written", "run"]

ValueT = TypeVar("ValueT")

_ATTEMPTS = 3


class WriteContext(RequestContext):
    """The context of one mutation: reads see the transaction, writes belong to it."""

    def __init__(
        self, caller: Caller, services: Services, request_id: str, database: Transactional
    ) -> None:
        super().__init__(caller, services, request_id)
        self.database = self.transaction = database
        self.is_audited = False
        self.ends_access = False
        self.afterwards: Callable[[], Awaitable[None]] | None = None
        self._links: list[Link] = []

    @property
    def account_id(self) -> str:
        """The account acted in; only mutations that name none may find there is none."""
        if self.caller.account_id is None:
            raise LookupError("This mutation acts in no account.")
        return self.caller.account_id

    def _deciding(self) -> Deciding:
        return Deciding(self, Decisions(), self._habits)

    async def decide(self, decide: Decide[ValueT], scope: ScopeRow) -> ValueT:
        """What a decision says, decided anew: nobody else may see what is not committed yet."""
        return await decide(self, scope)

    async def audit(self, event: AuditEvent) -> None:
        """Record what is changed; every mutation that changes something does."""
        self.will_chain(await audit.record(self.database, self.caller, event, self.cause))
        self.is_audited = True

    async def audit_all(self, events: Sequence[AuditEvent]) -> None:
        """Record several changes in one statement."""
        recorded = [Recorded(self.caller, self.cause, event) for event in events]
        self._links += await audit.record_all(self.database, recorded)
        self.is_audited = True

    @property
    def cause(self) -> Cause:
        """What everything recorded here is caused by; nobody's request when the platform acts."""
        is_asked = self.caller.kind is not ActorKind.SYSTEM
        return Cause(self.request_id if is_asked else None, *self.origin)

    def will_chain(self, link: Link) -> None:
        """Have `finish` put an event into its chain."""
        self._links.append(link)

    async def finish(self) -> None:
        """Do what comes last before the transaction commits, and only there."""
        await chain_events(self.database, self._links)

    def changed_nothing(self) -> None:
        """Say that there was nothing to change, so that there is nothing to record."""
        self.is_audited = True

    async def welcome(self) -> None:
        """Have other modules do what is theirs when somebody joined the account."""
        for arrive in self.services.arrivals:
            await arrive(self)

    def go_on_with(self, work: Callable[[], Awaitable[None]]) -> None:
        """Have something done once this has committed, in transactions of its own.

        What is left undone when the process dies must be found again by itself.
        """
        self.afterwards = work

    def end_access(self) -> None:
        """Have every caller checked anew once this has committed: a right may have ended."""
        self.ends_access = True


class Reach(Enum):
    """Which rows a mutation may touch."""

    ACCOUNT = "one account: the one its input names, or the caller's own"
    ACCOUNT_AND_BEYOND = "one account, looking for what could belong to it beyond the fence"
    ACCOUNT_OR_PLATFORM = "one account, or the platform when a super admin names none"
    PLATFORM = "whatever the caller reaches: super admins only"
    BEARER = "whatever a token in the input leads to; the resolver narrows itself"
    COALESCED = "one account, in a transaction that the resolver shares with other calls on it"


Writer: TypeAlias = Callable[..., Awaitable[NamedTuple]]


class Written(NamedTuple):
    """How a mutation ended: its result, or the user errors that kept it from happening."""

    result: Any
    user_errors: tuple[UserError, ...] = ()


class Unaudited(RuntimeError):  # noqa: N818 - named for the fault
    """A mutation that changed something without recording it: a fault of ours."""


class _DryRun(Exception):  # noqa: N818 - not an error: leaves the transaction without committing
    def __init__(self, result: NamedTuple) -> None:
        self.result = result
        super().__init__()


async def run(
    context: RequestContext,
    writer: Writer,
    arguments: dict[str, Any],
    *,
    operation: str,
    reach: Reach,
    keeps_dry_runs: bool = False,
    feature: str | None = None,
) -> Written:
    """Run one mutation; `arguments` are the input's given fields, in snake_case.

    `keeps_dry_runs` leaves taking back a dry run to the writer, which records it. `feature` is what
    the account must be entitled to. Raises `Forbidden`, `BadUserInput` and faults; user errors are
    answered.
    """
    arguments = dict(arguments)
    key = arguments.pop("idempotency_key", None)
    try:
        caller = await _entitled(context, await _acting(context, arguments, reach), feature)
        if reach is Reach.COALESCED:
            return await _coalesced(context, caller, writer, arguments)
        once = None if key is None else idempotency.Once(operation, key, arguments)
        is_trial = bool(arguments.get("dry_run")) and not keeps_dry_runs
        work = (
            partial(_try, writer=writer, arguments=arguments)
            if is_trial
            else partial(_write, writer=writer, arguments=arguments, once=once)
        )
        writing, result = await _committed(context, caller, _fenced(context, caller, reach), work)
    except _DryRun as outcome:
        return Written(outcome.result)
    except Refused as refused:
        return Written(None, refused.errors)
    finally:
        context.forget_reads()
    if writing.afterwards is not None:
        await writing.afterwards()
    if reach is Reach.BEARER:
        context.act_as(writing.caller)
    if writing.ends_access:
        context.services.principals.forget()
    return Written(result)


async def _committed(
    context: RequestContext,
    caller: Caller,
    database: Transactional,
    work: Callable[[WriteContext], Awaitable[NamedTuple]],
) -> tuple[WriteContext, NamedTuple]:
    """What came of work in a transaction, begun anew where PostgreSQL took it back for another."""
    attempts = 0
    while True:
        attempts += 1
        try:
            async with database.transaction() as transaction:
                writing = WriteContext(caller, context.services, context.request_id, transaction)
                writing.origin = context.origin
                return writing, await work(writing)
        except Deadlock:
            if attempts == _ATTEMPTS:
                raise


async def _coalesced(
    context: RequestContext, caller: Caller, writer: Writer, arguments: dict[str, Any]
) -> Written:
    """Have a writer do what it does with others; it writes the audit events itself."""
    acting = RequestContext(caller, context.services, context.request_id)
    acting.origin = context.origin
    result = await writer(acting, **arguments)
    return Written(result, result.user_errors)  # type: ignore[attr-defined] # such results carry them


def _fenced(context: RequestContext, caller: Caller, reach: Reach) -> Transactional:
    """The database under row-level security, which stays as wide as the principal itself.

    Narrowing to one account is ours: a super admin's write may have to look whether somebody
    belongs to another account.
    """
    beyond = {Reach.BEARER, Reach.ACCOUNT_AND_BEYOND}
    principal = caller.seeing_all() if reach in beyond else context.caller
    return context.services.databases.as_caller(principal)


async def _acting(context: RequestContext, arguments: dict[str, Any], reach: Reach) -> Caller:
    """The caller as far as this mutation reaches: usually narrowed to the account it names."""
    if reach is Reach.PLATFORM:
        return context.caller
    if reach is Reach.BEARER:
        return context.caller.seeing_all()
    named = arguments.pop("account_id", None)
    if named is None and reach is Reach.ACCOUNT_OR_PLATFORM and context.caller.spans_accounts:
        return context.caller
    account_id = await context.address(named)
    if account_id is None:
        raise refuse("NOT_FOUND", "There is no such account.", "account_id")
    return context.caller.bound_to(account_id)


async def _entitled(context: RequestContext, caller: Caller, feature: str | None) -> Caller:
    """The caller with the features of the account acted in, of which the one named is needed.

    The plan's guard has compared it for callers of one account; only a machine that spans accounts
    could not be judged before its arguments were read.
    """
    if feature is None or caller.account_id is None or not context.caller.spans_accounts:
        return caller
    features = await context.load(features_of_accounts, caller.account_id)
    entitled = caller.bound_to(caller.account_id, features)
    require_feature(entitled, feature)
    return entitled


async def _try(writing: WriteContext, writer: Writer, arguments: dict[str, Any]) -> NoReturn:
    """Do the work, and leave the transaction with the result but without the changes."""
    raise _DryRun(await writer(writing, **arguments))


async def _write(
    writing: WriteContext,
    writer: Writer,
    arguments: dict[str, Any],
    once: idempotency.Once | None,
) -> NamedTuple:
    if once is not None and (earlier := await once.claim(writing, writer)) is not None:
        return earlier
    result = await writer(writing, **arguments)
    if not writing.is_audited:
        raise Unaudited(writer.__qualname__)
    if once is not None:
        await once.keep(writing, result)
    await writing.finish()
    return result
