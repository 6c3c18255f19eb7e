from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from auth.authenticator import Authenticator, Doors
from auth.caller import ActorKind, Caller, Role
from auth.credentials import Credentials
from auth.errors import Forbidden, KeysUnavailable, Unauthenticated
from auth.keys import ProviderKeys
from auth.mint import mint_session
from auth.operator_key import OperatorKey
from auth.scopes import SCOPES
from auth.service_tokens import new_token
from auth.store import CredentialRecord, DirectoryRecord, Dossier, IdentityRecord
from auth.tokens import AccessTokens, SessionTokens
from tests.harness.clock import Clock
from tests.harness.issuer import AUDIENCE, Issuer
from tests.harness.principals import Principals, account

SECRET, OPERATOR = "s" * 32, "o" * 40
ROOT = "root@platform.test"
DOORS = Doors(
    sessions=SessionTokens([SECRET]),
    operator_key=OperatorKey(OPERATOR),
    super_admin_emails=frozenset({ROOT}),
)
ADA = DirectoryRecord("a", "11111111-1111-4111-8111-111111111111", "Ada", "ADMIN", True)
IN_A = Dossier(accounts={"a": account()}, people=(ADA,))


@pytest.fixture
def store() -> Principals:
    principals = Principals()
    principals.found = IN_A
    return principals


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authenticator(store: Principals, clock: Clock) -> Authenticator:
    return Authenticator(store, DOORS, clock=clock.now, timer=clock.seconds)


def session(email: str | None = "ada@acme.test", lifetime: int = 3600, **more: Any) -> Credentials:
    token = mint_session(
        SECRET, subject="u1", email=email, lifetime=timedelta(seconds=lifetime), **more
    )
    return Credentials(token)


def credential(now: datetime, **changes: object) -> tuple[Credentials, CredentialRecord]:
    made = new_token()
    record = CredentialRecord(
        id="33333333-3333-4333-8333-333333333333",
        name="Back end",
        token_hash=made.token_hash,
        account_id="a",
        account=account(),
        scopes=frozenset({"usage:write"}),
        expires_at=now + timedelta(days=90),
        revoked_at=None,
        last_used_at=None,
    )
    return Credentials(made.token), record._replace(**changes)  # type: ignore[arg-type] # by name


async def test_a_person_gets_the_rights_on_record(
    authenticator: Authenticator, store: Principals
) -> None:
    caller = await authenticator.authenticate(session(name="Ada L."))
    assert caller.kind is ActorKind.USER
    assert (caller.id, caller.user_id, caller.account_id) == (ADA.id, ADA.id, "a")
    assert caller.roles == {Role.ACCOUNT_ADMIN}
    assert "budgets:write" in caller.scopes
    assert caller.features == {"BUDGETS"}
    assert (caller.name, caller.email) == ("Ada", "ada@acme.test")
    assert caller.reaches("a")
    assert not caller.reaches("b")
    assert store.queries[0].email == "ada@acme.test"


async def test_nobody_is_told_to_sign_in(authenticator: Authenticator) -> None:
    with pytest.raises(Unauthenticated, match="Sign in"):
        await authenticator.authenticate(None)


async def test_somebody_who_belongs_nowhere_is_known_and_reaches_nothing(
    authenticator: Authenticator, store: Principals
) -> None:
    store.found = Dossier(accounts={})
    caller = await authenticator.authenticate(session())
    assert (caller.account_id, caller.roles, caller.scopes) == (None, frozenset(), frozenset())
    assert not caller.spans_accounts
    assert caller.is_email_verified


async def test_a_cookie_is_marked_for_the_csrf_guard_though_the_caller_is_remembered(
    authenticator: Authenticator,
) -> None:
    header = session()
    cookie = Credentials(header.token, is_cookie=True)
    assert [
        (await authenticator.authenticate(credentials)).is_cookie
        for credentials in (header, cookie, header)
    ] == [False, True, False]


async def test_a_listed_verified_address_is_a_super_admin(authenticator: Authenticator) -> None:
    caller = await authenticator.authenticate(session(ROOT))
    assert caller.is_super_admin
    assert (caller.id, caller.kind) == (ROOT, ActorKind.SUPER_ADMIN)
    assert caller.spans_accounts
    assert caller.account_id is None
    assert caller.scopes == SCOPES.keys()


async def test_the_tokens_own_word_makes_no_super_admin(
    authenticator: Authenticator, store: Principals
) -> None:
    claims = {"user_id": "u1", "user_email": "ada@acme.test", "user_role": "proxy_admin"}
    store.found = Dossier(accounts={})
    token = jwt.encode(
        {**claims, "is_super_admin": True, "exp": datetime.now(UTC) + timedelta(hours=1)},
        SECRET,
        algorithm="HS256",
    )
    caller = await authenticator.authenticate(Credentials(token))
    assert not caller.roles
    assert not caller.spans_accounts


async def test_an_unverified_address_makes_no_super_admin(store: Principals) -> None:
    async with Issuer() as issuer:
        keys = ProviderKeys(issuer.fetch, issuer=issuer.url)
        access = AccessTokens(keys, issuer=issuer.url, audience=AUDIENCE)
        authenticator = Authenticator(store, replace(DOORS, access_tokens=access))
        for claims in ({"email": ROOT}, {"preferred_username": ROOT, "email_verified": True}):
            caller = await authenticator.authenticate(Credentials(issuer.token(**claims)))
            assert not caller.is_super_admin
            assert store.queries[-1].email is None
        verified = issuer.token(email=ROOT, email_verified=True)
        assert (await authenticator.authenticate(Credentials(verified))).is_super_admin


async def test_an_outage_of_the_provider_is_no_refusal_and_is_not_remembered(
    store: Principals,
) -> None:
    async with Issuer() as issuer:
        clock = Clock()
        keys = ProviderKeys(issuer.fetch, issuer=issuer.url, timer=clock.seconds)
        access = AccessTokens(keys, issuer=issuer.url, audience=AUDIENCE)
        authenticator = Authenticator(
            store, replace(DOORS, access_tokens=access), timer=clock.seconds
        )
        token = Credentials(issuer.token())
        issuer.is_away = True
        with pytest.raises(KeysUnavailable):
            await authenticator.authenticate(token)
        issuer.is_away = False
        clock.advance(5)
        assert (await authenticator.authenticate(token)).account_id == "a"


async def test_a_failing_store_is_no_refusal_and_is_not_remembered(
    authenticator: Authenticator, store: Principals
) -> None:
    credentials = session()
    store.failure = ConnectionError("away")
    with pytest.raises(ConnectionError):
        await authenticator.authenticate(credentials)
    store.failure = None
    assert (await authenticator.authenticate(credentials)).account_id == "a"


async def test_the_operator_key_is_a_super_admin_without_any_look_up(
    authenticator: Authenticator, store: Principals
) -> None:
    caller = await authenticator.authenticate(Credentials(OPERATOR))
    assert caller.is_super_admin
    assert caller.id.startswith("operator:")
    assert store.queries == []


@pytest.mark.parametrize(
    "token", ["", "opaque", "sk-virtual-key", OPERATOR[:-1], OPERATOR + "o", "cpk_mistyped"]
)
async def test_anything_else_is_refused(authenticator: Authenticator, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(Credentials(token))


async def test_a_door_that_is_not_configured_stays_shut(store: Principals) -> None:
    shut = Authenticator(store, Doors())
    for token in (session(), Credentials(OPERATOR)):
        with pytest.raises(Unauthenticated):
            await shut.authenticate(token)


@pytest.mark.parametrize("seconds", [-1, 1])
async def test_a_session_from_before_a_cutoff_is_over(
    authenticator: Authenticator, store: Principals, seconds: int
) -> None:
    issued_at = datetime.now(UTC)
    store.found = IN_A._replace(valid_after=issued_at + timedelta(seconds=seconds))
    token = Credentials(mint_session(SECRET, subject="u1", now=issued_at))
    if seconds < 0:
        assert (await authenticator.authenticate(token)).account_id == "a"
        return
    with pytest.raises(Unauthenticated, match="ended"):
        await authenticator.authenticate(token)


async def test_a_cutoff_ends_a_super_admins_session_too(
    authenticator: Authenticator, store: Principals
) -> None:
    store.found = Dossier(accounts={}, valid_after=datetime.now(UTC) + timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        await authenticator.authenticate(session(ROOT))


async def test_a_caller_is_remembered_for_thirty_seconds_and_no_longer(
    authenticator: Authenticator, store: Principals, clock: Clock
) -> None:
    credentials = session()
    await authenticator.authenticate(credentials)
    store.found = Dossier(accounts={"a": account(is_active=False)}, people=(ADA,))
    clock.advance(29.9)
    assert (await authenticator.authenticate(credentials)).account_id == "a"
    assert len(store.queries) == 1
    clock.advance(0.1)
    with pytest.raises(Forbidden, match="suspended"):
        await authenticator.authenticate(credentials)


async def test_nobody_can_ask_for_a_longer_memory(store: Principals, clock: Clock) -> None:
    eager = Authenticator(store, DOORS, memory=3600, clock=clock.now, timer=clock.seconds)
    credentials = session()
    await eager.authenticate(credentials)
    clock.advance(30)
    await eager.authenticate(credentials)
    assert len(store.queries) == 2


async def test_a_caller_is_not_remembered_beyond_the_end_of_the_token(
    authenticator: Authenticator, store: Principals, clock: Clock
) -> None:
    credentials = session(lifetime=10)
    await authenticator.authenticate(credentials)
    clock.advance(11)
    await authenticator.authenticate(credentials)
    assert len(store.queries) == 2


async def test_a_refusal_is_remembered_briefly(
    authenticator: Authenticator, store: Principals, clock: Clock
) -> None:
    store.found = Dossier(accounts={"a": account(is_active=False)}, people=(ADA,))
    credentials = session()
    for _ in range(3):
        with pytest.raises(Forbidden, match="suspended"):
            await authenticator.authenticate(credentials)
    assert len(store.queries) == 1
    store.found = IN_A
    clock.advance(5)
    assert (await authenticator.authenticate(credentials)).account_id == "a"


@pytest.mark.parametrize("subject", [None, "a", ADA.id, "ADA@acme.test"])
async def test_forgetting_ends_a_right_at_once(
    authenticator: Authenticator, store: Principals, subject: str | None
) -> None:
    credentials = session()
    await authenticator.authenticate(credentials)
    store.found = IN_A._replace(people=(ADA._replace(role="USER"),))
    authenticator.forget(subject)
    assert (await authenticator.authenticate(credentials)).roles == {Role.MEMBER}


async def test_forgetting_somebody_else_keeps_the_rest(
    authenticator: Authenticator, store: Principals
) -> None:
    credentials = session()
    await authenticator.authenticate(credentials)
    authenticator.forget("somebody else")
    await authenticator.authenticate(credentials)
    assert len(store.queries) == 1


async def test_what_was_being_looked_up_when_a_right_was_removed_is_not_remembered(
    authenticator: Authenticator, store: Principals
) -> None:
    credentials = session()
    store.answers.clear()
    asking = asyncio.ensure_future(authenticator.authenticate(credentials))
    await store.asked.wait()
    store.found = IN_A._replace(people=(ADA._replace(role="USER"),))
    authenticator.forget()
    store.answers.set()
    assert (await asking).roles == {Role.ACCOUNT_ADMIN}
    assert (await authenticator.authenticate(credentials)).roles == {Role.MEMBER}


async def test_many_requests_with_one_token_cause_one_look_up(
    authenticator: Authenticator, store: Principals
) -> None:
    credentials = session()
    store.answers.clear()
    asking = [asyncio.ensure_future(authenticator.authenticate(credentials)) for _ in range(50)]
    await store.asked.wait()
    asking[0].cancel()
    store.answers.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert all(isinstance(caller, Caller) for caller in found[1:])
    assert len(store.queries) == 1


async def test_a_machine_has_its_scopes_and_its_account_and_nothing_else(
    authenticator: Authenticator, store: Principals, clock: Clock
) -> None:
    credentials, record = credential(clock.now())
    store.credentials[record.token_hash] = record
    caller = await authenticator.authenticate(credentials)
    assert caller.kind is ActorKind.SERVICE
    assert (caller.id, caller.account_id) == (record.id, "a")
    assert caller.roles == {Role.SERVICE}
    assert caller.scopes == {"usage:write"}
    assert not caller.spans_accounts


@pytest.mark.parametrize(
    ("account_id", "scopes", "spans"),
    [
        (None, {"accounts:any", "usage:write"}, True),
        (None, {"usage:write"}, False),
        ("a", {"accounts:any", "usage:write"}, False),
    ],
)
async def test_a_machine_spans_accounts_only_by_a_platform_credential_with_the_scope(
    authenticator: Authenticator,
    store: Principals,
    account_id: str | None,
    scopes: set[str],
    spans: bool,
) -> None:
    credentials, record = credential(
        datetime.now(UTC),
        account_id=account_id,
        account=account() if account_id else None,
        scopes=frozenset(scopes),
    )
    store.credentials[record.token_hash] = record
    caller = await authenticator.authenticate(credentials)
    assert caller.spans_accounts is spans
    assert caller.reaches("b") is spans


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"revoked_at": datetime(2020, 1, 1, tzinfo=UTC)}, Unauthenticated),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, Unauthenticated),
        ({"token_hash": b"0" * 32}, Unauthenticated),
        ({"account": None}, Forbidden),
        ({"account": account(is_active=False)}, Forbidden),
    ],
)
async def test_a_credential_that_is_over_opens_nothing(
    authenticator: Authenticator,
    store: Principals,
    clock: Clock,
    changes: dict[str, object],
    refusal: type[Exception],
) -> None:
    credentials, record = credential(clock.now())
    store.credentials[record.token_hash] = record._replace(**changes)  # type: ignore[arg-type] # by name
    with pytest.raises(refusal):
        await authenticator.authenticate(credentials)


async def test_the_use_of_a_credential_is_noted_once_a_minute(store: Principals) -> None:
    clock = Clock(datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC))
    authenticator = Authenticator(store, DOORS, clock=clock.now, timer=clock.seconds)
    credentials, record = credential(clock.now())
    store.credentials[record.token_hash] = record
    await authenticator.authenticate(credentials)
    minute = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert store.used == [(record.id, minute)]
    store.credentials[record.token_hash] = record._replace(last_used_at=minute)
    authenticator.forget()
    await authenticator.authenticate(credentials)
    assert len(store.used) == 1
    clock.advance(60)
    await authenticator.authenticate(credentials)
    assert store.used[1:] == [(record.id, datetime(2026, 3, 1, 12, 1, tzinfo=UTC))]


async def test_a_linked_row_names_a_person_who_is_in_no_directory_of_the_account(
    authenticator: Authenticator, store: Principals
) -> None:
    row = IdentityRecord("a", "zitadel-7", "Ada", "ada@acme.test", "internal_user", True, True)
    store.found = Dossier(accounts={"a": account()}, identities=(row,))
    caller = await authenticator.authenticate(session(email=None))
    assert (caller.id, caller.identity_id, caller.user_id) == ("zitadel-7", "zitadel-7", None)
    assert caller.email == "ada@acme.test"
    assert not caller.is_email_verified
