"""What super admins see of features, overrides, plans and subscriptions across accounts."""

from __future__ import annotations

from datasources.entitlements.catalogue import all_features
from datasources.entitlements.overrides import all_overrides
from resolvers.entitlements.access import feature_of_code
from schema.base.core import Connection
from schema.base.descriptions import PLATFORM
from schema.base.fields import argument, computed, page
from schema.base.modules import record
from schema.base.roots import PlatformRow
from schema.entitlements.features import Feature, FeatureFilter, FeatureOrder
from schema.entitlements.override_inputs import AccessOverrideFilter
from schema.entitlements.overrides import AccessOverride
from schema.entitlements.subscriptions import fields
from schema.entitlements.subscriptions.types import AccountSubscription, SubscriptionPlan

__all__ = ["Platform"]


@record(
    PlatformRow,
    PLATFORM,
    shareable=True,
)
class Platform:
    """What is global, as far as features, overrides and subscriptions go."""

    features: Connection[Feature] | None = page(
        all_features,
        "Feature catalogue; ask for level MODULE and children for the tree.",
        filter=FeatureFilter,
        order=FeatureOrder,
        order_default="in display order",
    )
    feature: Feature | None = computed(
        feature_of_code,
        "One feature; null when there is none.",
        arguments=[argument("code", str, "Code of the feature.")],
    )
    overrides: Connection[AccessOverride] | None = page(
        all_overrides,
        "Overrides of all accounts.",
        filter=AccessOverrideFilter,
        order_default="latest first",
    )
    subscription_plans: Connection[SubscriptionPlan] | None = fields.all_plans()
    subscription_plan: SubscriptionPlan | None = fields.plan_of_id()
    subscriptions: Connection[AccountSubscription] | None = fields.all_subscriptions()
