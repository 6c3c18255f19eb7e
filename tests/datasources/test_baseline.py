"""The migrated database against the production shape, which is written down beside this."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from tests.datasources.catalog import Shape, columns_of, normal_default, tables

_SHAPES = Path(__file__).parent / "production_shape"


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


def _expected(schema: str) -> Shape:
    shape: Shape = yaml.safe_load((_SHAPES / f"{schema}.yaml").read_text("utf-8"))
    for table in shape.values():
        for column, text in table["columns"].items():
            kind, separator, default = text.partition(" = ")
            table["columns"][column] = kind + separator + (default and normal_default(default))
    return shape


def _comparable(table: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """A table's facts in one order; of the names, those that are known to be production's."""
    return {
        fact: sorted(_text(entry, names) for entry in entries)
        if isinstance(entries, list)
        else entries
        for fact, entries in table.items()
    }


def _text(entry: str | dict[str, str], names: set[str]) -> str:
    if isinstance(entry, str):
        return entry
    ((name, definition),) = entry.items()
    return f"{name}: {definition}" if name in names else definition


def _known_names(description: dict[str, Any]) -> set[str]:
    lists = [entries for entries in description.values() if isinstance(entries, list)]
    return {
        name for entries in lists for entry in entries if isinstance(entry, dict) for name in entry
    }


@pytest.mark.parametrize("schema", ["copilot", "public"])
async def test_the_migrated_database_is_the_production_schema(
    connection: asyncpg.Connection, schema: str
) -> None:
    expected = _expected(schema)
    found = await tables(connection, schema)
    assert sorted(found) == sorted(expected)
    for name, description in expected.items():
        names = _known_names(description)
        assert _comparable(found[name], names) == _comparable(description, names), name


async def test_views_have_the_production_columns(connection: asyncpg.Connection) -> None:
    expected = yaml.safe_load((_SHAPES / "views.yaml").read_text("utf-8"))
    found = await columns_of(connection, "copilot", kinds=["v"])
    assert {name: list(columns.items()) for name, columns in found.items()} == {
        name: list(columns.items()) for name, columns in expected.items()
    }
    assert await columns_of(connection, "public", kinds=["v"]) == {}


async def test_the_schemas_hold_neither_triggers_nor_functions_nor_types_of_their_own(
    connection: asyncpg.Connection,
) -> None:
    """Functions of an extension are the extension's, triggers on functions of ours are ours."""
    schemas = ["public", "copilot"]
    triggers = await connection.fetch(
        "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT tgisinternal AND c.relnamespace = ANY($1::regnamespace[])"
        " AND p.pronamespace <> 'gateway'::regnamespace",
        schemas,
    )
    functions = await connection.fetch(
        "SELECT proname FROM pg_proc p WHERE pronamespace = ANY($1::regnamespace[]) AND NOT EXISTS"
        " (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
        schemas,
    )
    enums = await connection.fetch(
        "SELECT typname FROM pg_type WHERE typnamespace = ANY($1::regnamespace[])"
        " AND typtype = 'e'",
        schemas,
    )
    assert (triggers, functions, enums) == ([], [], [])
