"""What PostgreSQL writes of a column is what Python writes of its value, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import pytest
from graphql import GraphQLEnumType, GraphQLScalarType, build_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Double,
    Integer,
    Numeric,
    Text,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import Uuid

from datasources.base import Database, Statement
from datasources.database import Pool
from schema.base.modules import build
from schema.budgets import BUDGETS
from tests.harness.searching import search

SEARCH = search(200)


def is_text(value: object) -> bool:
    """Whether a value has a form as JSON: a lone half of a character has none."""
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True


SESSIONS = (
    {"TimeZone": "UTC"},
    {"TimeZone": "Asia/Kathmandu", "DateStyle": "SQL, DMY", "IntervalStyle": "iso_8601"},
    {"TimeZone": "<-03:30>+03:30", "DateStyle": "German, YMD", "bytea_output": "escape"},
    {"TimeZone": "Pacific/Apia", "extra_float_digits": "-10", "quote_all_identifiers": "on"},
)
"""What an administrator may have set for the database or the role."""


SCHEMA = build(BUDGETS).schema


class Kind(NamedTuple):
    """A scalar, the type of its column, and values as PostgreSQL reads them."""

    scalar: str
    type_: Any
    values: Sequence[str]
    """All of which are written."""
    unwritten: Sequence[str] = ()
    """Values that rows are read for."""


TEXTS = [
    "", "plain", 'quote " and \\ backslash', "line\nbreak\ttab\rreturn", "\x01\x1f\x7f\x08\x0c",
    "\u2028\u2029\ufeff\u200b", "null",
    "😀 👩‍👩‍👧‍👦 \U0010ffff", "Ünïcödé ﷽", "\\u0000", "</script>",
]  # fmt: skip
KINDS = {
    "text": Kind("String", Text(), TEXTS),
    "id": Kind("ID", Text(), TEXTS),
    "uuid": Kind("ID", Uuid(as_uuid=False), ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"]),
    "boolean": Kind("Boolean", Boolean(), ["true", "false"]),
    "int": Kind(
        "Int",
        BigInteger(),
        ["0", "-2147483648", "2147483647"],
        ["2147483648", "-9000000000000000000"],
    ),
    "bigint": Kind("BigInt", BigInteger(), ["9007199254740993", "-9223372036854775808"]),
    "credits": Kind("Credits", Integer(), ["0", "2147483647"]),
    "float": Kind(
        "Float",
        Double(),
        ["0", "-0", "1", "0.1", "1e-7", "-5e-324", "123456789012345.6", "0.30000000000000004"],
        ["NaN", "Infinity", "-Infinity", "1e300"],
    ),
    "decimal": Kind(
        "Decimal",
        Numeric(),
        ["1.500", "0", "0.00", "-12.50", "1e30", "0.00000001", "0.0000000",
         "123456789012345678901234567890.123456", "Infinity"],
        ["NaN"],
    ),
    "time": Kind(
        "DateTime",
        DateTime(timezone=True),
        ["2026-03-29 02:30:00+01:00", "2026-01-01 00:00:00.000001Z", "1000-01-01 00:00:00Z",
         "9999-12-31 23:59:59.999999Z", "1969-12-31 23:59:59.5Z", "2016-12-31 23:59:60Z"],
        ["0999-12-31 23:59:59Z", "0001-01-01 00:00:00Z", "infinity", "-infinity",
         "10000-01-01 00:00:00Z", "0044-03-15 12:00:00 BC"],
    ),
    "time without zone": Kind(
        "DateTime",
        DateTime(),
        ["2026-03-29 02:30:00", "1000-01-01 00:00:00", "9999-12-31 23:59:59.999999"],
        ["0999-12-31 23:59:59", "10000-01-01 00:00:00"],
    ),
    "json": Kind(
        "JSON",
        JSONB(),
        ['{"a": [1, 1.50, "\\u00e9\\"", null, true]}', "[]", "{}", '"text"', "12345678901234567890",
         '{"z": 1, "a": {"b": []}}', "1e100", "-0.0", '"\\ud83d\\ude00"'],
        ["null", "1e400", "1e-400"],
    ),
}  # fmt: skip


def scalar_of(name: str) -> Any:
    """A scalar as the modules have it."""
    schema = SCHEMA
    found = schema.get_type(name) or build_schema("type Query { a: Float }").get_type(name)
    assert isinstance(found, GraphQLScalarType | GraphQLEnumType)
    return found


async def compared(database: Database, kind: Kind, values: Sequence[str]) -> list[bool]:
    """Whether each value is written, having seen that what is written is what Python writes."""
    scalar = scalar_of(kind.scalar)
    given = sql_cast(func.unnest(bindparam("values", type_=ARRAY(Text()))), kind.type_)
    source = select(given.label("value")).offset(0).subquery()
    written = scalar.extensions["in_sql"](source.c.value)
    assert written is not None
    texts = await database.fetch(Statement(select(written)), values=values)
    for value, record in zip(values, texts, strict=True):
        if record[0] is not None:
            (row,) = await database.fetch(Statement(select(source.c.value)), values=[value])
            expected = orjson.dumps(scalar.coerce_output_value(row[0]))
            assert as_read(record[0]) == as_read(expected), value
    return [record[0] is not None for record in texts]


def as_read(text: str | bytes) -> Any:
    """A value as a client reads it, and of which type it is."""
    value = orjson.loads(text)
    return type(value), str(value)


@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("name", KINDS)
async def test_any_session_writes_what_python_writes(
    pool: Pool, name: str, session: dict[str, str]
) -> None:
    kind = KINDS[name]
    async with pool.transaction() as database:
        for setting, value in session.items():
            await database.execute(Statement(text(f"SET LOCAL \"{setting}\" = '{value}'")))
        shows_all_digits = name != "float" or "extra_float_digits" not in session
        assert all(await compared(database, kind, kind.values)) == shows_all_digits
        for value in kind.unwritten:
            assert await compared(database, kind, [value]) == [False], value


DRAWN = {
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    "int": st.integers(-(2**63), 2**63 - 1).map(str),
    "bigint": st.integers(-(2**63), 2**63 - 1).map(str),
    "float": st.floats().map(repr),
    "decimal": st.decimals(allow_infinity=False, allow_nan=False).map("{:f}".format),
    "time": st.datetimes().map(lambda moment: moment.isoformat() + "+05:45"),
    "time without zone": st.datetimes().map(datetime.isoformat),
    "json": st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
        | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(exclude_characters="\0")),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("ab\"\\é😀"), inner),
    ).filter(is_text).map(lambda value: orjson.dumps(value).decode()),
}  # fmt: skip


@pytest.mark.timeout(SEARCH.seconds)
@settings(deadline=None, max_examples=SEARCH.examples, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        [
            st.tuples(st.just(name), st.lists(drawn, min_size=1, max_size=20))
            for name, drawn in DRAWN.items()
        ]
    )
)
async def test_any_value_is_written_as_python_writes_it(
    pool: Pool, case: tuple[str, list[str]]
) -> None:
    name, values = case
    await compared(pool, KINDS[name], values)
