"""Filters, orders and inputs of entitlements."""

from __future__ import annotations

from decimal import Decimal as PythonDecimal

import strawberry

from schema.base.core import MutationInput, OrderDirection, TenantInput
from schema.base.domain import AccountFilter, MoneyInput
from schema.base.fields import absent, given
from schema.base.scalars import JSON, DateTime, Decimal
from schema.base.scopes import ScopeInput, ScopeType
from schema.entitlements.enums import EntitlementOrderField, EntitlementSource, QuotaReset

_NOTHING = PythonDecimal(0)
ONCE = "Repeating the key answers with the first result instead of acting again."


@strawberry.input(description="Conditions on entitlements.")
class EntitlementFilter:
    """Conditions on entitlements."""

    feature_codes: list[str] | None = absent("Only of these features and those below them.")
    sources: list[EntitlementSource] | None = absent("Only from these sources.")
    is_enabled: bool | None = absent("Only granting or only withholding ones.")
    include_expired: bool = given("Add those that no longer, or not yet, count.", default=False)


@strawberry.input(description="How to sort entitlements.")
class EntitlementOrder:
    """How to sort entitlements."""

    field: EntitlementOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on feature policies.")
class FeaturePolicyFilter:
    """Conditions on feature policies."""

    scope_types: list[ScopeType] | None = absent("Only these levels.")
    scope_ids: list[strawberry.ID] | None = absent("Only these scopes.")
    feature_codes: list[str] | None = absent("Only those that decide one of these features.")


@strawberry.input(description="One switch of a policy.")
class FeatureFlagInput:
    """One switch of a policy."""

    feature_code: str = given("Code of the feature.")
    is_enabled: bool = given("On or off.")


@strawberry.input(description="Input of setFeaturePolicy.")
class SetFeaturePolicyInput(TenantInput):
    """Input of setFeaturePolicy."""

    scope: ScopeInput = given("Scope it is for.")
    flags: list[FeatureFlagInput] = given(
        "All features it decides; features left out are inherited."
    )
    notes: str | None = absent("Notes for administrators.")


@strawberry.input(description="Input of deleteFeaturePolicy.")
class DeleteFeaturePolicyInput(TenantInput):
    """Input of deleteFeaturePolicy."""

    scope: ScopeInput = given("Scope it is for.")


@strawberry.input(description="What inputs accept that act on an account.")
class OnAccount(MutationInput):
    """What inputs accept that act on an account."""

    account_id: strawberry.ID = given("Account to act on.")


@strawberry.input(description="Input of setAccountLimits.")
class SetAccountLimitsInput(OnAccount):
    """Input of setAccountLimits."""

    max_models: int | None = absent("Models at most, not negative; null removes the limit.")
    max_keys: int | None = absent("Virtual keys at most; null removes the limit.")
    max_teams: int | None = absent("Teams at most; null removes the limit.")
    max_budget: MoneyInput | None = absent("Console spend at most; null removes the limit.")


@strawberry.input(
    description="An entitlement to store, found again by feature, source and subscription."
)
class EntitlementInput:
    """An entitlement to store."""

    feature_code: str = given("Code of the feature.")
    source: EntitlementSource = given("Where it comes from.", default=EntitlementSource.SUPER_ADMIN)
    subscription_id: strawberry.ID | None = absent("Subscription it belongs to.")
    is_enabled: bool = given("Whether it grants or withholds the feature.", default=True)
    config: JSON | None = absent("Configuration it contributes; absent keeps the stored one.")
    valid_from_at: DateTime | None = absent("Since when it counts; now when absent.")
    valid_until_at: DateTime | None = absent("Until when it counts.")


@strawberry.input(description="Input of setEntitlements.")
class SetEntitlementsInput(OnAccount):
    """Input of setEntitlements."""

    entitlements: list[EntitlementInput] = given("The entitlements.")


@strawberry.input(description="Input of deleteEntitlement.")
class DeleteEntitlementInput(OnAccount):
    """Input of deleteEntitlement."""

    id: strawberry.ID = given("The entitlement.")


@strawberry.input(description="Input of bulkSetEntitlements.")
class BulkSetEntitlementsInput(MutationInput):
    """Input of bulkSetEntitlements."""

    account_ids: list[strawberry.ID] | None = absent("Only these accounts.")
    filter: AccountFilter | None = absent("Only accounts that meet these conditions.")
    entitlements: list[EntitlementInput] = given("The entitlements.")
    dry_run: bool = given("Answer what would happen and change nothing.", default=False)
    idempotency_key: str | None = absent(ONCE)


@strawberry.input(description="Input of consumeQuota.")
class ConsumeQuotaInput(TenantInput):
    """Input of consumeQuota."""

    quota_id: strawberry.ID | None = absent("Quota; the active one of the unit when absent.")
    unit: str = given("Unit.", default="credits")
    amount: Decimal = given("Amount, above 0.")
    idempotency_key: str = given(
        "Unique per event in the account; repeating it answers with the first result."
    )


@strawberry.input(description="A quota to store.")
class QuotaInput:
    """A quota to store."""

    feature_code: str | None = absent("Feature it is for; the account as a whole when absent.")
    subscription_id: strawberry.ID | None = absent("Subscription it belongs to.")
    unit: str = given("Unit.", default="credits")
    included: Decimal = given("Amount included per period, not negative.")
    overage_limit: Decimal = given("Amount that may be used beyond that.", default=_NOTHING)
    reset: QuotaReset = given("How often it starts afresh.", default=QuotaReset.MONTHLY)
    rollover_cap: Decimal = given(
        "What may be carried into the next period, at most.", default=_NOTHING
    )
    period_start_at: DateTime | None = absent("First moment of the period; now when absent.")
    period_end_at: DateTime | None = absent(
        "First moment of the next period; follows from reset when absent."
    )


@strawberry.input(description="Input of createQuota.")
class CreateQuotaInput(OnAccount):
    """Input of createQuota."""

    quota: QuotaInput = given("The quota.")
    idempotency_key: str | None = absent(ONCE)


@strawberry.input(description="Input of updateQuota.")
class UpdateQuotaInput(OnAccount):
    """Input of updateQuota."""

    id: strawberry.ID = given("The quota.")
    included: Decimal | None = absent("Amount included per period.")
    overage_limit: Decimal | None = absent("Amount that may be used beyond that.")
    reset: QuotaReset | None = absent("How often it starts afresh.")
    rollover_cap: Decimal | None = absent("What may be carried into the next period, at most.")
    period_end_at: DateTime | None = absent("First moment of the next period.")
    is_active: bool | None = absent("Whether it counts.")


@strawberry.input(description="Input of resetQuota.")
class ResetQuotaInput(OnAccount):
    """Input of resetQuota."""

    id: strawberry.ID = given("The quota.")
    period_start_at: DateTime | None = absent("First moment of the new period; now when absent.")
    period_end_at: DateTime | None = absent(
        "First moment after it; follows from reset when absent."
    )
    included: Decimal | None = absent("Amount included from now on.")
    idempotency_key: str | None = absent(ONCE)


@strawberry.input(description="Input of deleteQuota.")
class DeleteQuotaInput(OnAccount):
    """Input of deleteQuota."""

    id: strawberry.ID = given("The quota.")
