"""What takes a right away ends it at once: for sessions that are open, and for machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from auth.authenticator import Authenticator, Doors
from auth.caller import Caller, Role
from auth.credentials import Credentials
from auth.errors import Forbidden, Unauthenticated
from auth.mint import mint_session
from auth.tokens import SessionTokens
from datasources.database import Pool
from datasources.identity import StoredPrincipals
from datasources.tables import accounts
from tests.harness.callers import super_admin
from tests.harness.graph import Graph
from tests.harness.rows import add

SECRET = "a session secret of thirty-two bytes or more"
PASSWORD = "a long enough sentence"


class Platform(NamedTuple):
    """The graph and who it takes for whom; callers are remembered as in production."""

    graph: Graph
    authenticator: Authenticator
    admin_id: str
    """Ada's, who administers acme beside Bob."""

    async def write(self, mutation: str, fields: str, **values: Any) -> Any:
        """Run one mutation on acme as a super admin."""
        type_ = mutation[0].upper() + mutation[1:] + "Input!"
        text = f"mutation($input: {type_}) {{ {mutation}(input: $input) {{ {fields} }} }}"
        given = {"accountId": "acme"} | values
        response = await self.graph.ask(super_admin(), text, input=given)
        assert response.errors == ()
        assert response.data is not None
        return response.data[mutation]

    async def sign_in(self, token: str) -> Caller:
        """Who presents this token."""
        return await self.authenticator.authenticate(Credentials(token))


def _session(email: str, *, age: timedelta = timedelta(minutes=5)) -> str:
    issued = datetime.now(UTC) - age
    return mint_session(SECRET, subject=email, email=email, now=issued)


@pytest.fixture
async def platform(pool: Pool) -> Platform:
    await add(pool, accounts, account_id="acme", account_name="Acme", domain="acme.test")
    doors = Doors(sessions=SessionTokens([SECRET]))
    authenticator = Authenticator(StoredPrincipals(pool), doors)
    graph = Graph(pool)
    graph.services = replace(graph.services, principals=authenticator)
    platform = Platform(graph, authenticator, "")
    await platform.write("addAccountAdmin", "admin { id }", email="bob@acme.test")
    added = await platform.write("addAccountAdmin", "admin { id }", email="ada@acme.test")
    return platform._replace(admin_id=added["admin"]["id"])


async def test_whoever_is_listed_administers_the_account(platform: Platform) -> None:
    caller = await platform.sign_in(_session("Ada@acme.test"))

    assert caller.account_id == "acme"
    assert caller.roles == {Role.ACCOUNT_ADMIN}


async def test_a_suspended_account_refuses_its_people_and_machines(platform: Platform) -> None:
    session = _session("ada@acme.test")
    granted = await platform.write(
        "createServiceCredential", "token", name="M", scopes=["usage:write"]
    )
    for token in (session, granted["token"]):
        assert (await platform.sign_in(token)).account_id == "acme"

    await platform.write("setAccountStatus", "account { id }", status="SUSPENDED")
    for token in (session, granted["token"]):
        with pytest.raises(Forbidden):
            await platform.sign_in(token)

    await platform.write("setAccountStatus", "account { id }", status="ACTIVE")
    for token in (session, granted["token"]):
        assert (await platform.sign_in(token)).account_id == "acme"


async def test_a_removed_administrator_is_signed_out_and_has_no_right_left(
    platform: Platform,
) -> None:
    session = _session("ada@acme.test")
    await platform.sign_in(session)

    await platform.write("removeAccountAdmin", "deletedId", adminId=platform.admin_id)

    with pytest.raises(Unauthenticated):
        await platform.sign_in(session)
    later = _session("ada@acme.test", age=-timedelta(seconds=2))
    assert (await platform.sign_in(later)).roles == frozenset()
    assert (await platform.sign_in(_session("bob@acme.test"))).roles == {Role.ACCOUNT_ADMIN}


async def test_a_new_password_ends_the_sessions_opened_with_the_old_one(
    platform: Platform,
) -> None:
    session = _session("ada@acme.test")
    await platform.sign_in(session)

    await platform.write(
        "updateAccountAdmin", "admin { id }", adminId=platform.admin_id, password=PASSWORD
    )

    with pytest.raises(Unauthenticated):
        await platform.sign_in(session)
    later = _session("ada@acme.test", age=-timedelta(seconds=2))
    assert Role.ACCOUNT_ADMIN in (await platform.sign_in(later)).roles


async def test_an_address_that_was_given_up_opens_nothing(platform: Platform) -> None:
    session = _session("ada@acme.test")
    await platform.sign_in(session)

    await platform.write(
        "updateAccountAdmin", "admin { id }", adminId=platform.admin_id, email="eve@acme.test"
    )

    with pytest.raises(Unauthenticated):
        await platform.sign_in(session)
    assert (await platform.sign_in(_session("eve@acme.test"))).roles == {Role.ACCOUNT_ADMIN}


async def test_a_revoked_credential_is_refused_at_the_next_request(platform: Platform) -> None:
    granted = await platform.write(
        "createServiceCredential", "token credential { id }", name="M", scopes=["usage:write"]
    )
    await platform.sign_in(granted["token"])

    await platform.write(
        "revokeServiceCredential", "credential { id }", id=granted["credential"]["id"]
    )

    with pytest.raises(Unauthenticated):
        await platform.sign_in(granted["token"])


async def test_a_deleted_account_lets_nobody_in(platform: Platform) -> None:
    session = _session("ada@acme.test")
    await platform.sign_in(session)

    await platform.write("setAccountStatus", "account { id }", status="SUSPENDED")
    deleted = await platform.write("deleteAccount", "deletedId", confirmName="Acme")

    assert deleted == {"deletedId": "acme"}
    assert (await platform.sign_in(session)).account_id is None
