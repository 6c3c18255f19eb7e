"""Putting what an account has in place in one transaction; doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from datasources.entitlements.quotas import QuotaRow, active_quotas, quotas_of_account, was_used
from datasources.entitlements.reads import EntitlementRow, entitlements_of_subscription
from datasources.entitlements.subscriptions.plans import plans_by_id
from datasources.entitlements.subscriptions.subscriptions import (
    SubscriptionRow,
    current_subscriptions,
)
from datasources.references import AccountRef
from resolvers.entitlements.entitlement_rows import remove, store
from resolvers.entitlements.quotas import create_quota, remove_quota, update_quota
from resolvers.entitlements.subscriptions.changing import update_subscription
from resolvers.entitlements.subscriptions.rows import checked_subscription
from resolvers.entitlements.subscriptions.subscribing import (
    create_subscription,
    lock_subscriptions,
)
from resolvers.entitlements.wishes import checked_wishes, stored_for, within_subscriptions
from resolvers.errors import Refused, refuse
from resolvers.writing import WriteContext

__all__ = ["SetUp", "set_up_account"]

_MOST_QUOTAS = 100
_OF_A_CHANGE = ("plan_id", "quantity", "billing_period", "end_at", "external_id", "payment")
_OF_A_QUOTA = ("included", "overage_limit", "reset", "rollover_cap")


class SetUp(NamedTuple):
    """What an account has of what was asked for."""

    account: AccountRef
    subscription: SubscriptionRow | None
    entitlements: list[EntitlementRow]
    quotas: list[QuotaRow]


async def set_up_account(
    context: WriteContext,
    *,
    remove_others: bool,
    dry_run: bool,
    subscription: Mapping[str, Any] | None = None,
    entitlements: Sequence[Mapping[str, Any]] | None = None,
    quotas: Sequence[Mapping[str, Any]] | None = None,
) -> SetUp:
    """Have the account subscribe, be entitled and have quotas as is said.

    What is there that way stays as it is, with dates and use; the running subscription changes to
    the one that is said. `remove_others` takes away what counts, is not named and belongs to no
    subscription.
    """
    context.changed_nothing()
    await lock_subscriptions(context)
    subscribed = None if subscription is None else await _subscribe(context, subscription)
    entitled = await _entitle(context, entitlements) if entitlements else []
    given = await _give(context, quotas) if quotas else []
    if remove_others:
        await _remove_entitlements(context, {row.id for row in entitled})
        await _remove_quotas(context, {row.id for row in given})
    return SetUp(AccountRef(context.account_id), subscribed, entitled, given)


@contextmanager
def _below(name: str, instead_of: str = "") -> Iterator[None]:
    """Have refusals name what they are about at another place of the input."""
    try:
        yield
    except Refused as refused:
        errors = [
            error._replace(path=(name, *error.path[1 if error.path[:1] == (instead_of,) else 0 :]))
            for error in refused.errors
        ]
        raise Refused(errors) from None


async def _subscribe(context: WriteContext, wanted: Mapping[str, Any]) -> SubscriptionRow:
    """The subscription of the plan's kind that runs or will, changed; a new one where none does."""
    (plan,) = await plans_by_id(context.database, context.caller, [wanted["plan_id"]])
    if plan is None:
        raise refuse("NOT_FOUND", "There is no such plan.", "subscription", "plan_id")
    key = (context.account_id, plan.kind)
    (found,) = await current_subscriptions(context.database, context.caller, [key])
    same = [one for one in found if plan.kind == "BASE" or one.plan_id == plan.id]
    if not same:
        return (await create_subscription(context, subscription=wanted)).subscription
    values = {name: wanted[name] for name in _OF_A_CHANGE if name in wanted}
    with _below("subscription"):
        return (await update_subscription(context, id=same[0].id, **values)).subscription


async def _entitle(
    context: WriteContext, wanted: Sequence[Mapping[str, Any]]
) -> list[EntitlementRow]:
    account = context.account_id
    checked = await checked_wishes(context, wanted)
    wishes = await within_subscriptions(context, checked, [account])
    stored = (await stored_for(context, [account], wishes))[account]
    lacking = [pair for pair in zip(wishes, stored, strict=True) if not pair[0].is_met(pair[1])]
    new = [wish.of(account, row) for wish, row in lacking]
    await store(context, new, [row for _, row in lacking])
    return [row for row in (await stored_for(context, [account], wishes))[account] if row]


async def _give(context: WriteContext, wanted: Sequence[Mapping[str, Any]]) -> list[QuotaRow]:
    keys = [(one.get("feature_code"), one["unit"].strip()) for one in wanted]
    if len(keys) > _MOST_QUOTAS or len(set(keys)) < len(keys):
        message = f"Name up to {_MOST_QUOTAS} quotas, one for a feature and unit."
        raise refuse("INVALID", message, "quotas")
    with _below("quotas", instead_of="quota"):
        return [await _give_one(context, *pair) for pair in zip(keys, wanted, strict=True)]


async def _give_one(
    context: WriteContext, key: tuple[str | None, str], wanted: Mapping[str, Any]
) -> QuotaRow:
    """The quota that counts, changed and with its use; a new one where none does."""
    feature, unit = key
    (found,) = await active_quotas(context.database, context.caller, [(context.account_id, unit)])
    same = [row for row in found if row.feature_code == feature]
    if not same:
        return (await create_quota(context, quota=wanted)).quota
    await checked_subscription(context, wanted.get("subscription_id"), "subscription_id")
    values = {name: wanted[name] for name in _OF_A_QUOTA}
    return (await update_quota(context, id=same[0].id, **values)).quota


async def _remove_entitlements(context: WriteContext, named: Container[str]) -> None:
    now = datetime.now(UTC)
    nobodys = (context.account_id, "")
    (rows,) = await entitlements_of_subscription(context.database, context.caller, [nobodys])
    for row in rows:
        is_over = row.valid_until_at is not None and row.valid_until_at <= now
        if row.id not in named and not is_over:
            await remove(context, row)


async def _remove_quotas(context: WriteContext, named: Container[str]) -> None:
    account = context.account_id
    (rows,) = await quotas_of_account(context.database, context.caller, [account])
    for row in rows:
        if row.id in named or not row.is_active or row.subscription_id is not None:
            continue
        if await was_used(context.database, context.caller, row.id):
            await update_quota(context, id=row.id, is_active=False)
        else:
            await remove_quota(context, id=row.id)
