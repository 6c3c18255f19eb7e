"""The README's query answers what the README says, on the demo tenants."""

from __future__ import annotations

import json
import re
from pathlib import Path

from auth.caller import Caller, Role
from auth.scopes import scopes_of_roles
from tests.harness.callers import person
from tests.harness.demo import Demo
from tests.harness.graph import Graph
from tests.harness.sql import look

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


async def admin(demo: Demo) -> Caller:
    rows = await look(
        demo.pool,
        "SELECT id, name FROM copilot.users WHERE account_id = $1 AND lower(email) = lower($2)",
        demo.first.id,
        demo.first.admin_email,
    )
    ((id, name),) = rows
    scopes = scopes_of_roles(frozenset({Role.ACCOUNT_ADMIN}))
    caller = person(demo.first.id, Role.ACCOUNT_ADMIN, id=id, scopes=scopes)
    return Caller(
        kind=caller.kind,
        id=id,
        name=name,
        account_id=caller.account_id,
        user_id=id,
        roles=caller.roles,
        scopes=caller.scopes,
    )


async def test_the_query_of_the_readme_answers_what_it_says(demo: Demo) -> None:
    response = await Graph(demo.pool).ask(await admin(demo), block("graphql"))
    promised = json.loads(block("json"))
    assert response.data == promised["data"]
    assert [dict(error.formatted()) for error in response.errors] == promised["errors"]


def test_the_two_commands_of_the_readme_are_in_the_makefile() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    for command in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{command}:", makefile, re.MULTILINE)
