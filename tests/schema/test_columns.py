"""Of a table only the columns are read that an operation asks for."""

from __future__ import annotations

import re

import pytest

from datasources.base import Statement
from datasources.database import Pool, PoolOptions
from tests.harness.callers import person
from tests.harness.directory import ACME, fill_copilot
from tests.harness.graph import Graph

ACCOUNT = "{ account { %s } }"
CASES = [
    ("directory { users { nodes { name } } }", [".name"], ["profile_image", "email", "created_at"]),
    (
        "directory { groups { nodes { owner { email } } } }",
        [".email"],
        [".description", ".profile_image"],
    ),
    ("directory { users { edges { cursor } } }", ["CAST"], ["source.profile_image"]),
    ("name", ["(source.name AS TEXT)"], ["source.alias", "source.max_budget"]),
    ('directory { user(id: "x") { name } }', [], ["source.email"]),
    (
        'directory { group(id: "00000000-0000-4000-8000-000000000000") { name } }',
        ["source.name"],
        ["source.description"],
    ),
]

SOURCE = re.compile(r"\(SELECT copilot\..*?FROM copilot\..*?\) AS (source|anon_\d+)\b", re.DOTALL)
"""What a statement reads from, which names all there is; PostgreSQL reads what is asked of it."""
SORTED_BY = re.compile(r"ORDER BY .*")


@pytest.mark.parametrize(("selection", "read", "left"), CASES)
async def test_statements_name_the_columns_asked_for(
    database_url: str, selection: str, read: list[str], left: list[str]
) -> None:
    seen: list[str] = []

    def note(statement: Statement) -> None:
        seen.append(statement.text)

    pool = await Pool.open(database_url, PoolOptions(max_size=2, on_statement=note))
    try:
        await fill_copilot(pool)
        seen.clear()
        response = await Graph(pool).ask(
            person(ACME, scopes=["directory:read"]), ACCOUNT % selection
        )
    finally:
        await pool.close()
    assert response.errors == ()
    outer = SORTED_BY.sub("", SOURCE.sub("", "\n".join(seen)))
    assert all(name in outer for name in read), outer
    assert not any(name in outer for name in left), outer
