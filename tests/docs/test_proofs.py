"""Tests that the documentation names as proof of what it promises are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^\s*(?:async )?def (test_\w+)", re.MULTILINE)


def defined() -> set[str]:
    return {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in DEFINED.findall(path.read_text())
    }


@pytest.mark.parametrize("document", sorted((ROOT / "docs").rglob("*.md")), ids=lambda at: at.name)
def test_every_test_that_is_named_is_there(document: Path) -> None:
    assert set(NAMED.findall(document.read_text())) <= defined()


@pytest.mark.parametrize(
    ("document", "least"),
    [("budgets", 20), ("entitlements", 15), ("subscriptions", 10)],
)
def test_every_promise_names_its_proof(document: str, least: int) -> None:
    text = (ROOT / "docs" / f"{document}.md").read_text()
    section = text.split("## What is promised")[1].split("\n## ")[0]
    promises = [line for line in section.splitlines() if line.startswith("| ")][2:]
    assert len(promises) > least
    assert all(NAMED.search(promise) for promise in promises)
