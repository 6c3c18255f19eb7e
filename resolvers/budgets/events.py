"""Usage as it is reported: checked before anything is looked up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from resolvers.budgets.charging import MOST_CREDITS
from resolvers.errors import UserError, refuse

__all__ = ["UsageEvent", "event_of"]

_LONGEST_KEY = 255
_AHEAD = timedelta(minutes=5)
"""How far a reporter's clock may be ahead of ours."""
_PRECISION = Decimal("0.000000000001")


class UsageEvent(NamedTuple):
    """One consumption as it was reported."""

    path: tuple[str, ...]
    key: str
    digest: str
    scope: tuple[str, str] | None
    budget_id: str | None
    reservation_id: str | None
    credits: int | None
    cost: Decimal | None
    user_id: str | None
    said: Mapping[str, Any]
    """What else is kept with it, by column of the ledger."""
    occurred_at: datetime | None

    def error(self, code: str, message: str, *at: str) -> UserError:
        """A mistake in this event."""
        return UserError(code, message, (*self.path, *at))


def event_of(usage: Mapping[str, Any], *path: str) -> UsageEvent:
    """An event that can be booked if there is a budget for it. Raises `Refused`."""
    key = usage["idempotency_key"].strip()
    if not key or len(key) > _LONGEST_KEY:
        raise refuse("INVALID", "A key has 1 to 255 characters.", *path, "idempotency_key")
    scope = usage.get("scope")
    if not (scope or usage.get("budget_id") or usage.get("reservation_id")):
        raise refuse("REQUIRED", "Name a scope, a budget or a reservation.", *path, "scope")
    return UsageEvent(
        path,
        key,
        _digest(usage),
        (scope["type"], scope["id"]) if scope else None,
        usage.get("budget_id"),
        usage.get("reservation_id"),
        _checked_credits(usage, path),
        _checked_cost(usage, path),
        _text(usage, path, "user_id"),
        _said(usage, path),
        _checked_moment(usage, path),
    )


def _digest(usage: Mapping[str, Any]) -> str:
    said = {name: value for name, value in usage.items() if name != "idempotency_key"}
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def _checked_credits(usage: Mapping[str, Any], path: tuple[str, ...]) -> int | None:
    credits: int | None = usage.get("credits")
    if credits is None:
        if usage.get("cost") is None:
            raise refuse("REQUIRED", "Give credits or a cost.", *path, "credits")
        return None
    if not 1 <= credits <= MOST_CREDITS:
        raise refuse("INVALID", f"Credits are 1 to {MOST_CREDITS}.", *path, "credits")
    return credits


def _checked_cost(usage: Mapping[str, Any], path: tuple[str, ...]) -> Decimal | None:
    cost = usage.get("cost")
    if cost is None:
        return None
    amount: Decimal = cost["amount"]
    if not 0 <= amount <= MOST_CREDITS:
        raise refuse("INVALID", "A cost is not negative.", *path, "cost", "amount")
    if cost.get("currency", "USD") != "USD":
        raise refuse("INVALID", "Costs are in USD.", *path, "cost", "currency")
    return amount.quantize(_PRECISION).normalize() + 0


_LONGEST = 1_000
_TEXTS = dict.fromkeys(
    (
        "agent_id",
        "model_name",
        "connector_id",
        "guard",
        "tool",
        "workspace_id",
        "thread_id",
        "request_id",
    ),
    _LONGEST,
) | {"description": 10_000}
"""Columns of text, and how many characters each may have."""


def _said(usage: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    said: dict[str, Any] = {name: _text(usage, path, name, most) for name, most in _TEXTS.items()}
    for name in ("prompt_tokens", "completion_tokens"):
        said[name] = value = usage.get(name)
        if value is not None and value < 0:
            raise refuse("INVALID", "Tokens are not negative.", *path, name)
    metadata = usage.get("metadata")
    is_text = isinstance(metadata, str)
    said["metadata"] = _text(usage, path, "metadata") if is_text else metadata
    return said


def _text(
    usage: Mapping[str, Any], path: tuple[str, ...], name: str, most: int = _LONGEST
) -> str | None:
    value: str | None = usage.get(name)
    if value is None:
        return None
    if len(value) > most:
        raise refuse("INVALID", f"This may be {most} characters long.", *path, name)
    return value.strip() or None


def _checked_moment(usage: Mapping[str, Any], path: tuple[str, ...]) -> datetime | None:
    at: datetime | None = usage.get("occurred_at")
    if at is not None and at > datetime.now(UTC) + _AHEAD:
        raise refuse("INVALID", "This lies in the future.", *path, "occurred_at")
    return at
