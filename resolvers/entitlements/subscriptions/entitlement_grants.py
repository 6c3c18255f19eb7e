"""Entitlements that a subscription grants: one for each feature of its plan, as long as it runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from datasources.codecs import json_object
from datasources.entitlements.reads import EntitlementRow, entitlements_of_subscription
from datasources.entitlements.subscriptions.subscriptions import SubscriptionRow
from datasources.entitlements.writes import NewEntitlement
from resolvers.entitlements.entitlement_rows import remove, store
from resolvers.entitlements.subscriptions.spans import moved
from resolvers.entitlements.subscriptions.terms import Terms
from resolvers.writing import WriteContext

__all__ = ["grant_features", "move_entitlements", "regrant_features"]

_Ends: TypeAlias = Iterable[tuple[EntitlementRow, datetime | None]]
"""Entitlements, and when each is to end."""


async def grant_features(
    context: WriteContext, subscription: SubscriptionRow, terms: Terms
) -> None:
    """Entitle the account to what its plan includes, from beginning to end."""
    new = _granted(subscription, terms, subscription.start_at)
    await store(context, new, [None] * len(new))


async def regrant_features(
    context: WriteContext,
    before: SubscriptionRow,
    after: SubscriptionRow,
    terms: Terms,
    now: datetime,
) -> None:
    """Have what another plan includes begin, and end what it lacks; what is in both goes on."""
    begin = max(now, after.start_at)
    rows = await _rows(context, after)
    granted = {one.feature_code: one for one in _granted(after, terms, begin)}
    stored = {row.feature_code: row for row in rows if row.source == terms.source}
    running = {
        code: row
        for code, row in stored.items()
        if row.valid_until_at is None or row.valid_until_at > begin
    }
    lacking = [(row, begin) for code, row in running.items() if code not in granted]
    others = [row for row in rows if row.source != terms.source]
    await _end(context, [*lacking, *_moves(others, before, after)])
    for code in running.keys() & granted.keys():
        kept = _as_it_is(running[code])
        until = moved(kept.valid_until, before.end_at, after.end_at)
        granted[code] = kept._replace(config=granted[code].config, valid_until=until)
        if granted[code] == kept:
            del granted[code]
    await store(context, list(granted.values()), [stored.get(code) for code in granted])


async def move_entitlements(
    context: WriteContext, before: SubscriptionRow, after: SubscriptionRow
) -> None:
    """Have what a subscription granted end when it does; what would never begin is removed."""
    await _end(context, _moves(await _rows(context, after), before, after))


async def _rows(context: WriteContext, subscription: SubscriptionRow) -> list[EntitlementRow]:
    key = (subscription.account_id, subscription.id)
    (rows,) = await entitlements_of_subscription(context.database, context.caller, [key])
    return rows


def _granted(subscription: SubscriptionRow, terms: Terms, begin: datetime) -> list[NewEntitlement]:
    return [
        NewEntitlement(
            account_id=subscription.account_id,
            feature_code=feature.id,
            source=terms.source,
            subscription_id=subscription.id,
            is_enabled=True,
            config=terms.config(feature),
            valid_from=begin,
            valid_until=subscription.end_at,
        )
        for feature in terms.features
    ]


def _as_it_is(row: EntitlementRow) -> NewEntitlement:
    return NewEntitlement(
        account_id=row.account_id,
        feature_code=row.feature_code,
        source=row.source,
        subscription_id=row.subscription_id,
        is_enabled=row.is_enabled,
        config=json_object(row.config),
        valid_from=row.valid_from_at,
        valid_until=row.valid_until_at,
    )


def _moves(
    rows: Sequence[EntitlementRow], before: SubscriptionRow, after: SubscriptionRow
) -> list[tuple[EntitlementRow, datetime | None]]:
    return [(row, moved(row.valid_until_at, before.end_at, after.end_at)) for row in rows]


async def _end(context: WriteContext, ends: _Ends) -> None:
    """Have entitlements end; those that would have never begun are removed."""
    changed: list[NewEntitlement] = []
    before: list[EntitlementRow] = []
    for row, until in ends:
        if until is not None and row.valid_from_at >= until:
            await remove(context, row)
        elif until != row.valid_until_at:
            changed.append(_as_it_is(row)._replace(valid_until=until))
            before.append(row)
    await store(context, changed, before)
