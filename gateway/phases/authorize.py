"""Say what the caller brings to the requirements of the schema."""

from __future__ import annotations

from functools import lru_cache

from auth.caller import Caller
from auth.errors import Unauthenticated
from auth.policy import grants_of
from federation.operation import Grants
from gateway.exchange import Exchange

__all__ = ["authorize", "grants_for"]

_CALLERS_KEPT = 1_000


def authorize(exchange: Exchange) -> None:
    """Fill `grants`; the engine compares them with the operation before it plans.

    What a verified caller may not read is refused field by field. Whoever is not signed in at all
    is told so before anything runs. Raises `Unauthenticated`.
    """
    exchange.grants = grants_for(exchange.caller)
    if exchange.caller is None and exchange.prepared.requirements.denied(exchange.grants):
        raise Unauthenticated("Sign in, or send a token, to run this operation.")


@lru_cache(_CALLERS_KEPT)
def grants_for(caller: Caller | None) -> Grants:
    """What a caller brings, which follows from their roles, scopes and features alone."""
    return _one_of_equal(Grants(**grants_of(caller)._asdict()))


@lru_cache(_CALLERS_KEPT)
def _one_of_equal(grants: Grants) -> Grants:
    """The same object for all callers with equal grants.

    PERF: bench/list; what is remembered by grants then finds them without comparing sets.
    """
    return grants
