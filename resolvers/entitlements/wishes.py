"""What super admins want accounts to be entitled to, checked and compared with what is stored."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from datasources.codecs import json_object
from datasources.entitlements.reads import EntitlementRow, entitlements_by_source
from datasources.entitlements.subscriptions.subscriptions import SubscriptionRow
from datasources.entitlements.writes import NewEntitlement
from datasources.feature_catalogue import feature_catalogue, hold_features
from resolvers.checks import checked_object
from resolvers.entitlements.subscriptions.rows import checked_subscription
from resolvers.entitlements.validity import checked_span
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["Wish", "checked_wishes", "stored_for", "within_subscriptions"]

_MOST = 200


class Wish(NamedTuple):
    """An entitlement as it is asked for, of any account."""

    feature_code: str
    source: str
    subscription_id: str | None
    is_enabled: bool
    config: Mapping[str, Any] | None
    """None keeps what is stored."""
    valid_from: datetime | None
    """None for now."""
    valid_until: datetime | None

    def of(self, account_id: str, stored: EntitlementRow | None) -> NewEntitlement:
        """The entitlement to store for an account."""
        config = self.config
        if config is None:
            config = {} if stored is None else json_object(stored.config)
        return NewEntitlement(account_id, *self[:4], config, *self[5:])

    def is_met(self, stored: EntitlementRow | None) -> bool:
        """Whether an account has it that way already, apart from since when."""
        if stored is None:
            return False
        new = self.of(stored.account_id, stored)
        begins = new.valid_from or min(stored.valid_from_at, datetime.now(UTC))
        return (new.is_enabled, new.config, begins, new.valid_until) == (
            stored.is_enabled,
            json_object(stored.config),
            stored.valid_from_at,
            stored.valid_until_at,
        )


async def checked_wishes(
    context: WriteContext, entitlements: Sequence[Mapping[str, Any]]
) -> list[Wish]:
    """The entitlements asked for. Refuses what makes no sense, or names one twice."""
    await hold_features(context.database)
    codes = (await context.load(feature_catalogue, ())).by_code
    if not 0 < len(entitlements) <= _MOST:
        raise refuse("INVALID", f"Name 1 to {_MOST} entitlements.", "entitlements")
    wishes = [_checked(one, codes) for one in entitlements]
    if len({wish[:3] for wish in wishes}) < len(wishes):
        raise refuse("INVALID", "A feature and source are named more than once.", "entitlements")
    return wishes


async def within_subscriptions(
    context: WriteContext, wishes: Sequence[Wish], account_ids: Sequence[str]
) -> list[Wish]:
    """The wishes; those of a subscription end with it unless they say when.

    Refuses a subscription that is not these accounts', or is over.
    """
    ids = {wish.subscription_id for wish in wishes}
    path = ("entitlements", "subscription_id")
    named = {id: await checked_subscription(context, id, *path) for id in ids}
    return [_within(named[wish.subscription_id], wish, account_ids, path) for wish in wishes]


def _within(
    subscription: SubscriptionRow | None,
    wish: Wish,
    account_ids: Sequence[str],
    path: Sequence[str],
) -> Wish:
    if subscription is None:
        return wish
    if any(id != subscription.account_id for id in account_ids):
        raise refuse("NOT_FOUND", "The account has no such subscription.", *path)
    begin, end = checked_span(
        wish.valid_from, wish.valid_until or subscription.end_at, "entitlements"
    )
    return wish._replace(valid_from=begin, valid_until=end)


def _checked(one: Mapping[str, Any], codes: Container[str]) -> Wish:
    if one["feature_code"] not in codes:
        raise refuse("NOT_FOUND", f"There is no feature {one['feature_code']}.", "entitlements")
    config = checked_object(one.get("config"), "entitlements")
    span = checked_span(one.get("valid_from_at"), one.get("valid_until_at"), "entitlements")
    subscription = one.get("subscription_id")
    return Wish(one["feature_code"], one["source"], subscription, one["is_enabled"], config, *span)


async def stored_for(
    context: WriteContext, account_ids: Sequence[str], wishes: Sequence[Wish]
) -> dict[str, list[EntitlementRow | None]]:
    """What is stored for every account in the place of each wish."""
    keys = [
        (id, wish.feature_code, wish.source, wish.subscription_id or "")
        for id in account_ids
        for wish in wishes
    ]
    rows = await entitlements_by_source(context.database, context.caller, keys)
    width = len(wishes)
    return {id: rows[at * width : (at + 1) * width] for at, id in enumerate(account_ids)}
