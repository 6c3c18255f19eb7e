"""Compiled execution answers as graphql-core's does: any operation on any type, in any trouble."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from graphql import GraphQLSchema, parse, validate
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.federation.compiled.comparing import assert_equal
from tests.federation.compiled.zoo import KINDS, root, zoo
from tests.federation.queries import RandomOperation, operations
from tests.harness.searching import search

LENIENT = list(HealthCheck)
SEARCH = search(400)


@cache
def schema(shift: int, *, waits: bool) -> GraphQLSchema:
    """The zoo with its fields declared in another way for each shift."""
    names: dict[str, str] = {}

    def kind_of(name: str) -> str:
        return names.setdefault(name, KINDS[(len(names) + shift) % len(KINDS)])

    return zoo(kind_of, waits=waits)


@st.composite
def cases(draw: Any) -> tuple[GraphQLSchema, RandomOperation, Any]:
    waits = draw(st.booleans())
    built = schema(draw(st.integers(0, len(KINDS) - 1)), waits=waits)
    operation = draw(operations(built, max_depth=3))
    trouble = draw(st.sampled_from([0.0, 0.05, 0.2]))
    start = root(built, draw(st.integers(0, 10_000)), trouble, waits=waits)
    return built, operation, start


@pytest.mark.timeout(SEARCH.seconds)
# What graphql-core leaves unawaited when an error ends its object is not ours to await.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("collected")
@settings(deadline=None, max_examples=SEARCH.examples, suppress_health_check=LENIENT)
@given(cases())
async def test_any_query_on_any_type(case: tuple[GraphQLSchema, RandomOperation, Any]) -> None:
    built, operation, start = case
    document = parse(operation.text)
    assume(not validate(built, document))
    expected = await assert_equal(built, document, operation.variables, root_value=start)
    event(f"errors: {bool(expected.errors)}, data: {expected.data is not None}")


@pytest.mark.timeout(SEARCH.seconds)
# What graphql-core leaves unawaited when an error ends its object is not ours to await.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("collected")
@settings(deadline=None, max_examples=SEARCH.examples // 4, suppress_health_check=LENIENT)
@given(cases())
async def test_any_mutation_on_any_type(case: tuple[GraphQLSchema, RandomOperation, Any]) -> None:
    built, operation, start = case
    text = operation.text.replace("query", "mutation", 1)
    document = parse(
        text.replace("... on Query", "... on Mutation").replace("on Query", "on Mutation")
    )
    assume(not validate(built, document))
    await assert_equal(built, document, operation.variables, root_value=start)
