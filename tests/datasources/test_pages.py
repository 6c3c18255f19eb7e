from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from sqlalchemy import Text, bindparam, func, insert, select

from auth.caller import Caller
from datasources.base import Statement
from datasources.conditions import any_of, contains, equals
from datasources.database import Pool
from datasources.pages import Pages
from datasources.paging import BadCursor, Cursors, Page, PageRequest, Sorting
from datasources.tables import users
from tests.harness.callers import nobody, person, super_admin


class PersonRow(NamedTuple):
    id: str
    account_id: str
    email: str
    name: str


PEOPLE = Pages(
    PersonRow,
    select(
        users.c.id,
        users.c.account_id,
        users.c.email,
        users.c.name,
        users.c.created_at,
        func.lower(users.c.name, type_=Text()).label("sort_name"),
    ),
    orders={"CREATED_AT": ("created_at",), "NAME": ("sort_name",)},
    default=Sorting("CREATED_AT", descending=True),
    conditions={
        "search": contains(users.c.name, users.c.email),
        "ids": any_of(users.c.id),
        "id": equals(users.c.id),
    },
)

_INSERT = Statement(
    insert(users).values(
        {
            name: bindparam(name, type_=users.c[name].type)
            for name in ("account_id", "email", "name")
        }
    )
)

BOTH = ("a", "b")


async def add(pool: Pool, account_id: str, *names: str) -> None:
    for name in names:
        await pool.execute(
            _INSERT, account_id=account_id, email=f"{name}@{account_id}.test", name=name
        )


async def read(
    pool: Pool, caller: Caller, request: PageRequest, *accounts: str
) -> list[Page[PersonRow]]:
    return await PEOPLE.read(pool, caller, request, accounts)


def names(page: Page[PersonRow]) -> list[str]:
    return [row.name for row in page.rows]


BY_NAME = Sorting("NAME")


@pytest.fixture
async def people(pool: Pool) -> Pool:
    await add(pool, "a", "Erin", "carol", "Bob", "dave", "Alice")
    await add(pool, "b", "Zoe", "Yan")
    return pool


async def test_pages_of_many_parents_are_one_statement_each_with_its_own_limit(
    people: Pool,
) -> None:
    before = people.statements
    first, second, third = await read(
        people, super_admin(), PageRequest(2, sorting=BY_NAME), "a", "b", "c"
    )
    assert people.statements - before == 1
    assert (names(first), first.has_next) == (["Alice", "Bob"], True)
    assert (names(second), second.has_next) == (["Yan", "Zoe"], False)
    assert third == Page((), (), False, False)


@pytest.mark.parametrize("sorting", [BY_NAME, Sorting("NAME", descending=True), None])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_walking_forwards_meets_every_row_once_in_order(
    people: Pool, sorting: Sorting | None, size: int
) -> None:
    (whole,) = await read(people, person("a"), PageRequest(10, sorting=sorting), "a")
    walked: list[str] = []
    cursor: str | None = None
    while True:
        request = PageRequest(size, cursor=cursor, sorting=sorting)
        (page,) = await read(people, person("a"), request, "a")
        walked += names(page)
        if not page.has_next:
            break
        cursor = page.cursors[-1]
    assert walked == names(whole)
    assert sorted(walked) == ["Alice", "Bob", "Erin", "carol", "dave"]


async def test_walking_backwards_is_walking_forwards_mirrored(people: Pool) -> None:
    caller = person("a")
    (last,) = await read(people, caller, PageRequest(2, backwards=True, sorting=BY_NAME), "a")
    assert (names(last), last.has_previous, last.has_next) == (["dave", "Erin"], True, False)
    request = PageRequest(2, cursor=last.cursors[0], backwards=True, sorting=BY_NAME)
    (before,) = await read(people, caller, request, "a")
    assert (names(before), before.has_previous, before.has_next) == (["Bob", "carol"], True, True)


async def test_a_cursor_stays_good_while_rows_are_added(people: Pool) -> None:
    (page,) = await read(people, person("a"), PageRequest(2, sorting=BY_NAME), "a")
    await add(people, "a", "Aaron", "Beatrice")
    request = PageRequest(2, cursor=page.cursors[-1], sorting=BY_NAME)
    (following,) = await read(people, person("a"), request, "a")
    assert names(following) == ["carol", "dave"]


async def test_a_count_is_of_the_filter_and_of_every_parent_in_one_statement(
    people: Pool,
) -> None:
    before = people.statements
    counts = await PEOPLE.count(people, super_admin(), (("search", " zO "),), ("a", "b", "c"))
    assert (counts, people.statements - before) == ([0, 1, 0], 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [("ALICE", ["Alice"]), ("a_ice", []), ("%", []), ("\\", []), (" bob ", ["Bob"])],
)
async def test_search_ignores_case_and_knows_no_wildcards(
    people: Pool, text: str, found: Sequence[str]
) -> None:
    (page,) = await read(people, person("a"), PageRequest(9, filters=(("search", text),)), "a")
    assert names(page) == found


async def test_malformed_ids_in_filters_match_nothing(people: Pool) -> None:
    for filters in ((("ids", ("x", "")),), (("id", "not-a-uuid"),)):
        (page,) = await read(people, person("a"), PageRequest(9, filters=filters), "a")
        assert page.rows == ()


async def test_another_accounts_list_reads_as_empty(people: Pool) -> None:
    mine, foreign = await read(people, person("a"), PageRequest(9), *BOTH)
    assert (len(mine.rows), foreign.rows) == (5, ())
    assert await PEOPLE.count(people, person("a"), (), BOTH) == [5, 0]


async def test_a_caller_without_an_account_asks_no_statement(people: Pool) -> None:
    before = people.statements
    assert [page.rows for page in await read(people, nobody(), PageRequest(9), *BOTH)] == [(), ()]
    assert await PEOPLE.count(people, nobody(), (), BOTH) == [0, 0]
    assert people.statements == before


@pytest.mark.parametrize(
    "cursor", ["", "abc", "bm90IGpzb24=", "W10=", "e30=", "WyJOQU1FIiwwLDEsMl0="]
)
async def test_a_text_that_is_no_cursor_is_refused(people: Pool, cursor: str) -> None:
    with pytest.raises(BadCursor):
        await read(people, person("a"), PageRequest(9, cursor=cursor, sorting=BY_NAME), "a")


async def test_a_cursor_of_another_order_is_refused(people: Pool) -> None:
    (page,) = await read(people, person("a"), PageRequest(1, sorting=BY_NAME), "a")
    with pytest.raises(BadCursor, match="another"):
        await read(people, person("a"), PageRequest(1, cursor=page.cursors[0]), "a")


async def test_a_cursor_with_a_value_that_is_no_time_is_refused(people: Pool) -> None:
    (page,) = await read(people, person("a"), PageRequest(1), "a")
    forged = Cursors([("soon", page.rows[0].id)], PEOPLE.default, 2)[0]
    with pytest.raises(BadCursor):
        await read(people, person("a"), PageRequest(1, cursor=forged), "a")


def test_a_description_that_names_what_its_source_lacks_is_refused() -> None:
    with pytest.raises(LookupError, match="PersonRow selects no name, sort_name"):
        Pages(
            PersonRow,
            select(users.c.id, users.c.account_id, users.c.email),
            orders={"NAME": ("sort_name",)},
            default=BY_NAME,
        )
