"""Names of subgraphs as values of the enum `join__Graph`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

__all__ = ["graph_names"]


def graph_names(names: Iterable[str]) -> dict[str, str]:
    """An enum value for each subgraph: upper case, other signs as "_", numbered if not unique."""
    wanted = {name: _sanitise(name) for name in sorted(names)}
    count = Counter(wanted.values())
    taken = set(wanted.values())
    for name, value in wanted.items():
        if count[value] > 1:
            wanted[name] = _numbered(value, taken)
            taken.add(wanted[name])
    return wanted


def _sanitise(name: str) -> str:
    value = re.sub(r"[^A-Z0-9_]", "_", name.upper())
    if not value or value[0].isdigit():
        value = f"_{value}"
    # A name that ends like a number given below must not be mistaken for one.
    return f"{value}_" if re.search(r"_\d+$", value) else value


def _numbered(value: str, taken: set[str]) -> str:
    number = 1
    while f"{value}_{number}" in taken:
        number += 1
    return f"{value}_{number}"
