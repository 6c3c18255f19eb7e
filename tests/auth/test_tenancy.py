from __future__ import annotations

from collections.abc import Iterable

import pytest

from auth.caller import Role
from auth.errors import Forbidden
from auth.store import AccountRecord, DirectoryRecord, Dossier, IdentityRecord
from auth.tenancy import resolve

ADMIN, AUDITOR, MEMBER = Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.MEMBER


def identity(
    account_id: str,
    role: str | None = "internal_user",
    *,
    active: bool = True,
    subject: bool = True,
) -> IdentityRecord:
    return IdentityRecord(account_id, f"id-{account_id}", "Ada", None, role, active, subject)


def person(account_id: str, role: str | None = "USER", *, active: bool = True) -> DirectoryRecord:
    return DirectoryRecord(account_id, f"user-{account_id}", "Ada", role, active)


def dossier(
    *,
    identities: Iterable[IdentityRecord] = (),
    people: Iterable[DirectoryRecord] = (),
    organization: Iterable[str] = (),
    domain: Iterable[str] = (),
    admin: Iterable[str] = (),
    suspended: Iterable[str] = (),
) -> Dossier:
    return Dossier(
        accounts={id: AccountRecord(id, id not in set(suspended), frozenset()) for id in "abcd"},
        identities=tuple(identities),
        people=tuple(people),
        by_organization=frozenset(organization),
        by_domain=frozenset(domain),
        admin_of=frozenset(admin),
    )


def found(record: Dossier, claimed: str | None = None) -> tuple[str, frozenset[Role]] | None:
    standing = resolve(record, claimed)
    return None if standing is None else (standing.account.id, standing.roles)


def test_nothing_on_record_is_no_account() -> None:
    assert found(dossier()) is None


def test_the_steps_are_taken_in_order() -> None:
    linked = [identity("b")]
    people = [person("a"), person("c"), person("d")]
    assert found(
        dossier(organization=["a"], identities=linked, domain=["c"], admin=["d"], people=people)
    ) == ("a", frozenset({MEMBER}))
    assert found(dossier(identities=linked, domain=["c"], admin=["d"], people=people)) == (
        "b",
        frozenset({MEMBER}),
    )
    assert found(dossier(domain=["c"], admin=["d"], people=people)) == ("c", frozenset({MEMBER}))
    assert found(dossier(admin=["d"], people=people)) == ("d", frozenset({ADMIN, MEMBER}))
    assert found(dossier(people=[person("a")])) == ("a", frozenset({MEMBER}))


def test_roles_of_all_sources_of_the_account_add_up() -> None:
    record = dossier(
        identities=[identity("a", "proxy_admin_viewer"), identity("b", "proxy_admin")],
        people=[person("a", "USER")],
        organization=["a"],
    )
    assert found(record) == ("a", frozenset({AUDITOR, MEMBER}))


def test_being_listed_as_admin_makes_an_admin_of_that_account() -> None:
    assert found(dossier(admin=["a"])) == ("a", frozenset({ADMIN}))


def test_a_platform_wide_role_string_means_its_own_account_only() -> None:
    record = dossier(identities=[identity("a", "proxy_admin")], people=[person("b", "USER")])
    assert found(record) == ("a", frozenset({ADMIN}))
    assert found(record, claimed="b") == ("b", frozenset({MEMBER}))


def test_no_domain_and_no_organisation_makes_a_member_by_itself() -> None:
    assert found(dossier(domain=["a"])) is None
    assert found(dossier(organization=["a"])) is None


def test_a_guest_is_found_where_the_own_domain_knows_nothing_of_them() -> None:
    assert found(dossier(domain=["a"], people=[person("b", "GUEST")])) == (
        "b",
        frozenset({MEMBER}),
    )


@pytest.mark.parametrize("role", ["team", "customer", "", None, "nonsense"])
def test_a_row_without_role_is_no_access(role: str | None) -> None:
    assert found(dossier(identities=[identity("a", role)])) is None


@pytest.mark.parametrize(
    "record",
    [
        dossier(admin=["a", "b"]),
        dossier(identities=[identity("a"), identity("b")]),
        dossier(identities=[identity("a", subject=False), identity("b", subject=False)]),
        dossier(people=[person("a"), person("b")]),
        dossier(organization=["a", "b"], admin=["a", "b"]),
    ],
)
def test_two_accounts_at_one_step_are_refused_unless_the_session_names_one(
    record: Dossier,
) -> None:
    with pytest.raises(Forbidden, match="more than one account"):
        resolve(record)
    standing = resolve(record, "b")
    assert standing is not None
    assert standing.account.id == "b"


def test_of_two_accounts_at_one_step_the_suspended_one_does_not_count() -> None:
    assert found(dossier(admin=["a", "b"], suspended=["a"])) == ("b", frozenset({ADMIN}))


def test_a_row_found_by_subject_outranks_rows_that_share_its_address() -> None:
    record = dossier(identities=[identity("a"), identity("b", "proxy_admin", subject=False)])
    assert found(record) == ("a", frozenset({MEMBER}))
    mixed = dossier(
        identities=[identity("a"), identity("a", "proxy_admin", subject=False)],
    )
    assert found(mixed) == ("a", frozenset({MEMBER}))


@pytest.mark.parametrize(
    "record",
    [
        dossier(identities=[identity("a")], suspended=["a"]),
        dossier(admin=["a"], suspended=["a"]),
        dossier(people=[person("a")], suspended=["a"]),
        dossier(domain=["a"], admin=["a"], suspended=["a"]),
    ],
)
@pytest.mark.parametrize("claimed", [None, "a"])
def test_a_suspended_account_is_closed(record: Dossier, claimed: str | None) -> None:
    with pytest.raises(Forbidden, match="suspended"):
        resolve(record, claimed)


@pytest.mark.parametrize(
    "record",
    [
        dossier(people=[person("a", active=False)]),
        dossier(people=[person("a", active=False)], admin=["a"]),
        dossier(people=[person("a", active=False)], identities=[identity("a", "proxy_admin")]),
        dossier(identities=[identity("a", active=False)]),
        dossier(identities=[identity("a", active=False)], people=[person("a", "ADMIN")]),
        dossier(identities=[identity("a", active=False), identity("a", subject=False)]),
    ],
)
@pytest.mark.parametrize("claimed", [None, "a"])
def test_a_deactivated_person_is_refused_whatever_else_speaks_for_them(
    record: Dossier, claimed: str | None
) -> None:
    with pytest.raises(Forbidden, match="deactivated"):
        resolve(record, claimed)


def test_a_person_deactivated_in_one_account_keeps_another() -> None:
    record = dossier(identities=[identity("a", active=False)], people=[person("b")])
    assert found(record) == ("b", frozenset({MEMBER}))


def test_an_inactive_membership_ends_its_own_right_only() -> None:
    assert found(dossier(people=[person("a", None)])) is None
    assert found(dossier(people=[person("a", None)], admin=["a"])) == ("a", frozenset({ADMIN}))


@pytest.mark.parametrize("claimed", ["b", "nowhere", "None", "A"])
def test_a_session_for_an_account_that_is_not_the_persons_is_refused(claimed: str) -> None:
    with pytest.raises(Forbidden, match="do not belong"):
        resolve(dossier(identities=[identity("a")], domain=["b"]), claimed)
