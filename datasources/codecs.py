"""How PostgreSQL's values become Python's, where asyncpg's own choice costs or misleads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import orjson

__all__ = ["json_bytes", "json_object", "set_codecs"]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Where PostgreSQL's binary timestamps begin."""
_MICROSECOND = timedelta(microseconds=1)
_JSONB_VERSION = b"\x01"


async def set_codecs(connection: asyncpg.Connection) -> None:
    """Teach a new connection our representation of values.

    - `uuid` is text both ways. PERF: bench/list; UUID objects made and unmade cost more than the
      query of a page.
    - `json`, `jsonb` are decoded once, by orjson.
    - `timestamp` without zone is UTC, as its writers mean it, and carries the zone.
    """
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str)
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=json_bytes, decoder=orjson.loads
    )
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=_jsonb, decoder=_from_jsonb
    )
    await connection.set_type_codec(
        "timestamp",
        schema="pg_catalog",
        format="tuple",
        encoder=_timestamp,
        decoder=_from_timestamp,
    )


def json_object(value: object) -> dict[str, Any]:
    """The object in a `jsonb` column, also where a writer stored its text, once or repeatedly.

    Whatever else is there, NULL and broken text included, reads as empty.
    """
    while isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}


def json_bytes(value: object) -> bytes:
    """A value as JSON, as it is stored."""
    return orjson.dumps(value, default=_plain)


def _jsonb(value: object) -> bytes:
    return _JSONB_VERSION + json_bytes(value)


def _from_jsonb(data: bytes) -> Any:
    return orjson.loads(data[1:])


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _timestamp(value: datetime) -> tuple[int]:
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    return ((moment - _EPOCH) // _MICROSECOND,)


def _from_timestamp(value: tuple[int]) -> datetime:
    return _EPOCH + timedelta(microseconds=value[0])
