from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/authentication.md"
ROW = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def test_every_weakness_of_the_former_system_is_answered() -> None:
    assert [int(row[0]) for row in ROW.findall(PAGE.read_text("utf-8"))] == list(range(1, 41))


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text("utf-8"))
    assert named
    for path, name in named:
        assert f"def {name}(" in ROOT.joinpath(path).read_text("utf-8"), name
