"""People whom a list of memberships has joined are written from there, and read again for more."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import select

from datasources.base import Statement
from datasources.database import Pool, PoolOptions
from datasources.directory import pages, reads
from datasources.directory.rows import COPILOT
from datasources.json_text import moment_text, string_text
from datasources.paging import PageRequest
from datasources.tables import groups, users
from datasources.trees import Here, Leaf, Linked, Tree
from tests.harness.callers import person
from tests.harness.directory import ACME

ADMIN = person(ACME)
BY = ("account_id", "source", "user_id")
NAME: Tree = (("name", Leaf("name", string_text, is_required=True)),)
SEEN: Tree = (*NAME, ("seen", Leaf("last_active_at", moment_text, is_required=False)))


def of(tree: Tree) -> Tree:
    return (("user", Linked(reads.users_in_directory, BY, tree, is_required=True)),)


async def memberships(pool: Pool, tree: Tree) -> list[Any]:
    written = pages.account_memberships.written(tree, None, cursors=False)
    (page,) = await written.read(pool, ADMIN, PageRequest(50), [(ACME, COPILOT)])
    return [orjson.loads(orjson.dumps(row)) for row in page.rows]


@pytest.mark.parametrize(("tree", "times"), [(NAME, 1), (SEEN, 2)])
async def test_people_are_read_once_unless_more_is_asked_for(
    filled: Pool, tree: Tree, times: int
) -> None:
    statements: list[Statement] = []
    pool = await Pool.open(filled.url, PoolOptions(on_statement=statements.append))
    try:
        found = await memberships(pool, of(tree))
    finally:
        await pool.close()
    (statement,) = statements
    assert statement.text.count("copilot.users.id AS id") == times - 1
    assert statement.text.count("JOIN copilot.users") == 1
    rows = await pages.account_memberships.read(filled, ADMIN, PageRequest(50), [(ACME, COPILOT)])
    people = await reads.users_in_directory(
        filled, ADMIN, [(ACME, COPILOT, row.user_id) for row in rows[0].rows]
    )
    assert [one["user"]["name"] for one in found] == [one.name for one in people if one]
    assert len(found) > 1


def test_what_only_has_the_name_of_a_joined_column_is_none() -> None:
    above = select(
        users.c.id.label("user_id.id"),
        groups.c.name.label("user_id.name"),
        users.c.email.label("user_id.email"),
    ).subquery()
    people = select(users.c.id, users.c.name, users.c.email).subquery()
    joined = Here(above, ADMIN).joined("user_id", people)
    assert joined is not None
    assert joined.columns is not None
    assert set(joined.columns) == {"id", "email"}


def test_a_row_that_is_not_joined_is_read() -> None:
    above = select(users.c.id.label("user_id")).subquery()
    people = select(users.c.id, users.c.name).subquery()
    assert Here(above, ADMIN).joined("user_id", people) is None
