"""Of a table only the columns are read that an operation asks for."""

from __future__ import annotations

import pytest

from datasources.base import Statement
from datasources.database import Pool, PoolOptions
from tests.harness.callers import person
from tests.harness.directory import ACME, fill_copilot
from tests.harness.graph import Graph

DIRECTORY = "{ account { directory { %s } } }"
CASES = [
    ("users { nodes { name } }", ["source.name"], ["profile_image", "email", "CAST"]),
    ("groups { nodes { owner { email } } }", ["source.email"], ["source.description"]),
    ("users { edges { cursor } }", ["CAST"], ["source.profile_image"]),
]


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
            person(ACME, scopes=["directory:read"]), DIRECTORY % selection
        )
    finally:
        await pool.close()
    assert response.errors == ()
    outer = "\n".join(text.split("FROM (SELECT")[0] for text in seen)
    assert all(name in outer for name in read), outer
    assert not any(name in outer for name in left), outer
