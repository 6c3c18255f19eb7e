"""What `cockpit dev` hands out when it is ready: address, accounts, and a token a role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import aiohttp
import orjson

from auth.caller import Role
from auth.mint import mint_session
from auth.scopes import scopes_of_roles
from auth.service_tokens import LONGEST_GRACE
from datasources.demo import DemoAccount, DemoSummary
from gateway.commands.errors import CommandError
from gateway.development import SUPER_ADMIN, session_secret
from gateway.settings import Settings

__all__ = ["Welcome", "WelcomeError", "welcome"]

_LIFETIME = timedelta(days=7)
_CREDENTIAL = "cockpit dev"
_FIND = """
query ($search: String!) {
  account { serviceCredentials(filter: {search: $search, isActive: true}) { nodes { id name } } }
}
"""
_ROTATE = """
mutation ($id: ID!, $grace: Int!) {
  made: rotateServiceCredential(input: {id: $id, graceSeconds: $grace}) {
    token
    userErrors { message }
  }
}
"""
_CREATE = """
mutation ($name: String!, $scopes: [String!]!) {
  made: createServiceCredential(input: {name: $name, scopes: $scopes}) {
    token
    userErrors { message }
  }
}
"""


class WelcomeError(CommandError):
    """The gateway that was just started does not answer as it should."""


class Welcome(NamedTuple):
    """Everything somebody needs for a first query."""

    url: str
    accounts: tuple[DemoAccount, ...]
    tokens: Mapping[str, str]
    """By role; those of tenants belong to the first account, and there are none without demo
    tenants: another database's people have tokens of their own."""

    def as_json(self) -> str:
        """One line for scripts."""
        accounts = [{"id": account.id, "name": account.name} for account in self.accounts]
        line = {"url": self.url, "accounts": accounts, "tokens": dict(self.tokens)}
        return orjson.dumps(line).decode()

    def as_text(self, seconds: float) -> str:
        """For people."""
        tokens = "\n".join(f"  {name:<14} {text}" for name, text in self.tokens.items())
        role = "account_admin" if self.accounts else "super_admin"
        token = self.tokens[role]
        owner = f" (those of tenants for {self.accounts[0].name})" if self.accounts else ""
        return f"""
The cockpit gateway is ready, after {seconds:.1f} seconds.

  Playground  {self.url}/
  GraphQL     {self.url}/graphql

Tokens{owner}:

{tokens}

A first query, as {role}:

  curl -s {self.url}/graphql -H 'content-type: application/json' \\
    -H 'authorization: Bearer {token}' \\
    -d '{{"query": "{{ viewer {{ name roles account {{ name }} }} }}"}}'

The playground, signed in:  {self.url}/#token={token}

Ctrl-C stops everything.
"""


async def welcome(url: str, settings: Settings, demo: DemoSummary) -> Welcome:
    """Mint the tokens, and ask the gateway at `url` for that of a service.

    Raises `WelcomeError`.
    """
    tokens = {"super_admin": _session(settings, SUPER_ADMIN, None)}
    if demo.accounts:
        tokens |= await _tenant_tokens(url, settings, demo.accounts[0])
    return Welcome(url, demo.accounts, tokens)


async def _tenant_tokens(url: str, settings: Settings, account: DemoAccount) -> dict[str, str]:
    tokens = {
        "account_admin": _session(settings, account.admin_email, account.id),
        "auditor": _session(settings, account.auditor_email, account.id),
        "member": _session(settings, account.member_email, account.id),
    }
    return {**tokens, "service": await _service_token(url, tokens["account_admin"])}


def _session(settings: Settings, email: str, account_id: str | None) -> str:
    return mint_session(
        session_secret(settings),
        subject=email,
        email=email,
        account_id=account_id,
        lifetime=_LIFETIME,
    )


async def _service_token(url: str, admin: str) -> str:
    """A token of the account's credential for development: a new one, or made anew."""
    headers = {"Authorization": f"Bearer {admin}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        found = await _ask(session, url, _FIND, {"search": _CREDENTIAL})
        nodes = found["account"]["serviceCredentials"]["nodes"]
        ours = [node["id"] for node in nodes if node["name"] == _CREDENTIAL]
        if ours:
            # The token of another `cockpit dev` on the same data goes on working.
            grace = int(LONGEST_GRACE.total_seconds())
            answer = await _ask(session, url, _ROTATE, {"id": ours[0], "grace": grace})
        else:
            scopes = sorted(scopes_of_roles({Role.ACCOUNT_ADMIN}))
            answer = await _ask(session, url, _CREATE, {"name": _CREDENTIAL, "scopes": scopes})
    made = answer["made"]
    if made["userErrors"]:
        raise WelcomeError(f"No service token was made: {made['userErrors'][0]['message']}")
    token: str = made["token"]
    return token


async def _ask(
    session: aiohttp.ClientSession, url: str, query: str, variables: Mapping[str, Any]
) -> dict[str, Any]:
    body = {"query": query, "variables": variables}
    async with session.post(f"{url}/graphql", json=body) as response:
        answer = await response.json()
    if answer.get("errors"):
        raise WelcomeError(f"The gateway answers: {answer['errors'][0]['message']}")
    data: dict[str, Any] = answer["data"]
    return data
