"""From every place at which an entity stands, what other modules answer of it is right.

Every field of the graph that leads to an object is asked for, from the root on, with all plain
fields of the object; of entities that are what the module asked cannot answer itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from graphql import (
    ExecutionResult,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
)

from auth.caller import Role
from tests.federation.compiled.comparing import in_order, nulled
from tests.federation.queries import RandomOperation
from tests.harness.demo import Demo, demo, loaded
from tests.schema.test_equals_graphql_core import TELLS_THE_TIME
from tests.schema.test_federation_equals_monolith import built, caller_of, federated, whole

__all__ = ["demo", "loaded"]

ACCOUNT = 'account(id: "$account")'


class Hop(NamedTuple):
    """A field that leads to an object, with the way there and what is asked of it."""

    coordinate: str
    way: tuple[str, ...]
    selection: str

    def text(self, account_id: str) -> str:
        """The operation, for one account."""
        opened = "".join(f"{step} {{ " for step in self.way)
        text = f"{{ {opened} {self.selection} {'} ' * len(self.way)} }}"
        return text.replace("$account", account_id)


def hops(schema: GraphQLSchema) -> Iterator[Hop]:
    """Every field that leads to an object and needs no arguments."""
    assert schema.query_type is not None
    seen: set[str] = set()
    waiting: deque[tuple[GraphQLObjectType, tuple[str, ...]]] = deque([(schema.query_type, ())])
    while waiting:
        type_, way = waiting.popleft()
        if type_.name in seen:
            continue
        seen.add(type_.name)
        for name, field in type_.fields.items():
            target: Any = get_named_type(field.type)
            if not is_composite_type(target) or not _is_asked(name, field):
                continue
            further = (*way, _asked(name, field))
            for possible in _possible(schema, target):
                there = (*further, f"... on {possible.name}") if possible != target else further
                yield Hop(f"{type_.name}.{name}", there, _selection(possible))
                waiting.append((possible, there))


def _possible(schema: GraphQLSchema, target: Any) -> list[GraphQLObjectType]:
    return list(schema.get_possible_types(target)) if is_abstract_type(target) else [target]


def _is_asked(name: str, field: GraphQLField) -> bool:
    needs = any(is_required_argument(argument) for argument in field.args.values())
    return not needs and TELLS_THE_TIME.search(name) is None


def _asked(name: str, field: GraphQLField) -> str:
    if name == "account":
        return ACCOUNT if "id" in field.args else name
    return f"{name}(first: 8)" if "first" in field.args else name


def _selection(type_: GraphQLObjectType) -> str:
    """The plain fields of an object, and of the objects in it, one level down."""
    parts = ["__typename", *_leaves(type_)]
    for name, field in type_.fields.items():
        target = get_named_type(field.type)
        if isinstance(target, GraphQLObjectType) and _is_asked(name, field):
            parts.append(f"{_asked(name, field)} {{ __typename {' '.join(_leaves(target))} }}")
    return " ".join(parts)


def _leaves(type_: GraphQLObjectType) -> list[str]:
    return [
        name
        for name, field in type_.fields.items()
        if not is_composite_type(get_named_type(field.type)) and _is_asked(name, field)
    ]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", [Role.SUPER_ADMIN, Role.ACCOUNT_ADMIN])
async def test_every_hop_is_right(demo: Demo, role: Role) -> None:
    engine, monolith = built()
    caller = caller_of(role, demo)
    asked = list(hops(monolith.schema))
    assert len(asked) > 150
    for hop in asked:
        operation = RandomOperation(hop.text(demo.first.id), {})
        response, denied = await federated(engine, operation, caller, demo)
        expected = await whole(monolith, operation, caller, demo, denied)
        told = f"{operation.text}\n{response.errors}\n{expected.errors}"
        assert in_order(response.data) == in_order(expected.data), told
        found = ExecutionResult(response.data, list(response.errors))  # type: ignore[arg-type] # as good
        assert nulled(found) == nulled(expected), told


@pytest.mark.parametrize(
    "asked",
    [
        "{ account { budgets { a: edges { cursor: node { id } } b: edges { cursor } } } }",
        "{ account { directory { users { a: edges { x: node { id: name } } b: edges { x: cursor } }"
        " } } }",
    ],
)
async def test_a_key_may_mean_another_field_elsewhere(demo: Demo, asked: str) -> None:
    engine, monolith = built()
    caller = caller_of(Role.ACCOUNT_ADMIN, demo)
    operation = RandomOperation(asked, {})
    response, denied = await federated(engine, operation, caller, demo)
    expected = await whole(monolith, operation, caller, demo, denied)
    assert response.data == expected.data
    assert response.errors == ()
