"""What a request needs from its process, made for one test."""

from __future__ import annotations

from auth.caller import SYSTEM, Caller
from auth.secretbox import KeyRing
from datasources.audit_following import AuditTrail
from datasources.database import Pool
from datasources.notices import Notices
from resolvers.base import RequestContext, Services
from resolvers.budgets.arriving import share_with_newcomers

__all__ = ["CheckedAnew", "context_of", "services"]


class CheckedAnew:
    """Counts how often callers are to be checked anew."""

    def __init__(self) -> None:
        self.times = 0

    def forget(self) -> None:
        """Note it."""
        self.times += 1


def services(pool: Pool) -> Services:
    """The pool, a key ring of this test, and a count of forgotten principals."""
    return Services(
        databases=pool,
        secrets=KeyRing([bytes(range(32))]),
        principals=CheckedAnew(),
        notices=Notices(pool.url),
        trail=AuditTrail(pool.as_caller(SYSTEM), seconds=0.01),
        arrivals=[share_with_newcomers],
    )


def context_of(caller: Caller, pool: Pool) -> RequestContext:
    """The context of one request by this caller."""
    return RequestContext(caller, services(pool), "test-request")
