"""Exports that are interrupted, gone on with by others, or stopped by a fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest

from auth.caller import Role
from datasources.database import Pool, PoolOptions
from datasources.health import ping
from datasources.migrations.row_level_security import ROLE
from resolvers.observability.export_files import remove_old_files
from resolvers.observability.exporting import go_on_exporting
from tests.harness.access import ADMIN, fill_access, with_rights
from tests.harness.directory import ACME, id_of
from tests.harness.exports import EXPORT, add_events, export, file_text, rows_of, stored_ids
from tests.harness.graph import Graph
from tests.harness.sql import look, run

ASK = """{ account { bulkOperations(filter: {kinds: [EXPORT_AUDIT_EVENTS]}) { nodes {
  id status matchedCount changedCount progressPercent resultUrl problem } } } }"""
ADD = "INSERT INTO copilot.audit_log (account_id, event_type, message) VALUES ($1, 'late', 'Late')"
COLLEAGUE = with_rights(ACME, Role.AUDITOR, id_of("Ann"))

_WAITS = """
CREATE FUNCTION gateway.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.part = 2 THEN PERFORM pg_advisory_xact_lock(42); END IF; RETURN NEW;
END $$
"""
_TRIGGER = """
CREATE TRIGGER waits BEFORE INSERT ON gateway.export_parts FOR EACH ROW
EXECUTE FUNCTION gateway.wait()
"""


class World(NamedTuple):
    """A database whose exports wait before their third part while somebody holds them."""

    owner: Pool
    here: Graph
    there: Graph
    """Another process, with connections and services of its own."""


@pytest.fixture
async def world(cloned_database_url: str) -> AsyncIterator[World]:
    owner = await Pool.open(cloned_database_url)
    await fill_access(owner)
    await add_events(owner, ACME, 4_321)
    await run(owner, _WAITS)
    await run(owner, _TRIGGER)
    processes = [
        await Pool.open(cloned_database_url, PoolOptions(role=role, min_size=1, max_size=4))
        for role in (None, ROLE)
    ]
    here, there = [Graph(process) for process in processes]
    yield World(owner, here, there)
    for pool in (*processes, owner):
        await pool.close()


@asynccontextmanager
async def held(world: World) -> AsyncIterator[None]:
    """Keep exports before their third part for the length of a block."""
    async with world.owner.transaction() as database:
        await look(database, "SELECT pg_advisory_xact_lock(42)")
        yield


async def reached(world: World, count: int = 2) -> None:
    """Wait until so many parts are written."""
    parts = "SELECT FROM gateway.export_parts"
    while len(await look(world.owner, parts)) < count:
        await ping(world.owner)


async def interrupted(world: World) -> None:
    """Begin an export and end its request when half of the file is written."""
    async with held(world):
        working = asyncio.create_task(export(world.here, ADMIN))
        await reached(world)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def let_time_pass(world: World) -> None:
    await run(world.owner, "UPDATE gateway.bulk_operations SET started_at = now() - interval '1h'")


async def operations(graph: Graph) -> list[Any]:
    answer = await graph.ask(ADMIN, ASK)
    assert answer.errors == ()
    assert answer.data is not None
    nodes: list[Any] = answer.data["account"]["bulkOperations"]["nodes"]
    return nodes


async def ids_in(graph: Graph, operation_id: str) -> list[str]:
    text = await file_text(graph, COLLEAGUE, operation_id)
    assert text is not None
    return [event["id"] for event in rows_of(text)]


async def test_progress_is_seen_part_by_part_and_there_is_no_file_before_the_last(
    world: World,
) -> None:
    async with held(world):
        working = asyncio.create_task(export(world.here, ADMIN))
        await reached(world)
        (operation,) = await operations(world.there)
        assert await file_text(world.there, ADMIN, operation["id"]) is None
        assert await remove_old_files(world.there.services) == 0
    assert (operation["status"], operation["resultUrl"]) == ("RUNNING", None)
    assert (operation["matchedCount"], operation["changedCount"]) == (4_321, 2_000)
    assert operation["progressPercent"] == pytest.approx(2_000 / 43.21)
    assert (await working)["operation"]["status"] == "SUCCEEDED"


async def test_what_was_interrupted_goes_on_in_another_process_without_gap_or_repetition(
    world: World,
) -> None:
    before = await stored_ids(world.owner, ACME)
    await interrupted(world)
    assert await go_on_exporting(world.there.services) == []
    await let_time_pass(world)
    (id,) = await go_on_exporting(world.there.services)
    (operation,) = await operations(world.here)
    assert operation["id"] == str(id)
    assert (operation["status"], operation["progressPercent"]) == ("SUCCEEDED", 100)
    assert (operation["matchedCount"], operation["changedCount"]) == (4_321, 4_321)
    assert await ids_in(world.here, operation["id"]) == before
    assert await go_on_exporting(world.here.services) == []


async def test_several_processes_at_one_export_write_each_event_once(world: World) -> None:
    before = await stored_ids(world.owner, ACME)
    await interrupted(world)
    await let_time_pass(world)
    at_once = [go_on_exporting(graph.services) for graph in (world.here, world.there) * 3]
    await asyncio.gather(*at_once)
    (operation,) = await operations(world.here)
    assert (operation["status"], operation["changedCount"]) == ("SUCCEEDED", 4_321)
    assert await ids_in(world.here, operation["id"]) == before


GROUP = "mutation ($name: String!) { createGroup(input: {name: $name}) { userErrors { code } } }"


async def test_what_is_recorded_meanwhile_is_not_in_it_and_displaces_nothing(world: World) -> None:
    groups = [f"Group {number}" for number in range(40)]
    for name in groups[:20]:
        assert (await world.here.ask(ADMIN, GROUP, name=name)).errors == ()
    before = await stored_ids(world.owner, ACME)

    async def record() -> None:
        for name in groups[20:]:
            assert (await world.there.ask(ADMIN, GROUP, name=name)).errors == ()
            await run(world.owner, ADD, ACME)

    recording = asyncio.create_task(record())
    await interrupted(world)
    await let_time_pass(world)
    await asyncio.gather(recording, go_on_exporting(world.there.services))
    (operation,) = await operations(world.here)
    found = await ids_in(world.here, operation["id"])
    after = await stored_ids(world.owner, ACME)
    assert len(after) == len(before) + 41
    assert len(found) == len(set(found)) == operation["changedCount"] == operation["matchedCount"]
    # How far the recording was when the export began is chance; that it is a beginning is not.
    assert [id for id in after if id in set(found)] == found
    assert found[: len(before)] == before
    assert len(found) < len(after)


async def test_what_began_before_and_is_committed_during_it_is_not_in_it(world: World) -> None:
    before = await stored_ids(world.owner, ACME)
    # The recording transaction is older than the export, so by time its event belonged to it.
    async with world.owner.as_caller(ADMIN).transaction() as database:
        await look(database, "SELECT now()")
        await interrupted(world)
        await run(
            database,
            "INSERT INTO copilot.audit_log (id, account_id, event_type)"
            " VALUES ('00000000-0000-4000-8000-0000000000aa', $1, 'older')",
            ACME,
        )
        await look(
            database,
            "SELECT gateway.chain_audit_events(ARRAY['COCKPIT'],"
            " ARRAY['00000000-0000-4000-8000-0000000000aa'::uuid], ARRAY[NULL::text],"
            " ARRAY[NULL::uuid], ARRAY[NULL::inet], ARRAY[NULL::text])",
        )
    await let_time_pass(world)
    await go_on_exporting(world.there.services)
    (operation,) = await operations(world.here)
    assert await ids_in(world.here, operation["id"]) == before
    assert (operation["matchedCount"], operation["changedCount"]) == (4_321, 4_321)


async def test_a_fault_ends_it_and_leaves_no_file(world: World) -> None:
    await run(world.owner, "ALTER TABLE gateway.export_parts ADD CHECK (part < 3)")
    answer = await world.here.ask(ADMIN, EXPORT, input={})
    assert [error.extensions["code"] for error in answer.errors] == ["INTERNAL"]
    (operation,) = await operations(world.here)
    assert (operation["status"], operation["changedCount"]) == ("FAILED", 3_000)
    assert operation["problem"].startswith("A fault stopped it, and there is no file.")
    assert operation["resultUrl"] is None
    assert await file_text(world.here, ADMIN, operation["id"]) is None
    await let_time_pass(world)
    assert await go_on_exporting(world.there.services) == []
    assert await remove_old_files(world.there.services) == 1
    assert await look(world.owner, "SELECT FROM gateway.export_parts") == []


async def test_a_file_that_is_removed_while_it_is_fetched_breaks_off(world: World) -> None:
    operation = (await export(world.here, ADMIN))["operation"]
    await run(world.owner, "DELETE FROM gateway.export_parts WHERE part = 3")
    with pytest.raises(LookupError, match=f"Part 3 of export {operation['id']} is gone"):
        await file_text(world.here, ADMIN, operation["id"])
