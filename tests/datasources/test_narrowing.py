from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from datasources.database import Pool
from datasources.narrowing import narrow_row, narrowed, wide_row
from datasources.paging import PageRequest
from datasources.reads import Many, One
from datasources.tables import users
from tests.datasources.test_pages import PEOPLE, add
from tests.harness.callers import person


class UserRow(NamedTuple):
    id: str
    account_id: str
    name: str


SOURCE = select(users.c.id, users.c.account_id, users.c.name)
BY_NAME = One(UserRow, SOURCE, key="name")
OF_ACCOUNT = Many(UserRow, SOURCE, key="account_id", order=["name"])
NAME = frozenset({"name"})


def test_a_narrow_row_has_the_columns_asked_for_in_the_rows_order() -> None:
    assert narrow_row(UserRow, frozenset({"name", "id"}))._fields == ("id", "name")


def test_a_narrow_row_is_never_empty_so_that_it_is_not_taken_for_none() -> None:
    assert narrow_row(UserRow, frozenset())._fields == ("id",)


def test_a_narrow_row_knows_the_row_it_stands_for() -> None:
    narrow = narrow_row(UserRow, NAME)
    assert wide_row(narrow) is wide_row(narrow_row(narrow, NAME)) is wide_row(UserRow) is UserRow


def test_what_was_not_asked_for_cannot_be_read() -> None:
    row = narrow_row(UserRow, NAME)("Ada")
    with pytest.raises(AttributeError):
        _ = row.account_id


def test_the_same_columns_are_the_same_read() -> None:
    assert BY_NAME.narrow(NAME) is BY_NAME.narrow(NAME) is not BY_NAME


def test_columns_that_a_row_does_not_have_leave_it_wide() -> None:
    assert BY_NAME.narrow(frozenset({"unknown"})) is BY_NAME


def test_what_cannot_be_narrowed_stays_as_it_is() -> None:
    assert narrowed(print, NAME) is print
    assert narrowed(BY_NAME, None) is BY_NAME


async def test_reads_answer_rows_of_the_columns_asked_for(pool: Pool) -> None:
    await add(pool, "a", "Ada", "Bob")
    found: list[Any] = await BY_NAME.narrow(NAME)(pool, person("a"), ["Bob", "Eve"])
    assert found == [("Bob",), None]
    lists: list[Any] = await OF_ACCOUNT.narrow(NAME)(pool, person("a"), ["a", "b"])
    assert lists == [[("Ada",), ("Bob",)], []]


async def test_pages_read_what_is_asked_for_and_make_cursors_only_then(pool: Pool) -> None:
    await add(pool, "a", "Ada", "Bob", "Cleo")
    bare = PEOPLE.narrow(NAME, cursors=False)
    [page] = await bare.read(pool, person("a"), PageRequest(2), ["a"])
    rows: list[Any] = list(page.rows)
    assert (rows, len(page.cursors), page.has_next) == ([("Cleo",), ("Bob",)], 0, True)

    [shown] = await PEOPLE.narrow(NAME).read(pool, person("a"), PageRequest(2), ["a"])
    following = PageRequest(2, cursor=shown.cursors[-1])
    [rest] = await bare.read(pool, person("a"), following, ["a"])
    remaining: list[Any] = list(rest.rows)
    assert remaining == [("Ada",)]
    assert list(shown.cursors[:1]) == [shown.cursors[0]]


async def test_narrow_reads_keep_tenants_apart(pool: Pool) -> None:
    await add(pool, "a", "Ada")
    assert await BY_NAME.narrow(NAME)(pool, person("b"), ["Ada"]) == [None]
    [page] = await PEOPLE.narrow(NAME).read(pool, person("b"), PageRequest(2), ["a"])
    assert page.rows == ()
