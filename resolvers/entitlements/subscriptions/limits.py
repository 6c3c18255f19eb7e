"""What a plan's `limits` say: limits of the account, and quotas by their units.

{"maxTeams": 10, "documents": 500, "GB": {"included": 20, "overageLimit": 5}}
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from resolvers.checks import checked_object
from resolvers.entitlements.quota_rows import checked_amount, checked_unit
from resolvers.errors import refuse

__all__ = ["PlanLimits", "PlanQuota", "checked_limits", "limits_of"]

_OF_ACCOUNT = {"maxModels": "max_models", "maxKeys": "max_keys", "maxTeams": "max_teams"}
_RESETS = frozenset({"MONTHLY", "QUARTERLY", "YEARLY", "NEVER"})
_KEYS = frozenset({"included", "overageLimit", "reset", "rolloverCap", "featureCode"})
_LARGEST = 2**31 - 1
_MOST = 50


class PlanQuota(NamedTuple):
    """An amount that every unit of a plan includes per period."""

    unit: str
    feature_code: str | None
    included: Decimal
    overage_limit: Decimal
    reset: str
    rollover_cap: Decimal

    @property
    def key(self) -> tuple[str | None, str]:
        """What one quota of an account counts for."""
        return self.feature_code, self.unit


class PlanLimits(NamedTuple):
    """What a plan's limits say."""

    account: Mapping[str, int]
    """Limits of the account by their names, such as `max_teams`."""
    quotas: tuple[PlanQuota, ...]


def checked_limits(value: Any, features: Container[str]) -> dict[str, Any]:
    """The limits of a plan. Refuses, at the code concerned, what could not be granted."""
    given = checked_object(value, "limits") or {}
    if len(given) > _MOST:
        raise refuse("INVALID", f"A plan has up to {_MOST} limits.", "limits")
    for quota in limits_of(given).quotas:
        if quota.feature_code is not None and quota.feature_code not in features:
            sentence = f"There is no feature {quota.feature_code}."
            raise refuse("NOT_FOUND", sentence, "limits", quota.unit, "feature_code")
    return given


def limits_of(given: Mapping[str, Any]) -> PlanLimits:
    """What limits say. Refuses what says nothing, at `limits` and the code concerned."""
    account = {
        _OF_ACCOUNT[code]: _limit(code, given[code]) for code in given if code in _OF_ACCOUNT
    }
    quotas = [_quota(code, value) for code, value in given.items() if code not in _OF_ACCOUNT]
    return PlanLimits(account, tuple(quotas))


def _limit(code: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise refuse("INVALID", f"{code} is a whole number that is not negative.", "limits", code)
    return value


def _quota(unit: str, value: Any) -> PlanQuota:
    if checked_unit(unit, "limits", unit) != unit:
        raise refuse("INVALID", "A unit has no blanks around it.", "limits", unit)
    if not isinstance(value, Mapping):
        return PlanQuota(unit, None, _amount(value, unit), Decimal(0), "MONTHLY", Decimal(0))
    if unknown := sorted(value.keys() - _KEYS):
        known = ", ".join(sorted(_KEYS))
        raise refuse("INVALID", f"A quota has {known}.", "limits", unit, unknown[0])
    if "included" not in value:
        raise refuse("REQUIRED", "A quota includes something.", "limits", unit, "included")
    reset, feature = value.get("reset", "MONTHLY"), value.get("featureCode")
    if not isinstance(reset, str) or reset not in _RESETS:
        raise refuse("INVALID", f"One of {', '.join(sorted(_RESETS))}.", "limits", unit, "reset")
    if feature is not None and not isinstance(feature, str):
        raise refuse("INVALID", "This is the code of a feature.", "limits", unit, "feature_code")
    return PlanQuota(
        unit,
        feature,
        _amount(value["included"], unit, "included"),
        _amount(value.get("overageLimit", 0), unit, "overage_limit"),
        reset,
        _amount(value.get("rolloverCap", 0), unit, "rollover_cap"),
    )


def _amount(value: Any, *path: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise refuse("INVALID", "This is a number, or an object of a quota.", "limits", *path)
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise refuse("INVALID", "This is no number.", "limits", *path) from None
    return checked_amount(amount, "limits", *path)
