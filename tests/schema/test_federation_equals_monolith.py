"""The modules as subgraphs answer any query as one schema made of all of them would."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random
from typing import Any, NamedTuple

import pytest
from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLField,
    NameNode,
    Visitor,
    execute,
    get_named_type,
    is_composite_type,
    parse,
    print_ast,
    separate_operations,
    validate,
    visit,
)
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from auth.caller import Caller, Role
from auth.policy import FEATURE_KEYS, grants_of
from auth.scopes import scopes_of_roles
from federation.engine import Engine
from federation.execution.response import Response
from federation.operation import Grants
from federation.transport.in_process import InProcessSubgraph
from federation.written import read
from schema.subgraphs import subgraphs
from tests.federation.compiled.comparing import in_order, nulled
from tests.federation.queries import RandomOperation, operations
from tests.harness.callers import person, super_admin
from tests.harness.demo import Demo, demo, loaded
from tests.harness.graph import supergraph
from tests.harness.searching import search
from tests.harness.services import context_of
from tests.schema.monolith import Monolith
from tests.schema.test_equals_graphql_core import IDS, TELLS_THE_TIME, Sensible

__all__ = ["demo", "loaded"]

SEARCH = search(60)
VALUES = {
    "Int": ["0", "1", "3"],
    "Float": ["0.5", "90"],
    "ID": ['"unknown"'],
    "String": ['"a"', '"gpt"'],
    "Boolean": ["true", "false"],
    "DateTime": ['"2026-03-01T09:30:00Z"', '"2026-04-01T00:00:00Z"'],
    "Credits": ["1", "50"],
    "BigInt": ["1", "50"],
    "Decimal": ['"1.5"'],
    "EmailAddress": ['"ada@example.com"'],
    "URL": ['"https://example.com"'],
    "JSON": ["{}"],
}


@cache
def built() -> tuple[Engine, Monolith]:
    """Both, of the same modules."""
    modules = subgraphs()
    within = {module.name: InProcessSubgraph(module.name, module.schema) for module in modules}
    return Engine(supergraph(), within), Monolith(modules, supergraph())


class Timeless(Visitor):
    """Asks for nothing that is worked out for the moment."""

    def enter_field(self, node: FieldNode, *_rest: Any) -> FieldNode | None:
        if TELLS_THE_TIME.search(node.name.value) is None:
            return None
        return FieldNode(
            name=NameNode(value="__typename"), alias=None, arguments=(), directives=node.directives
        )


class Case(NamedTuple):
    """One query by one kind of caller."""

    operation: RandomOperation
    seed: int
    role: Role


def weigh(type_name: str, name: str, field: GraphQLField) -> int:
    """Prefer what lies deep, is there many times and is answered by another module."""
    if name == "nodes":
        return 10
    if built()[1].is_beyond(type_name, name):
        return 6
    return 3 if is_composite_type(get_named_type(field.type)) else 1


@st.composite
def cases(draw: Any) -> Case:
    schema = built()[1].schema
    options = {"values": VALUES, "mutations": 0, "weigh": weigh, "crossing": 0.003}
    operation = draw(operations(schema, 7, **options))
    return Case(operation, draw(st.integers()), draw(st.sampled_from(ROLES)))


ROLES = [Role.SUPER_ADMIN, Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.MEMBER]


def caller_of(role: Role, demo: Demo) -> Caller:
    if role is Role.SUPER_ADMIN:
        return super_admin()
    caller = person(demo.first.id, role, scopes=scopes_of_roles([role]))
    return replace(caller, features=FEATURE_KEYS)


@pytest.fixture
async def ids(demo: Demo) -> list[str]:
    """Ids of the demo data, and one that is nobody's."""
    found = await demo.pool.fetch(IDS)
    return [*demo.ids, *[record[0] for record in found], "unknown"]


@pytest.mark.timeout(SEARCH.seconds)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("collected")
@settings(deadline=None, max_examples=SEARCH.examples, suppress_health_check=list(HealthCheck))
@given(case=cases())
async def test_any_query_of_any_caller(case: Case, ids: list[str], demo: Demo) -> None:
    engine, monolith = built()
    dice = Random(case.seed)  # noqa: S311 - a test's dice
    (document,) = separate_operations(visit(parse(case.operation.text), Timeless())).values()
    document = visit(document, Sensible(monolith.schema, ids, dice))
    assume(not validate(monolith.schema, document))
    operation = case.operation._replace(text=print_ast(document))
    caller = caller_of(case.role, demo)
    response, denied = await federated(engine, operation, caller, demo)
    expected = await whole(monolith, operation, caller, demo, denied)
    assert response.data == expected.data
    assert in_order(response.data) == in_order(expected.data)
    found = ExecutionResult(response.data, list(response.errors))  # type: ignore[arg-type] # as good
    assert nulled(found) == nulled(expected)
    event(f"errors: {bool(expected.errors)}, data: {expected.data is not None}")


async def federated(
    engine: Engine, operation: RandomOperation, caller: Caller, demo: Demo
) -> tuple[Response, frozenset[str]]:
    """What the modules answer together, and what they were not asked for."""
    prepared = engine.prepare(operation.text)
    grants = Grants(**grants_of(caller)._asdict())
    values = engine.coerce_variables(prepared, operation.variables)
    context = context_of(caller, demo.pool)
    response = await engine.execute(prepared, values, grants=grants, context=context)
    return replace(response, data=read(response.data)), prepared.requirements.denied(grants)


async def whole(
    monolith: Monolith,
    operation: RandomOperation,
    caller: Caller,
    demo: Demo,
    denied: frozenset[str],
) -> ExecutionResult:
    """What one schema of all modules answers."""
    result: Any = execute(
        monolith.schema,
        parse(operation.text),
        denied,
        context_of(caller, demo.pool),
        operation.variables,
    )
    answered = result if isinstance(result, ExecutionResult) else await result
    assert isinstance(answered, ExecutionResult)
    return answered
