"""Looking through answers for what must not be in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson

from federation.execution.response import Response

__all__ = ["leaks", "marked", "same_for"]


def leaks(response: Response, marks: tuple[str, ...], but: tuple[str, ...] = ()) -> list[str]:
    """Where an answer, errors included, holds a mark, as `path: value`.

    `but` lists what the caller said or what their own row says, which may be said back.
    """
    whole = {"data": response.data, "errors": [error.formatted() for error in response.errors]}
    found: list[str] = []
    for path, value in _leaves(whole, ""):
        text = str(value)
        for said in but:
            text = text.replace(said, "")
        if marked(text, marks):
            found.append(f"{path}: {value}")
    return found


def marked(text: str, marks: tuple[str, ...]) -> bool:
    """Whether a text holds one of the marks.

    A mark of digits is found as an amount, with its powers of ten and decimals, not among the
    digits of a time of day or of an id, which chance may write.
    """
    return _sought(marks).search(text.lower()) is not None


def same_for(response: Response, id: str) -> str:
    """An answer as text in which the id asked for is left out."""
    errors = [error.formatted() for error in response.errors]
    text = orjson.dumps({"data": response.data, "errors": errors}, option=orjson.OPT_SORT_KEYS)
    return text.decode().replace(id, "<id>")


@cache
def _sought(marks: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_pattern(mark) for mark in marks))


def _pattern(mark: str) -> str:
    """The expression that finds a mark in lower case."""
    if not mark.isdigit():
        return re.escape(mark)
    return rf"(?<![0-9a-z.])(?<![0-9a-z]-){mark}0*(?![0-9a-z-])"


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield f"{path}.{name}", name
            yield from _leaves(item, f"{path}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}[{number}]")
    elif value is not None:
        yield path, value
