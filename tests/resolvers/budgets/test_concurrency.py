"""Whatever happens to credits at once, and whatever breaks meanwhile, the sums hold."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from datasources.database import Pool, PoolOptions
from tests.conftest import DatabaseServer
from tests.harness.budgets import add_plan, fill_budgets
from tests.harness.searching import search
from tests.harness.storm import OPERATIONS, SHARING, Graphs, Storm, broken_rules, rage


@pytest.fixture
def storm_seconds(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--storm-seconds"))


@pytest.fixture
def storm_seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--storm-seed"))


@pytest.mark.timeout(600)
async def test_the_sums_hold_after_a_storm_of_workers_and_cut_connections(
    database_url: str, pool: Pool, storm_seconds: float, storm_seed: int
) -> None:
    await fill_budgets(pool, overflow_cap=50)
    await add_plan(pool, **SHARING)
    options = PoolOptions(min_size=1, max_size=16, acquire_timeout=60)
    raging = await Pool.open(database_url, options)
    try:
        storms = await rage(
            Graphs.of(raging),
            database_url,
            workers=64 if storm_seconds > 10 else 16,
            seconds=storm_seconds,
            seed=storm_seed,
        )
    finally:
        await raging.close()
    told = {key: said for storm in storms for key, said in storm.told.items()}
    assert len(told) > 3 * storm_seconds
    assert await broken_rules(pool, told) == []


SEARCH = search(6, seconds=120)


@pytest.mark.timeout(SEARCH.seconds)
def test_the_sums_hold_after_any_sequence(
    database_url: str, database_server: DatabaseServer
) -> None:
    """A state machine: whatever sequence of operations, nothing is handed out or charged twice."""

    class Credits(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.runner = asyncio.Runner()

        @initialize(seed=st.integers(0, 2**32))
        def begin(self, seed: int) -> None:
            database_server.empty(database_url)
            self.pool = self.runner.run(Pool.open(database_url, PoolOptions(max_size=2)))
            self.runner.run(fill_budgets(self.pool, overflow_cap=50))
            self.runner.run(add_plan(self.pool, **SHARING))
            self.storm = Storm(Graphs.of(self.pool), Random(seed))  # noqa: S311 - a repeatable choice

        @rule(name=st.sampled_from(sorted(OPERATIONS)))
        def operate(self, name: str) -> None:
            operation: Any = OPERATIONS[name]
            self.runner.run(operation(self.storm))

        def teardown(self) -> None:
            if hasattr(self, "storm"):
                broken = self.runner.run(broken_rules(self.pool, self.storm.told))
                self.runner.run(self.pool.close())
                self.runner.close()
                assert broken == []

    run_state_machine_as_test(
        Credits,
        settings=settings(
            max_examples=SEARCH.examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
