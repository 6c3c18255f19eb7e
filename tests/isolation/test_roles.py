"""Every guarded field and mutation, for every kind of caller, exactly as its guard says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from auth.caller import Caller, Role
from datasources.database import Pool
from federation.execution.response import Response
from tests.harness.callers import nobody, super_admin
from tests.harness.graph import Graph, supergraph
from tests.isolation.guards import admits
from tests.isolation.samples import ARGUMENTS, INPUTS, variables_of
from tests.isolation.tenants import ALPHA
from tests.isolation.walk import Document, Step, Walk

SCHEMA = supergraph().api_schema
WALK = Walk(SCHEMA, frozenset(ARGUMENTS))
REFUSALS = {"FORBIDDEN", "UNAUTHENTICATED"}
ADMIN = ALPHA.caller(Role.ACCOUNT_ADMIN)

CALLERS: dict[str, Caller | None] = {
    "nobody": None,
    "stranger": nobody(),
    "member": ALPHA.caller(Role.MEMBER),
    "auditor": ALPHA.caller(Role.AUDITOR),
    "account admin": ADMIN,
    "account admin without features": replace(ADMIN, features=frozenset()),
    "service without scopes": replace(ALPHA.machine(), scopes=frozenset()),
    "service that reads the directory": ALPHA.machine("directory:read"),
    "service with every scope": ALPHA.machine(),
    "super admin": super_admin(),
}

READ_APART = {("Feature", "planConfig")}
"""Refused columns whose row, where nothing is refused, PostgreSQL writes into another's: it is read
by itself, and without them, because the answer then holds an error."""

pytestmark = pytest.mark.parametrize("graph", [None], indirect=True, ids=["graph"])


def _codes(response: Response) -> set[str]:
    return {str(error.extensions.get("code")) for error in response.errors}


def _refusal(caller: Caller | None) -> str:
    return "UNAUTHENTICATED" if caller is None else "FORBIDDEN"


async def _ask(graph: Graph, caller: Caller | None, document: Document) -> Response:
    variables = variables_of(document.variables, ALPHA, "COPILOT")
    return await graph.ask(caller, document.text, **variables)


def _belongs(step: Step, caller: Caller | None) -> bool:
    """Whether the caller has the account that this root field answers with."""
    has_account = caller is None or caller.account_id is not None or caller.spans_accounts
    return has_account or step != ("Query", "account")


@pytest.mark.parametrize("name", CALLERS)
async def test_a_field_answers_exactly_whom_its_guards_admit(graph: Graph, name: str) -> None:
    caller = CALLERS[name]
    for step, _ in WALK.fields():
        document = WALK.to_coordinate(step)
        steps = (*WALK.path(step[0]), step)
        open_to = [admits(SCHEMA, at, caller) and _belongs(at, caller) for at in steps]
        response = await _ask(graph, caller, document)
        if all(open_to):
            assert response.errors == (), step
            continue
        depth = open_to.index(False) + 1
        keys = tuple(field.key for field in document.chain()[:depth])
        assert _codes(response) == {_refusal(caller)}, step
        assert {_names(error.path) for error in response.errors} == {keys}, step


def _names(path: tuple[str | int, ...] | None) -> tuple[str, ...]:
    return tuple(key for key in path or () if isinstance(key, str))


@pytest.mark.parametrize("name", CALLERS)
async def test_what_is_refused_is_decided_before_anything_of_it_is_read(
    graph: Graph, name: str
) -> None:
    caller, pool = CALLERS[name], graph.services.databases
    assert isinstance(pool, Pool)
    for step, _ in WALK.fields():
        steps = (*WALK.path(step[0]), step)
        open_to = [admits(SCHEMA, at, caller) for at in steps]
        if all(open_to):
            continue
        above = steps[: open_to.index(False)]
        allowed = await _statements(graph, pool, caller, above[-1]) if above else 0
        allowed += step in READ_APART
        assert await _statements(graph, pool, caller, step) <= allowed, step


async def _statements(graph: Graph, pool: Pool, caller: Caller | None, step: Step) -> int:
    before = pool.statements
    await _ask(graph, caller, WALK.to_coordinate(step))
    return pool.statements - before


@pytest.mark.parametrize("name", CALLERS)
async def test_a_mutation_runs_exactly_for_whom_its_guards_admit(graph: Graph, name: str) -> None:
    caller, pool = CALLERS[name], graph.services.databases
    assert isinstance(pool, Pool)
    root = SCHEMA.mutation_type
    assert root is not None
    for mutation in WALK.mutations():
        type_ = get_named_type(root.fields[mutation].args["input"].type)
        assert isinstance(type_, GraphQLInputObjectType)
        text = (
            f"mutation($of: {type_.name}!) {{ {mutation}(input: $of) {{ userErrors {{ code }} }} }}"
        )
        given = INPUTS[mutation][0](ALPHA, f"{mutation} {name}")
        if "accountId" in type_.fields:
            given |= {"accountId": ALPHA.account_id}
        before = pool.statements
        response = await graph.ask(caller, text, of=given)
        if admits(SCHEMA, ("Mutation", mutation), caller):
            assert not _codes(response) & REFUSALS, mutation
            continue
        assert _codes(response) == {_refusal(caller)}, mutation
        assert response.data == {mutation: None}, mutation
        assert pool.statements == before, mutation
