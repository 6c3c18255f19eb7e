"""Migrating databases that are empty, finished, half made, or migrated by somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from datasources import migrations
from datasources.errors import DatabaseUnavailable, MigrationError
from datasources.migrations.baseline import sections
from tests.conftest import DatabaseServer
from tests.datasources.catalog import ADDED_INDEXES, Shape, tables

_HEAD = "0024"
_POLICY_TABLES = {
    "copilot.model_access_policies",
    "copilot.feature_flag_policies",
    "copilot.connection_permission_policies",
}
_ACCOUNT = 'INSERT INTO "Alchemi_AccountTable" (account_id, account_name) VALUES ($1, $2)'


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def apply_production_sql(url: str, *, without: frozenset[str] = frozenset()) -> None:
    """What a cockpit that never met the gateway has."""
    async with connected(url) as connection:
        await connection.execute("CREATE SCHEMA copilot")
        for section in sections():
            if section.name not in without:
                await connection.execute(";\n".join(section.statements))


async def snapshot(url: str) -> dict[str, Any]:
    """Everything the catalogue knows of the two production schemas, object identities included.

    What our migrations add is left out.
    """
    query = (
        "SELECT oid, relname, relfilenode FROM pg_class"
        " WHERE relnamespace = ANY(ARRAY['public', 'copilot']::regnamespace[])"
        " AND relname <> ALL($1) ORDER BY oid"
    )
    added = list(ADDED_INDEXES)
    async with connected(url) as connection:
        shapes: dict[str, Shape] = {
            schema: await tables(connection, schema) for schema in ("public", "copilot")
        }
        return {
            "shapes": shapes,
            "objects": [tuple(row) for row in await connection.fetch(query, added)],
        }


def test_an_empty_database_is_migrated_to_the_head(empty_database_url: str) -> None:
    before = migrations.status(empty_database_url)
    assert before.current is None
    pending = [text.partition(":")[0] for text in before.pending]
    files = Path(migrations.__file__).parent.glob("versions/0*.py")
    assert pending == sorted(file.name[:4] for file in files)
    assert pending[-1] == _HEAD
    migrations.upgrade(empty_database_url)
    assert migrations.status(empty_database_url) == (_HEAD, _HEAD, ())


def test_reading_the_status_changes_nothing(empty_database_url: str) -> None:
    migrations.status(empty_database_url)
    schemas = "SELECT nspname FROM pg_namespace WHERE nspname IN ('gateway', 'copilot')"
    assert asyncio.run(_rows(empty_database_url, schemas)) == []


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    before = asyncio.run(snapshot(database_url))
    migrations.upgrade(database_url)
    assert asyncio.run(snapshot(database_url)) == before


def test_an_existing_production_database_keeps_its_objects_and_rows(
    empty_database_url: str,
) -> None:
    asyncio.run(apply_production_sql(empty_database_url))
    asyncio.run(_execute(empty_database_url, _ACCOUNT, "a1", "Acme"))
    before = asyncio.run(snapshot(empty_database_url))
    migrations.upgrade(empty_database_url)
    assert asyncio.run(snapshot(empty_database_url)) == before
    accounts = asyncio.run(_rows(empty_database_url, 'SELECT * FROM "Alchemi_AccountTable"'))
    assert [row["account_name"] for row in accounts] == ["Acme"]


def test_indexes_made_before_the_migration_are_kept(empty_database_url: str) -> None:
    asyncio.run(apply_production_sql(empty_database_url))
    mine = "CREATE INDEX {} ON copilot.users (account_id, created_at, id)"
    index = "users_account_id_created_at_id_idx"
    asyncio.run(_execute(empty_database_url, mine.format(index)))
    migrations.upgrade(empty_database_url)
    query = "SELECT relname FROM pg_class WHERE relkind = 'i'"
    names = {row["relname"] for row in asyncio.run(_rows(empty_database_url, query))}
    assert names >= ADDED_INDEXES


def test_a_bootstrapped_database_gains_only_the_policy_tables(
    empty_database_url: str, database_url: str
) -> None:
    asyncio.run(apply_production_sql(empty_database_url, without=frozenset(_POLICY_TABLES)))
    before = asyncio.run(snapshot(empty_database_url))
    migrations.upgrade(empty_database_url)
    after = asyncio.run(snapshot(empty_database_url))
    assert [entry for entry in before["objects"] if entry not in after["objects"]] == []
    gained = set(after["shapes"]["copilot"]) - set(before["shapes"]["copilot"])
    assert {f"copilot.{name}" for name in gained} == _POLICY_TABLES
    assert after["shapes"] == asyncio.run(snapshot(database_url))["shapes"]


def test_a_table_that_exists_is_left_as_it_is(empty_database_url: str) -> None:
    mine = "CREATE TABLE copilot.budget_plans (id uuid PRIMARY KEY, account_id text, extra text)"
    asyncio.run(_execute(empty_database_url, "CREATE SCHEMA copilot"))
    asyncio.run(_execute(empty_database_url, mine))
    migrations.upgrade(empty_database_url)
    shape = asyncio.run(snapshot(empty_database_url))["shapes"]["copilot"]["budget_plans"]
    assert list(shape["columns"]) == ["id", "account_id", "extra"]
    assert "indexes" not in shape


def test_two_processes_may_migrate_at_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as executor:
        list(executor.map(migrations.upgrade, [empty_database_url] * 4))
    assert migrations.status(empty_database_url).pending == ()


def test_sqlalchemy_urls_are_understood(database_url: str) -> None:
    url = database_url.replace("postgresql://", "postgresql+asyncpg://")
    assert migrations.status(url).current == _HEAD


def test_a_server_that_is_away_is_said_to_be_so() -> None:
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        migrations.upgrade("postgresql://cockpit@127.0.0.1:1/cockpit")


def test_a_user_without_rights_is_told_to_migrate_as_the_owner(
    database_server: DatabaseServer, empty_database_url: str
) -> None:
    user = f"visitor_{urlsplit(empty_database_url).path[-12:]}"
    database_server.administer(f"CREATE ROLE {user} LOGIN")
    try:
        url = urlsplit(empty_database_url)
        as_visitor = urlunsplit(url._replace(netloc=f"{user}@{url.netloc.rpartition('@')[2]}"))
        with pytest.raises(MigrationError, match="as the owner"):
            migrations.upgrade(as_visitor)
    finally:
        database_server.administer(f"DROP ROLE {user}")


async def _execute(url: str, statement: str, *arguments: str) -> None:
    async with connected(url) as connection:
        await connection.execute(statement, *arguments)


async def _rows(url: str, query: str) -> list[asyncpg.Record]:
    async with connected(url) as connection:
        return await connection.fetch(query)
