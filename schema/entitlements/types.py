"""Features, what accounts are entitled to, and what a scope may use in the end."""

from __future__ import annotations

import strawberry

from auth.caller import Caller
from datasources.access import AccessRow, accesses_by_id
from datasources.entitlements import reads
from datasources.entitlements.reads import EntitlementRow, FeaturePolicyRow
from datasources.entitlements.subscriptions.subscriptions import subscriptions_by_id
from datasources.feature_catalogue import features_by_code
from datasources.limits import LimitsRow, limits_of_accounts
from datasources.references import AccountRef, UserRef, reachable_accounts
from resolvers.base import RequestContext
from resolvers.entitlements import access
from resolvers.features import FeatureState
from schema.base.core import AccountScoped, Actor, Authored, Connection, Node, Timestamped, author
from schema.base.descriptions import ACCOUNT, EFFECTIVE_ACCESS, USER
from schema.base.domain import Money, MoneyRow
from schema.base.fields import argument, column, computed, one, page
from schema.base.guards import Role, roles
from schema.base.modules import entity, record
from schema.base.scalars import JSON, DateTime
from schema.base.scopes import Resolution, Scope, ScopeInput
from schema.entitlements.enums import EntitlementSource
from schema.entitlements.features import Feature
from schema.entitlements.inputs import EntitlementFilter, EntitlementOrder, FeaturePolicyFilter
from schema.entitlements.overrides import AccessOverride, overrides_of_account
from schema.entitlements.quotas import Quota, QuotaCheck, quota_check, quotas_of_account
from schema.entitlements.subscriptions import fields
from schema.entitlements.subscriptions.types import AccountSubscription, SubscriptionPlan

__all__ = [
    "AccessOverride",
    "Account",
    "AccountLimits",
    "EffectiveAccess",
    "Entitlement",
    "Feature",
    "FeaturePolicy",
    "Quota",
    "User",
    "Viewer",
]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)
_ENTITLEMENTS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["entitlements:read"])


@record(access.FlagRow, "One switch of a policy.")
class FeatureFlag:
    """One switch of a policy."""

    feature: Feature = column("The feature.")
    is_enabled: bool = column("On or off.")


@entity(
    EntitlementRow,
    reads.entitlements_by_id,
    "That an account has, or has not, a feature from one source.",
    guard=_READERS,
)
class Entitlement(Node, AccountScoped, Timestamped, Authored):
    """That an account has, or has not, a feature from one source."""

    feature: Feature = one(features_by_code, "The feature.", by="feature_code")
    source: EntitlementSource = column("Where it comes from.")
    subscription: AccountSubscription | None = one(
        subscriptions_by_id, "Subscription it belongs to; null for none.", by="subscription_id"
    )
    is_enabled: bool = column("Whether it grants or withholds the feature.")
    config: JSON = column("Configuration it contributes.")
    valid_from_at: DateTime = column("Since when it counts.")
    valid_until_at: DateTime | None = column("Until when it counts; null for open end.")
    is_current: bool = column("Whether it counts now.")


@entity(
    FeaturePolicyRow,
    reads.feature_policies_by_id,
    "Features switched on or off for a scope, within what the account is entitled to.",
    guard=_READERS,
)
class FeaturePolicy(Node, AccountScoped, Timestamped, Authored):
    """Features switched on or off for a scope."""

    scope: Scope = column("Scope it is stored for.")
    flags: list[FeatureFlag] = computed(
        access.flags, "Features it decides; all others are inherited."
    )
    notes: str | None = column("Notes for administrators; null for none.")


def _max_budget(_context: RequestContext, row: LimitsRow) -> MoneyRow | None:
    return None if row.max_budget is None else MoneyRow(row.max_budget)


@record(LimitsRow, "Limits of an account and how much of each is taken.", guard=_READERS)
class AccountLimits(AccountScoped):
    """Limits of an account and how much of each is taken."""

    max_models: int | None = column("Models at most; null for no limit.")
    max_keys: int | None = column("Virtual keys at most; null for no limit.")
    max_teams: int | None = column("Teams at most; null for no limit.")
    max_budget: Money | None = computed(_max_budget, "Console spend at most; null for no limit.")
    model_count: int = column("Models in use.")
    key_count: int = column("Virtual keys in use.")
    team_count: int = column("Teams in use.")
    updated_at: DateTime | None = column("When they last changed; null when never.")
    updated_by: Actor | None = author("updated_by", "Who set them; null when not recorded.")


@record(FeatureState, "Whether a scope has a feature, and how it is configured.")
class EffectiveFeature:
    """Whether a scope has a feature."""

    feature: Feature = column("Catalogue entry.")
    is_enabled: bool = column("Whether the scope has it.")
    config: JSON = column(
        "Configuration: defaults, then entitlements from weak to strong, then overrides."
    )
    disabled_items: list[str] = column("Parts of it switched off by overrides.")
    resolution: Resolution = column("Why.")


@entity(
    AccessRow,
    accesses_by_id,
    EFFECTIVE_ACCESS,
)
class EffectiveAccess(Node, AccountScoped):
    """What a scope may use, answered as one."""

    id: strawberry.ID = column("Opaque id that stands for account and scope.")
    scope: Scope = column("Scope asked about.")
    chain: list[Scope] = computed(access.chain, "Scopes that were considered, most specific first.")
    roles: list[Role] = computed(access.roles, "Roles of the person; empty for other scopes.")
    features: list[EffectiveFeature] = computed(access.features, "All features of the catalogue.")
    feature: EffectiveFeature | None = computed(
        access.feature,
        "One feature; null when the catalogue does not have it.",
        arguments=[argument("code", str, "Code of the feature.")],
    )
    computed_at: DateTime = computed(
        access.computed_at,
        "State of the policies this answer is from; a change is visible to the next call.",
    )


@entity(AccountRef, reachable_accounts, ACCOUNT)
class Account:
    """A tenant, as far as what it may use goes."""

    id: strawberry.ID = column("Stored identifier.")
    limits: AccountLimits | None = one(
        limits_of_accounts,
        "Limits the super admin set; enforced when something is created.",
        by="id",
        guard=_ENTITLEMENTS,
    )
    entitlements: Connection[Entitlement] | None = page(
        reads.account_entitlements,
        "What the account is entitled to, and where that comes from.",
        by="id",
        filter=EntitlementFilter,
        order=EntitlementOrder,
        order_default="by feature",
        guard=_ENTITLEMENTS,
    )
    quotas: Connection[Quota] | None = quotas_of_account(_ENTITLEMENTS)
    quota_check: QuotaCheck | None = quota_check(_ENTITLEMENTS)
    feature_policies: Connection[FeaturePolicy] | None = page(
        reads.account_feature_policies,
        "Feature policies of all scopes.",
        by="id",
        filter=FeaturePolicyFilter,
        guard=_ENTITLEMENTS,
    )
    overrides: Connection[AccessOverride] | None = overrides_of_account()
    available_plans: Connection[SubscriptionPlan] | None = fields.available_plans()
    subscriptions: Connection[AccountSubscription] | None = fields.subscriptions_of_account()
    subscription: AccountSubscription | None = fields.subscription_of_account()
    effective_access: EffectiveAccess | None = computed(
        access.effective_access,
        "What a scope may use, and why. Members may ask only about themselves.",
        arguments=[
            argument(
                "scope",
                ScopeInput | None,
                "Scope to ask about; the caller when absent, the account for callers who are not "
                "people.",
            )
        ],
        guard=roles(
            Role.ACCOUNT_ADMIN,
            Role.AUDITOR,
            Role.MEMBER,
            Role.SERVICE,
            scopes=["access:read"],
        ),
    )


@entity(UserRef, None, USER)
class User:
    """A person, as far as what they may use goes."""

    id: strawberry.ID = column("Stored identifier.")
    account_id: strawberry.ID = column("Account that owns it.", external=True)
    effective_access: EffectiveAccess | None = computed(
        access.access_of_user,
        "What the person may use, and why; null when the caller may not ask.",
        requires=["accountId"],
    )


@record(Caller, "The caller.", shareable=True)
class Viewer:
    """The caller, as far as what they may use goes."""

    effective_access: EffectiveAccess | None = computed(
        access.access_of_viewer, "The caller's own effective access; null without an account."
    )
