"""Which features an account is entitled to, read from the account's stored entitlements.

Two generations of names live side by side in `metadata.entitlements.features`. What is not
mentioned is on. A feature is off when any of its names says so, or when the feature above it is
off: where the generations contradict each other the stricter one holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from datasources.codecs import json_object

__all__ = ["FEATURES", "entitled_features"]


class _Feature(NamedTuple):
    stored_names: tuple[str, ...]
    above: str | None = None


FEATURES: Mapping[str, _Feature] = MappingProxyType(
    {
        "BUDGETS": _Feature(("copilot_budgets",)),
        "AGENTS": _Feature(("copilot_agents",)),
        "CREATE_AGENTS": _Feature(("can_create_agents",), "AGENTS"),
        "CONNECTORS": _Feature(("copilot_connections",)),
        "CREATE_MCP_CONNECTORS": _Feature(("can_create_connections_mcp",), "CONNECTORS"),
        "CREATE_OPENAPI_CONNECTORS": _Feature(("can_create_connections_openapi",), "CONNECTORS"),
        "CREATE_INTEGRATION_CONNECTORS": _Feature(
            ("can_create_connections_composio",), "CONNECTORS"
        ),
        "GUARDRAILS": _Feature(("copilot_guardrails",)),
        "MODEL_MANAGEMENT": _Feature(("model_management",)),
        "ACCESS_MODELS": _Feature(("can_access_models",), "MODEL_MANAGEMENT"),
        "PLAYGROUND": _Feature(("playground",)),
        "GENERATE_IMAGES": _Feature(("can_generate_images",), "PLAYGROUND"),
        "SSO": _Feature(("sso_config",)),
    }
)
"""Every feature of the platform, its stored names and the feature above it."""

_OFF_WORDS = frozenset({"false", "0", "no", "disabled", "off"})


def entitled_features(metadata: object) -> frozenset[str]:
    """The features that an account's metadata leaves on, as a document or as its text."""
    entitlements = json_object(json_object(metadata).get("entitlements"))
    stored = json_object(entitlements.get("features"))
    return frozenset(name for name in FEATURES if _is_on(name, stored))


def _is_on(name: str, stored: Mapping[str, Any]) -> bool:
    feature = FEATURES[name]
    if any(_says_off(stored.get(stored_name)) for stored_name in feature.stored_names):
        return False
    return feature.above is None or _is_on(feature.above, stored)


def _says_off(value: object) -> bool:
    """Whether a stored flag is a clear no; other words than the known ones say nothing."""
    if isinstance(value, str):
        return value.strip().lower() in _OFF_WORDS
    return isinstance(value, (bool, int, float)) and not value
