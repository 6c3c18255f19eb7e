"""The entitlements module: features, entitlements, limits, and what a scope may use in the end."""

from __future__ import annotations

import strawberry

from schema.base.modules import Module
from schema.base.roots import account_root, platform_root, viewer_root
from schema.base.stubs import BulkOperation, Group, Team
from schema.entitlements.mutations import Mutation
from schema.entitlements.platform import Platform
from schema.entitlements.subscriptions.types import AccountSubscription, SubscriptionPlan
from schema.entitlements.types import (
    AccessOverride,
    Account,
    EffectiveAccess,
    Entitlement,
    Feature,
    FeaturePolicy,
    Quota,
    User,
    Viewer,
)

__all__ = ["ENTITLEMENTS"]


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    viewer: Viewer = viewer_root()
    account: Account | None = account_root()
    platform: Platform | None = platform_root()


ENTITLEMENTS = Module(
    "entitlements",
    Query,
    Mutation,
    entities=[
        AccessOverride,
        Account,
        AccountSubscription,
        EffectiveAccess,
        Entitlement,
        Feature,
        FeaturePolicy,
        Quota,
        SubscriptionPlan,
        User,
    ],
    stubs=[BulkOperation, Group, Team],
)
