"""One table from every role string of the existing database to the roles of the graph.

Two strings needed a decision:

- `viewer` belonged to two classes. It reads what an admin reads and changes nothing, as the
  membership role of that name promises, so it is an auditor.
- `internal_user_viewer` and `internal_viewer` were shown as viewers and treated as end users. How
  they were treated counts: they are members.

Platform-wide names such as `proxy_admin` mean the account their row belongs to and nothing beyond;
no stored string makes a super admin.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from auth.caller import Role

__all__ = ["LEGACY_ROLES", "LISTED_ADMIN", "role_of"]

LISTED_ADMIN = Role.ACCOUNT_ADMIN
"""Role of everybody in an account's list of admins, whatever text its role column holds."""

LEGACY_ROLES: Mapping[str, Role | None] = MappingProxyType(
    {
        "account_admin": Role.ACCOUNT_ADMIN,
        "admin": Role.ACCOUNT_ADMIN,
        "app_admin": Role.ACCOUNT_ADMIN,
        "app_owner": Role.ACCOUNT_ADMIN,
        "demo_app_owner": Role.ACCOUNT_ADMIN,
        "org_admin": Role.ACCOUNT_ADMIN,
        "owner": Role.ACCOUNT_ADMIN,
        "proxy_admin": Role.ACCOUNT_ADMIN,
        "tenant_admin": Role.ACCOUNT_ADMIN,
        "proxy_admin_view_only": Role.AUDITOR,
        "proxy_admin_viewer": Role.AUDITOR,
        "read_only": Role.AUDITOR,
        "viewer": Role.AUDITOR,
        "account_user": Role.MEMBER,
        "app_user": Role.MEMBER,
        "end_user": Role.MEMBER,
        "guest": Role.MEMBER,
        "internal_user": Role.MEMBER,
        "internal_user_viewer": Role.MEMBER,
        "internal_viewer": Role.MEMBER,
        "member": Role.MEMBER,
        "user": Role.MEMBER,
        "customer": None,
        "team": None,
    }
)
"""Lower-case string to role; None for those that never had access."""


def role_of(text: str | None) -> Role | None:
    """The role a stored string means, spaces and case aside; None for unknown and empty ones."""
    return LEGACY_ROLES.get((text or "").strip().lower())
