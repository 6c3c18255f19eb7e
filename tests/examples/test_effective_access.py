"""What a machine asks before every turn of a conversation, over the demo tenants, for each role."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from auth.caller import ActorKind, Caller, Role
from auth.policy import FEATURE_KEYS
from auth.scopes import scopes_of_roles
from tests.harness.callers import person, super_admin
from tests.harness.demo import Demo
from tests.harness.graph import Graph
from tests.harness.sql import look

TEXT = (Path(__file__).parent / "effective_access.graphql").read_text()


def own(account: str, role: Role, id: str) -> Caller:
    caller = person(account, role, id=id, scopes=scopes_of_roles([role]))
    return replace(caller, user_id=id, features=FEATURE_KEYS)


def machine(account: str) -> Caller:
    return Caller(
        kind=ActorKind.SERVICE,
        id="alchemi",
        name="alchemi",
        account_id=account,
        roles=frozenset({Role.SERVICE}),
        scopes=frozenset({"access:read"}),
        features=FEATURE_KEYS,
    )


async def person_of(demo: Demo, account: str, email: str) -> str:
    """The id of somebody of a demo tenant."""
    query = "SELECT id::text FROM copilot.users WHERE account_id = $1 AND lower(email) = lower($2)"
    ((id,),) = await look(demo.pool, query, account, email)
    return str(id)


async def ask(demo: Demo, caller: Caller, account: str, user: str, agent: str | None = None) -> Any:
    names = "SELECT model_name FROM copilot.model_catalog WHERE is_active ORDER BY 1 LIMIT 1"
    ((model,),) = await look(demo.pool, names)
    of = {"accountId": account, "userId": user, "model": model, "agentId": agent}
    return await Graph(demo.pool).ask(caller, TEXT, **of)


async def test_everybody_who_may_ask_gets_the_same_answer(demo: Demo) -> None:
    account = demo.first
    user = await person_of(demo, account.id, account.member_email)
    callers = [
        machine(account.id),
        own(account.id, Role.MEMBER, user),
        own(account.id, Role.ACCOUNT_ADMIN, "33333333-3333-4333-8333-333333333333"),
        super_admin(),
    ]
    answers = [await ask(demo, caller, account.id, user) for caller in callers]
    assert [answer.errors for answer in answers] == [()] * 4
    found = [answer.data["account"]["effectiveAccess"] for answer in answers if answer.data]
    assert len({one.pop("computedAt") for one in found}) == 4
    assert found == [found[0]] * 4
    assert found[0]["chain"][0] == {"type": "USER", "id": user}
    assert found[0]["chain"][-1] == {"type": "ACCOUNT", "id": account.id}
    assert {one["feature"]["key"] for one in found[0]["features"]} == FEATURE_KEYS
    assert found[0]["models"]["models"]
    assert found[0]["guardrails"]["requirements"]
    # One team may create MCP servers; the other, which may not use what is provided, has no say.
    assert [tuple(one.values()) for one in found[0]["connectors"]] == [
        ("MCP", "SELF_MANAGED_ALLOWED", True, True),
        ("OPENAPI", "USE_ONLY", True, False),
        ("INTEGRATION", "USE_ONLY", True, False),
    ]


async def test_an_agent_adds_the_guards_that_it_requires(demo: Demo) -> None:
    account = demo.first
    user = await person_of(demo, account.id, account.member_email)
    agents = (
        "SELECT agent_id::text, required_guards FROM gateway.agent_guards WHERE account_id = $1"
    )
    agent, guards = (await look(demo.pool, agents, account.id))[0]
    answer = await ask(demo, machine(account.id), account.id, user, agent)
    assert answer.errors == ()
    requirements = answer.data["account"]["effectiveAccess"]["guardrails"]["requirements"]
    assert set(guards) <= {one["guard"] for one in requirements if one["mode"] == "ENFORCE"}


async def test_nobody_learns_what_is_not_theirs(demo: Demo) -> None:
    account, other = demo.summary.accounts[:2]
    user = await person_of(demo, account.id, account.member_email)
    admin = await person_of(demo, account.id, account.admin_email)
    member = own(account.id, Role.MEMBER, user)
    refused = await ask(demo, member, account.id, admin)
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]
    elsewhere = await ask(demo, machine(other.id), account.id, user)
    assert [error.extensions["code"] for error in elsewhere.errors] == ["FORBIDDEN"]
    foreign = await ask(demo, machine(other.id), other.id, user)
    assert foreign.data == {"account": {"id": other.id, "effectiveAccess": None}}
