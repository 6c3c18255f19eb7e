"""What PostgreSQL's catalogue says of a schema, in the notation of `production_shape`."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any, TypeAlias

import asyncpg

ADDED_INDEXES = frozenset(
    {
        "account_memberships_account_id_joined_at_id_idx",
        "account_memberships_account_id_team_id_joined_at_id_idx",
        "credit_budget_account_id_created_at_id_idx",
        "credit_budget_account_id_cycle_start_id_idx",
        "credit_budget_account_id_cycle_start_idx",
        "audit_log_account_id_created_at_id_idx",
        "audit_log_created_at_id_idx",
        "guardrails_audit_log_account_id_changed_at_id_idx",
        "guardrails_audit_log_changed_at_id_idx",
        "user_invites_account_id_created_at_id_idx",
        "user_invites_account_id_expires_at_id_idx",
        "users_account_id_created_at_id_idx",
    }
)
"""Indexes that our migrations add to production's tables; all else is production's."""

Shape: TypeAlias = dict[str, dict[str, Any]]

_VOLATILE = re.compile(r"^(now\(\)|CURRENT_TIMESTAMP|gen_random_uuid\(\)|nextval\(.*\))$")

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid) AS default
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = $1::regnamespace AND c.relkind = ANY($2::"char"[])
ORDER BY c.relname, a.attnum
"""
_INDEXES = """
SELECT t.relname AS table, i.relname AS name, x.indisprimary, x.indisunique,
       pg_get_indexdef(x.indexrelid) AS definition
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relnamespace = $1::regnamespace AND t.relkind = 'r'
ORDER BY i.relname
"""
_CONSTRAINTS = """
SELECT t.relname AS table, k.conname AS name, k.contype::text AS kind,
       pg_get_constraintdef(k.oid) AS definition
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
WHERE t.relnamespace = $1::regnamespace AND k.contype IN ('c', 'f')
ORDER BY k.conname
"""
_TYPES = {
    "character varying": "varchar",
    "timestamp with time zone": "timestamptz",
    "timestamp(3) without time zone": "timestamp(3)",
}


async def tables(connection: asyncpg.Connection, schema: str) -> Shape:
    """Every table of a schema, but for `ADDED_INDEXES`."""
    shape: Shape = {}
    for name, columns in (await columns_of(connection, schema, kinds=["r", "p"])).items():
        shape[name] = {"columns": columns}
    for row in await connection.fetch(_INDEXES, schema):
        if row["name"] not in ADDED_INDEXES:
            _add_index(shape[row["table"]], row)
    for row in await connection.fetch(_CONSTRAINTS, schema):
        section, render = _CONSTRAINT_KINDS[row["kind"]]
        entry = {row["name"]: render(row["definition"])}
        shape[row["table"]].setdefault(section, []).append(entry)
    return shape


async def columns_of(
    connection: asyncpg.Connection, schema: str, *, kinds: list[str]
) -> dict[str, dict[str, str]]:
    """The columns of every table or view, in order."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in await connection.fetch(_COLUMNS, schema, [kind.encode() for kind in kinds]):
        text = _type(row["type"]) + ("" if row["attnotnull"] else "?")
        if row["default"] is not None:
            text += f" = {await _default(connection, row['default'])}"
        found[row["relname"]][row["attname"]] = text
    return dict(found)


def _type(name: str) -> str:
    for long, short in _TYPES.items():
        name = name.replace(long, short)
    return name


async def _default(connection: asyncpg.Connection, expression: str) -> str:
    """A default as the value it gives, or as its expression where that differs every time."""
    if _VOLATILE.match(expression):
        return expression.partition("('")[0]
    value = str(await connection.fetchval(f"SELECT ({expression})::text"))
    return normal_default(value)


def normal_default(value: str) -> str:
    """A default value with the keys of an object in one order."""
    if value == "":
        return "''"
    if value.startswith('{"'):
        return json.dumps(json.loads(value), sort_keys=True)
    return value


def _add_index(table: dict[str, Any], row: asyncpg.Record) -> None:
    definition = _index(row["definition"])
    if row["indisprimary"]:
        table["primary key"] = definition
        return
    section = "unique" if row["indisunique"] else "indexes"
    table.setdefault(section, []).append({row["name"]: definition})


def _index(definition: str) -> str:
    text = definition.partition(" USING ")[2].replace('"', "").replace("::text", "")
    method, _, text = text.partition(" ")
    text, _, condition = text.partition(" WHERE ")
    text = _bare(text).replace(" DESC", " desc")
    text += f" where {_bare(condition).lower()}" if condition else ""
    return text if method == "btree" else f"{method} {text}"


def _bare(text: str) -> str:
    """An expression without the parentheses that only PostgreSQL needs."""
    text = re.sub(r"\((\w+)\)", r"(\1)", text.strip())
    text = re.sub(r"\(\((\w+)\)", r"(\1", text)
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return re.sub(r"^\((.*)\) (IS NOT NULL)$", r"\1 \2", text)


def _check(definition: str) -> str:
    text = re.sub(
        r"::(text|character varying|numeric)(\[\])?", "", definition.removeprefix("CHECK ")
    )
    text = re.sub(r"\((\w+)\)", r"\1", text.replace("(ARRAY[", "ARRAY["))
    if options := re.search(r"\(*(\w+) = ANY \(?ARRAY\[(.*?)\]", text):
        return f"{options[1]} in {options[2].replace(chr(39), '')}"
    if limits := re.search(r"(\w+) >= \(?(\d+)\)?\) AND \(\1 <= \(?(\d+)\)?\)", text):
        return f"{limits[1]} from {limits[2]} to {limits[3]}"
    return text.strip("()")


def _foreign_key(definition: str) -> str:
    match = re.fullmatch(
        r"FOREIGN KEY \((\w+)\) REFERENCES (?:\w+\.)?(\w+)\((\w+)\)"
        r"(?: ON UPDATE (CASCADE))?(?: ON DELETE (CASCADE|SET NULL|RESTRICT))?(?: NOT VALID)?",
        definition.replace('"', ""),
    )
    assert match, definition
    column, table, key, update, delete = match.groups()
    text = f"{column} to {table}.{key}"
    text += f" on delete {delete.lower()}" if delete else ""
    return text + (" on update cascade" if update else "")


_CONSTRAINT_KINDS = {"c": ("checks", _check), "f": ("foreign keys", _foreign_key)}
