"""Suites of cases, as their folders hold them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Answer", "Case", "Suite", "read_suites"]


class Answer(NamedTuple):
    """What a gateway answered."""

    data: Any
    errors: Sequence[str]


class Case(NamedTuple):
    """One query with what it should answer."""

    id: str
    query: str
    variables: Mapping[str, Any]
    expected: Mapping[str, Any]

    def mismatch(self, answer: Answer) -> str | None:
        """What is not as expected; None when all is."""
        if bool(answer.errors) != bool(self.expected.get("errors")):
            return f"errors: {answer.errors or 'none, but some were expected'}"
        if "data" in self.expected and answer.data != self.expected["data"]:
            expected = json.dumps(self.expected["data"])
            return f"data: {json.dumps(answer.data)}\n      not: {expected}"
        return None


class Suite(NamedTuple):
    """One folder of cases."""

    name: str
    supergraph: str
    sdl: Mapping[str, str]
    """Documents of the subgraphs by name."""
    urls: Mapping[str, str]
    cases: Sequence[Case]


def read_suites(folder: Path, names: Sequence[str]) -> list[Suite]:
    """The suites of a folder, all or those named."""
    found = sorted(path.parent for path in folder.glob("*/tests.json"))
    return [_read(path) for path in found if not names or path.name in names]


def _read(folder: Path) -> Suite:
    subgraphs = json.loads((folder / "subgraphs.json").read_text())
    return Suite(
        name=folder.name,
        supergraph=(folder / "supergraph.graphql").read_text(),
        sdl={entry["name"]: entry["sdl"] for entry in subgraphs},
        urls={entry["name"]: entry["url"] for entry in subgraphs},
        cases=[
            Case(entry["id"], entry["query"], entry.get("variables") or {}, entry["expected"])
            for entry in json.loads((folder / "tests.json").read_text())
        ],
    )
