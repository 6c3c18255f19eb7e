"""What mutations of entitlements answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.base.core import MutationPayload
from schema.base.fields import outcome
from schema.base.modules import to
from schema.entitlements.features import Feature
from schema.entitlements.overrides import AccessOverride
from schema.entitlements.quotas import Quota
from schema.entitlements.types import AccountLimits, EffectiveAccess, Entitlement, FeaturePolicy

if TYPE_CHECKING:
    from schema.base.stubs import BulkOperation

__all__ = [
    "BulkSetEntitlementsPayload",
    "ConsumeQuotaPayload",
    "CreateFeaturePayload",
    "CreateQuotaPayload",
    "DeleteAccessOverridePayload",
    "DeleteEntitlementPayload",
    "DeleteFeaturePayload",
    "DeleteFeaturePolicyPayload",
    "DeleteQuotaPayload",
    "ResetQuotaPayload",
    "SetAccessOverridePayload",
    "SetAccountLimitsPayload",
    "SetEntitlementsPayload",
    "SetFeaturePolicyPayload",
    "UpdateFeaturePayload",
    "UpdateQuotaPayload",
]


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


@strawberry.type(description="Answer of bulkSetEntitlements.")
class BulkSetEntitlementsPayload(MutationPayload):
    """Answer of bulkSetEntitlements."""

    operation: Annotated[BulkOperation, to] | None = outcome(
        "The bulk operation: what matched and what changed."
    )


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


@strawberry.type(description="Answer of setAccessOverride.")
class SetAccessOverridePayload(MutationPayload):
    """Answer of setAccessOverride."""

    override: AccessOverride | None = outcome("The stored override.")


@strawberry.type(description="Answer of deleteAccessOverride.")
class DeleteAccessOverridePayload(MutationPayload):
    """Answer of deleteAccessOverride."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of createFeature.")
class CreateFeaturePayload(MutationPayload):
    """Answer of createFeature."""

    feature: Feature | None = outcome("The new entry.")


@strawberry.type(description="Answer of updateFeature.")
class UpdateFeaturePayload(MutationPayload):
    """Answer of updateFeature."""

    feature: Feature | None = outcome("The changed entry.")


@strawberry.type(description="Answer of deleteFeature.")
class DeleteFeaturePayload(MutationPayload):
    """Answer of deleteFeature."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")
