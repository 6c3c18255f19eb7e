from __future__ import annotations

from dataclasses import replace

import pytest

from auth.caller import ActorKind, Caller, Role
from auth.errors import Forbidden
from auth.policy import (
    NOTHING_GRANTED,
    grantable_scopes,
    grants_of,
    is_own,
    own_ids,
    require_feature,
)
from auth.scopes import ACCOUNTS_ANY, SCOPES, scopes_of_roles
from tests.harness.callers import member, nobody, person, super_admin


def machine(*scopes: str, account_id: str | None = "a") -> Caller:
    return Caller(
        kind=ActorKind.SERVICE,
        id="33333333-3333-4333-8333-333333333333",
        name="Back end",
        account_id=account_id,
        spans_accounts=account_id is None and ACCOUNTS_ANY in scopes,
        roles=frozenset({Role.SERVICE}),
        scopes=frozenset(scopes),
    )


def test_nobody_is_granted_nothing() -> None:
    assert grants_of(None) == NOTHING_GRANTED


def test_a_person_brings_roles_features_and_the_scopes_of_the_roles() -> None:
    scopes = scopes_of_roles([Role.AUDITOR])
    caller = replace(person("a", Role.AUDITOR, scopes=scopes), features=frozenset({"BUDGETS"}))
    grants = grants_of(caller)
    assert grants.is_authenticated
    assert grants.policies == {"role:AUDITOR", "feature:BUDGETS"}
    assert grants.scopes == scopes
    assert not grants.holds_every_policy
    assert not grants.holds_every_scope


def test_somebody_without_account_is_signed_in_and_nothing_else() -> None:
    grants = grants_of(nobody())
    assert grants.is_authenticated
    assert not grants.policies
    assert not grants.scopes


def test_a_super_admin_holds_everything() -> None:
    grants = grants_of(super_admin())
    assert grants.holds_every_policy
    assert grants.holds_every_scope


def test_a_machine_brings_only_the_scopes_granted_to_it() -> None:
    grants = grants_of(machine("usage:write"))
    assert grants.scopes == {"usage:write"}
    assert grants.policies == {"role:SERVICE"}


def test_features_of_a_machine_that_spans_accounts_are_judged_once_it_names_one() -> None:
    spanning = machine(ACCOUNTS_ANY, "budgets:write", account_id=None)
    assert "feature:BUDGETS" in grants_of(spanning).policies
    bound = spanning.bound_to("a", frozenset({"SSO"}))
    require_feature(bound, "SSO")
    with pytest.raises(Forbidden, match="BUDGETS"):
        require_feature(bound, "BUDGETS")


def test_a_platform_machine_without_accounts_any_brings_no_feature() -> None:
    assert grants_of(machine("budgets:write", account_id=None)).policies == {"role:SERVICE"}


def test_super_admins_are_exempt_from_features() -> None:
    require_feature(super_admin().bound_to("a", frozenset()), "BUDGETS")


def test_nobody_grants_more_than_they_hold() -> None:
    admin = person("a", scopes=scopes_of_roles([Role.ACCOUNT_ADMIN]))
    assert ACCOUNTS_ANY not in grantable_scopes(admin)
    assert "usage:write" in grantable_scopes(admin)
    assert grantable_scopes(super_admin()) == SCOPES.keys()
    assert grantable_scopes(machine("usage:write")) == frozenset()


@pytest.mark.parametrize("role", [Role.ACCOUNT_ADMIN, Role.AUDITOR])
def test_those_who_see_the_whole_account_treat_every_row_of_it_as_theirs(role: Role) -> None:
    assert is_own(person("a", role), "a", "somebody")
    assert not is_own(person("a", role), "b", "somebody")


def test_a_member_owns_rows_under_any_of_their_names() -> None:
    caller = replace(
        member("a"), user_id="44444444-4444-4444-8444-444444444444", identity_id="Zitadel-7"
    )
    for name in (caller.id, caller.user_id, "zitadel-7", " ADA@example.test"):
        assert is_own(caller, "a", None, name)
    assert not is_own(caller, "a", "bob@example.test", None)
    assert not is_own(caller, "b", caller.id)
    assert not is_own(caller, None, caller.id)
    assert not is_own(caller, "a")


def test_an_address_nobody_vouched_for_owns_nothing() -> None:
    caller = replace(member("a"), is_email_verified=False)
    assert "ada@example.test" not in own_ids(caller)
    assert not is_own(caller, "a", "ada@example.test")
