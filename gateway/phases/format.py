"""Write the response down as HTTP."""

from __future__ import annotations

from gateway.exchange import Exchange
from gateway.protocol.response import answer

__all__ = ["format_response"]


async def format_response(exchange: Exchange) -> None:
    """Fill `reply`: mask what was not written for clients, and encode."""
    exchange.reply = answer(exchange.response, exchange.media_type, exchange.request_id)
