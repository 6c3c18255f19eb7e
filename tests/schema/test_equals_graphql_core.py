"""Every module answers any query on the demo data as graphql-core would."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import Any, NamedTuple

import pytest
from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    GraphQLSchema,
    GraphQLUnionType,
    IntValueNode,
    ListValueNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    Visitor,
    parse,
    validate,
    visit,
)
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries
from sqlalchemy import text

from datasources.base import Statement
from schema.subgraphs import subgraphs
from tests.federation.compiled.comparing import assert_equal
from tests.harness.callers import person, super_admin
from tests.harness.demo import Demo, demo, loaded
from tests.harness.searching import search
from tests.harness.services import context_of
from tests.schema.hoisting import hoisted

__all__ = ["demo", "loaded"]

MODULES = {module.name: module.schema for module in subgraphs()}
LENIENT = list(HealthCheck)
SEARCH = search(150)
SCALARS = {
    "_Any": st.just(nodes.Object([])),
    "DateTime": st.just(nodes.String("2026-03-01T09:30:00Z")),
    "Credits": st.integers(0, 99).map(nodes.Int),
    "BigInt": st.integers(0, 99).map(nodes.Int),
    "Decimal": st.just(nodes.String("1.5")),
    "EmailAddress": st.just(nodes.String("ada@example.com")),
    "URL": st.just(nodes.String("https://example.com")),
    "JSON": st.just(nodes.String("{}")),
}
IDS = Statement(
    text(
        "(SELECT id::text FROM copilot.users LIMIT 3) UNION ALL"
        " (SELECT id::text FROM copilot.groups LIMIT 3) UNION ALL"
        " (SELECT id::text FROM copilot.teams LIMIT 3) UNION ALL"
        " (SELECT id::text FROM copilot.account_memberships LIMIT 3)"
    )
)


class Sensible(Visitor):
    """Makes arguments that were drawn from all values meet the data often enough."""

    def __init__(self, schema: GraphQLSchema, ids: list[str], draw: Random) -> None:
        super().__init__()
        self._ids = ids
        self._draw = draw
        union = schema.get_type("_Entity")
        self._entities = union.types if isinstance(union, GraphQLUnionType) else ()

    def enter_argument(self, node: ArgumentNode, *_rest: Any) -> Any:
        name = node.name.value
        if name == "representations":
            return _argument(name, self._representations())
        if name in {"id", "userId", "ids"}:
            return _argument(name, self._id())
        if name == "first":
            return _argument(name, IntValueNode(value=str(self._draw.randrange(-1, 12))))
        is_paging = name in {"after", "before", "last", "orderBy", "filter"}
        return REMOVE if is_paging and self._draw.random() < 0.7 else None

    def _id(self) -> StringValueNode:
        return StringValueNode(value=self._draw.choice(self._ids))

    def _representations(self) -> ValueNode:
        chosen = [self._draw.choice(self._entities).name for _ in range(self._draw.randrange(5))]
        return ListValueNode(values=tuple(self._representation(name) for name in chosen))

    def _representation(self, type_name: str) -> ValueNode:
        fields = {"__typename": StringValueNode(value=type_name), "id": self._id()}
        return ObjectValueNode(
            fields=tuple(
                ObjectFieldNode(name=NameNode(value=name), value=value)
                for name, value in fields.items()
            )
        )


def _argument(name: str, value: ValueNode) -> ArgumentNode:
    return ArgumentNode(name=NameNode(value=name), value=value)


TELLS_THE_TIME = re.compile("computedAt|checkedAt|forecast|[uU]sage|exhaustedAt")
"""Fields that are worked out for the moment, which passes between the two executions."""


@cache
def _whole(module: str) -> st.SearchStrategy[Any]:
    schema = MODULES[module]
    names = [name for name in getattr(schema.query_type, "fields", {}) if name != "_service"]
    return queries(schema, fields=names, custom_scalars=SCALARS, allow_x00=False)


@pytest.fixture
async def ids(demo: Demo) -> list[str]:
    """Ids of the demo data, and one that is nobody's."""
    found = await demo.pool.fetch(IDS)
    return [*demo.ids, *[record[0] for record in found], "unknown"]


class Case(NamedTuple):
    """One query of one module by one caller."""

    module: str
    operation: str
    seed: int
    spans_accounts: bool
    is_written: bool
    """Whether what reaches the client whole may be JSON already."""
    has_variables: bool


@st.composite
def cases(draw: Any) -> Case:
    module = draw(st.sampled_from(sorted(MODULES)))
    operation = draw(_whole(module))
    flags = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    return Case(module, operation, draw(st.integers()), *flags)


@pytest.mark.timeout(SEARCH.seconds)
# What graphql-core leaves unawaited when an error ends its object is not ours to await.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("collected")
@settings(deadline=None, max_examples=SEARCH.examples, suppress_health_check=LENIENT)
@given(case=cases())
async def test_any_query_of_any_module(case: Case, ids: list[str], demo: Demo) -> None:
    schema = MODULES[case.module]
    assume(TELLS_THE_TIME.search(case.operation) is None)
    caller = super_admin() if case.spans_accounts else person(demo.first.id)
    draw = Random(case.seed)  # noqa: S311 - a test's dice
    sensible = Sensible(schema, ids, draw)
    document: DocumentNode = visit(parse(case.operation), sensible)
    assume(not validate(schema, document))
    document, variables = hoisted(schema, document) if case.has_variables else (document, {})
    assert not validate(schema, document)
    found = await assert_equal(
        schema,
        document,
        variables,
        contexts=lambda: context_of(caller, demo.pool),
        is_written=case.is_written,
    )
    outcome = f"errors: {bool(found.errors)}, data: {found.data is not None}"
    event(f"{case.module}, variables: {bool(variables)}, {outcome}")
