"""The length of a list is worked out when it is asked for, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from auth.scopes import SCOPES
from datasources.base import Statement
from datasources.database import Pool, PoolOptions
from tests.datasources.plans.lists import LISTS
from tests.harness.callers import person, super_admin
from tests.harness.graph import Graph

_DIRECTORY = "account { directory { %s } }"
_BELOW = {
    "Query": "%s",
    "Platform": "platform { %s }",
    "Account": "account { %s }",
    "Directory": _DIRECTORY,
    "Group": _DIRECTORY % "groups(first: 1) { nodes { %s } }",
    "Team": _DIRECTORY % "teams(first: 1) { nodes { %s } }",
    "User": _DIRECTORY % "users(first: 1) { nodes { %s } }",
    "Budget": "account { budgets(first: 1) { nodes { %s } } }",
    "BulkOperation": "account { bulkOperations(first: 1) { nodes { %s } } }",
}
"""Where a type's lists are reached."""


class Counted(NamedTuple):
    """The graph, and the statements it has run."""

    graph: Graph
    account: str
    statements: list[str]

    async def ask(self, type_name: str, selection: str) -> list[str]:
        """The statements that a selection on a type costs."""
        is_global = type_name in {"Query", "Platform"}
        caller = super_admin() if is_global else person(self.account, scopes=SCOPES)
        self.statements.clear()
        operation = _BELOW[type_name] % selection
        response = await self.graph.ask(caller, f"{{ {operation} }}")
        assert response.errors == ()
        return list(self.statements)


@pytest.fixture
async def counted(crowded_url: str, large: str) -> AsyncIterator[Counted]:
    seen: list[str] = []

    def note(statement: Statement) -> None:
        seen.append(statement.text)

    pool = await Pool.open(crowded_url, PoolOptions(max_size=4, on_statement=note))
    yield Counted(Graph(pool), large, seen)
    await pool.close()


pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("coordinate", LISTS)
async def test_a_list_is_counted_only_when_its_length_is_asked_for(
    coordinate: str, counted: Counted
) -> None:
    type_name, _, field = coordinate.partition(".")
    page = await counted.ask(type_name, f"{field} {{ nodes {{ __typename }} }}")
    both = await counted.ask(type_name, f"{field} {{ totalCount nodes {{ __typename }} }}")
    assert _counts(page) < _counts(both)


def _counts(statements: list[str]) -> int:
    """How often they count; PostgreSQL counts the rows of a page as well where it writes them."""
    return sum(statement.count("count(*)") for statement in statements)
