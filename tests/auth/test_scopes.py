from __future__ import annotations

from pathlib import Path

from auth.caller import Role
from auth.scopes import ACCOUNTS_ANY, SCOPES, known_scopes, scopes_of_roles


def test_an_account_admin_holds_every_scope_but_those_of_machines() -> None:
    missing = SCOPES.keys() - scopes_of_roles([Role.ACCOUNT_ADMIN])
    assert missing == {ACCOUNTS_ANY, "connectors:use", "usage:refund"}


def test_an_auditor_holds_reading_scopes_only_and_all_of_them() -> None:
    assert scopes_of_roles([Role.AUDITOR]) == {name for name in SCOPES if name.endswith(":read")}


def test_a_member_holds_what_fields_for_members_ask_for() -> None:
    assert scopes_of_roles([Role.MEMBER]) == {
        "access:read",
        "connectors:read",
        "connectors:write",
        "marketplace:read",
        "marketplace:write",
        "support:read",
        "support:write",
    }


def test_roles_add_up() -> None:
    both = scopes_of_roles([Role.AUDITOR, Role.MEMBER])
    assert both == scopes_of_roles([Role.AUDITOR]) | scopes_of_roles([Role.MEMBER])


def test_a_machine_has_no_scope_by_its_role_and_a_super_admin_every_one() -> None:
    assert scopes_of_roles([Role.SERVICE]) == frozenset()
    assert scopes_of_roles([Role.SUPER_ADMIN]) == SCOPES.keys()


def test_unknown_scopes_open_nothing() -> None:
    assert known_scopes(["usage:write", "everything:write", "*"]) == {"usage:write"}


def test_known_scopes_can_be_part_of_what_is_hashed() -> None:
    assert hash(known_scopes(["usage:write"])) == hash(frozenset({"usage:write"}))


def test_every_scope_is_documented_with_its_description_and_roles() -> None:
    text = Path(__file__).parents[2].joinpath("docs/scopes.md").read_text("utf-8")
    for scope in SCOPES.values():
        roles = ", ".join(sorted(role.value for role in scope.roles)) or "none"
        assert f"| `{scope.name}` | {scope.description} | {roles} |" in text
    assert text.count("\n| `") == len(SCOPES)
