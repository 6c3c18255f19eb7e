"""What super admins switch off or configure for a scope, whatever its account's policies say.

Overrides only narrow: a feature is off where any scope of the chain denies it, and so is a part of
a feature that any scope restricts. What they configure is laid over each other, the most specific
last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.dialects.postgresql import JSONB

from datasources.codecs import json_object

__all__ = [
    "OVERRIDES_OF_CHAIN",
    "Override",
    "account_overrides",
    "account_overrides_now",
    "overrides_in",
]

_IS_CURRENT = """override.valid_from <= now()
        AND (override.valid_until IS NULL OR override.valid_until > now())"""
_AS_JSON = """jsonb_build_array(override.id, override.scope_type, override.scope_id,
        override.feature_code, override.effect, override.disabled_items, override.config)"""
# The account's own come before its people's, as letters do not have it.
_LEVEL = "array_position(ARRAY['ACCOUNT', 'GROUP', 'TEAM', 'USER'], override.scope_type)"

OVERRIDES_OF_CHAIN = f"""(
    SELECT coalesce(jsonb_agg({_AS_JSON}
        ORDER BY chain.level, chain.id, override.feature_code), '[]')
    FROM chain JOIN gateway.access_overrides AS override
        ON override.account_id = chain.account_id AND override.scope_id = chain.id
        AND override.scope_type = (ARRAY['ACCOUNT', 'GROUP', 'TEAM', 'USER'])[chain.level + 1]
    WHERE chain.ordinal = asked.ordinal AND {_IS_CURRENT}
)"""  # noqa: S608 - constants of ours
"""The overrides that count now for each scope asked about, the broadest first, as a JSON array."""

_OF_ACCOUNT = f"""(
    SELECT coalesce(jsonb_agg({_AS_JSON} ORDER BY {_LEVEL}, override.scope_id), '[]')
    FROM gateway.access_overrides AS override
    WHERE override.account_id = "Alchemi_AccountTable".account_id
        AND override.effect <> 'CONFIGURE' AND {_IS_CURRENT}
)"""  # noqa: S608 - constants of ours


class Override(NamedTuple):
    """An exception for a scope, as far as it decides."""

    id: str
    scope_type: str
    scope_id: str
    feature_code: str
    effect: str
    disabled_items: Sequence[str]
    config: Any

    @property
    def values(self) -> Mapping[str, Any]:
        """What it configures."""
        return json_object(self.config)

    def switches_off(self, code: str) -> bool:
        """Whether it denies a feature, or restricts one that this is a part of."""
        if self.effect == "RESTRICT":
            return code.startswith(f"{self.feature_code}.") and code in self.disabled_items
        return self.effect == "DENY" and self.feature_code == code


def overrides_in(stored: Sequence[Sequence[Any]]) -> tuple[Override, ...]:
    """The overrides that PostgreSQL wrote as a JSON array."""
    return tuple(Override(*one) for one in stored)


def account_overrides(stored: Sequence[Sequence[Any]]) -> list[Override]:
    """Those of them that are for the account as a whole."""
    return [override for override in overrides_in(stored) if override.scope_type == "ACCOUNT"]


def account_overrides_now() -> ColumnElement[Any]:
    """What narrows an account or a scope in it now, as a column of a statement over accounts."""
    return literal_column(_OF_ACCOUNT, JSONB())
