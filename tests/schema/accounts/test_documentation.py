"""The page on accounts names every event that is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "accounts.md").read_text()
CALL = re.compile(
    r'\b(?:account_event|_event|_record)\((?:context, )?\s*((?:"\w+"(?: if \w+ else )?)+)'
)


def _actions() -> set[str]:
    """The actions written in the source of the writes."""
    files = [*(ROOT / "resolvers" / "accounts").glob("*.py"), ROOT / "resolvers" / "identity.py"]
    calls = [match for file in files for match in CALL.findall(file.read_text())]
    return {action for call in calls for action in re.findall(r'"(\w+)"', call)}


def test_the_writes_are_found() -> None:
    assert {"create", "suspend", "update_sso", "rotate", "remove_admin"} <= _actions()


@pytest.mark.parametrize("action", sorted(_actions()))
def test_an_action_is_documented(action: str) -> None:
    assert f"`{action}`" in PAGE
