"""Say what the caller brings to the requirements of the schema."""

from __future__ import annotations

from auth.policy import grants_of
from federation.operation import Grants
from gateway.exchange import Exchange

__all__ = ["authorize"]


async def authorize(exchange: Exchange) -> None:
    """Fill `grants`; the engine compares them with the operation before it plans."""
    exchange.grants = Grants(**grants_of(exchange.caller)._asdict())
