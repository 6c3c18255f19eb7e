"""Enumerations of accounts."""

from __future__ import annotations

from enum import StrEnum

from schema.base.enums import described

__all__ = ["AccountOrderField", "EmailEvent", "SsoProvider"]


@described(
    "What accounts can be sorted by.",
    CREATED_AT="By time of creation.",
    NAME="By name.",
    STATUS="By status.",
    USED="By credits used in the current cycle.",
    USAGE_PERCENT="By share of the account's limit used.",
)
class AccountOrderField(StrEnum):
    """What accounts can be sorted by."""

    CREATED_AT = "CREATED_AT"
    NAME = "NAME"
    STATUS = "STATUS"
    USED = "USED"
    USAGE_PERCENT = "USAGE_PERCENT"


@described(
    "Events that can send e-mail.",
    VIRTUAL_KEY_CREATED="A virtual key was created.",
    NEW_USER_INVITATION="A person was invited.",
    VIRTUAL_KEY_ROTATED="A virtual key was rotated.",
    SOFT_BUDGET_CROSSED="A soft budget was crossed.",
    MAX_BUDGET_ALERT="A hard budget is used up.",
)
class EmailEvent(StrEnum):
    """Events that can send e-mail."""

    VIRTUAL_KEY_CREATED = "VIRTUAL_KEY_CREATED"
    NEW_USER_INVITATION = "NEW_USER_INVITATION"
    VIRTUAL_KEY_ROTATED = "VIRTUAL_KEY_ROTATED"
    SOFT_BUDGET_CROSSED = "SOFT_BUDGET_CROSSED"
    MAX_BUDGET_ALERT = "MAX_BUDGET_ALERT"


@described(
    "Single sign-on providers.",
    GOOGLE="Google.",
    MICROSOFT="Microsoft Entra.",
    OKTA="Okta.",
    GENERIC="Any other OpenID Connect provider.",
)
class SsoProvider(StrEnum):
    """Single sign-on providers."""

    GOOGLE = "GOOGLE"
    MICROSOFT = "MICROSOFT"
    OKTA = "OKTA"
    GENERIC = "GENERIC"
