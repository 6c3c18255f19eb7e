"""JSON that cannot be stored or sent again is refused with a sentence, wherever it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from datasources.database import Pool
from resolvers.errors import BadUserInput
from schema.base.json_values import check_json
from schema.budgets import BUDGETS
from tests.harness.budgets import ADA, fill_budgets, machine
from tests.harness.module import ModuleGraph
from tests.harness.sql import look

RECORD = "mutation($i: RecordUsageInput!) { recordUsage(input: $i) { entry { metadata } } }"


def nested(levels: int) -> Any:
    """A list in a list, so many times."""
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": "x\0"}, "Text may not contain the character U+0000."),
        ({"a\0": 1}, "Text may not contain the character U+0000."),
        ([[{"a": ["\0"]}]], "Text may not contain the character U+0000."),
        ({"a": 2**64}, "A whole number of JSON has at most 64 bits."),
        ({"a": -(2**63) - 1}, "A whole number of JSON has at most 64 bits."),
        ({"a": float("inf")}, "A number of JSON is finite."),
        (2**70, "A whole number of JSON has at most 64 bits."),
        (float("-inf"), "A number of JSON is finite."),
        (nested(5_000), "JSON may be 100 levels deep."),
    ],
)
async def test_what_has_no_form_is_refused(pool: Pool, value: Any, message: str) -> None:
    with pytest.raises(BadUserInput, match=message.replace("+", r"\+")):
        check_json(value)
    await fill_budgets(pool)
    given = {"idempotencyKey": "k", "scope": {"type": "USER", "id": ADA}, "credits": 1}
    graph = ModuleGraph(BUDGETS, pool)
    answer = await graph.ask(machine(), RECORD, i={"usage": {**given, "metadata": value}})
    assert [error.message for error in answer.errors] == [message]
    assert await look(pool, "SELECT FROM gateway.usage_ledger") == []


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        [1, [2]],
        "text",
        nested(99),
        {"a": ["\\u0000", "é😀\u2028", None, True, -(2**63), 2**63, 1.5, {}]},
    ],
)
async def test_what_has_one_is_kept_as_it_is(pool: Pool, value: Any) -> None:
    await fill_budgets(pool)
    given = {"idempotencyKey": "k", "scope": {"type": "USER", "id": ADA}, "credits": 1}
    graph = ModuleGraph(BUDGETS, pool)
    answer = await graph.ask(machine(), RECORD, i={"usage": {**given, "metadata": value}})
    assert answer.field["entry"]["metadata"] == value
    assert await look(pool, "SELECT metadata FROM gateway.usage_ledger") == [(value,)]
