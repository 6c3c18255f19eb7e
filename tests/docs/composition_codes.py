"""Codes of mistakes and hints, found in the text of the composition package."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["codes_in"]

_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_SUFFIX = re.compile(r"(?:_[A-Z]+)+")
_PREFIXES = ("KEY", "REQUIRES", "PROVIDES")
# A key may select fields of its own, and a requirement may give arguments.
_NEVER = {"KEY_FIELDS_MISSING_EXTERNAL", "REQUIRES_FIELDS_HAS_ARGS"}


def codes_in(package: Path) -> set[str]:
    """Every string that has the form of a code; a variable start stands for each directive."""
    return {code for file in package.rglob("*.py") for code in _codes(file)} - _NEVER


def _codes(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    exported = {
        id(node)
        for assignment in tree.body
        if isinstance(assignment, ast.Assign)
        and isinstance(assignment.targets[0], ast.Name)
        and assignment.targets[0].id == "__all__"
        for node in ast.walk(assignment)
    }
    for node in ast.walk(tree):
        if id(node) in exported:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _of_text(node.value)


def _of_text(text: str) -> Iterator[str]:
    if _CODE.fullmatch(text):
        yield text
    elif _SUFFIX.fullmatch(text):
        yield from (f"{prefix}{text}" for prefix in _PREFIXES)
