"""Files of audit events: what is in them, for whom, and how long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from auth.caller import Caller, Role
from datasources.database import Pool, PoolOptions
from datasources.migrations.row_level_security import ROLE
from datasources.tables import audit_log
from resolvers.base import Origin
from resolvers.observability.export_files import remove_old_files
from resolvers.times import write_datetime
from tests.harness.access import ADMIN, fill_access, with_rights
from tests.harness.callers import member, nobody, super_admin
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.exports import EXPORT, add_events, export, file_text, rows_of, stored_ids
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look, run

AUDITOR = with_rights(ACME, Role.AUDITOR, id_of("Ann"))
THEIRS = with_rights(BETA, Role.ACCOUNT_ADMIN, id_of("Zoe"))
MACHINE = with_rights(ACME, Role.SERVICE, id_of("Machine"))
EVENTS = """{ account { auditEvents(first: 200, orderBy: {field: OCCURRED_AT}) { nodes {
  id occurredAt accountId source module type action severity resourceType resourceId resourceName
  actor { kind id name email } message changes { field before after } details operation { id }
  requestId ipAddress userAgent hash } } } }"""
SHOWN = "query ($id: ID!) { account { bulkOperation(id: $id) { status resultUrl problem } } }"


@pytest.fixture(params=["unfenced", "fenced"])
async def graph(pool: Pool, database_url: str, request: Any) -> AsyncIterator[Graph]:
    """Two accounts; as the user of the database, and as the gateway's role in production."""
    await fill_access(pool)
    role = ROLE if request.param == "fenced" else None
    opened = await Pool.open(database_url, PoolOptions(role=role, max_size=8))
    yield Graph(opened, Origin("192.0.2.7", "Firefox"))
    await opened.close()


async def written(graph: Graph, caller: Caller = ADMIN, **input: Any) -> list[Any]:
    """The events of a new file."""
    operation = (await export(graph, caller, **input))["operation"]
    text = await file_text(graph, caller, operation["id"])
    assert text is not None
    return rows_of(text, input.get("format", "NDJSON"))


async def write(graph: Graph, mutation: str, caller: Caller = ADMIN, **input: Any) -> None:
    type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
    text = f"mutation ($of: {type_}!) {{ {mutation}(input: $of) {{ userErrors {{ code }} }} }}"
    answer = await graph.ask(caller, text, of=input)
    assert answer.errors == ()
    assert answer.data is not None
    assert answer.data[mutation]["userErrors"] == []


async def shown(graph: Graph, id: str) -> Any:
    answer = await graph.ask(ADMIN, SHOWN, id=id)
    assert answer.data is not None
    return answer.data["account"]["bulkOperation"]


# --- what is in it --------------------------------------------------------------------------------


async def test_every_event_is_there_once_in_the_order_it_happened(graph: Graph, pool: Pool) -> None:
    await add_events(pool, ACME, 3_456)
    await add_events(pool, BETA, 10)
    before = await stored_ids(pool, ACME)
    payload = await export(graph, ADMIN, clientMutationId="mine")
    operation = payload["operation"]
    id = operation.pop("id")
    assert payload == {"operation": operation, "userErrors": [], "clientMutationId": "mine"}
    assert operation == {
        "kind": "EXPORT_AUDIT_EVENTS",
        "status": "SUCCEEDED",
        "isDryRun": False,
        "accountId": ACME,
        "matchedCount": 3_456,
        "changedCount": 3_456,
        "skippedCount": 0,
        "accountCount": 1,
        "progressPercent": 100,
        "selection": {"filter": {}},
        "values": {"format": "NDJSON"},
        "problem": None,
        "resultUrl": f"http://localhost:4000/exports/{id}",
        "requestedBy": {"name": "Ada"},
    }
    text = await file_text(graph, ADMIN, id)
    assert text is not None
    assert [event["id"] for event in rows_of(text)] == before
    assert await look(pool, "SELECT count(*) FROM gateway.export_parts") == [(4,)]


async def fill_odd(graph: Graph, pool: Pool) -> None:
    """Events of both logs and of the platform, with secrets, long lists, links and old forms."""
    await write(graph, "createGroup", name='West, "wild"')
    await write(graph, "setGuardrail", guard="PII", isEnabled=True)
    await write(graph, "bulkUpdateUsers", ids=[id_of("Ann")], isActive=False)
    flat = {"featureCode": "agents", "source": "ADDON", "config": {"seats": 5}}
    given = {"accountIds": [ACME, BETA], "entitlements": [flat]}
    await write(graph, "bulkSetEntitlements", super_admin(), **given)
    secrets = {
        "before": {"api_key": "sesame", "name": "a"},
        "after": {"api_key": "other sesame", "name": "b"},
        "client_secret": "sesame",
        "ids": [*range(50)],
    }
    for actor in ("somebody@old.test", "", None):
        await add(
            pool,
            audit_log,
            account_id=ACME,
            event_type="copilot_odd",
            actor_id=actor,
            message='Odd, "very"\r\nodd',
            details=secrets,
        )
    await write(graph, "createFeature", super_admin(), code="x", level="MODULE", name="X")


async def test_an_event_says_what_it_says_in_the_graph(graph: Graph, pool: Pool) -> None:
    await fill_odd(graph, pool)
    answer = await graph.ask(ADMIN, EVENTS)
    assert answer.errors == ()
    assert answer.data is not None
    expected = answer.data["account"]["auditEvents"]["nodes"]
    for event in expected:
        operation = event.pop("operation")
        event["operationId"] = operation and operation["id"]
    found = await written(graph)
    assert found == expected
    assert {event["source"] for event in found} == {"COCKPIT", "GUARDRAILS"}
    assert sum(event["operationId"] is not None for event in found) == 1
    assert "sesame" not in json.dumps(found)
    assert all(event["occurredAt"].endswith("Z") for event in found)


async def test_a_super_admin_s_file_holds_what_the_account_sees(graph: Graph, pool: Pool) -> None:
    await fill_odd(graph, pool)
    own = await written(graph, AUDITOR)
    *same, exported = await written(graph, super_admin(), accountId=ACME)
    assert same == own
    assert exported["type"] == "copilot_audit"


async def test_a_table_says_the_same_with_names_above(graph: Graph, pool: Pool) -> None:
    await fill_odd(graph, pool)
    payload = await export(graph, ADMIN, format="CSV")
    text = await file_text(graph, ADMIN, payload["operation"]["id"])
    assert text is not None
    assert text.startswith("id,occurredAt,accountId,source,")
    assert text.endswith("\r\n")
    objects = (await written(graph))[:-1]
    for row, event in zip(rows_of(text, "CSV"), objects, strict=True):
        actor = event.pop("actor") or dict.fromkeys(("kind", "id", "name", "email"))
        flat = event | {f"actor{name.title()}": value for name, value in actor.items()}
        for name in ("changes", "details"):
            assert json.loads(row.pop(name)) == flat.pop(name)
        assert row == {name: value or "" for name, value in flat.items()}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
async def test_no_cell_is_a_formula(graph: Graph, pool: Pool, start: str) -> None:
    formula = f'{start}HYPERLINK("http://evil.test","x")'
    given = {"message": formula, "actor_id": formula, "resource_id": formula}
    await add(pool, audit_log, account_id=ACME, event_type=start + "x", **given)
    (row,) = await written(graph, format="CSV")
    assert [row[name] for name in ("type", "message", "actorName", "resourceId")] == [
        f"'{start}x",
        *[f"'{formula}"] * 3,
    ]
    assert all(not value.startswith(tuple("=+-@\t\r")) for value in row.values())
    (event, _) = await written(graph)
    assert event["message"] == formula


async def test_a_table_of_several_parts_has_its_names_once(graph: Graph, pool: Pool) -> None:
    await add_events(pool, ACME, 2_001)
    rows = await written(graph, format="CSV")
    assert [row["id"] for row in rows] == (await stored_ids(pool, ACME))[:-1]


@pytest.mark.parametrize(("format", "lines"), [("NDJSON", 0), ("CSV", 1)])
async def test_nothing_is_a_file_too(graph: Graph, format: str, lines: int) -> None:
    operation = (await export(graph, ADMIN, format=format, filter={"search": "zzz"}))["operation"]
    assert (operation["status"], operation["matchedCount"]) == ("SUCCEEDED", 0)
    text = await file_text(graph, ADMIN, operation["id"])
    assert text is not None
    assert text.count("\n") == lines


async def test_a_filter_means_what_it_means_in_the_list(graph: Graph, pool: Pool) -> None:
    await add_events(pool, ACME, 30)
    await write(graph, "createGroup", name="West")
    await write(graph, "createFeature", super_admin(), code="x", level="MODULE", name="X")
    ((moment,),) = await look(
        pool, "SELECT created_at FROM copilot.audit_log WHERE message = 'Event 9'"
    )
    at = write_datetime(moment)
    of: list[tuple[dict[str, Any], int]] = [
        ({"types": ["copilot_directory"]}, 1),
        ({"search": "event 1"}, 11),
        ({"occurredAt": {"to": at}}, 8),
        ({"occurredAt": {"from": at}, "types": ["copilot_agent"]}, 22),
        ({"occurredAt": {"to": "2999-01-01T00:00:00Z"}, "actions": ["use"]}, 30),
        ({"severities": ["ERROR"]}, 0),
        ({"operationId": "no uuid"}, 0),
        ({"accountIds": [BETA]}, 0),
        ({"modules": ["ENTITLEMENTS"]}, 0),
        ({"modules": ["ENTITLEMENTS"], "includePlatform": True}, 1),
        ({"sources": ["GUARDRAILS"]}, 0),
    ]
    for filter, count in of:
        operation = (await export(graph, ADMIN, filter=filter))["operation"]
        assert operation["matchedCount"] == operation["changedCount"] == count, filter
        given = {"includePlatform": False} | filter
        assert operation["selection"]["filter"] == given
        text = await file_text(graph, ADMIN, operation["id"])
        assert text is not None
        assert len(rows_of(text)) == count


async def test_an_export_is_an_event_that_its_own_file_does_not_hold(
    graph: Graph, pool: Pool
) -> None:
    await write(graph, "createGroup", name="West")
    operation = (await export(graph, ADMIN, filter={"modules": ["DIRECTORY"]}))["operation"]
    (first, second) = await written(graph)
    assert first["type"] == "copilot_directory"
    assert (second["type"], second["action"], second["module"]) == (
        "copilot_audit",
        "export",
        "OBSERVABILITY",
    )
    assert (second["resourceType"], second["resourceId"]) == ("bulk_operation", operation["id"])
    assert second["operationId"] == operation["id"]
    assert second["actor"]["id"] == ADMIN.id
    assert second["details"] == {
        "format": "NDJSON",
        "filter": {"modules": ["DIRECTORY"], "includePlatform": False},
        "matchedCount": 1,
    }
    assert second["hash"] is not None


# --- for whom -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "input", "code"),
    [
        (super_admin(), {}, "BAD_USER_INPUT"),
        (ADMIN, {"accountId": BETA}, "FORBIDDEN"),
        (ADMIN, {"accountId": "unknown"}, "FORBIDDEN"),
        (member(ACME), {}, "FORBIDDEN"),
        (MACHINE, {}, "FORBIDDEN"),
        (nobody(), {}, "FORBIDDEN"),
        (ADMIN, {"filter": {"search": "a\0b"}}, "BAD_USER_INPUT"),
    ],
)
async def test_what_may_not_be_asked_begins_nothing(
    graph: Graph, pool: Pool, caller: Caller, input: Any, code: str
) -> None:
    answer = await graph.ask(caller, EXPORT, input=input)
    assert [error.extensions["code"] for error in answer.errors] == [code]
    assert await look(pool, "SELECT FROM gateway.bulk_operations") == []
    assert await stored_ids(pool, ACME) == []


async def test_an_account_that_does_not_exist_is_a_mistake_of_the_input(graph: Graph) -> None:
    payload = await export(graph, super_admin(), accountId="unknown")
    assert payload["operation"] is None
    assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"]


async def test_a_file_is_for_who_may_have_one_prepared(graph: Graph, pool: Pool) -> None:
    await add_events(pool, ACME, 3)
    id = (await export(graph, AUDITOR))["operation"]["id"]
    for caller in (ADMIN, AUDITOR, super_admin()):
        text = await file_text(graph, caller, id)
        assert text is not None
        assert len(rows_of(text)) == 3
    for caller in (THEIRS, member(ACME), MACHINE, nobody()):
        assert await file_text(graph, caller, id) is None
    assert await file_text(graph, ADMIN, "no uuid") is None


async def test_where_the_chain_of_another_account_ends_is_told_to_nobody(
    pool: Pool, database_url: str
) -> None:
    await fill_access(pool)
    await write(Graph(pool), "createGroup", name="West")
    fenced = await Pool.open(database_url, PoolOptions(role=ROLE))
    try:
        ends = "SELECT gateway.audit_chain_end($1), gateway.audit_chain_end('')"
        for caller, expected in ((ADMIN, (1, None)), (THEIRS, (None, None))):
            assert await look(fenced.as_caller(caller), ends, ACME) == [expected]
    finally:
        await fenced.close()


# --- how long -------------------------------------------------------------------------------------


async def test_a_file_is_gone_when_its_time_is_over(graph: Graph, pool: Pool) -> None:
    old, new = [(await export(graph, ADMIN))["operation"]["id"] for _ in range(2)]
    lives = "SELECT round(extract(epoch FROM expires_at - now()) / 86400) FROM gateway.export_files"
    assert await look(pool, lives) == [(7,), (7,)]
    assert await remove_old_files(graph.services) == 0
    await run(
        pool,
        "UPDATE gateway.export_files SET expires_at = now() WHERE operation_id = $1::text::uuid",
        old,
    )
    assert await file_text(graph, ADMIN, old) is None
    assert (await shown(graph, old))["resultUrl"] is None
    assert await remove_old_files(graph.services) == 1
    assert (await shown(graph, old))["status"] == "SUCCEEDED"
    assert await file_text(graph, ADMIN, new) is not None
    left = "SELECT DISTINCT operation_id::text FROM gateway.export_parts"
    assert await look(pool, left) == [(new,)]


@asynccontextmanager
async def no_parts(pool: Pool) -> AsyncIterator[None]:
    """Keep every export from writing for the length of a block."""
    async with pool.transaction() as database:
        await run(database, "LOCK TABLE gateway.export_parts IN SHARE MODE")
        yield


async def test_of_many_at_once_two_are_begun_and_the_others_say_so(
    graph: Graph, pool: Pool
) -> None:
    async with no_parts(pool):
        asking = [asyncio.create_task(export(graph, ADMIN)) for _ in range(4)]
        done, working = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 2:
            more, working = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        for task in done:
            payload = task.result()
            assert payload["operation"] is None
            (error,) = payload["userErrors"]
            assert (error["code"], error["path"]) == ("LIMIT_REACHED", ["input"])
        theirs = asyncio.create_task(export(graph, THEIRS))
        running = "SELECT count(*) FROM gateway.bulk_operations WHERE account_id = $1"
        while await look(pool, running, BETA) != [(1,)]:
            pass
        assert await look(pool, running, ACME) == [(2,)]
    payloads = [await task for task in (*working, theirs)]
    assert [payload["operation"]["status"] for payload in payloads] == ["SUCCEEDED"] * 3
    assert (await export(graph, ADMIN))["operation"]["status"] == "SUCCEEDED"
