"""Golden plans: one operation a file in `cases`, the plan it must have beside it.

A case's name begins with the name of its supergraph. `pytest --update-goldens` rewrites the plans.
Cases with a `.plan.json` beside them have their plan in JSON there as well.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import parse, validate

from federation.planning import Planner, plan_to_json, print_plan
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


_IN_JSON = [case for case in _CASES if case.with_suffix(".plan.json").exists()]


@pytest.mark.parametrize("case", _IN_JSON, ids=[case.stem for case in _IN_JSON])
def test_the_plan_in_json_is_the_golden_one(case: Path, request: pytest.FixtureRequest) -> None:
    planner = Planner(supergraph(case.stem.split("-")[0]))
    plan = json.dumps(plan_to_json(planner.plan(operation(case.read_text()))), indent=1) + "\n"
    golden = case.with_suffix(".plan.json")
    if request.config.getoption("--update-goldens"):
        golden.write_text(plan)
    assert plan == golden.read_text()
