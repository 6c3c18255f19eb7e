"""What mutations of entitlements answer, and the mutations."""

from __future__ import annotations

import strawberry

from resolvers.entitlements import granting, policies, quotas
from schema.base.core import MutationPayload
from schema.base.fields import mutation, outcome
from schema.base.guards import Role, roles, super_admin
from schema.entitlements import inputs
from schema.entitlements.quotas import Quota
from schema.entitlements.types import AccountLimits, EffectiveAccess, Entitlement, FeaturePolicy

__all__ = ["Mutation"]

_WRITERS = roles(Role.ACCOUNT_ADMIN, Role.SERVICE, scopes=["entitlements:write"])


@strawberry.type(description="Answer of setFeaturePolicy.")
class SetFeaturePolicyPayload(MutationPayload):
    """Answer of setFeaturePolicy."""

    policy: FeaturePolicy | None = outcome("The stored policy.")
    effective: EffectiveAccess | None = outcome("What the scope may use now.")


@strawberry.type(description="Answer of deleteFeaturePolicy.")
class DeleteFeaturePolicyPayload(MutationPayload):
    """Answer of deleteFeaturePolicy."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of setAccountLimits.")
class SetAccountLimitsPayload(MutationPayload):
    """Answer of setAccountLimits."""

    limits: AccountLimits | None = outcome("The limits after the change.")


@strawberry.type(description="Answer of setEntitlements.")
class SetEntitlementsPayload(MutationPayload):
    """Answer of setEntitlements."""

    entitlements: list[Entitlement] = outcome("The stored entitlements.", otherwise=())


@strawberry.type(description="Answer of deleteEntitlement.")
class DeleteEntitlementPayload(MutationPayload):
    """Answer of deleteEntitlement."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of consumeQuota.")
class ConsumeQuotaPayload(MutationPayload):
    """Answer of consumeQuota."""

    quota: Quota | None = outcome("The quota afterwards.")


@strawberry.type(description="Answer of createQuota.")
class CreateQuotaPayload(MutationPayload):
    """Answer of createQuota."""

    quota: Quota | None = outcome("The new quota.")


@strawberry.type(description="Answer of updateQuota.")
class UpdateQuotaPayload(MutationPayload):
    """Answer of updateQuota."""

    quota: Quota | None = outcome("The changed quota.")


@strawberry.type(description="Answer of resetQuota.")
class ResetQuotaPayload(MutationPayload):
    """Answer of resetQuota."""

    quota: Quota | None = outcome("The quota in its new period.")


@strawberry.type(description="Answer of deleteQuota.")
class DeleteQuotaPayload(MutationPayload):
    """Answer of deleteQuota."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type
class Mutation:
    """Mutations of entitlements."""

    set_feature_policy: SetFeaturePolicyPayload | None = mutation(
        policies.set_feature_policy,
        inputs.SetFeaturePolicyInput,
        "Creates or replaces the feature policy of a scope. Features the account is not entitled "
        "to stay off.",
        guard=_WRITERS,
    )
    delete_feature_policy: DeleteFeaturePolicyPayload | None = mutation(
        policies.remove_feature_policy,
        inputs.DeleteFeaturePolicyInput,
        "Removes the feature policy of a scope, which then inherits.",
        guard=_WRITERS,
    )
    set_account_limits: SetAccountLimitsPayload | None = mutation(
        granting.set_account_limits,
        inputs.SetAccountLimitsInput,
        "Sets the limits of an account. Limits not sent stay.",
        guard=super_admin(),
    )
    set_entitlements: SetEntitlementsPayload | None = mutation(
        granting.set_entitlements,
        inputs.SetEntitlementsInput,
        "Creates or changes entitlements; those not named stay.",
        guard=super_admin(),
    )
    delete_entitlement: DeleteEntitlementPayload | None = mutation(
        granting.remove_entitlement,
        inputs.DeleteEntitlementInput,
        "Removes an entitlement.",
        guard=super_admin(),
    )
    consume_quota: ConsumeQuotaPayload | None = mutation(
        quotas.consume_quota,
        inputs.ConsumeQuotaInput,
        "Consumes part of a quota atomically: first what is included and carried in, the rest as "
        "overage, or nothing with LIMIT_REACHED.",
        guard=roles(Role.SERVICE, scopes=["entitlements:write"]),
    )
    create_quota: CreateQuotaPayload | None = mutation(
        quotas.create_quota,
        inputs.CreateQuotaInput,
        "Gives an account a quota; replaces the active one of the same feature and unit.",
        guard=super_admin(),
    )
    update_quota: UpdateQuotaPayload | None = mutation(
        quotas.update_quota,
        inputs.UpdateQuotaInput,
        "Changes a quota. Use is changed only by consuming and resetting.",
        guard=super_admin(),
    )
    reset_quota: ResetQuotaPayload | None = mutation(
        quotas.reset_quota,
        inputs.ResetQuotaInput,
        "Closes the period of a quota, keeps its figures as history, and starts the next one with "
        "rollover.",
        guard=super_admin(),
    )
    delete_quota: DeleteQuotaPayload | None = mutation(
        quotas.remove_quota,
        inputs.DeleteQuotaInput,
        "Removes a quota that has not been used.",
        guard=super_admin(),
    )
