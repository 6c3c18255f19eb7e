"""Plans and subscriptions of the old platform's tables, where a database has them.

The tables are read as documents, because their columns' types differ between databases, and are
left as they are. What cannot be read as what it should be is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import md5
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

__all__ = ["take_over"]

_PLANS = 'public."Alchemi_SubscriptionPlanTable"'
_SUBSCRIPTIONS = 'public."Alchemi_SubscriptionTable"'
_LIMITS = {"max_models": "maxModels", "max_keys": "maxKeys", "max_teams": "maxTeams"}
_LARGEST = 2**31 - 1
_MOST_UNITS = 1_000_000
_NOTHING = Decimal(0)

_INSERT_PLANS = """
INSERT INTO gateway.subscription_plans (id, code, name, description, status, monthly_price,
    yearly_price, currency, limits, created_at, updated_at)
SELECT id, code, name, description, status, monthly_price, yearly_price, currency, limits,
    coalesce(created_at, now()), coalesce(updated_at, created_at, now())
FROM jsonb_to_recordset(CAST($1::text AS jsonb)) AS old(id uuid, code text, name text,
    description text, status text, monthly_price numeric, yearly_price numeric, currency text,
    limits jsonb, created_at timestamptz, updated_at timestamptz)
"""
_INSERT_FEATURES = """
INSERT INTO gateway.plan_features (plan_id, feature_code)
SELECT DISTINCT old.plan_id, features.code
FROM jsonb_to_recordset(CAST($1::text AS jsonb)) AS old(plan_id uuid, code text)
JOIN gateway.features ON features.code = old.code
"""
_INSERT_SUBSCRIPTIONS = """
INSERT INTO gateway.subscriptions (id, account_id, plan_id, quantity, billing_period, unit_price,
    currency, limits, start_at, end_at, cancelled_at, external_id, payment, created_by, updated_by,
    created_at, updated_at)
SELECT old.id, old.account_id, plan_id, quantity, billing_period, unit_price, currency, limits,
    start_at, end_at, cancelled_at, external_id, payment, old.created_by, old.updated_by,
    coalesce(old.created_at, start_at), coalesce(old.updated_at, old.created_at, start_at)
FROM jsonb_to_recordset(CAST($1::text AS jsonb)) AS old(id uuid, account_id text, plan_id uuid,
    quantity integer, billing_period text, unit_price numeric, currency text, limits jsonb,
    start_at timestamptz, end_at timestamptz, cancelled_at timestamptz, external_id text,
    payment jsonb, created_by text, updated_by text, created_at timestamptz,
    updated_at timestamptz)
JOIN public."Alchemi_AccountTable" AS accounts ON accounts.account_id = old.account_id
"""


class _Plan(NamedTuple):
    """A plan of the old platform as it is stored from now on."""

    id: str
    code: str
    name: str
    description: str | None
    status: str
    monthly_price: Decimal | None
    yearly_price: Decimal | None
    currency: str
    limits: dict[str, Any]
    created_at: str | None
    updated_at: str | None


def take_over(connection: Connection) -> None:
    """Store the old platform's plans and subscriptions, if there are any."""
    codes: set[str] = set()
    plans: dict[str, _Plan] = {}
    features: list[dict[str, str]] = []
    for document in _documents(connection, _PLANS, "created_at"):
        plan = _plan(document, codes)
        codes.add(plan.code)
        plans[str(document["id"])] = plan
        features += [{"plan_id": plan.id, "code": code} for code in _features(document)]
    read = [_subscription(old, plans) for old in _documents(connection, _SUBSCRIPTIONS, "id")]
    subscriptions = [old for old in read if old is not None]
    _insert(connection, _INSERT_PLANS, [plan._asdict() for plan in plans.values()])
    _insert(connection, _INSERT_FEATURES, features)
    _insert(connection, _INSERT_SUBSCRIPTIONS, subscriptions)


def _documents(connection: Connection, table: str, order: str) -> list[dict[str, Any]]:
    """The rows of a table as documents; none where there is no such table."""
    if connection.exec_driver_sql("SELECT to_regclass($1)::text", (table,)).scalar() is None:
        return []
    query = f"SELECT to_jsonb(old)::text FROM {table} AS old ORDER BY to_jsonb(old) ->> '{order}'"  # noqa: S608 - names of ours
    return [json.loads(row[0]) for row in connection.exec_driver_sql(query)]


def _insert(connection: Connection, statement: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.exec_driver_sql(statement, (json.dumps(rows, default=str),))


def _plan(old: Mapping[str, Any], codes: set[str]) -> _Plan:
    name = str(old.get("plan_name") or old["id"])
    currency = str(old.get("currency") or "USD").strip().upper()
    return _Plan(
        id=_uuid(old["id"]),
        code=_code(name, codes),
        name=str(old.get("display_name") or name),
        description=old.get("description"),
        status="INACTIVE" if old.get("is_active") is False else "ACTIVE",
        monthly_price=_price(old.get("price_monthly")),
        yearly_price=_price(old.get("price_yearly")),
        currency=currency if re.fullmatch("[A-Z]{3}", currency) else "USD",
        limits=_limits(old),
        created_at=_moment(old.get("created_at")),
        updated_at=_moment(old.get("updated_at")),
    )


def _subscription(old: Mapping[str, Any], plans: Mapping[str, _Plan]) -> dict[str, Any] | None:
    plan, start = plans.get(str(old.get("plan_id"))), _moment(old.get("start_date"))
    if plan is None or start is None or old.get("account_id") is None:
        return None
    is_yearly = plan.monthly_price is None and plan.yearly_price is not None
    price = plan.yearly_price if is_yearly else plan.monthly_price
    end, is_over = _moment(old.get("end_date")), old.get("is_active") is False
    changed = _moment(old.get("updated_at")) or start
    if is_over:
        end = min(filter(None, (end, changed)))
    return {
        "id": _uuid(old["id"]),
        "account_id": old["account_id"],
        "plan_id": plan.id,
        "quantity": _quantity(old.get("quantity")),
        "billing_period": "YEARLY" if is_yearly else "MONTHLY",
        "unit_price": price or _NOTHING,
        "currency": plan.currency,
        "limits": plan.limits,
        "start_at": start,
        "end_at": None if end is None else max(start, end),
        "cancelled_at": changed if is_over else None,
        "external_id": old.get("system_subscription_id"),
        "payment": old.get("razorpay_response"),
        "created_by": old.get("created_by"),
        "updated_by": old.get("updated_by"),
        "created_at": _moment(old.get("created_at")),
        "updated_at": changed,
    }


def _uuid(id: object) -> str:
    """The id, or one made of it where it is none."""
    try:
        return str(UUID(str(id)))
    except ValueError:
        return str(UUID(md5(str(id).encode(), usedforsecurity=False).hexdigest()))


def _code(name: str, taken: set[str]) -> str:
    """A code made of a name, numbered where another plan has it."""
    code = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50] or "plan"
    number, free = 1, code
    while free in taken:
        number += 1
        free = f"{code}-{number}"
    return free


def _features(old: Mapping[str, Any]) -> Iterable[str]:
    """Codes of a list, or of an object those that are on."""
    stored = _unwrapped(old.get("features"))
    if isinstance(stored, dict):
        return [code for code, is_on in stored.items() if is_on]
    return [code for code in stored if isinstance(code, str)] if isinstance(stored, list) else []


def _limits(old: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts by their codes; what is no amount limits nothing."""
    stored = _unwrapped(old.get("limits"))
    found: dict[str, Any] = {}
    for name, value in stored.items() if isinstance(stored, dict) else ():
        code = _LIMITS.get(str(name), str(name))
        amount = _price(value)
        if isinstance(value, str | bool) or amount is None or not 0 < len(code.strip()) <= 64:
            continue
        if code in _LIMITS.values():
            if amount == int(amount) and amount <= _LARGEST:
                found[code] = int(amount)
        elif amount <= _LARGEST:
            found[code] = float(round(amount, 6))
    return found


def _unwrapped(value: Any) -> Any:
    while isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            return None
    return value


def _price(value: Any) -> Decimal | None:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price if price.is_finite() and price >= 0 else None


def _quantity(value: Any) -> int:
    amount = _price(value)
    return 1 if amount is None else max(1, min(_MOST_UNITS, int(amount)))


def _moment(value: Any) -> str | None:
    """A time in UTC, which times without zone are in."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
