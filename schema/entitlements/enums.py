"""Enumerations of entitlements."""

from __future__ import annotations

from enum import StrEnum

from schema.base.enums import described


@described(
    "Where an entitlement comes from, from weak to strong. A stronger source replaces a weaker one "
    "key by key.",
    PLAN="Part of the subscription plan.",
    ADDON="Bought in addition.",
    TRIAL="Granted to try out.",
    PROMOTION="Granted as a gift.",
    SUPER_ADMIN="Decided by a super admin.",
)
class EntitlementSource(StrEnum):
    """Where an entitlement comes from."""

    PLAN = "PLAN"
    ADDON = "ADDON"
    TRIAL = "TRIAL"
    PROMOTION = "PROMOTION"
    SUPER_ADMIN = "SUPER_ADMIN"


@described(
    "Levels of the feature catalogue.",
    MODULE="A product module.",
    FEATURE="A feature of a module.",
    ENTITY="A part of a feature.",
)
class FeatureLevel(StrEnum):
    """Levels of the feature catalogue."""

    MODULE = "MODULE"
    FEATURE = "FEATURE"
    ENTITY = "ENTITY"


@described(
    "What entitlements can be sorted by.",
    FEATURE="By feature code.",
    SOURCE="By source.",
    CREATED_AT="By time of creation.",
)
class EntitlementOrderField(StrEnum):
    """What entitlements can be sorted by."""

    FEATURE = "FEATURE"
    SOURCE = "SOURCE"
    CREATED_AT = "CREATED_AT"


@described(
    "How often a quota starts afresh.",
    MONTHLY="Every month.",
    QUARTERLY="Every three months.",
    YEARLY="Every year.",
    NEVER="Only when reset.",
)
class QuotaReset(StrEnum):
    """How often a quota starts afresh."""

    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    YEARLY = "YEARLY"
    NEVER = "NEVER"


@described(
    "What features can be sorted by.",
    DISPLAY_ORDER="By display order.",
    CODE="By code.",
    NAME="By name.",
)
class FeatureOrderField(StrEnum):
    """What features can be sorted by."""

    DISPLAY_ORDER = "DISPLAY_ORDER"
    CODE = "CODE"
    NAME = "NAME"


@described(
    "What an override does.",
    DENY="Switches the feature off.",
    RESTRICT="Switches parts of the feature off.",
    CONFIGURE="Changes the feature's configuration.",
)
class OverrideEffect(StrEnum):
    """What an override does."""

    DENY = "DENY"
    RESTRICT = "RESTRICT"
    CONFIGURE = "CONFIGURE"
