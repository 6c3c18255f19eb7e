"""Rows of the catalogue, and what their documents say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson

from datasources.codecs import json_object

__all__ = ["CAPABILITIES", "OWN_KEYS", "SOURCES", "AccountModelRow", "ModelRow", "price_in"]

CAPABILITIES = frozenset({"CHAT", "EMBEDDING", "IMAGE", "AUDIO", "VIDEO", "RERANK", "OTHER"})
SOURCES = {"router_import": "ROUTER_IMPORT", "legacy_backfill": "LEGACY_BACKFILL"}
"""How a model came into the catalogue where nobody entered it, as stored and as it is called."""
OWN_KEYS = frozenset(
    {"pricing", "provider_id", "capability", "content_capabilities", "extra_body", "sort_order"}
)
"""Keys of a model's document that the graph has fields for."""


class ModelRow(NamedTuple):
    """A model of the platform's catalogue."""

    id: str
    name: str
    display_name: str
    provider_name: str | None
    provider_code: str | None
    stored_source: str
    upstream_name: str | None
    credits_per_1k_tokens: Decimal
    sort_order: int
    is_active: bool
    document: Any
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None

    @property
    def account_id(self) -> None:
        """No account's: its authors are the platform's."""
        return

    @property
    def source(self) -> str:
        """How it came into the catalogue."""
        return SOURCES.get(self.stored_source, "MANUAL")

    @property
    def capability(self) -> str:
        """What it is for; text conversation where nothing says otherwise."""
        stored = str(json_object(self.document).get("capability") or "chat").upper()
        return stored if stored in CAPABILITIES else "OTHER"

    @property
    def content_capabilities(self) -> Any:
        """Kinds of content it takes and gives."""
        return _decoded(json_object(self.document).get("content_capabilities"))

    @property
    def request_defaults(self) -> Any:
        """Values added to every request."""
        return _decoded(json_object(self.document).get("extra_body"))

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What its document holds besides."""
        document = json_object(self.document)
        return {key: document[key] for key in document if key not in OWN_KEYS} or None


class AccountModelRow(NamedTuple):
    """A model of the catalogue as one account sees it."""

    account_id: str
    model_id: str
    is_granted: bool
    is_selected: bool
    is_available: bool
    is_default: bool
    credits_per_1k_tokens: Decimal
    document: Any
    credit_factor: Decimal | None
    """The account's own; None while it has none."""


def price_in(prices: Mapping[str, Any], name: str) -> Decimal | None:
    """One price of a document; None where it is no number or negative."""
    value = prices.get(name)
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _decoded(value: Any) -> Any:
    """A value that some writers stored as its text."""
    if isinstance(value, str):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value
