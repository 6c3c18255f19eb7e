"""Golden plans: one operation a file in `cases`, the plan it must have beside it.

A case's name begins with the name of its supergraph. `pytest --update-goldens` rewrites the plans.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import parse, validate

from federation.planning import Planner, print_plan
from tests.federation.planning.harness import operation, supergraph

_CASES = sorted(Path(__file__).parent.glob("cases/*.graphql"))


@pytest.mark.parametrize("case", _CASES, ids=[case.stem for case in _CASES])
def test_the_plan_is_the_golden_one(case: Path, request: pytest.FixtureRequest) -> None:
    text = case.read_text()
    composed = supergraph(case.stem.split("-")[0])
    assert validate(composed.api_schema, parse(text)) == []
    plan = print_plan(Planner(composed).plan(operation(text)))
    golden = case.with_suffix(".plan.txt")
    if request.config.getoption("--update-goldens"):
        golden.write_text(plan)
    assert plan == golden.read_text()
