"""An operator is the same person however they signed in, for entitlements as for all the rest."""

from __future__ import annotations

from typing import Any

import pytest

from auth.authenticator import Authenticator, Doors
from auth.caller import Caller
from auth.credentials import Credentials
from auth.keys import ProviderKeys
from auth.mint import mint_session
from auth.operator_key import OPERATOR_PREFIX, OperatorKey
from auth.tokens import AccessTokens, SessionTokens
from datasources.database import Pool
from datasources.identity import StoredPrincipals
from tests.harness.access import fill_access, place
from tests.harness.directory import ACME
from tests.harness.graph import Graph
from tests.harness.issuer import AUDIENCE, Issuer
from tests.harness.sql import look

SECRET = "s" * 32
KEY = OPERATOR_PREFIX + "k" * 48
ROOT = "root@platform.test"
READ = """query ($id: ID!) { account(id: $id) {
  limits { maxTeams } entitlements { nodes { feature { code } source isEnabled } }
  overrides { totalCount } } }"""
WRITES: dict[str, dict[str, Any]] = {
    "setAccountLimits": {"maxTeams": 3},
    "setEntitlements": {"entitlements": [{"featureCode": "agents", "isEnabled": False}]},
    "setAccessOverride": {
        "scope": place("Red"),
        "featureCode": "sso",
        "effect": "DENY",
        "reason": "why",
    },
}


async def signed_in(pool: Pool, issuer: Issuer, how: str, email: str = ROOT) -> Caller:
    """Whoever signed in this way, as a request's credentials prove it."""
    keys = ProviderKeys(issuer.fetch, issuer=issuer.url)
    doors = Doors(
        sessions=SessionTokens([SECRET]),
        access_tokens=AccessTokens(keys, issuer=issuer.url, audience=AUDIENCE),
        operator_key=OperatorKey(KEY),
        super_admin_emails=frozenset({ROOT}),
    )
    tokens = {
        "operator key": KEY,
        "session": mint_session(SECRET, subject="root", email=email),
        "identity token": issuer.token(email=email, email_verified=True),
    }
    return await Authenticator(StoredPrincipals(pool), doors).authenticate(Credentials(tokens[how]))


async def write(graph: Graph, caller: Caller, name: str) -> Any:
    type_ = name[0].upper() + name[1:]
    text = (
        f"mutation ($input: {type_}Input!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
    )
    return await graph.ask(caller, text, input={"accountId": ACME, **WRITES[name]})


@pytest.mark.parametrize("how", ["operator key", "session", "identity token"])
async def test_an_operator_reads_and_sets_entitlements_however_they_signed_in(
    pool: Pool, how: str
) -> None:
    await fill_access(pool)
    graph = Graph(pool)
    async with Issuer() as issuer:
        caller = await signed_in(pool, issuer, how)
    for name in WRITES:
        written = await write(graph, caller, name)
        assert (written.errors, written.data) == ((), {name: {"userErrors": []}})
    found = await graph.ask(caller, READ, id=ACME)
    assert found.errors == ()
    assert found.data == {
        "account": {
            "limits": {"maxTeams": 3},
            "entitlements": {
                "nodes": [
                    {"feature": {"code": "agents"}, "source": "SUPER_ADMIN", "isEnabled": False}
                ]
            },
            "overrides": {"totalCount": 1},
        }
    }
    actors = await look(pool, "SELECT DISTINCT actor_id FROM copilot.audit_log")
    assert actors == [(caller.id,)]


@pytest.mark.parametrize("how", ["session", "identity token"])
async def test_an_account_s_people_set_none_of_it_however_they_signed_in(
    pool: Pool, how: str
) -> None:
    await fill_access(pool)
    graph = Graph(pool)
    async with Issuer() as issuer:
        caller = await signed_in(pool, issuer, how, email="ada@acme.test")
    assert caller.account_id == ACME
    for name in WRITES:
        refused = await write(graph, caller, name)
        assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]
