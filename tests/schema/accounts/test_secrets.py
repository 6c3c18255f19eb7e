"""Secrets that went in never come out: not in answers, errors, logs, audit or any other table."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from datasources.database import Pool
from datasources.tables import accounts
from tests.harness.callers import super_admin
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look

SECRET = "Very-Secret-Value-7731"
EVERYTHING = """{ account(id: "acme") {
    settings { smtp { host username hasPassword senderEmail senderName } }
    ssoConfig { provider clientId hasClientSecret tenant }
    admins { id email } serviceCredentials { nodes { name tokenPrefix } } } }"""
WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "createAccount": (
        "account { id }",
        {
            "name": "Gamma",
            "adminEmail": "g@gamma.test",
            "adminPassword": SECRET,
            "idempotencyKey": "k",
        },
    ),
    "addAccountAdmin": (
        "admin { id }",
        {"accountId": "acme", "email": "ada@acme.test", "password": SECRET},
    ),
    "updateAccountSettings": (
        "settings { smtp { hasPassword } }",
        {
            "accountId": "acme",
            "smtp": {"host": "mail.test", "senderEmail": "a@acme.test", "password": SECRET},
        },
    ),
    "setSsoConfig": (
        "ssoConfig { hasClientSecret }",
        {
            "accountId": "acme",
            "provider": "GOOGLE",
            "clientId": "client",
            "clientSecret": SECRET,
            "isEnabled": True,
        },
    ),
}
REFUSED: dict[str, dict[str, Any]] = {
    "createAccount": {"name": "acme"},
    "addAccountAdmin": {"email": "ada@acme.test"},
    "updateAccountSettings": {
        "smtp": {"host": " ", "senderEmail": "a@acme.test", "password": SECRET}
    },
    "setSsoConfig": {"provider": "MICROSOFT"},
}


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await add(pool, accounts, account_id="acme", account_name="acme")
    return Graph(pool)


async def _write(graph: Graph, mutation: str, given: dict[str, Any]) -> str:
    """The whole answer as text."""
    type_ = mutation[0].upper() + mutation[1:] + "Input!"
    fields = f"{WRITES[mutation][0]} userErrors {{ code message path }}"
    text = f"mutation($input: {type_}) {{ {mutation}(input: $input) {{ {fields} }} }}"
    return str(await graph.ask(super_admin(), text, input=given))


async def _everything_stored(pool: Pool) -> str:
    """Every row of every table as text, sealed ones included."""
    tables = await look(
        pool,
        """SELECT table_schema, table_name FROM information_schema.tables
           WHERE table_schema IN ('public', 'copilot', 'gateway') AND table_type = 'BASE TABLE'""",
    )
    rows = [
        await look(pool, f'SELECT to_jsonb(t)::text FROM "{schema}"."{table}" t')
        for schema, table in tables
    ]
    return str(rows)


async def test_a_secret_is_in_no_answer_no_table_and_no_log(
    graph: Graph, pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [await _write(graph, mutation, given) for mutation, (_, given) in WRITES.items()]
    answers.append(await _write(graph, "createAccount", WRITES["createAccount"][1]))
    answers.append(str(await graph.ask(super_admin(), EVERYTHING)))

    assert all("'userErrors': []" in answer for answer in answers[:-1]), answers
    assert SECRET not in str(answers)
    assert SECRET not in await _everything_stored(pool)
    assert SECRET not in caplog.text
    assert "'hasPassword': True" in answers[-1]
    assert "'hasClientSecret': True" in answers[-1]


@pytest.mark.parametrize("mutation", WRITES)
async def test_a_refusal_does_not_repeat_the_secret(
    graph: Graph, pool: Pool, caplog: pytest.LogCaptureFixture, mutation: str
) -> None:
    caplog.set_level(logging.DEBUG)
    await _write(graph, "addAccountAdmin", WRITES["addAccountAdmin"][1])

    answer = await _write(graph, mutation, WRITES[mutation][1] | REFUSED[mutation])

    assert "'code'" in answer
    assert SECRET not in answer
    assert SECRET not in await _everything_stored(pool)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("mutation", WRITES)
async def test_a_fault_does_not_show_the_secret(
    own_pool: Pool, caplog: pytest.LogCaptureFixture, mutation: str
) -> None:
    caplog.set_level(logging.DEBUG)
    await add(own_pool, accounts, account_id="acme", account_name="acme")
    await look(own_pool, "ALTER TABLE copilot.audit_log ADD CONSTRAINT broken CHECK (false)")

    answer = await _write(Graph(own_pool), mutation, WRITES[mutation][1])

    assert "userErrors" not in answer
    assert SECRET not in answer
    assert SECRET not in caplog.text


async def test_a_token_is_shown_in_one_answer_only(graph: Graph, pool: Pool) -> None:
    text = """mutation { createServiceCredential(
        input: {accountId: "acme", name: "M", scopes: ["usage:write"]}) { token } }"""
    granted = await graph.ask(super_admin(), text)
    token: Any = granted.data and granted.data["createServiceCredential"]["token"]

    shown = str(await graph.ask(super_admin(), EVERYTHING))

    assert token.startswith("cpk_")
    assert token not in shown
    assert token not in await _everything_stored(pool)
