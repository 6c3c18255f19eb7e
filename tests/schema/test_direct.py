"""What PostgreSQL answers at once is what the plan would have answered, over all modules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from auth.caller import Caller, Role
from federation.engine import Engine
from federation.execution.direct import DirectAnswer
from federation.execution.executor import Executor
from federation.execution.together import Together
from federation.transport.in_process import InProcessSubgraph
from schema.subgraphs import subgraphs
from tests.federation.compiled.comparing import in_order
from tests.federation.local_shop import Far
from tests.federation.queries import RandomOperation
from tests.harness.demo import Demo, demo, loaded
from tests.harness.graph import supergraph
from tests.schema.test_equals_graphql_core import TELLS_THE_TIME
from tests.schema.test_every_hop import hops
from tests.schema.test_federation_equals_monolith import built, caller_of, federated

__all__ = ["demo", "loaded"]

GROUPS = """{ account { directory { groups(first: 3) { nodes {
    id budget { id allocated remaining } name
    teams(first: 2) { nodes { name budget { used } members(first: 2) { nodes { user { name } } } } }
} } } } }"""

DASHBOARD = """{ mine: account {
    __typename name
    directory { users(first: 5) { totalCount nodes { name email } } teams { totalCount } }
    budgets(first: 4) { nodes { allocated scope { type id } account { name id } } totalCount }
    id
} kind: __typename }"""

OWNERS = """{ account {
    budgetPlans(first: 3) { nodes { name account { status directory { groups { totalCount } } } } }
} }"""


class Unseen(Far):
    """A module whose schema nobody looks at."""

    answers_exactly = True


@cache
def planned() -> Engine:
    """The engine that runs plans."""
    modules = (InProcessSubgraph(module.name, module.schema) for module in subgraphs())
    return Engine(supergraph(), {module.name: Unseen(module) for module in modules})


@cache
def together() -> Engine:
    """The engine whose host writes nothing at once: what is direct is executed together."""
    modules = subgraphs()
    for module in modules:
        assert module.schema.query_type is not None
        for field in module.schema.query_type.fields.values():
            field.extensions = {k: v for k, v in field.extensions.items() if k != "direct"}
    within = {module.name: InProcessSubgraph(module.name, module.schema) for module in modules}
    return Engine(supergraph(), within)


async def both(
    text: str, caller: Caller, demo: Demo, engine: Engine | None = None
) -> tuple[Any, Any, int]:
    """The direct answer, the plan's, and how many statements the direct one took."""
    engine = engine or built()[0]
    operation = RandomOperation(text, {})
    before = demo.pool.statements
    direct, _ = await federated(engine, operation, caller, demo)
    statements = demo.pool.statements - before
    expected, _ = await federated(planned(), operation, caller, demo)
    assert (direct.errors, expected.errors) == ((), ())
    return direct.data, expected.data, statements


@pytest.mark.parametrize("text", [GROUPS, DASHBOARD, OWNERS], ids=["groups", "dashboard", "owners"])
async def test_objects_of_several_modules_are_one_statement(text: str, demo: Demo) -> None:
    caller = caller_of(Role.ACCOUNT_ADMIN, demo)
    direct, expected, statements = await both(text, caller, demo)
    assert in_order(direct) == in_order(expected)
    assert statements == 1


async def test_a_super_admin_names_the_account(demo: Demo) -> None:
    caller = caller_of(Role.SUPER_ADMIN, demo)
    text = DASHBOARD.replace("account {", f'account(id: "{demo.ids[1]}") {{', 1)
    direct, expected, statements = await both(text, caller, demo)
    assert in_order(direct) == in_order(expected)
    assert statements == 2, "whether there is such an account is asked first"


DIRECT = {
    "AccessOverride.account",
    "Account.budgets",
    "Account.directory",
    "AuditEvent.account",
    "BulkOperation.items",
    "Directory.groups",
    "Group.budget",
    "Group.name",
    "GuardrailAlert.event",
    "Team.members",
}
"""Some of the fields that are answered so, each asked for by itself on the shortest way to it."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("written", [True, False], ids=["written at once", "together"])
async def test_every_field_that_is_answered_directly_is_right(demo: Demo, written: bool) -> None:
    engine, monolith = built()
    engine = engine if written else together()
    caller = caller_of(Role.ACCOUNT_ADMIN, demo)
    found = set()
    for coordinate, text in fields(monolith.schema, demo.first.id):
        response, denied = await federated(engine, RandomOperation(text, {}), caller, demo)
        if not denied and not response.errors and is_direct(engine, text):
            found.add(coordinate)
            expected, _ = await federated(planned(), RandomOperation(text, {}), caller, demo)
            assert in_order(response.data) == in_order(expected.data), text
    assert found >= DIRECT
    assert len(found) > 250


def fields(schema: GraphQLSchema, account_id: str) -> Iterator[tuple[str, str]]:
    """Every field that needs no arguments, by its coordinate, in an operation of its own."""
    seen: set[str] = set()
    for hop in hops(schema):
        type_ = reached(schema, hop.coordinate)
        if not isinstance(type_, GraphQLObjectType) or type_.name in seen:
            continue
        seen.add(type_.name)
        for name, field in type_.fields.items():
            needs = any(map(is_required_argument, field.args.values()))
            if not needs and TELLS_THE_TIME.search(name) is None:
                asked = f"{name} {below(field)}"
                text = hop._replace(selection=f"__typename {asked}").text(account_id)
                yield f"{type_.name}.{name}", text


def reached(schema: GraphQLSchema, coordinate: str) -> GraphQLNamedType:
    """The type of a field."""
    type_name, _, name = coordinate.partition(".")
    type_ = schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    named: GraphQLNamedType = get_named_type(type_.fields[name].type)
    return named


def below(field: GraphQLField) -> str:
    """What is asked of a field's objects, the nodes of a connection included."""
    target = get_named_type(field.type)
    if not is_composite_type(target):
        return ""
    inner = getattr(target, "fields", {})
    if "nodes" in inner:
        return f"{{ nodes {below(inner['nodes'])} totalCount }}"
    return "{ id }" if "id" in inner else "{ __typename }"


def is_direct(engine: Engine, text: str) -> bool:
    """Whether an operation takes no plan."""
    return any(answer is not None for answer in _direct_answers(engine, text))


def is_written_at_once(engine: Engine, text: str) -> bool:
    """Whether an operation takes no plan because PostgreSQL writes all of it."""
    answers = [answer for answer in _direct_answers(engine, text) if answer is not None]
    return any(not isinstance(answer, Together) for answer in answers)


def _direct_answers(engine: Engine, text: str) -> list[DirectAnswer | None]:
    return [
        form.direct
        for _, executor in engine.prepare(text).executors.items()
        if isinstance(executor, Executor)
        for _, form in executor._forms._forms.items()
    ]
