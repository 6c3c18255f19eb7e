"""The mutations of entitlements."""

from __future__ import annotations

import strawberry

from resolvers.entitlements import (
    bulk,
    catalogue,
    consuming,
    granting,
    overrides,
    policies,
    quotas,
    setting_up,
)
from resolvers.entitlements.subscriptions import changing, plans, subscribing
from resolvers.writing import Reach
from schema.base.fields import mutation
from schema.base.guards import Role, roles, super_admin
from schema.entitlements import features, inputs, payloads
from schema.entitlements.override_inputs import DeleteAccessOverrideInput, SetAccessOverrideInput
from schema.entitlements.subscriptions import inputs as subscription_inputs
from schema.entitlements.subscriptions import payloads as subscription_payloads

__all__ = ["Mutation"]

_WRITERS = roles(Role.ACCOUNT_ADMIN, Role.SERVICE, scopes=["entitlements:write"])


@strawberry.type
class Mutation:
    """Mutations of entitlements."""

    set_feature_policy: payloads.SetFeaturePolicyPayload | None = mutation(
        policies.set_feature_policy,
        inputs.SetFeaturePolicyInput,
        "Creates or replaces the feature policy of a scope. Features the account is not entitled "
        "to stay off.",
        guard=_WRITERS,
    )
    delete_feature_policy: payloads.DeleteFeaturePolicyPayload | None = mutation(
        policies.remove_feature_policy,
        inputs.DeleteFeaturePolicyInput,
        "Removes the feature policy of a scope, which then inherits.",
        guard=_WRITERS,
    )
    set_account_limits: payloads.SetAccountLimitsPayload | None = mutation(
        granting.set_account_limits,
        inputs.SetAccountLimitsInput,
        "Sets the limits of an account. Limits not sent stay.",
        guard=super_admin(),
    )
    set_entitlements: payloads.SetEntitlementsPayload | None = mutation(
        granting.set_entitlements,
        inputs.SetEntitlementsInput,
        "Creates or changes entitlements; those not named stay.",
        guard=super_admin(),
    )
    delete_entitlement: payloads.DeleteEntitlementPayload | None = mutation(
        granting.remove_entitlement,
        inputs.DeleteEntitlementInput,
        "Removes an entitlement.",
        guard=super_admin(),
    )
    bulk_set_entitlements: payloads.BulkSetEntitlementsPayload | None = mutation(
        bulk.bulk_set_entitlements,
        inputs.BulkSetEntitlementsInput,
        "Creates or changes entitlements of many accounts.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
        keeps_dry_runs=True,
    )
    consume_quota: payloads.ConsumeQuotaPayload | None = mutation(
        consuming.consume_quota,
        inputs.ConsumeQuotaInput,
        "Consumes part of a quota atomically: first what is included and carried in, the rest as "
        "overage, or nothing with LIMIT_REACHED.",
        guard=roles(Role.SERVICE, scopes=["entitlements:write"]),
    )
    create_quota: payloads.CreateQuotaPayload | None = mutation(
        quotas.create_quota,
        inputs.CreateQuotaInput,
        "Gives an account a quota; replaces the active one of the same feature and unit.",
        guard=super_admin(),
    )
    update_quota: payloads.UpdateQuotaPayload | None = mutation(
        quotas.update_quota,
        inputs.UpdateQuotaInput,
        "Changes a quota. Use is changed only by consuming and resetting.",
        guard=super_admin(),
    )
    reset_quota: payloads.ResetQuotaPayload | None = mutation(
        quotas.reset_quota,
        inputs.ResetQuotaInput,
        "Closes the period of a quota, keeps its figures as history, and starts the next one with "
        "rollover.",
        guard=super_admin(),
    )
    delete_quota: payloads.DeleteQuotaPayload | None = mutation(
        quotas.remove_quota,
        inputs.DeleteQuotaInput,
        "Removes a quota that has not been used.",
        guard=super_admin(),
    )
    set_access_override: payloads.SetAccessOverridePayload | None = mutation(
        overrides.set_access_override,
        SetAccessOverrideInput,
        "Creates or replaces the override of a scope and feature.",
        guard=super_admin(),
    )
    delete_access_override: payloads.DeleteAccessOverridePayload | None = mutation(
        overrides.delete_access_override,
        DeleteAccessOverrideInput,
        "Removes an override.",
        guard=super_admin(),
    )
    create_feature: payloads.CreateFeaturePayload | None = mutation(
        catalogue.create_feature,
        features.CreateFeatureInput,
        "Adds an entry to the feature catalogue.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    update_feature: payloads.UpdateFeaturePayload | None = mutation(
        catalogue.update_feature,
        features.UpdateFeatureInput,
        "Changes an entry of the feature catalogue. Code and level are fixed.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    delete_feature: payloads.DeleteFeaturePayload | None = mutation(
        catalogue.delete_feature,
        features.DeleteFeatureInput,
        "Removes an entry nothing is below and nothing refers to. Features the platform knows "
        "stay.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    create_subscription_plan: subscription_payloads.CreateSubscriptionPlanPayload | None = mutation(
        plans.create_subscription_plan,
        subscription_inputs.CreateSubscriptionPlanInput,
        "Adds a plan.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    update_subscription_plan: subscription_payloads.UpdateSubscriptionPlanPayload | None = mutation(
        plans.update_subscription_plan,
        subscription_inputs.UpdateSubscriptionPlanInput,
        "Changes a plan; INACTIVE takes it off the offer. Running subscriptions keep their price.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    create_subscription: subscription_payloads.CreateSubscriptionPayload | None = mutation(
        subscribing.create_subscription,
        subscription_inputs.CreateSubscriptionInput,
        "Subscribes an account to a plan and grants what it includes.",
        guard=super_admin(),
    )
    update_subscription: subscription_payloads.UpdateSubscriptionPayload | None = mutation(
        changing.update_subscription,
        subscription_inputs.UpdateSubscriptionInput,
        "Changes a subscription; the history is kept.",
        guard=super_admin(),
    )
    cancel_subscription: subscription_payloads.CancelSubscriptionPayload | None = mutation(
        changing.cancel_subscription,
        subscription_inputs.CancelSubscriptionInput,
        "Ends a subscription and what it grants.",
        guard=super_admin(),
    )
    set_up_account: subscription_payloads.SetUpAccountPayload | None = mutation(
        setting_up.set_up_account,
        subscription_inputs.SetUpAccountInput,
        "Puts subscription, limits, entitlements and quotas of an account in place in one "
        "transaction; running it again\nchanges nothing.",
        guard=super_admin(),
    )
