from __future__ import annotations

from typing import NamedTuple

import pytest
from sqlalchemy import bindparam, func, insert, select

from datasources.base import Statement
from datasources.database import Pool
from datasources.reads import Many, One
from datasources.tables import users
from tests.harness.callers import nobody, person, super_admin


class PersonRow(NamedTuple):
    id: str
    account_id: str
    name: str


SOURCE = select(users.c.id, users.c.account_id, users.c.name)
BY_ID = One(PersonRow, SOURCE)
OF_ACCOUNT = Many(PersonRow, SOURCE, key="account_id", order=("name",))
BY_NAME = One(PersonRow, SOURCE, key=("account_id", "name"))

_INSERT = Statement(
    insert(users)
    .values(
        account_id=bindparam("account_id", type_=users.c.account_id.type),
        name=bindparam("name", type_=users.c.name.type),
        email=func.gen_random_uuid().cast(users.c.email.type),
    )
    .returning(users.c.id)
)


async def add(pool: Pool, account_id: str, name: str) -> str:
    record = await pool.fetchrow(_INSERT, account_id=account_id, name=name)
    assert record is not None
    return str(record[0])


@pytest.fixture
async def ids(pool: Pool) -> dict[str, str]:
    return {name: await add(pool, name[0], name) for name in ("a1", "a2", "b1")}


async def test_rows_come_in_the_order_of_the_keys_in_one_statement(
    pool: Pool, ids: dict[str, str]
) -> None:
    before = pool.statements
    keys = [ids["a2"], "00000000-0000-4000-8000-000000000000", ids["a1"], "malformed", ids["a2"]]
    rows = await BY_ID(pool, super_admin(), keys)
    assert [row and row.name for row in rows] == ["a2", None, "a1", None, "a2"]
    assert pool.statements - before == 1


async def test_another_accounts_row_reads_as_absent(pool: Pool, ids: dict[str, str]) -> None:
    rows = await BY_ID(pool, person("a"), [ids["b1"], ids["a1"]])
    assert [row and row.name for row in rows] == [None, "a1"]
    assert await BY_ID(pool, nobody(), [ids["a1"]]) == [None]


async def test_lists_are_grouped_by_key(pool: Pool, ids: dict[str, str]) -> None:
    lists = await OF_ACCOUNT(pool, super_admin(), ["b", "none", "a"])
    assert [[row.name for row in rows] for rows in lists] == [["b1"], [], ["a1", "a2"]]
    assert await OF_ACCOUNT(pool, person("a"), ["b"]) == [[]]


async def test_a_key_may_be_several_columns(pool: Pool, ids: dict[str, str]) -> None:
    rows = await BY_NAME(pool, super_admin(), [("a", "a2"), ("a", "b1"), ("b", "b1")])
    assert [row and row.id for row in rows] == [ids["a2"], None, ids["b1"]]


async def test_only_malformed_keys_ask_no_statement(pool: Pool) -> None:
    before = pool.statements
    assert await BY_ID(pool, super_admin(), ["x", ""]) == [None, None]
    assert pool.statements == before
