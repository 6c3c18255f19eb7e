from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, update

from auth.authenticator import Authenticator, Doors
from auth.caller import Role
from auth.credentials import Credentials
from auth.errors import Forbidden, Unauthenticated
from auth.mint import mint_session
from auth.policy import FEATURE_KEYS
from auth.service_tokens import new_token
from auth.store import Dossier, PrincipalQuery
from auth.tokens import SessionTokens
from datasources.access_tables import access_overrides
from datasources.base import Statement
from datasources.database import Pool, PoolOptions
from datasources.feature_catalogue import KEYS
from datasources.identity import StoredPrincipals
from datasources.tables import (
    account_admins,
    accounts,
    groups,
    identity_users,
    memberships,
    service_credentials,
    service_tokens,
    session_cutoffs,
    team_memberships,
    teams,
    users,
)
from schema.base.guards import FeatureKey
from tests.harness.rows import add

SECRET = "s" * 32
ADA = "ada@acme.test"


async def add_account(pool: Pool, id: str = "acme", **values: Any) -> None:
    await add(pool, accounts, **{"account_id": id, "account_name": f"Account {id}", **values})


async def add_person(
    pool: Pool,
    account_id: str = "acme",
    *,
    email: str = ADA,
    role: str | None = "USER",
    is_active: bool = True,
    is_member: bool = True,
) -> str:
    id = str(uuid4())
    await add(
        pool, users, id=id, account_id=account_id, email=email, name="Ada", is_active=is_active
    )
    if role is not None:
        await add(
            pool,
            memberships,
            account_id=account_id,
            user_id=id,
            app_role=role,
            is_active=is_member,
        )
    return id


async def add_identity(pool: Pool, account_id: str | None = "acme", **values: Any) -> None:
    usual = {"user_id": str(uuid4()), "user_email": ADA, "user_role": "internal_user"}
    await add(pool, identity_users, account_id=account_id, **{**usual, **values})


async def add_admin(pool: Pool, account_id: str, email: str) -> None:
    await add(pool, account_admins, id=str(uuid4()), account_id=account_id, user_email=email)


def query(
    subject: str = "nobody", email: str | None = ADA, organization: str | None = None
) -> PrincipalQuery:
    names = (subject,) if email is None else (subject, email)
    return PrincipalQuery(subject, email, organization, names)


@pytest.fixture
def store(pool: Pool) -> StoredPrincipals:
    return StoredPrincipals(pool)


@pytest.fixture
def authenticator(store: StoredPrincipals) -> Authenticator:
    return Authenticator(store, Doors(sessions=SessionTokens([SECRET])))


def session(subject: str = "nobody", email: str | None = ADA, **more: Any) -> Credentials:
    return Credentials(mint_session(SECRET, subject=subject, email=email, **more))


async def test_one_statement_tells_everything_on_record(
    pool: Pool, store: StoredPrincipals
) -> None:
    await add_account(pool, domain="acme.test")
    await add_account(pool, "other", metadata={"auth_org_id": "org-1"})
    user_id = await add_person(pool, role="ADMIN")
    await add_identity(pool, user_id="ada", user_alias="Ada L.")
    await add_admin(pool, "other", ADA)
    await add(pool, session_cutoffs, subject=ADA, valid_after=datetime(2026, 1, 1, tzinfo=UTC))
    before = pool.statements
    found = await store.dossier(query("ada", organization="org-1"))
    assert pool.statements - before == 1
    assert found.accounts.keys() == {"acme", "other"}
    assert [(row.id, row.role, row.is_active) for row in found.people] == [
        (user_id, "ADMIN", True)
    ] * len(found.people)
    assert [(row.id, row.name, row.is_subject) for row in found.identities] == [
        ("ada", "Ada L.", True)
    ]
    assert found.by_domain == {"acme"}
    assert found.by_organization == found.admin_of == {"other"}
    assert found.valid_after == datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_stranger_is_on_no_record(pool: Pool, store: StoredPrincipals) -> None:
    await add_account(pool)
    await add_person(pool)
    assert await store.dossier(query("x", "eve@evil.test")) == Dossier(accounts={})


async def test_addresses_and_domains_match_whatever_their_case(
    pool: Pool, store: StoredPrincipals
) -> None:
    await add_account(pool, domain=" ACME.Test ")
    await add_person(pool, email="ADA@Acme.Test")
    await add_identity(pool, user_email="Ada@ACME.test")
    await add_admin(pool, "acme", " Ada@Acme.test ")
    found = await store.dossier(query())
    assert found.by_domain == found.admin_of == {"acme"}
    assert len(found.people) == len(found.identities) == 1


async def test_without_a_verified_address_only_the_subject_counts(
    pool: Pool, store: StoredPrincipals
) -> None:
    await add_account(pool, domain="acme.test")
    await add_person(pool)
    await add_admin(pool, "acme", ADA)
    await add_identity(pool, user_id="someone", user_email=ADA)
    assert await store.dossier(query("x", None)) == Dossier(accounts={})


async def test_a_row_found_by_subject_lends_its_address_to_its_own_account_only(
    pool: Pool, store: StoredPrincipals
) -> None:
    await add_account(pool, domain="acme.test")
    await add_account(pool, "other")
    await add_identity(pool, sso_user_id="subject-7")
    own = await add_person(pool)
    await add_person(pool, "other", role="ADMIN")
    await add_admin(pool, "acme", ADA)
    await add_admin(pool, "other", ADA)
    found = await store.dossier(query("subject-7", None))
    assert {row.id for row in found.people} == {own}
    assert found.admin_of == {"acme"}
    assert found.by_domain == frozenset()


@pytest.mark.parametrize("account_id", [None, "None", "gone", ""])
async def test_links_to_accounts_that_do_not_exist_count_for_nothing(
    pool: Pool, store: StoredPrincipals, account_id: str | None
) -> None:
    await add_identity(pool, account_id, user_id="ada", user_role="proxy_admin")
    if account_id is not None:
        await add_person(pool, account_id, role="ADMIN")
    assert await store.dossier(query("ada")) == Dossier(accounts={})


@pytest.mark.parametrize(
    ("metadata", "is_active"),
    [
        ({}, True),
        ({"scim_active": True}, True),
        ({"scim_active": False}, False),
        ({"scim_active": "False"}, False),
        (json.dumps({"scim_active": False}), False),
        (json.dumps(json.dumps({"scim_active": False})), False),
        ("{broken", True),
        ([], True),
    ],
)
async def test_deactivation_by_the_provider_is_read_from_any_metadata(
    pool: Pool, store: StoredPrincipals, metadata: object, is_active: bool
) -> None:
    await add_account(pool)
    await add_identity(pool, metadata=metadata)
    found = await store.dossier(query())
    assert [row.is_active for row in found.identities] == [is_active]


@pytest.mark.parametrize(
    "metadata",
    [
        {"auth_org_id": "org-1"},
        json.dumps({"auth_org_id": "org-1"}),
        json.dumps(json.dumps({"auth_org_id": "org-1"})),
    ],
)
async def test_an_organisation_is_found_in_metadata_stored_as_text(
    pool: Pool, store: StoredPrincipals, metadata: object
) -> None:
    await add_account(pool, metadata=metadata)
    await add_account(pool, "broken", metadata='{"auth_org_id": "org-1"')
    assert (await store.dossier(query(organization="org-1"))).by_organization == {"acme"}
    assert (await store.dossier(query())).by_organization == frozenset()


@pytest.mark.parametrize(
    ("features", "off"),
    [
        ({}, set()),
        ({"copilot_budgets": False, "unknown": False}, {"BUDGETS"}),
        ({"copilot_agents": "off"}, {"AGENTS", "CREATE_AGENTS"}),
        ({"can_create_agents": 0}, {"CREATE_AGENTS"}),
        ({"copilot_agents": True, "can_create_agents": False}, {"CREATE_AGENTS"}),
        ({"copilot_agents": False, "can_create_agents": True}, {"AGENTS", "CREATE_AGENTS"}),
        ({"sso_config": "perhaps", "playground": None}, set()),
        ({"model_management": " NO "}, {"MODEL_MANAGEMENT", "ACCESS_MODELS"}),
    ],
)
@pytest.mark.parametrize("wrap", [lambda value: value, json.dumps])
async def test_an_account_has_the_features_its_entitlements_leave_on(
    pool: Pool, store: StoredPrincipals, features: object, off: set[str], wrap: Any
) -> None:
    await add_account(pool, metadata=wrap({"entitlements": {"features": features}}))
    await add_person(pool)
    entitled = (await store.dossier(query())).accounts["acme"].features
    assert len(entitled | off) == 13
    assert entitled & off == set()


@pytest.mark.parametrize("scope_type", ["ACCOUNT", "USER", "TEAM", "GROUP"])
async def test_who_is_denied_a_feature_has_it_no_more_and_others_still_do(
    pool: Pool, store: StoredPrincipals, scope_type: str
) -> None:
    await add_account(pool)
    mine = await add_person(pool)
    await add_person(pool, email="eve@acme.test")
    group, team = str(uuid4()), str(uuid4())
    await add(pool, groups, id=group, account_id="acme", name="G")
    await add(pool, teams, id=team, account_id="acme", name="T", group_id=group)
    await add(pool, team_memberships, account_id="acme", user_id=mine, team_id=team)
    ids = {"ACCOUNT": "acme", "USER": mine, "TEAM": team, "GROUP": group}
    await add(
        pool,
        access_overrides,
        account_id="acme",
        scope_type=scope_type,
        scope_id=ids[scope_type],
        feature_code="agents",
        effect="DENY",
        reason="why",
    )
    own = (await store.dossier(query())).accounts["acme"].features
    assert FEATURE_KEYS - own == {"AGENTS", "CREATE_AGENTS"}
    others = (await store.dossier(query(email="eve@acme.test"))).accounts["acme"].features
    assert others == (own if scope_type == "ACCOUNT" else FEATURE_KEYS)


def test_every_feature_of_the_graph_has_a_stored_name_and_a_policy() -> None:
    assert set(KEYS.values()) == FEATURE_KEYS == {key.value for key in FeatureKey}


async def test_roles_of_all_sources_meet_in_one_caller(
    pool: Pool, authenticator: Authenticator
) -> None:
    await add_account(pool)
    user_id = await add_person(pool, role="VIEWER")
    await add_identity(pool, user_id="ada-7")
    caller = await authenticator.authenticate(session("ada-7"))
    assert caller.roles == {Role.AUDITOR, Role.MEMBER}
    assert (caller.user_id, caller.identity_id) == (user_id, "ada-7")
    assert caller.account_id == "acme"


async def test_a_session_by_directory_id_needs_no_address(
    pool: Pool, authenticator: Authenticator
) -> None:
    await add_account(pool)
    user_id = await add_person(pool, role="ADMIN")
    caller = await authenticator.authenticate(session(user_id.upper(), None))
    assert caller.user_id == user_id
    assert caller.roles == {Role.ACCOUNT_ADMIN}


async def test_whoever_is_no_longer_listed_is_no_admin(
    pool: Pool, authenticator: Authenticator
) -> None:
    await add_account(pool, domain="acme.test")
    await add_person(pool)
    await add_admin(pool, "acme", ADA)
    credentials = session()
    assert Role.ACCOUNT_ADMIN in (await authenticator.authenticate(credentials)).roles
    await pool.execute(Statement(account_admins.delete()))
    authenticator.forget()
    assert (await authenticator.authenticate(credentials)).roles == {Role.MEMBER}


@pytest.mark.parametrize("status", ["suspended", "SUSPENDED", "deleted", ""])
async def test_an_account_out_of_use_is_closed(
    pool: Pool, authenticator: Authenticator, status: str
) -> None:
    await add_account(pool, status=status)
    await add_person(pool)
    with pytest.raises(Forbidden, match="suspended"):
        await authenticator.authenticate(session())


async def test_status_is_read_whatever_its_case(pool: Pool, authenticator: Authenticator) -> None:
    await add_account(pool, status=" Active")
    await add_person(pool)
    assert (await authenticator.authenticate(session())).account_id == "acme"


async def test_a_deactivated_person_and_an_inactive_membership_are_told_apart(
    pool: Pool, authenticator: Authenticator
) -> None:
    await add_account(pool)
    await add_person(pool, is_active=False, role="ADMIN")
    await add_person(pool, email="bob@acme.test", is_member=False)
    with pytest.raises(Forbidden, match="deactivated"):
        await authenticator.authenticate(session())
    bob = await authenticator.authenticate(session(email="bob@acme.test"))
    assert (bob.account_id, bob.roles) == (None, frozenset())


async def test_one_address_in_two_accounts_needs_a_session_that_names_one(
    pool: Pool, authenticator: Authenticator
) -> None:
    for id in ("acme", "other"):
        await add_account(pool, id)
        await add_identity(pool, id)
    with pytest.raises(Forbidden, match="more than one"):
        await authenticator.authenticate(session())
    named = await authenticator.authenticate(session(account_id="other"))
    assert named.account_id == "other"


@pytest.mark.parametrize("name", [ADA, "ada-7"])
async def test_a_cutoff_under_any_name_ends_the_session(
    pool: Pool, authenticator: Authenticator, name: str
) -> None:
    await add_account(pool)
    await add_identity(pool, user_id="ada-7")
    soon = datetime.now(UTC) + timedelta(seconds=5)
    await add(pool, session_cutoffs, subject=name, valid_after=soon)
    with pytest.raises(Unauthenticated, match="ended"):
        await authenticator.authenticate(session("ada-7"))


async def add_credential(pool: Pool, **values: Any) -> Credentials:
    id, made = str(uuid4()), new_token()
    until = datetime.now(UTC) + timedelta(days=1)
    usual = {"account_id": "acme", "scopes": ["usage:write"], "expires_at": until}
    await add(pool, service_credentials, id=id, name=id, **{**usual, **values})
    await add(
        pool,
        service_tokens,
        token_hash=made.token_hash,
        credential_id=id,
        prefix=made.prefix,
        expires_at=until,
    )
    return Credentials(made.token)


async def test_a_service_token_lives_as_its_credential_does(
    pool: Pool, authenticator: Authenticator
) -> None:
    await add_account(pool)
    credentials = await add_credential(pool)
    caller = await authenticator.authenticate(credentials)
    assert caller.account_id == "acme"
    assert caller.scopes == {"usage:write"}
    record = await pool.fetchrow(Statement(service_credentials.select()))
    assert record is not None
    assert record["last_used_at"].second == record["last_used_at"].microsecond == 0
    revoked = update(service_credentials).values(
        revoked_at=bindparam("now", type_=service_credentials.c.revoked_at.type)
    )
    await pool.execute(Statement(revoked), now=datetime.now(UTC))
    authenticator.forget(caller.id)
    with pytest.raises(Unauthenticated, match="revoked"):
        await authenticator.authenticate(credentials)


async def test_after_a_rotation_the_old_token_works_to_its_own_end(
    pool: Pool, authenticator: Authenticator
) -> None:
    await add_account(pool)
    old = await add_credential(pool)
    record = await pool.fetchrow(Statement(service_credentials.select()))
    assert record is not None
    made = new_token()
    grace = datetime.now(UTC) + timedelta(hours=1)
    expiring = update(service_tokens).values(
        expires_at=bindparam("until", type_=service_tokens.c.expires_at.type)
    )
    await pool.execute(Statement(expiring), until=grace)
    await add(
        pool,
        service_tokens,
        token_hash=made.token_hash,
        credential_id=record["id"],
        prefix=made.prefix,
        expires_at=record["expires_at"],
    )
    callers = [await authenticator.authenticate(old)]
    callers.append(await authenticator.authenticate(Credentials(made.token)))
    assert [caller.expires_at for caller in callers] == [grace, record["expires_at"]]
    assert callers[0].id == callers[1].id
    await pool.execute(Statement(expiring), until=datetime.now(UTC))
    authenticator.forget()
    with pytest.raises(Unauthenticated, match="expired"):
        await authenticator.authenticate(old)


async def test_a_service_token_nobody_made_opens_nothing(
    pool: Pool, authenticator: Authenticator
) -> None:
    before = pool.statements
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(Credentials(new_token().token))
    assert pool.statements - before == 1
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(Credentials(new_token().token[:-1] + "é"))
    assert pool.statements - before == 1


@pytest.mark.parametrize("account_id", ["gone", "closed"])
async def test_a_service_token_of_an_account_out_of_use_is_refused(
    pool: Pool, authenticator: Authenticator, account_id: str
) -> None:
    await add_account(pool, "closed", status="suspended")
    credentials = await add_credential(pool, account_id=account_id)
    with pytest.raises(Forbidden):
        await authenticator.authenticate(credentials)


async def test_a_platform_credential_spans_accounts_by_its_scope(
    pool: Pool, authenticator: Authenticator
) -> None:
    credentials = await add_credential(pool, account_id=None, scopes=["accounts:any", "x:y"])
    caller = await authenticator.authenticate(credentials)
    assert caller.spans_accounts
    assert caller.scopes == {"accounts:any"}


async def test_row_level_security_lets_authentication_see_all_and_others_not(
    database_url: str,
) -> None:
    fenced = await Pool.open(database_url, PoolOptions(role="cockpit_gateway"))
    plain = await Pool.open(database_url, PoolOptions())
    try:
        await add_account(plain)
        await add_person(plain, role="ADMIN")
        await add_identity(plain, user_id="ada-7")
        credentials = await add_credential(plain)
        authenticator = Authenticator(
            StoredPrincipals(fenced), Doors(sessions=SessionTokens([SECRET]))
        )
        caller = await authenticator.authenticate(session("ada-7"))
        assert caller.roles == {Role.ACCOUNT_ADMIN, Role.MEMBER}
        assert (await authenticator.authenticate(credentials)).roles == {Role.SERVICE}
        assert await fenced.fetch(Statement(users.select())) == []
    finally:
        await fenced.close()
        await plain.close()
