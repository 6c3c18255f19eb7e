"""Plans, as super admins write them. What is running is never changed by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from datasources.audit import AuditEvent
from datasources.codecs import json_object
from datasources.entitlements.subscriptions import plans
from datasources.entitlements.subscriptions.plans import (
    PlanRow,
    PlanValues,
    features_of_plans,
    plans_by_id,
)
from datasources.feature_catalogue import feature_catalogue, hold_features
from resolvers.auditing import changes
from resolvers.checks import checked_currency, checked_name, checked_text
from resolvers.entitlements.quota_rows import checked_amount
from resolvers.entitlements.subscriptions.limits import checked_limits
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["StoredPlan", "create_subscription_plan", "update_subscription_plan"]

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PRICES = ("monthly_price", "yearly_price")
_LONGEST_TRIAL = 3650
_MOST_FEATURES = 200


class StoredPlan(NamedTuple):
    """A plan after a change."""

    plan: PlanRow


async def create_subscription_plan(
    context: WriteContext, *, code: str, kind: str, **given: Any
) -> StoredPlan:
    """Add a plan. Its code and kind are fixed; TAKEN where another has the code."""
    if not _CODE.fullmatch(code):
        message = "A code has 1 to 64 small letters, digits, - and _."
        raise refuse("INVALID", message, "code")
    await hold_features(context.database)
    given = {name: value for name, value in given.items() if value is not None}
    values = await _values(context, None, given)
    features = await _features(context, given.get("feature_codes", ()))
    id = await plans.insert_plan(context.database, context.caller, code, kind, values)
    if id is None:
        raise refuse("TAKEN", "Another plan has this code.", "code")
    await plans.put_features(context.database, id, features)
    seen = _seen(values, features) | {"code": code, "kind": kind}
    await context.audit(_event("create", id, f"Plan {code} was added.", {"after": seen}))
    return StoredPlan(await _stored(context, id))


async def update_subscription_plan(context: WriteContext, *, id: str, **given: Any) -> StoredPlan:
    """Change what was given; INACTIVE takes the plan off the offer."""
    await hold_features(context.database)
    await plans.lock_plan(context.database, id)
    (before,) = await plans_by_id(context.database, context.caller, [id])
    if before is None:
        raise refuse("NOT_FOUND", "There is no such plan.", "id")
    for name in ("status", "trial_days", "feature_codes", "limits"):
        if name in given and given[name] is None:
            raise refuse("REQUIRED", "This cannot be empty.", name)
    values = await _values(context, before, given)
    (stored,) = await features_of_plans(context.database, context.caller, [id])
    old = [feature.id for feature in stored]
    new = await _features(context, given.get("feature_codes", old))
    told = changes(_seen(_stored_values(before), old), _seen(values, new))
    if not told["after"]:
        context.changed_nothing()
        return StoredPlan(before)
    await plans.update_plan(context.database, context.caller, id, values)
    await plans.put_features(context.database, id, new)
    is_withdrawn = before.status == "ACTIVE" and values.status != "ACTIVE"
    severity = "warning" if is_withdrawn else "info"
    message = f"Plan {before.code} was changed."
    await context.audit(_event("update", id, message, told, severity))
    return StoredPlan(await _stored(context, id))


async def _stored(context: WriteContext, id: str) -> PlanRow:
    (plan,) = await plans_by_id(context.database, context.caller, [id])
    if plan is None:
        raise LookupError("A plan just stored is there.")
    return plan


async def _features(context: WriteContext, codes: Sequence[str]) -> list[str]:
    """The codes, each once and in order. Refuses those that the catalogue lacks."""
    known = (await context.load(feature_catalogue, ())).by_code
    if len(codes) > _MOST_FEATURES:
        raise refuse("INVALID", f"Name up to {_MOST_FEATURES} features.", "feature_codes")
    for code in codes:
        if code not in known:
            raise refuse("NOT_FOUND", f"There is no feature {code}.", "feature_codes")
    return sorted(set(codes))


async def _values(
    context: WriteContext, before: PlanRow | None, given: Mapping[str, Any]
) -> PlanValues:
    """All of a plan after a change."""
    old = {} if before is None else _stored_values(before)._asdict()
    named = old | dict(given)
    known = (await context.load(feature_catalogue, ())).by_code
    limits = named.get("limits", {})
    if not 0 <= named["trial_days"] <= _LONGEST_TRIAL:
        raise refuse("INVALID", f"A trial lasts 0 to {_LONGEST_TRIAL} days.", "trial_days")
    monthly, yearly = (_price(name, named.get(name)) for name in _PRICES)
    return PlanValues(
        name=checked_name(named.get("name"), "name"),
        description=checked_text(named.get("description"), "description"),
        status=named["status"],
        monthly_price=monthly,
        yearly_price=yearly,
        currency=_currency(old, given),
        trial_days=named["trial_days"],
        limits=checked_limits(limits, known) if "limits" in given else json_object(limits),
    )


def _price(name: str, price: Any) -> Decimal | None:
    """An amount as it is stored, or as a client gives it."""
    return checked_amount(price["amount"], name, "amount") if isinstance(price, Mapping) else price


def _currency(old: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """The one currency of both prices."""
    stored: str = old.get("currency", "USD")
    named = {name: given[name]["currency"] for name in _PRICES if given.get(name) is not None}
    for name, currency in named.items():
        checked_currency(currency, name, "currency")
    kept = {stored for name in _PRICES if name not in given and old.get(name) is not None}
    found = kept | set(named.values())
    if len(found) > 1:
        raise refuse("INVALID", "Both prices have one currency.", [*named][-1], "currency")
    return found.pop() if found else stored


def _stored_values(plan: PlanRow) -> PlanValues:
    values = {name: getattr(plan, name) for name in PlanValues._fields}
    return PlanValues(**values | {"limits": json_object(plan.limits)})


def _seen(values: PlanValues, features: Sequence[str]) -> dict[str, Any]:
    """A plan as its changes are told."""
    prices = {name: getattr(values, name) for name in _PRICES}
    written = {
        name: None if price is None else f"{price.normalize():f}" for name, price in prices.items()
    }
    return values._asdict() | written | {"features": sorted(features)}


def _event(
    action: str, id: str, message: str, details: Mapping[str, Any], severity: str = "info"
) -> AuditEvent:
    return AuditEvent(
        "copilot_subscription_plan",
        action,
        "subscription_plan",
        id,
        message,
        dict(details),
        severity=severity,
    )
