"""Looking through answers for what must not be in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from federation.execution.response import Response

__all__ = ["leaks", "same_for"]


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
        if any(mark in text.lower() for mark in marks):
            found.append(f"{path}: {value}")
    return found


def same_for(response: Response, id: str) -> str:
    """An answer as text in which the id asked for is left out."""
    errors = [error.formatted() for error in response.errors]
    text = orjson.dumps({"data": response.data, "errors": errors}, option=orjson.OPT_SORT_KEYS)
    return text.decode().replace(id, "<id>")


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
