"""However a random schema is cut into subgraphs, the answer is that of the whole.

`pytest tests/federation/worlds --hypothesis-profile=thorough` tries thousands.
"""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from federation.errors import CompositionError, OperationTooComplexError
from tests.federation.queries import random_operation
from tests.federation.worlds.federated import Federated
from tests.federation.worlds.random_cut import random_federation

OPERATIONS = 3
"""Tried on one cut, whose composition takes longest."""

settings.register_profile("thorough", max_examples=6000)


# Cores are shared: slow generation says nothing about the code.
@pytest.mark.timeout(0)
@settings(
    deadline=None,
    max_examples=settings().max_examples // 2,
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 1_000_000), st.integers(0, 1_000), st.sampled_from([0, 0.05]))
def test_any_cut_is_answered_as_the_whole(cut: int, seed: int, failing: float) -> None:
    try:
        federation = Federated(random_federation(Random(cut)))  # noqa: S311 - no secret
    except CompositionError:
        assume(False)
    for number in range(seed, seed + OPERATIONS):
        random = Random(number)  # noqa: S311 - no secret
        operation = random_operation(federation.universe.api, random, 2 + number % 4)
        if not federation.is_valid(operation.text):
            continue
        world = federation.world(seed, failing=failing)
        try:
            answers = asyncio.run(federation.ask(operation.text, operation.variables, world))
        except OperationTooComplexError:
            continue
        answers.assert_equal()
