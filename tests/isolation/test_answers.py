"""What counts as a leak in an answer."""

from __future__ import annotations

from typing import Any

import pytest

from federation.execution.response import Response
from tests.isolation.answers import leaks

MARKS = ("omega", "86420")


@pytest.mark.parametrize(
    "value",
    [
        86420,
        864200,
        -86420,
        86420.5,
        "86420",
        "$86420.25",
        "-86420",
        "86420.50",
        "limit of 86420.",
        "the Omega account",
    ],
)
def test_a_mark_is_found(value: Any) -> None:
    assert leaks(_answer(value), MARKS) == [f".data.field: {value}"]


@pytest.mark.parametrize(
    "value",
    [
        "2089-01-08T02:22:26.286420Z",
        "2089-01-08T02:22:26.864203Z",
        "2089-01-08T02:22:26.086420+00:00",
        "3f286420-86420a11-4c86-8642-1a8642000000",
        186420,
        0.86420,
        None,
    ],
)
def test_what_chance_writes_is_none(value: Any) -> None:
    assert leaks(_answer(value), MARKS) == []


def _answer(value: Any) -> Response:
    return Response(data={"field": value})
