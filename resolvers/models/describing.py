"""What may be said of a model: as clients give it, as it is stored, as its changes are told."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from datasources.codecs import json_object
from datasources.models.provider_entries import hold_providers
from datasources.models.providers import providers_by_id
from datasources.models.rows import OWN_KEYS, ModelRow
from resolvers.checks import checked_line, checked_name
from resolvers.errors import refuse
from resolvers.models.costs import PricingGiven, priced
from resolvers.models.pricing import PricingRow, recorded_price
from resolvers.writing import WriteContext

__all__ = ["seen_model", "stored_model"]

_LARGEST_ORDER = 10**9 - 1
_LONGEST_JSON = 16_384
_KEYS = {"content_capabilities": "content_capabilities", "request_defaults": "extra_body"}
"""Where a model's document keeps what may be any JSON."""


async def stored_model(
    context: WriteContext, given: Mapping[str, Any], before: ModelRow | None
) -> dict[str, Any]:
    """All columns of a model after a change; without one before, what is left out is usual."""
    name = checked_name(given["name"], "name") if before is None or "name" in given else before.name
    document = json_object(before.document) if before else {}
    pricing: PricingGiven = given.get("pricing") or PricingGiven()
    if before and given.get("pricing", {}) is None:
        raise refuse("REQUIRED", "Say what it costs.", "pricing")
    price = priced(
        pricing,
        recorded_price(before.credits_per_1k_tokens if before else Decimal(0), document),
        json_object(document.get("pricing")),
        context.services.credits_factor,
    )
    provider = await _provider(context, given, before)
    return {
        "model_name": name,
        "display_name": _line(given, "display_name", before, name),
        "provider": provider,
        "upstream_model_name": _line(given, "upstream_name", before, name),
        "credits_per_1k_tokens": price.credits_per_1k_tokens,
        "is_active": _needed(given, "is_active", before.is_active if before else True),
        "metadata": _document(document, given, provider, price.pricing),
    }


def seen_model(model: ModelRow) -> dict[str, Any]:
    """A model as its changes are told: without what may hold anything."""
    price: PricingRow = recorded_price(model.credits_per_1k_tokens, model.document)
    prices = {
        name: None if value is None else str(value) for name, value in price._asdict().items()
    }
    return {
        "model_name": model.name,
        "display_name": model.display_name,
        "provider": model.provider_name,
        "upstream_model_name": model.upstream_name,
        "capability": model.capability,
        "content_capabilities": model.content_capabilities,
        "sort_order": model.sort_order,
        "is_active": model.is_active,
        **prices,
    }


def _line(given: Mapping[str, Any], field: str, before: ModelRow | None, name: str) -> str:
    """One of a model's other names: its name where none is said, the one it had where it had."""
    if field in given or before is None:
        return checked_line(given.get(field), field) or name
    return str(getattr(before, field) or before.name)


def _needed(given: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    value = given.get(name, otherwise)
    if value is None:
        raise refuse("REQUIRED", "This cannot be empty.", name)
    return value


async def _provider(
    context: WriteContext, given: Mapping[str, Any], before: ModelRow | None
) -> str | None:
    if "provider_id" not in given:
        return None if before is None else before.provider_name
    if given["provider_id"] is None:
        return None
    await hold_providers(context.database)
    provider = await context.load(providers_by_id, given["provider_id"])
    if provider is None:
        raise refuse("NOT_FOUND", "There is no such provider.", "provider_id")
    return provider.code


def _document(
    before: Mapping[str, Any], given: Mapping[str, Any], provider: str | None, pricing: Any
) -> dict[str, Any]:
    document = dict(before)
    if "metadata" in given:
        own = {key: value for key, value in document.items() if key in OWN_KEYS}
        document = own | _further(given["metadata"])
    for name, key in _KEYS.items():
        if name in given:
            document[key] = _checked_json(given[name], name)
    if "capability" in given:
        document["capability"] = _needed(given, "capability", None).lower()
    if "sort_order" in given:
        document["sort_order"] = _order(_needed(given, "sort_order", None))
    if "provider_id" in given:
        document["provider_id"] = provider
    document["pricing"] = pricing or None
    return {key: value for key, value in document.items() if value is not None}


def _further(metadata: Any) -> dict[str, Any]:
    if metadata is None:
        return {}
    if not isinstance(metadata, dict):
        raise refuse("INVALID", "Further values are an object.", "metadata")
    if taken := sorted(OWN_KEYS & metadata.keys()):
        raise refuse("INVALID", f"{taken[0]} has a field of its own.", "metadata")
    return dict(_checked_json(metadata, "metadata"))


def _checked_json(value: Any, name: str) -> Any:
    if value is not None and len(orjson.dumps(value)) > _LONGEST_JSON:
        raise refuse("INVALID", f"This may take {_LONGEST_JSON} bytes.", name)
    return value


def _order(place: int) -> int:
    if not 0 <= place <= _LARGEST_ORDER:
        raise refuse("INVALID", "A place is 0 or more, and below a billion.", "sort_order")
    return place
