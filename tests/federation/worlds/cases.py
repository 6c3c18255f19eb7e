"""The hand-made federations of `cases/`, one theme a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.federation.worlds.federated import Federated

__all__ = ["COMPOSED", "NAMES", "WorldCase", "composed_elsewhere", "federated", "world_case"]

_FOLDER = Path(__file__).parent / "cases"

NAMES = sorted(path.stem for path in _FOLDER.glob("*.graphql"))
COMPOSED = sorted(path.stem for path in Path(__file__).parent.glob("apollo/*.graphql"))
"""Those of which there is a supergraph as another composer (Apollo's) prints it."""

_LINK = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible",
  "@interfaceObject", "@extends"])
"""


class WorldCase(NamedTuple):
    """Subgraph documents by name, and operations on what they compose to."""

    sdl: dict[str, str]
    operations: list[str]


@cache
def world_case(name: str) -> WorldCase:
    """Read one file: a heading a subgraph (`# --- name`, of Federation 1 with `(1)`)."""
    text = (_FOLDER / f"{name}.graphql").read_text()
    _, *parts = re.split(r"^# --- (.+)\n", text, flags=re.MULTILINE)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    operations = sections.pop("operations", "")
    sdl = {
        title.split()[0]: body if title.endswith("(1)") else _LINK + body
        for title, body in sections.items()
    }
    return WorldCase(sdl, list(_operations(operations)))


@cache
def federated(name: str) -> Federated:
    """The federation of a case."""
    return Federated(world_case(name).sdl)


@cache
def composed_elsewhere(name: str) -> Federated:
    """The same with a supergraph of another composer."""
    supergraph = _FOLDER.with_name("apollo") / f"{name}.graphql"
    return Federated(world_case(name).sdl, supergraph.read_text())


def _operations(text: str) -> Iterator[str]:
    """One a line; fragments stand on the lines below."""
    waiting = ""
    for line in text.splitlines():
        if waiting and not line.startswith("fragment"):
            yield waiting
            waiting = ""
        waiting += line + "\n"
    if waiting:
        yield waiting
