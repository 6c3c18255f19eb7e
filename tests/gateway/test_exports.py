"""Files of exports over HTTP: who gets them, in what form, and who learns nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp
import pytest

from auth.mint import mint_session
from datasources.database import Pool
from datasources.health import ping
from datasources.migrations.row_level_security import ROLE
from gateway.standalone import create_subgraph
from schema.subgraphs import subgraphs
from tests.gateway.harness import Answer, Client, client_of
from tests.gateway.test_app import OPERATOR, OPERATOR_KEY, SECRET, account, bearer, gateway
from tests.gateway.test_app import settings_of as settings
from tests.harness.directory import add_account, add_membership, add_person
from tests.harness.exports import add_events, stored_ids
from tests.harness.sql import look, run

ADA = bearer("ada@meridian.example")
EXPORT = """mutation ($of: ExportAuditEventsInput!) { exportAuditEvents(input: $of) {
  operation { id status resultUrl } userErrors { code } } }"""
CREDENTIAL = """mutation ($of: CreateServiceCredentialInput!) {
  createServiceCredential(input: $of) { token userErrors { code } } }"""
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
EVERY_SCOPE = ["accounts:any", "observability:read", "operations:read"]


class World(NamedTuple):
    """A gateway with an account that has a file, and people of two accounts."""

    client: Client
    account_id: str
    operation_id: str

    async def fetch(self, headers: Any = None, id: str = "", method: str = "GET") -> Answer:
        return await self.client.request(
            method, f"/exports/{id or self.operation_id}", headers=headers or {}
        )


@asynccontextmanager
async def serving(url: str, pool: Pool, **values: Any) -> AsyncIterator[World]:
    async with gateway(url, **values) as client:
        id = await account(client)
        await run(pool, "DELETE FROM copilot.audit_log WHERE account_id = $1", id)
        for name, role in (("Otto", "VIEWER"), ("Mia", "MEMBER"), ("Rex", "ADMIN")):
            await add_person(pool, id, name, email=f"{name.lower()}@meridian.example")
            await add_membership(pool, id, name, None, role)
        await add_account(pool, "beta", "beta.test")
        await add_person(pool, "beta", "Bea", email="bea@beta.test")
        await add_membership(pool, "beta", "Bea", None, "ADMIN")
        await add_events(pool, id, 2_345)
        yield World(client, id, (await export(client))["id"])


async def export(client: Client, headers: Any = ADA, **of: Any) -> Any:
    answer = await client.post(EXPORT, parameters={"variables": {"of": of}}, headers=headers)
    payload = answer.body["data"]["exportAuditEvents"]
    assert payload["userErrors"] == []
    return payload["operation"]


def cookie(email: str, **headers: str) -> dict[str, str]:
    return {"cookie": f"token={mint_session(SECRET, subject=email, email=email)}", **headers}


async def service_token(world: World, **of: Any) -> str:
    given = {"name": "machine", "scopes": EVERY_SCOPE, **of}
    answer = await world.client.post(
        CREDENTIAL, parameters={"variables": {"of": given}}, headers=bearer(OPERATOR)
    )
    payload = answer.body["data"]["createServiceCredential"]
    assert payload["userErrors"] == []
    token: str = payload["token"]
    return token


@pytest.mark.parametrize("role", [None, ROLE], ids=["owner", "fenced"])
async def test_a_file_is_sent_whole_to_who_may_have_it(
    database_url: str, pool: Pool, role: str | None
) -> None:
    async with serving(database_url, pool, database_role=role) as world:
        expected = (await stored_ids(pool, world.account_id))[:2_345]
        for headers in (
            ADA,
            bearer("otto@meridian.example"),
            bearer("rex@meridian.example"),
            bearer(OPERATOR),
            {"authorization": f"Bearer {OPERATOR_KEY}"},
            cookie("ada@meridian.example", **{"sec-fetch-site": "same-site"}),
            cookie("ada@meridian.example", origin=world.client.url),
        ):
            answer = await world.fetch(headers)
            assert answer.status == 200
            lines = answer.body.split("\n")
            assert [json.loads(line)["id"] for line in lines[:-1]] == expected
            assert lines[-1] == ""


async def test_it_says_what_it_is_and_is_not_kept_by_anybody(database_url: str, pool: Pool) -> None:
    async with serving(database_url, pool) as world:
        csv_id = (await export(world.client, format="CSV"))["id"]
        answer = await world.fetch(ADA)
        table = await world.fetch(ADA, csv_id)
        head = await world.fetch(ADA, method="HEAD")
        posted = await world.fetch(ADA, method="POST")
    for found, id, type_, ending in (
        (answer, world.operation_id, "application/x-ndjson", "ndjson"),
        (table, csv_id, "text/csv; charset=utf-8", "csv"),
    ):
        assert found.headers["content-type"] == type_
        assert found.headers["content-disposition"] == (
            f'attachment; filename="audit-events-{id}.{ending}"'
        )
        assert found.headers["cache-control"] == "no-store"
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["content-length"] == str(len(found.body.encode()))
        assert found.headers["x-request-id"]
    assert len([*csv.DictReader(io.StringIO(table.body, newline=""))]) == 2_346
    assert (head.status, head.body) == (200, "")
    assert head.headers["content-length"] == answer.headers["content-length"]
    assert posted.status == 405


async def test_everybody_else_is_answered_as_for_a_file_that_does_not_exist(
    database_url: str, pool: Pool
) -> None:
    async with serving(database_url, pool) as world:
        theirs = (await export(world.client, bearer("bea@beta.test")))["id"]
        unknown = await world.fetch(ADA, str(uuid4()))
        machine = await service_token(world)
        machine_of_account = await service_token(
            world, name="own", accountId=world.account_id, scopes=EVERY_SCOPE[1:]
        )
        refused = [
            await world.fetch(bearer("mia@meridian.example")),
            await world.fetch(bearer("bea@beta.test")),
            await world.fetch(bearer("stranger@nowhere.test")),
            await world.fetch({"authorization": f"Bearer {machine}"}),
            await world.fetch({"authorization": f"Bearer {machine_of_account}"}),
            await world.fetch(ADA, theirs),
            await world.fetch(ADA, "no-uuid"),
            await world.fetch(ADA, f"{world.operation_id}x"),
            await world.fetch(bearer(OPERATOR), str(uuid4())),
        ]
    assert (unknown.status, unknown.code) == (404, "NOT_FOUND")
    for answer in refused:
        assert (answer.status, answer.body) == (unknown.status, unknown.body)
        assert set(answer.headers) == set(unknown.headers)
    assert world.operation_id not in str(unknown.body)


async def test_nobody_and_bad_credentials_are_told_so_whatever_the_id(
    database_url: str, pool: Pool
) -> None:
    async with serving(database_url, pool) as world:
        for id in (world.operation_id, str(uuid4())):
            expired = bearer("ada@meridian.example", lifetime=timedelta(seconds=1), now=_LONG_AGO)
            for headers in ({}, {"authorization": "Bearer nonsense"}, expired):
                answer = await world.fetch(headers, id)
                assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
                assert answer.headers["www-authenticate"] == "Bearer"
            for site in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {}):
                answer = await world.fetch(cookie("ada@meridian.example", **site), id)
                assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_an_unfinished_or_expired_file_does_not_exist_and_is_removed_by_itself(
    database_url: str, pool: Pool
) -> None:
    async with serving(database_url, pool, renewal_seconds=0.05) as world:
        unknown = await world.fetch(ADA, str(uuid4()))
        assert (await world.fetch(ADA)).status == 200
        await run(pool, "UPDATE gateway.export_files SET expires_at = NULL")
        assert (await world.fetch(ADA)).body == unknown.body
        await run(pool, "UPDATE gateway.export_files SET expires_at = now()")
        assert (await world.fetch(ADA)).body == unknown.body
        while await run(pool, "UPDATE gateway.export_files SET part_count = part_count"):
            pass
        assert (await world.fetch(ADA)).body == unknown.body


async def test_a_file_that_is_removed_on_its_way_breaks_off_and_is_no_whole_one(
    database_url: str, pool: Pool
) -> None:
    async with serving(database_url, pool) as world:
        await run(pool, "DELETE FROM gateway.export_parts WHERE part = 1")
        with pytest.raises(aiohttp.ClientPayloadError):
            await world.fetch(ADA)
        assert (await world.fetch(ADA, str(uuid4()))).status == 404


async def test_the_address_is_that_under_which_clients_reach_the_gateway(
    database_url: str, pool: Pool
) -> None:
    url = "https://api.cockpit.example/"
    async with serving(database_url, pool, public_url=url) as world:
        operation = await export(world.client)
    assert operation["resultUrl"] == f"{url}exports/{operation['id']}"


async def test_a_request_that_runs_out_of_time_leaves_its_export_to_another_process(
    cloned_database_url: str,
) -> None:
    pool = await Pool.open(cloned_database_url)
    url = cloned_database_url
    try:
        async with serving(url, pool) as world:
            expected = await stored_ids(pool, world.account_id)
        async with gateway(url, request_timeout_seconds=1.5) as client, pool.transaction() as held:
            await run(held, "LOCK TABLE gateway.export_parts IN SHARE MODE")
            late = await client.post(EXPORT, parameters={"variables": {"of": {}}}, headers=ADA)
        assert (late.status, late.code) == (504, "TIMEOUT")
        begun = "UPDATE gateway.bulk_operations SET started_at = now() - interval '1 hour'"
        await run(pool, f"{begun} WHERE status = 'RUNNING'")
        ((id,),) = await look(
            pool, "SELECT id::text FROM gateway.bulk_operations WHERE status = 'RUNNING'"
        )
        async with gateway(url, renewal_seconds=0.05) as client:
            other = world._replace(client=client, operation_id=id)
            while (answer := await other.fetch(ADA)).status == 404:
                await ping(pool)
        assert [json.loads(line)["id"] for line in answer.body.split("\n")[:-1]] == expected
    finally:
        await pool.close()


async def test_a_module_served_alone_serves_files_too(database_url: str, pool: Pool) -> None:
    module = next(one for one in subgraphs() if one.name == "observability")
    app = create_subgraph(module, settings(database_url))
    async with serving(database_url, pool) as world, client_of(app) as client:
        alone = world._replace(client=client)
        assert (await alone.fetch(ADA)).body == (await world.fetch(ADA)).body
        assert (await alone.fetch(bearer("mia@meridian.example"))).status == 404
