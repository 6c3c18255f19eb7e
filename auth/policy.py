"""What a caller may do: grants compared with the graph's directives, and judgements of rows.

The schema's own directives travel as the standard `@policy`, whose names are made here:

| directive | policy |
| --- | --- |
| `@requiresRole(anyOf: [X])` | `role:X` |
| `@superAdmin` | `super_admin` |
| `@requiresFeature(feature: X)` | `feature:X` |
"""

from __future__ import annotations

from typing import NamedTuple

from auth.caller import Caller, Role
from auth.errors import Forbidden
from auth.scopes import SCOPES, scopes_of_roles

__all__ = [
    "FEATURE_KEYS",
    "NOTHING_GRANTED",
    "SUPER_ADMIN",
    "GrantSet",
    "feature_policy",
    "grantable_scopes",
    "grants_of",
    "is_own",
    "own_ids",
    "require_feature",
    "role_policy",
    "sees_whole_account",
]

SUPER_ADMIN = "super_admin"
_WHOLE_ACCOUNT = frozenset({Role.SUPER_ADMIN, Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE})
FEATURE_KEYS = frozenset(
    {
        "AGENTS",
        "BUDGETS",
        "CONNECTORS",
        "GUARDRAILS",
        "MODEL_MANAGEMENT",
        "PLAYGROUND",
        "SSO",
        "ACCESS_MODELS",
        "CREATE_AGENTS",
        "CREATE_INTEGRATION_CONNECTORS",
        "CREATE_MCP_CONNECTORS",
        "CREATE_OPENAPI_CONNECTORS",
        "GENERATE_IMAGES",
    }
)
"""Every feature an account can be entitled to."""


class GrantSet(NamedTuple):
    """What a caller brings to `@authenticated`, `@requiresScopes` and `@policy`, as plain sets."""

    is_authenticated: bool = False
    scopes: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()
    holds_every_scope: bool = False
    holds_every_policy: bool = False


NOTHING_GRANTED = GrantSet()
"""What nobody brings."""


def role_policy(role: Role) -> str:
    """The policy that holders of a role meet."""
    return f"role:{role.value}"


def feature_policy(feature: str) -> str:
    """The policy met where the addressed account is entitled to a feature."""
    return f"feature:{feature}"


def grants_of(caller: Caller | None) -> GrantSet:
    """The grants of a caller; of nobody, nothing.

    A machine client that spans accounts addresses none yet, so its features cannot be told before
    the arguments are read: it meets every feature policy here, and `require_feature` decides once
    the account is known.
    """
    if caller is None:
        return NOTHING_GRANTED
    if caller.is_super_admin:
        return GrantSet(is_authenticated=True, holds_every_scope=True, holds_every_policy=True)
    features = FEATURE_KEYS if caller.spans_accounts else caller.features
    policies = {role_policy(role) for role in caller.roles}
    policies.update(feature_policy(feature) for feature in features)
    return GrantSet(is_authenticated=True, scopes=caller.scopes, policies=frozenset(policies))


def require_feature(caller: Caller, feature: str) -> None:
    """Raise `Forbidden` unless the account the caller is bound to has the feature.

    Super admins are exempt.
    """
    if not caller.is_super_admin and feature not in caller.features:
        raise Forbidden(f"This account is not entitled to the feature {feature}.")


def grantable_scopes(caller: Caller) -> frozenset[str]:
    """The scopes a caller may put on a credential: nobody grants more than they hold."""
    if caller.is_super_admin:
        return frozenset(SCOPES)
    return caller.scopes & scopes_of_roles(caller.roles)


def sees_whole_account(caller: Caller) -> bool:
    """Whether the caller reads every row of an account, rather than only their own."""
    return not _WHOLE_ACCOUNT.isdisjoint(caller.roles)


def own_ids(caller: Caller) -> frozenset[str]:
    """Every id under which rows name this person, in lower case.

    Author and owner columns mix ids of both directories with e-mail addresses. An address that
    nobody vouched for does not count.
    """
    email = caller.email if caller.is_email_verified else None
    candidates = (caller.id, caller.user_id, caller.identity_id, email)
    return frozenset(value.lower() for value in candidates if value)


def is_own(caller: Caller, account_id: str | None, *owners: str | None) -> bool:
    """Whether a row may be treated as the caller's: it is theirs, or they see its whole account.

    `owners` are the values of the row's owner, author and assignee columns.
    """
    if account_id is None or not caller.reaches(account_id):
        return False
    if sees_whole_account(caller):
        return True
    return not own_ids(caller).isdisjoint(owner.strip().lower() for owner in owners if owner)
