"""Row-level security: what the server shows to whom, table by table."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text

from auth.caller import ActorKind, Caller
from datasources.base import Statement
from datasources.database import Pool, PoolOptions
from datasources.migrations.row_level_security import ROLE
from tests.datasources.catalog import Shape, tables

_SCHEMAS = ("public", "copilot", "gateway")
_READABLE_PLATFORM_ROWS = {
    'public."LiteLLM_ProxyModelTable"',
    "copilot.agents_def",
    "copilot.marketplace_items",
    "copilot.guardrails_custom_patterns",
    "gateway.resource_prices",
    "gateway.agent_guards",
}
_CATALOGUES = {
    "copilot.integration_catalog",
    "copilot.model_catalog",
    "gateway.catalogue_version",
    "gateway.features",
    "gateway.model_providers",
    "gateway.plan_features",
    "gateway.subscription_plans",
}
_PLAN = "00000000-0000-4000-8000-000000000001"
_CEILINGS = {
    "gateway.access_overrides": {"feature_code": "sso"},
    "gateway.subscriptions": {"plan_id": _PLAN},
}
"""And what a row of them refers to."""
_OF_NOBODY = {"gateway.session_cutoffs"}
_BY_PARENT = {
    "copilot.agent_group_members",
    "gateway.service_tokens",
    "gateway.bulk_operation_items",
}
_NOT_OURS = {'public."LiteLLM_ModelTable"', "gateway.alembic_version"}
_BY_FUNCTION = {"gateway.audit_chains"}
_APPEND_ONLY = {
    "copilot.audit_log",
    "copilot.guardrails_audit_log",
    'public."LiteLLM_AuditLog"',
    'public."LiteLLM_SpendLogs"',
    "gateway.audit_links",
    "gateway.usage_ledger",
    "gateway.quota_periods",
    "gateway.guardrail_events",
}


def caller(account_id: str | None, *, spans_accounts: bool = False) -> Caller:
    return Caller(
        kind=ActorKind.USER,
        id="u",
        name="U",
        account_id=account_id,
        spans_accounts=spans_accounts,
    )


A = caller("a")
B = caller("b")
EVERYBODY = caller(None, spans_accounts=True)
NOBODY = caller(None)


class World(NamedTuple):
    """A database with rows of accounts a and b, and of no account, in every table."""

    owner: asyncpg.Connection
    fenced: Pool
    shapes: dict[str, Shape]

    def with_account(self) -> dict[str, bool]:
        """Tables that name the account of a row, and whether it may be NULL."""
        return {
            quoted(schema, name): shape["columns"]["account_id"].endswith("?")
            for schema, shapes in self.shapes.items()
            for name, shape in shapes.items()
            if "account_id" in shape["columns"] and quoted(schema, name) not in _BY_PARENT
        }

    async def seen(self, who: Caller, table: str) -> set[str | None]:
        """The accounts whose rows somebody sees in a table."""
        query = Statement(text(f"SELECT DISTINCT account_id FROM {table}"))
        return {row[0] for row in await self.fenced.as_caller(who).fetch(query)}


def quoted(schema: str, name: str) -> str:
    return f"{schema}.{name}" if name.islower() else f'{schema}."{name}"'


@pytest.fixture(params=[False, True], ids=["sessions", "transaction pooling"])
async def world(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    owner = await asyncpg.connect(database_url)
    shapes = {schema: await tables(owner, schema) for schema in _SCHEMAS}
    # One connection, so that what is set for one caller would be seen by the next.
    options = PoolOptions(max_size=1, role=ROLE, transaction_pooling=request.param)
    fenced = await Pool.open(database_url, options)
    yield World(owner, fenced, shapes)
    await fenced.close()
    await owner.close()


async def fill(world: World) -> None:
    """A row of a, one of b, and one of nobody where that can be, in every table of accounts."""
    await world.owner.execute("SET session_replication_role = replica")
    for schema, shapes in world.shapes.items():
        for name, shape in shapes.items():
            if quoted(schema, name) not in world.with_account():
                continue
            kind = shape["columns"]["account_id"]
            for account in ["a", "b", None] if kind.endswith("?") else ["a", "b"]:
                await insert(world.owner, quoted(schema, name), shape, account_id=account)


async def insert(
    connection: asyncpg.Connection, table: str, shape: dict[str, Any], **given: object
) -> None:
    """Insert a row as the owner."""
    await connection.execute(insertion(table, shape, **given))


def insertion(table: str, shape: dict[str, Any], **given: object) -> str:
    """What inserts a row; whatever must be there and is not given gets a value that is allowed."""
    values = {
        column: allowed(shape, column, kind)
        for column, kind in shape["columns"].items()
        if "?" not in kind and " = " not in kind
    } | given
    names = ", ".join(f'"{name}"' for name in values)
    literals = ", ".join(literal(value) for value in values.values())
    return f"INSERT INTO {table} ({names}) VALUES ({literals})"


def literal(value: object) -> str:
    return "NULL" if value is None else f"'{value}'"


def allowed(shape: dict[str, Any], column: str, kind: str) -> str:
    checks = [text for check in shape.get("checks", []) for text in check.values()]
    for check in checks:
        if match := re.match(rf"{column} in (\w+)", check):
            return match[1]
    if column == "cycle_end":
        return "2100-01-01"
    values = {"integer": "0", "jsonb": "{}", "bytea": "\\x" + "00" * 32, "text[]": "{}"}
    values |= {"bigint": "0", "numeric": "1", "uuid[]": "{}"}
    if kind.startswith(("timestamp", "date")):
        return "2000-01-01"
    return values.get(kind) or (str(uuid4()) if kind == "uuid" else uuid4().hex[:16])


async def test_every_table_of_accounts_shows_only_the_callers_rows(world: World) -> None:
    await fill(world)
    found = {table: await world.seen(A, table) for table in world.with_account()}
    assert found == {
        table: {"a", None} if table in _READABLE_PLATFORM_ROWS else {"a"} for table in found
    }


async def test_who_spans_accounts_sees_every_row(world: World) -> None:
    await fill(world)
    for table, may_be_null in world.with_account().items():
        assert await world.seen(EVERYBODY, table) == {"a", "b"} | ({None} if may_be_null else set())


async def test_who_belongs_nowhere_sees_nothing(world: World) -> None:
    await fill(world)
    await world.owner.execute(
        "INSERT INTO gateway.idempotency_keys VALUES ('', 'platform', 'k', 'd', '{}')"
    )
    for table in world.with_account():
        assert await world.seen(NOBODY, table) == set()
        unnamed = Statement(text(f"SELECT * FROM {table}"))
        assert await world.fenced.fetch(unnamed) == []


async def test_callers_do_not_leak_into_each_other_on_one_connection(world: World) -> None:
    await fill(world)
    for who, expected in [(A, {"a"}), (B, {"b"}), (A, {"a"}), (NOBODY, set()), (B, {"b"})]:
        assert await world.seen(who, "copilot.users") == expected


async def test_a_transaction_is_the_callers_and_leaves_nothing_behind(world: World) -> None:
    await fill(world)
    users = Statement(text("SELECT account_id FROM copilot.users"))
    with pytest.raises(ZeroDivisionError):
        await _fail_inside_a_transaction(world, users)
    assert await world.seen(B, "copilot.users") == {"b"}
    async with world.fenced.as_caller(EVERYBODY).transaction() as database:
        assert len(await database.fetch(users)) == 2
    assert await world.seen(A, "copilot.users") == {"a"}
    assert await world.seen(NOBODY, "copilot.users") == set()


async def _fail_inside_a_transaction(world: World, users: Statement) -> None:
    async with world.fenced.as_caller(A).transaction() as database:
        assert [row[0] for row in await database.fetch(users)] == ["a"]
        raise ZeroDivisionError


async def test_rows_of_others_cannot_be_written(world: World) -> None:
    await fill(world)
    as_a = world.fenced.as_caller(A)
    for table in world.with_account().keys() - _APPEND_ONLY - _CEILINGS.keys():
        theirs = f"{table} WHERE account_id IS DISTINCT FROM 'a'"
        assert await as_a.execute(Statement(text(f"DELETE FROM {theirs}"))) == 0
        steal = f"UPDATE {table} SET account_id = 'a' WHERE account_id IS DISTINCT FROM 'a'"
        assert await as_a.execute(Statement(text(steal))) == 0
        give = Statement(text(f"UPDATE {table} SET account_id = 'b' WHERE account_id = 'a'"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await as_a.execute(give)


async def test_what_operators_decide_is_read_by_its_account_and_written_by_none_of_its_callers(
    world: World,
) -> None:
    await fill(world)
    plan = "INSERT INTO gateway.subscription_plans (id, code, name) VALUES ($1, 'team', 'Team')"
    await world.owner.execute(plan, _PLAN)
    for table, parent in _CEILINGS.items():
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET account_id = 'b'"):
            assert await world.fenced.as_caller(A).execute(Statement(text(change))) == 0
        shape = world.shapes["gateway"][table.removeprefix("gateway.")]
        own = Statement(text(insertion(table, shape, account_id="a", **parent)))
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await world.fenced.as_caller(A).execute(own)
        assert await world.seen(A, table) == {"a"}
        assert await world.fenced.as_caller(EVERYBODY).execute(own) == 1


async def test_rows_cannot_be_added_for_others(world: World) -> None:
    for schema, shapes in world.shapes.items():
        for name, shape in shapes.items():
            table = quoted(schema, name)
            if table in world.with_account():
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                    await world.fenced.as_caller(A).execute(
                        Statement(text(insertion(table, shape, account_id="b")))
                    )


async def test_the_trails_can_only_be_appended_to(world: World) -> None:
    for table in _APPEND_ONLY:
        for change in (f"UPDATE {table} SET account_id = 'a'", f"DELETE FROM {table}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                await world.fenced.as_caller(A).execute(Statement(text(change)))


async def test_an_account_id_is_never_read_as_sql(world: World) -> None:
    await fill(world)
    for hostile in ("a' OR 'a' = 'a", "\\' OR true --", "a'', 'on', true) --", "\\"):
        assert await world.seen(caller(hostile), "copilot.users") == set()


async def test_spend_without_an_account_belongs_to_the_account_of_its_key(world: World) -> None:
    await world.owner.execute(
        """
        INSERT INTO public."LiteLLM_VerificationToken" (token, account_id)
        VALUES ('key of a', 'a'), ('key of b', 'b'), ('key of nobody', NULL);
        INSERT INTO public."LiteLLM_SpendLogs"
            (request_id, call_type, "startTime", "endTime", api_key)
        SELECT token, 'chat', now(), now(), token FROM public."LiteLLM_VerificationToken";
        """
    )
    query = Statement(text('SELECT request_id FROM public."LiteLLM_SpendLogs"'))
    seen = {
        who.account_id: await world.fenced.as_caller(who).fetch(query) for who in (A, B, NOBODY)
    }
    assert {account: [row[0] for row in rows] for account, rows in seen.items()} == {
        "a": ["key of a"],
        "b": ["key of b"],
        None: [],
    }


async def test_rows_without_an_account_column_are_seen_with_their_parent(world: World) -> None:
    await fill(world)
    await world.owner.execute(
        """
        INSERT INTO copilot.agent_group_members (group_id, agent_id)
        SELECT id, agent_id FROM copilot.agent_groups JOIN copilot.agents_def USING (account_id);
        INSERT INTO gateway.service_tokens (token_hash, credential_id, prefix, expires_at)
        SELECT sha256(id::text::bytea), id, coalesce(account_id, ''), now()
        FROM gateway.service_credentials;
        DELETE FROM gateway.bulk_operation_items;
        INSERT INTO gateway.bulk_operation_items (operation_id, position, target_id, outcome)
        SELECT id, 0, 'x', 'CHANGED' FROM gateway.bulk_operations;
        """
    )
    for table, total in (
        ("copilot.agent_group_members", 2),
        ("gateway.service_tokens", 3),
        ("gateway.bulk_operation_items", 3),
    ):
        count = Statement(text(f"SELECT count(*) FROM {table}"))
        counts = [
            row[0]
            for who in (A, B, NOBODY, EVERYBODY)
            if (row := await world.fenced.as_caller(who).fetchrow(count)) is not None
        ]
        assert counts == [1, 1, 0, total], table


async def test_catalogues_are_read_by_all_and_written_by_operators(world: World) -> None:
    add = Statement(text("INSERT INTO copilot.model_catalog (model_name) VALUES ('m')"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await world.fenced.as_caller(A).execute(add)
    await world.fenced.as_caller(EVERYBODY).execute(add)
    read = Statement(text("SELECT model_name FROM copilot.model_catalog"))
    assert len(await world.fenced.as_caller(A).fetch(read)) == 1


async def test_every_table_is_fenced_or_out_of_the_roles_reach(world: World) -> None:
    rows = await world.owner.fetch(
        "SELECT relnamespace::regnamespace::text AS schema, relname, relrowsecurity,"
        f" relforcerowsecurity, has_table_privilege('{ROLE}', oid, 'SELECT') AS reads"
        " FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm')"
        " AND relnamespace = ANY($1::regnamespace[])",
        list(_SCHEMAS),
    )
    found = {quoted(row["schema"], row["relname"]): row for row in rows}
    unreadable = {name for name, row in found.items() if not row["reads"]}
    assert unreadable == _NOT_OURS | _BY_FUNCTION | {
        "copilot.v_budget_summary",
        "copilot.v_budget_alerts",
    }
    readable = found.keys() - unreadable
    assert {name for name in readable if not found[name]["relrowsecurity"]} == set()
    assert readable - world.with_account().keys() == _BY_PARENT | _CATALOGUES | _OF_NOBODY
    assert not any(row["relforcerowsecurity"] for row in rows)


async def test_the_role_owns_nothing_and_cannot_sign_in(world: World) -> None:
    role = await world.owner.fetchrow(
        "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole,"
        " EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) AS owns"
        f" FROM pg_roles r WHERE rolname = '{ROLE}'"
    )
    assert role is not None
    assert not any(role.values())


async def test_whoever_is_not_the_gateway_sees_what_they_saw_before(world: World) -> None:
    await fill(world)
    reader = f"reader_{uuid4().hex[:8]}"
    await world.owner.execute(
        f"CREATE ROLE {reader}; GRANT USAGE ON SCHEMA copilot TO {reader};"
        f"GRANT ALL ON ALL TABLES IN SCHEMA copilot TO {reader}; SET ROLE {reader}"
    )
    try:
        accounts = await world.owner.fetch("SELECT DISTINCT account_id FROM copilot.users")
        added = await world.owner.execute(
            "INSERT INTO copilot.budget_plans (account_id) VALUES ('c')"
        )
        assert ({row[0] for row in accounts}, added) == ({"a", "b"}, "INSERT 0 1")
        await world.owner.execute(f"RESET ROLE; GRANT {ROLE} TO {reader}; SET ROLE {reader}")
        assert await world.owner.fetch("SELECT FROM copilot.users") == []
    finally:
        await world.owner.execute(f"RESET ROLE; DROP OWNED BY {reader}; DROP ROLE {reader}")
