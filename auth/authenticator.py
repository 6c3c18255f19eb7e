"""From credentials to a caller, with what was found remembered for a short while.

A caller is remembered for 30 seconds at most and never beyond the end of the token: that long, and
no longer, can a right survive that another process took away. In this process `forget` ends it at
once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from auth.cache import ExpiringCache
from auth.caller import Caller
from auth.credentials import Credentials
from auth.errors import AuthError, Forbidden, Unauthenticated
from auth.machines import machine
from auth.operator_key import OperatorKey
from auth.people import person
from auth.policy import own_ids
from auth.service_tokens import is_service_token
from auth.store import PrincipalStore
from auth.tokens import (
    ACCESS_ALGORITHMS,
    SESSION_ALGORITHM,
    AccessTokens,
    SessionTokens,
    algorithm_of,
)

__all__ = ["Authenticator", "Doors"]

LONGEST_MEMORY = 30.0
"""Seconds for which a caller may be remembered."""
_REFUSAL_MEMORY = 5.0
_REMEMBERED_CALLERS = 10_000
_REMEMBERED_REFUSALS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The kinds of credentials that are accepted; None keeps a door shut."""

    sessions: SessionTokens | None = None
    access_tokens: AccessTokens | None = None
    operator_key: OperatorKey | None = None
    super_admin_emails: frozenset[str] = frozenset()
    """Lower-case addresses of the platform's operators."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Authenticator:
    """Says who is calling. One serves a whole process; safe for concurrent requests."""

    def __init__(
        self,
        store: PrincipalStore,
        doors: Doors,
        *,
        memory: float = LONGEST_MEMORY,
        clock: Callable[[], datetime] = _utc_now,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take where principals are kept and what is accepted.

        `memory` is for how many seconds a caller is remembered, 30 at most; `clock` tells the time
        in UTC, `timer` seconds that never go back.
        """
        self._store = store
        self._doors = doors
        self._memory = min(memory, LONGEST_MEMORY)
        self._clock = clock
        self._callers: ExpiringCache[bytes, Caller] = ExpiringCache(_REMEMBERED_CALLERS, timer)
        self._refusals: ExpiringCache[bytes, AuthError] = ExpiringCache(_REMEMBERED_REFUSALS, timer)
        self._under_way: dict[bytes, asyncio.Task[Caller]] = {}

    async def authenticate(self, credentials: Credentials | None) -> Caller:
        """The caller these credentials prove.

        Raises `Unauthenticated` for none and for any that cannot be verified, `Forbidden` for a
        known person whose account is closed to them, `KeysUnavailable` and the store's own errors
        when nobody can be told apart right now.
        """
        if credentials is None:
            raise Unauthenticated("Sign in first: this request carries no credentials.")
        known = self.remembered(credentials)
        if known is not None:
            return known
        digest = _digest(credentials)
        refusal = self._refusals.get(digest)
        if refusal is not None:
            raise type(refusal)(refusal.message)
        return _presented(await self._once(digest, credentials.token), credentials)

    def remembered(self, credentials: Credentials) -> Caller | None:
        """The caller, where these credentials were verified a short while ago."""
        caller = self._callers.get(_digest(credentials))
        return None if caller is None else _presented(caller, credentials)

    def forget(self, subject: str | None = None) -> None:
        """Check a person, machine or account anew at the next request; everybody when None.

        `subject` is any id, e-mail address or account id of the callers meant. What is being
        looked up at this moment may be outdated already and is not remembered either.
        """
        self._under_way.clear()
        self._refusals.clear()
        if subject is None:
            self._callers.clear()
            return
        wanted = subject.lower()
        self._callers.drop(lambda caller: _is_about(caller, wanted))

    async def _once(self, digest: bytes, token: str) -> Caller:
        """One look-up however many requests ask for it at once."""
        task = self._under_way.get(digest)
        if task is None:
            task = asyncio.ensure_future(self._identify(token))
            self._under_way[digest] = task
            task.add_done_callback(lambda done: self._finished(digest, done))
        # A request that goes away must not take the others' look-up with it.
        return await asyncio.shield(task)

    def _finished(self, digest: bytes, task: asyncio.Task[Caller]) -> None:
        if self._under_way.get(digest) is not task:
            # Forgotten meanwhile; asking for the outcome keeps it from being reported as lost.
            if not task.cancelled():
                task.exception()
            return
        del self._under_way[digest]
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._callers.put(digest, task.result(), self._lasting(task.result()))
        elif isinstance(error, (Unauthenticated, Forbidden)):
            self._refusals.put(digest, error, _REFUSAL_MEMORY)

    def _lasting(self, caller: Caller) -> float:
        if caller.expires_at is None:
            return self._memory
        return min(self._memory, (caller.expires_at - self._clock()).total_seconds())

    async def _identify(self, token: str) -> Caller:
        doors = self._doors
        if doors.operator_key is not None and doors.operator_key.matches(token):
            return doors.operator_key.caller()
        if is_service_token(token):
            return await machine(self._store, token, self._clock())
        algorithm = algorithm_of(token)
        if algorithm == SESSION_ALGORITHM and doors.sessions is not None:
            claims = doors.sessions.verify(token)
        elif algorithm in ACCESS_ALGORITHMS and doors.access_tokens is not None:
            claims = await doors.access_tokens.verify(token)
        else:
            raise Unauthenticated("This token is signed in a way that is not accepted.")
        return await person(self._store, claims, doors.super_admin_emails)


def _digest(credentials: Credentials) -> bytes:
    return sha256(credentials.token.encode("utf-8", "surrogatepass")).digest()


def _presented(caller: Caller, credentials: Credentials) -> Caller:
    return replace(caller, is_cookie=True) if credentials.is_cookie else caller


def _is_about(caller: Caller, subject: str) -> bool:
    account = (caller.account_id or "").lower()
    return subject == account or subject in own_ids(caller) or subject == (caller.email or "")
