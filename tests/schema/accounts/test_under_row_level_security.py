"""The same writes as the role that owns nothing, as production runs them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from datasources.database import Pool, PoolOptions
from datasources.migrations.row_level_security import ROLE
from datasources.tables import accounts, audit_log
from schema.accounts import ACCOUNTS
from schema.identity import IDENTITY
from tests.harness.callers import person, super_admin
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.sql import look


@pytest.fixture
async def fenced(database_url: str, pool: Pool) -> AsyncIterator[Pool]:
    """A pool that runs as the gateway's role, on a database with one suspended account."""
    await add(pool, accounts, account_id="acme", account_name="Acme", status="suspended")
    await add(pool, audit_log, account_id="acme", event_type="x", details={})
    opened = await Pool.open(database_url, PoolOptions(role=ROLE))
    yield opened
    await opened.close()


async def test_an_account_lives_and_dies_behind_the_fence(fenced: Pool, pool: Pool) -> None:
    graph, machines = ModuleGraph(ACCOUNTS, fenced), ModuleGraph(IDENTITY, fenced)
    created = await graph.write(
        super_admin(),
        "createAccount",
        "account { id }",
        name="Gamma",
        domain="gamma.test",
        adminEmail="ada@gamma.test",
        adminPassword="a long enough sentence",
        idempotencyKey="once",
    )
    id = created["account"]["id"]
    smtp = {"host": "mail.test", "senderEmail": "a@gamma.test", "password": "sesame"}
    changed = await graph.write(
        person(id), "updateAccountSettings", "settings { smtp { hasPassword } }", smtp=smtp
    )
    sso = await graph.write(
        person(id), "setSsoConfig", "ssoConfig { id }", provider="GOOGLE", clientSecret="sesame"
    )
    granted = await machines.write(
        person(id, scopes=["usage:write"]),
        "createServiceCredential",
        "token",
        name="M",
        scopes=["usage:write"],
    )
    await graph.write(
        super_admin(), "setAccountStatus", "account { id }", accountId=id, status="SUSPENDED"
    )
    deleted = await graph.write(
        super_admin(),
        "deleteAccount",
        "deletedId affected { key count }",
        accountId=id,
        confirmName="Gamma",
    )

    assert changed["settings"]["smtp"]["hasPassword"] is True
    assert sso["ssoConfig"]["id"]
    assert granted["token"].startswith("cpk_")
    assert deleted["deletedId"] == id
    assert {"audit_log", "secrets", "groups", "service_credentials"} <= {
        tally["key"] for tally in deleted["affected"]
    }
    assert await look(pool, "SELECT account_id FROM copilot.audit_log ORDER BY 1") == [
        ("acme",),
        (None,),
    ]
