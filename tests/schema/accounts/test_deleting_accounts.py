"""Deleting an account with everything it owns, and nothing else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from datasources.database import Pool
from datasources.tables import (
    account_admins,
    accounts,
    audit_log,
    groups,
    identity_users,
    secrets,
    service_credentials,
    teams,
    user_invites,
    users,
)
from schema.accounts import ACCOUNTS
from tests.harness.callers import super_admin
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.sql import look, run

FIELDS = "deletedId affected { key count }"
TENANT_TABLES = """
    SELECT table_schema, table_name FROM information_schema.columns JOIN information_schema.tables
    USING (table_schema, table_name)
    WHERE column_name = 'account_id' AND table_type = 'BASE TABLE'
    AND table_schema IN ('public', 'copilot', 'gateway')
"""


async def _delete(graph: ModuleGraph, **values: Any) -> Any:
    given = {"accountId": "acme", "confirmName": "Acme"} | values
    return await graph.write(super_admin(), "deleteAccount", FIELDS, **given)


async def _fill(pool: Pool, account_id: str) -> None:
    """Rows of many kinds, in both directories and of the gateway's own."""
    group, user = str(uuid4()), str(uuid4())
    await add(pool, users, id=user, account_id=account_id, email=f"u@{account_id}.test", name="U")
    await add(pool, groups, id=group, account_id=account_id, name="Global", owner_id=user)
    await add(pool, teams, account_id=account_id, group_id=group, name="Global")
    await add(pool, audit_log, account_id=account_id, event_type="x", details={})
    await add(
        pool,
        user_invites,
        account_id=account_id,
        email="new@x.test",
        role="USER",
        status="PENDING",
        token=account_id,
        expires_at=await _now(pool),
    )
    await add(
        pool,
        account_admins,
        id=account_id,
        account_id=account_id,
        user_email="a@x.test",
        role="account_admin",
    )
    await add(
        pool,
        secrets,
        account_id=account_id,
        owner_type="account",
        owner_id=account_id,
        name="smtp_password",
        ciphertext=b"x",
        key_id="k",
    )
    await add(
        pool,
        service_credentials,
        account_id=account_id,
        name="Machine",
        scopes=["usage:write"],
        expires_at=await _now(pool),
    )
    await _fill_identity(pool, account_id)


async def _fill_identity(pool: Pool, account_id: str) -> None:
    """A person, an organisation with its budget, and a membership that names no account."""
    await add(pool, identity_users, user_id=f"user-{account_id}", account_id=account_id)
    await run(
        pool,
        """INSERT INTO "LiteLLM_BudgetTable" (budget_id, account_id, created_by, updated_by)
           VALUES ($1, $1, 'x', 'x')""",
        account_id,
    )
    await run(
        pool,
        """INSERT INTO "LiteLLM_OrganizationTable"
           (organization_id, organization_alias, account_id, budget_id, created_by, updated_by)
           VALUES ($1, $1, $1, $1, 'x', 'x')""",
        account_id,
    )
    await run(
        pool,
        """INSERT INTO "LiteLLM_OrganizationMembership" (user_id, organization_id)
           VALUES ($1, $2)""",
        f"user-{account_id}",
        account_id,
    )


async def _now(pool: Pool) -> Any:
    return (await look(pool, "SELECT now()"))[0][0]


async def _owned_rows(pool: Pool, account_id: str) -> dict[str, int]:
    """How many rows of an account there are, by table."""
    counts = {}
    for schema, table in await look(pool, TENANT_TABLES):
        query = f'SELECT count(*) FROM "{schema}"."{table}" WHERE account_id = $1'
        ((count,),) = await look(pool, query, account_id)
        if count:
            counts[table] = count
    return counts


@pytest.fixture
async def filled(graph: ModuleGraph, pool: Pool) -> ModuleGraph:
    """Two accounts full of rows, acme suspended."""
    await _fill(pool, "acme")
    await _fill(pool, "beta")
    await run(
        pool,
        """UPDATE "Alchemi_AccountTable" SET status = 'suspended' WHERE account_id = 'acme'""",
    )
    return graph


async def test_everything_the_account_owns_goes_and_nothing_else(
    filled: ModuleGraph, pool: Pool
) -> None:
    owned, others = await _owned_rows(pool, "acme"), await _owned_rows(pool, "beta")

    payload = await _delete(filled)

    assert payload["deletedId"] == "acme"
    assert payload["userErrors"] == []
    counted = {tally["key"]: tally["count"] for tally in payload["affected"]}
    assert counted == owned | {"LiteLLM_OrganizationMembership": 1}
    assert await _owned_rows(pool, "acme") == {}
    assert await _owned_rows(pool, "beta") == others
    assert await look(pool, """SELECT user_id FROM "LiteLLM_OrganizationMembership" """) == [
        ("user-beta",)
    ]


async def test_the_event_of_a_deletion_outlives_the_account(
    filled: ModuleGraph, pool: Pool
) -> None:
    payload = await _delete(filled)

    ((account_id, resource_id, severity, details),) = await look(
        pool,
        "SELECT account_id, resource_id, severity, details FROM copilot.audit_log"
        " WHERE action = 'delete'",
    )
    assert (account_id, resource_id, severity) == (None, "acme", "warning")
    assert details["before"]["name"] == "Acme"
    assert details["removed"] == {t["key"]: t["count"] for t in payload["affected"]}


async def test_a_dry_run_counts_the_same_and_keeps_everything(
    filled: ModuleGraph, pool: Pool
) -> None:
    before = await _owned_rows(pool, "acme")

    tried = await _delete(filled, dryRun=True)
    kept = await _owned_rows(pool, "acme")
    real = await _delete(filled)

    assert tried == real
    assert kept == before


@pytest.mark.parametrize(
    ("values", "code", "argument"),
    [
        ({"confirmName": "acme"}, "CONFIRMATION_MISMATCH", "confirmName"),
        ({"accountId": "gone"}, "NOT_FOUND", "accountId"),
        ({"accountId": "beta", "confirmName": "Beta"}, "INVALID_STATE", "accountId"),
    ],
)
async def test_only_a_suspended_account_goes_by_its_exact_name(
    filled: ModuleGraph, pool: Pool, values: dict[str, str], code: str, argument: str
) -> None:
    before = await _owned_rows(pool, "acme"), await _owned_rows(pool, "beta")

    payload = await _delete(filled, **values)

    (error,) = payload["userErrors"]
    assert (error["code"], error["path"]) == (code, ["input", argument])
    assert payload["affected"] == []
    assert payload["deletedId"] is None
    assert (await _owned_rows(pool, "acme"), await _owned_rows(pool, "beta")) == before


async def test_rows_of_another_account_that_refer_to_it_keep_it(
    filled: ModuleGraph, pool: Pool
) -> None:
    await run(
        pool,
        """UPDATE "LiteLLM_OrganizationTable" SET budget_id = 'acme'
           WHERE organization_id = 'beta'""",
    )
    before = await _owned_rows(pool, "acme")

    payload = await _delete(filled)

    assert [error["code"] for error in payload["userErrors"]] == ["IN_USE"]
    assert await _owned_rows(pool, "acme") == before


async def test_a_table_that_came_later_is_not_forgotten(own_pool: Pool) -> None:
    await add(own_pool, accounts, account_id="acme", account_name="Acme", status="suspended")
    await run(own_pool, "CREATE TABLE copilot.later (account_id text, note text)")
    await run(
        own_pool, "INSERT INTO copilot.later VALUES ('acme', 'x'), ('beta', 'y'), (NULL, 'z')"
    )

    payload = await _delete(ModuleGraph(ACCOUNTS, own_pool))

    assert {"key": "later", "count": 1} in payload["affected"]
    assert await look(own_pool, "SELECT note FROM copilot.later ORDER BY 1") == [("y",), ("z",)]
