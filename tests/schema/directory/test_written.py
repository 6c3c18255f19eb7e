"""A directory that reaches the client whole is one statement, and what rows would have answered."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import parse

from auth.caller import Caller
from datasources.database import Pool, PoolOptions
from federation.compiled.operation import CompiledOperation
from schema.subgraphs import subgraphs
from tests.federation.compiled.comparing import EVERYTHING, as_read, reference
from tests.harness.callers import nobody, person, super_admin
from tests.harness.directory import ACME, BETA, fill_copilot
from tests.harness.services import context_of
from tests.harness.sql import run

(SCHEMA,) = [module.schema for module in subgraphs() if module.name == "directory"]
LISTS = """
  source
  users(first: 3, orderBy: {field: NAME, direction: DESC}) { totalCount nodes { id name email } }
  groups(filter: {search: "e"}) { kind: __typename nodes { name teams(first: 1) { totalCount
    nodes { name members { nodes { role user { name } } } } } } }
  teams { totalCount }
  memberships(first: 2) { nodes { role joinedAt } }
"""


async def answers(pool: Pool, caller: Caller, text: str) -> tuple[Any, int]:
    """Data as the engine answers it, after comparing with graphql-core; and how many statements."""
    document = parse(text)
    expected = await reference(SCHEMA, document, {}, context_of(caller, pool))
    before = pool.statements
    found = await CompiledOperation(SCHEMA, document, EVERYTHING).execute(
        {}, context_of(caller, pool)
    )
    statements = pool.statements - before
    assert orjson.dumps(as_read(found.data)) == orjson.dumps(as_read(expected.data))
    assert [e.message for e in found.errors or ()] == [e.message for e in expected.errors or ()]
    return as_read(found.data), statements


async def test_all_lists_of_a_directory_are_one_statement(pool: Pool) -> None:
    await fill_copilot(pool)
    text = f"{{ account {{ directory {{ {LISTS} }} }} }}"
    data, statements = await answers(pool, person(ACME), text)
    assert statements == 1
    assert len(data["account"]["directory"]["users"]["nodes"]) == 3


async def test_directories_of_many_accounts_are_one_statement_too(pool: Pool) -> None:
    await fill_copilot(pool)
    ids = ", ".join(f'{{__typename: "Account", id: "{id}"}}' for id in (ACME, BETA, ACME))
    text = (
        f"{{ _entities(representations: [{ids}]) {{ ... on Account {{ directory {{ {LISTS} }}"
        " other: directory(source: IDENTITY) { source users { totalCount } } } } }"
    )
    data, statements = await answers(pool, super_admin(), text)
    assert statements <= 4
    counts = [one["directory"]["users"]["totalCount"] for one in data["_entities"]]
    assert counts[0] == counts[2] != counts[1]


@pytest.mark.parametrize("caller", [person(BETA), nobody()])
async def test_another_accounts_directory_is_empty(pool: Pool, caller: Caller) -> None:
    await fill_copilot(pool)
    text = (
        f'{{ _entities(representations: [{{__typename: "Account", id: "{ACME}"}}])'
        f" {{ ... on Account {{ directory {{ {LISTS} }} }} }} }}"
    )
    document = parse(text)
    found = await CompiledOperation(SCHEMA, document, EVERYTHING).execute(
        {}, context_of(caller, pool)
    )
    data = as_read(found.data)
    for one in data["_entities"]:
        if one is not None:
            assert one["directory"]["users"] == {"totalCount": 0, "nodes": []}
            assert one["directory"]["groups"]["nodes"] == []


async def test_what_is_not_sound_is_read_as_rows_with_its_error(cloned_database_url: str) -> None:
    text = "{ account { directory { groups { nodes { name status } } teams { totalCount } } } }"
    pool = await Pool.open(cloned_database_url, PoolOptions(max_size=4))
    try:
        await fill_copilot(pool)
        await run(pool, "ALTER TABLE copilot.groups DROP CONSTRAINT groups_status_check")
        await run(pool, "UPDATE copilot.groups SET status = 'odd' WHERE account_id = $1", ACME)
        data, statements = await answers(pool, person(ACME), text)
    finally:
        await pool.close()
    assert data["account"]["directory"] is None
    assert statements > 1


@pytest.mark.parametrize(
    "page",
    [
        "last: 2",
        "last: 2, orderBy: {field: NAME, direction: ASC}",
        "last: 1, before: CURSOR",
        "first: 2, after: CURSOR",
        "first: 0",
        "last: 0",
        'first: 1, after: CURSOR, filter: {search: "nobody"}',
        "first: 201",
        'first: 2, after: "bad"',
    ],
)
async def test_every_page_is_the_same_whichever_way_it_is_read(pool: Pool, page: str) -> None:
    await fill_copilot(pool)
    order = "first: 2, orderBy: {field: NAME, direction: ASC}" if "NAME" in page else "first: 2"
    edges = f"{{ account {{ directory {{ users({order}) {{ edges {{ cursor }} }} }} }} }}"
    data, _ = await answers(pool, person(ACME), edges)
    cursor = data["account"]["directory"]["users"]["edges"][-1]["cursor"]
    asked = page.replace("CURSOR", f'"{cursor}"')
    text = f"{{ account {{ directory {{ users({asked}) {{ nodes {{ id name }} }} }} }} }}"
    await answers(pool, person(ACME), text)
