"""Of rows that nobody should have written, too, every answer is graphql-core's.

The demo data with odd text, times, numbers and words in every column that takes them, read by
sessions in another time zone: whether PostgreSQL writes an object or finds that it is not sound,
the client sees what reading rows one field at a time would have shown.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from graphql import parse

from auth.caller import Caller
from datasources.database import Pool
from datasources.demo import DemoSummary
from tests.conftest import DatabaseServer
from tests.federation.compiled.comparing import reference
from tests.harness.callers import person, super_admin
from tests.harness.demo import Demo, load_demo
from tests.harness.odd import make_odd
from tests.harness.services import context_of
from tests.schema.test_written import ASKED, MODULES, Asked, written_of

ARGUMENTS = ("last: 2", "first: 0", "first: 200")


@pytest.fixture(scope="module")
def odd_url(
    database_server: DatabaseServer, database_template: str
) -> Iterator[tuple[str, DemoSummary]]:
    url = database_server.clone(database_template)
    summary = asyncio.run(load_demo(url))
    assert asyncio.run(make_odd(url)) > 100
    name = url.split("?")[0].rsplit("/", 1)[1]
    database_server.administer(f"ALTER DATABASE \"{name}\" SET timezone = 'Asia/Kathmandu'")
    yield url, summary
    database_server.drop(url)


@pytest.fixture
async def odd(odd_url: tuple[str, DemoSummary]) -> AsyncIterator[Demo]:
    url, summary = odd_url
    pool = await Pool.open(url)
    yield Demo(pool, summary)
    await pool.close()


@pytest.mark.timeout(300)
async def test_odd_rows_are_answered_as_graphql_core_answers_them(odd: Demo) -> None:
    written = 0
    for asked in ASKED:
        for caller in (person(odd.first.id), super_admin()):
            written += await written_of(asked, caller, odd)
    assert written > 100


LISTS = [asked for asked in ASKED if asked.selection.startswith("kind: __typename nodes")]
NESTED = re.compile(r"(other: \w+) \{ nodes")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("arguments", ARGUMENTS)
async def test_pages_from_either_end_at_any_depth(odd: Demo, arguments: str) -> None:
    for asked in LISTS:
        *way, last = asked.way
        selection = NESTED.sub(rf"\1({arguments}) {{ nodes", asked.selection)
        page = asked._replace(way=(*way, f"{last}({arguments})"), selection=selection)
        await written_of(page, person(odd.first.id), odd)


@pytest.mark.timeout(300)
async def test_pages_between_cursors(odd: Demo) -> None:
    caller = person(odd.first.id)
    compared = 0
    for asked in {asked.coordinate: asked for asked in LISTS}.values():
        *way, last = asked.way
        cursors = await cursors_of(asked, caller, odd)
        for arguments in between(cursors):
            page = asked._replace(way=(*way, f"{last}({arguments})"))
            await written_of(page, caller, odd)
            compared += 1
    assert compared > 40


async def cursors_of(asked: Asked, caller: Caller, odd: Demo) -> list[str]:
    """The cursors of a list's first rows."""
    document = parse(asked._replace(selection="edges { cursor }").text)
    result = await reference(MODULES[asked.module], document, {}, context_of(caller, odd.pool))
    return [edge["cursor"] for edge in _below(result.data, (*asked.way, "edges"))]


def _below(value: Any, way: tuple[str, ...]) -> Iterator[Any]:
    """What stands at the end of a way, in whatever lists it leads through."""
    if isinstance(value, list):
        for item in value:
            yield from _below(item, way)
    elif value is not None and way:
        yield from _below(value[way[0]], way[1:])
    elif value is not None:
        yield value


def between(cursors: Sequence[str]) -> Iterator[str]:
    """Arguments of pages that begin or end at the second and the last of these cursors."""
    for cursor in {*cursors[1:2], *cursors[-1:]}:
        yield f'first: 2, after: "{cursor}"'
        yield f'last: 2, before: "{cursor}"'
        yield f'last: 200, before: "{cursor}"'
