"""The query of the chapter on subscriptions answers what it says, on the demo tenants."""

from __future__ import annotations

import json
import re
from pathlib import Path

from auth.caller import Role
from auth.scopes import scopes_of_roles
from tests.harness.callers import person
from tests.harness.demo import Demo
from tests.harness.graph import Graph

TEXT = (Path(__file__).parents[2] / "docs" / "subscriptions.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


async def test_the_query_of_the_chapter_answers_what_it_says(demo: Demo) -> None:
    scopes = scopes_of_roles([Role.ACCOUNT_ADMIN])
    admin = person(demo.first.id, Role.ACCOUNT_ADMIN, scopes=scopes)
    response = await Graph(demo.pool).ask(admin, block("graphql"))
    assert response.errors == ()
    assert response.data == json.loads(block("json"))["data"]
