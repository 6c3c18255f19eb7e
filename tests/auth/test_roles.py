from __future__ import annotations

import pytest

from auth.caller import Role
from auth.roles import LEGACY_ROLES, role_of

ADMIN, AUDITOR, MEMBER = Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.MEMBER

VOCABULARIES = [
    *[(ADMIN, text) for text in ("proxy_admin", "app_admin", "org_admin", "app_owner")],
    *[(ADMIN, text) for text in ("demo_app_owner", "admin", "tenant_admin", "owner")],
    (ADMIN, "account_admin"),
    *[(AUDITOR, text) for text in ("proxy_admin_viewer", "proxy_admin_view_only", "read_only")],
    (AUDITOR, "viewer"),
    *[(MEMBER, text) for text in ("internal_user", "internal_user_viewer", "user", "member")],
    *[(MEMBER, text) for text in ("guest", "end_user", "app_user", "account_user")],
    (MEMBER, "internal_viewer"),
    *[(None, text) for text in ("team", "customer", "", "   ", "super_admin", "SUPER_ADMIN")],
    *[(None, text) for text in ("root", "proxy-admin", "admins", "None", "null")],
]
MEMBERSHIPS = [
    (ADMIN, "ADMIN"), (AUDITOR, "VIEWER"), (MEMBER, "MEMBER"), (MEMBER, "USER"), (MEMBER, "GUEST"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "text"), VOCABULARIES)
def test_every_stored_role_string_has_one_meaning(role: Role | None, text: str) -> None:
    assert role_of(text) == role
    assert role_of(f"  {text.upper()} ") == role


@pytest.mark.parametrize(("role", "text"), MEMBERSHIPS)
def test_membership_roles_decide_what_a_person_may_do(role: Role, text: str) -> None:
    assert role_of(text) == role


def test_the_table_holds_nothing_that_is_not_tested() -> None:
    assert LEGACY_ROLES.keys() <= {text for _, text in VOCABULARIES}


def test_no_stored_string_makes_a_super_admin_or_a_service() -> None:
    assert set(LEGACY_ROLES.values()) == {ADMIN, AUDITOR, MEMBER, None}


def test_no_role_at_all_is_none() -> None:
    assert role_of(None) is None
