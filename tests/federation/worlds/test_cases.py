"""Hand-made federations, one for each thing that is hard: their answers are those of the whole."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, VariableDefinitionNode, parse, print_ast
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from federation.planning import Planner, print_plan
from tests.federation.planning.harness import operation as parsed
from tests.federation.queries import RandomOperation, operations
from tests.federation.worlds.cases import (
    COMPOSED,
    NAMES,
    composed_elsewhere,
    federated,
    world_case,
)
from tests.federation.worlds.federated import Federated

GOLDENS = Path(__file__).parent / "plans"
SEEDS = range(8)
VALUES: dict[str, list[Any]] = {
    "Int": [0, 1, 2],
    "Boolean": [True, False],
    "Filter": [None, {"first": None, "deep": {"a": 1}}],
    "Deep": [None, {"a": 3, "b": [{"a": 4}]}],
    "Kind": ["X", "Y"],
}


@pytest.mark.parametrize("name", NAMES)
async def test_its_operations_are_answered_as_by_one_schema(name: str) -> None:
    await answer_all(federated(name), name)


@pytest.mark.parametrize("name", COMPOSED)
async def test_it_is_the_same_with_a_supergraph_of_another_composer(name: str) -> None:
    await answer_all(composed_elsewhere(name), name)


@pytest.mark.parametrize("name", NAMES)
def test_its_plans_are_the_golden_ones(name: str, request: pytest.FixtureRequest) -> None:
    planner = Planner(federated(name).supergraph)
    parts = [
        f"{text}{print_plan(planner.plan(parsed(text)))}" for text in world_case(name).operations
    ]
    plans = "\n".join(parts)
    golden = GOLDENS / f"{name}.txt"
    if request.config.getoption("--update-goldens"):
        golden.write_text(plans)
    assert plans == golden.read_text()


async def answer_all(federation: Federated, name: str) -> None:
    for text in world_case(name).operations:
        for seed in SEEDS:
            # Every second world has resolvers that fail.
            world = federation.world(seed, failing=0.05 * (seed % 2))
            answers = await federation.ask(text, variables_of(text, seed), world)
            answers.assert_equal()
            called, expected = answers.mutations
            assert answers.whole.errors or called == expected


@st.composite
def random_operations(draw: Any) -> tuple[str, RandomOperation]:
    name = draw(st.sampled_from(NAMES))
    return name, draw(operations(federated(name).universe.api, 4))


# Cores are shared: slow generation says nothing about the code.
@pytest.mark.timeout(0)
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(random_operations(), st.integers(0, 10_000), st.sampled_from([0, 0.05]))
def test_any_operation_is_answered_as_by_one_schema(
    case: tuple[str, RandomOperation], seed: int, failing: float
) -> None:
    name, operation = case
    federation = federated(name)
    assume(federation.is_valid(operation.text))
    world = federation.world(seed, failing=failing)
    asyncio.run(federation.ask(operation.text, operation.variables, world)).assert_equal()


def variables_of(text: str, seed: int) -> dict[str, Any]:
    """Some values for an operation's variables; those with defaults are left out now and then."""
    (definition, *_) = parse(text).definitions
    assert isinstance(definition, OperationDefinitionNode)
    return {
        node.variable.name.value: value(node, seed)
        for node in definition.variable_definitions or ()
        if node.default_value is None or seed % 3
    }


def value(node: VariableDefinitionNode, seed: int) -> Any:
    values = VALUES[print_ast(node.type).rstrip("!")]
    return values[seed % len(values)]
