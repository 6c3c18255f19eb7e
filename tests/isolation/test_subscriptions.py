"""No subscription tells an account's caller of anything in another account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from graphql import get_named_type

from auth.caller import Caller, Role
from datasources.database import Pool
from federation.execution.response import Response, ResponseEvents
from tests.harness.callers import nobody, super_admin
from tests.harness.graph import Graph, supergraph
from tests.isolation.answers import leaks, same_for
from tests.isolation.guards import admits
from tests.isolation.samples import ARGUMENTS, EVENTS, UNKNOWN_ID, variables_of
from tests.isolation.tenants import ALPHA, OMEGA, SECRET, Tenant
from tests.isolation.walk import Walk

SCHEMA = supergraph().api_schema
WALK = Walk(SCHEMA, frozenset(ARGUMENTS))

READERS = {
    "account admin": ALPHA.caller(Role.ACCOUNT_ADMIN),
    "auditor": ALPHA.caller(Role.AUDITOR),
    "service": ALPHA.machine(),
}
CALLERS: dict[str, Caller | None] = {
    **READERS,
    "nobody": None,
    "stranger": nobody(),
    "member": ALPHA.caller(Role.MEMBER),
    "service of other scopes": ALPHA.machine("directory:read"),
    "super admin": super_admin(),
}

each = pytest.mark.parametrize("name", WALK.subscriptions())


@asynccontextmanager
async def _events(
    graph: Graph, caller: Caller | None, name: str, named: Tenant | None = None
) -> AsyncIterator[ResponseEvents]:
    """The events of a subscription that has begun to hear what happens."""
    document = WALK.to_subscription(name, 2, *(["accountId"] if named else []))
    account = f"Subscription_{name}_accountId"
    others = {known: at for known, at in document.variables.items() if known != account}
    variables = variables_of(others, named or ALPHA, "COPILOT")
    if named is not None:
        variables[account] = named.account_id
    events = await graph.subscribe(caller, document.text, **variables)
    assert not isinstance(events, Response), events.errors
    first = asyncio.ensure_future(anext(events))
    await graph.followed(graph.follower_count + 1)

    async def from_the_first() -> ResponseEvents:
        yield await first
        async for event in events:
            yield event

    try:
        yield from_the_first()
    finally:
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await events.aclose()


async def _happen(graph: Graph, name: str, tenant: Tenant) -> None:
    """Make one event of a subscription happen."""
    if name not in EVENTS:
        raise LookupError(
            f"Nothing is known that makes {name} tell of anything: add it to EVENTS in "
            "tests/isolation/samples.py."
        )
    for number, (mutation, make) in enumerate(EVENTS[name]):
        type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
        text = (
            f"mutation($of: {type_}!) {{ {mutation}(input: $of) {{ userErrors {{ message }} }} }}"
        )
        given = {"accountId": tenant.account_id, **make(tenant, f"{name} {number}")}
        response = await graph.ask(super_admin(), text, of=given)
        assert response.data == {mutation: {"userErrors": []}}, response.errors


@each
@pytest.mark.parametrize("reader", READERS)
async def test_the_first_that_is_heard_of_is_one_s_own_however_much_happened_elsewhere(
    graph: Graph, name: str, reader: str
) -> None:
    async with _events(graph, READERS[reader], name) as events:
        await _happen(graph, name, OMEGA)
        await _happen(graph, name, ALPHA)
        event = await anext(events)

    assert event.data is not None
    assert event.data[name] is not None
    assert leaks(event, ALPHA.marks)
    assert not leaks(event, (*OMEGA.marks, SECRET))


@each
async def test_a_super_admin_hears_of_all_accounts_or_of_the_one_named(
    graph: Graph, name: str
) -> None:
    async with (
        _events(graph, super_admin(), name) as of_all,
        _events(graph, super_admin(), name, OMEGA) as of_one,
    ):
        await _happen(graph, name, ALPHA)
        await _happen(graph, name, OMEGA)
        first, second = await anext(of_all), await anext(of_all)
        only = await anext(of_one)

    assert leaks(first, ALPHA.marks)
    assert leaks(second, OMEGA.marks)
    assert leaks(only, OMEGA.marks)
    assert not leaks(only, ALPHA.marks)
    assert first.errors == only.errors == ()


@each
@pytest.mark.parametrize("reader", READERS)
async def test_another_account_is_forbidden_whether_or_not_it_exists(
    graph: Graph, name: str, reader: str
) -> None:
    document = WALK.to_subscription(name, 1, "accountId")
    account = f"Subscription_{name}_accountId"
    others = {known: at for known, at in document.variables.items() if known != account}
    variables = variables_of(others, ALPHA, "COPILOT")
    answers = set()
    for id in (OMEGA.account_id, UNKNOWN_ID, "None", ""):
        events = await graph.subscribe(READERS[reader], document.text, **variables, **{account: id})
        assert not isinstance(events, Response)
        only = [event async for event in events]
        assert {error.extensions["code"] for event in only for error in event.errors} == {
            "FORBIDDEN"
        }
        answers |= {same_for(event, id or "no id at all") for event in only}

    assert len(answers) == 1
    assert graph.follower_count == 0


@each
@pytest.mark.parametrize("who", CALLERS)
async def test_only_whom_the_guards_admit_may_listen(graph: Graph, name: str, who: str) -> None:
    caller, pool = CALLERS[who], graph.services.databases
    assert isinstance(pool, Pool)
    if admits(SCHEMA, ("Subscription", name), caller):
        async with _events(graph, caller, name):
            return
    document = WALK.to_subscription(name, 0)
    variables = variables_of(document.variables, ALPHA, "COPILOT")
    before = pool.statements
    refused = await graph.subscribe(caller, document.text, **variables)

    assert isinstance(refused, Response)
    code = "UNAUTHENTICATED" if caller is None else "FORBIDDEN"
    assert {error.extensions["code"] for error in refused.errors} == {code}
    assert pool.statements == before


@each
def test_events_say_which_account_they_are_of(name: str) -> None:
    root = SCHEMA.subscription_type
    assert root is not None
    told = get_named_type(root.fields[name].type)

    assert "accountId" in root.fields[name].args
    assert "accountId" in getattr(told, "fields", {})
