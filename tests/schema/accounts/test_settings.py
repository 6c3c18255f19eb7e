"""Settings: each part on its own, in place, and a mail password nobody reads."""

from __future__ import annotations

from asyncio import gather
from typing import Any

import pytest

from auth.caller import Role
from auth.secretbox import SealBroken
from datasources.accounts.settings import smtp_password
from datasources.database import Pool
from resolvers.base import RequestContext
from resolvers.secrets import open_secret
from tests.harness.callers import person, super_admin
from tests.harness.module import ModuleGraph
from tests.harness.sql import as_json, look, run

SETTINGS = """settings {
    theme { logoUrl isInherited }
    smtp { host port username hasPassword senderEmail senderName }
    emailEvents { event isEnabled } }"""
SMTP = {"host": "Mail.Acme.test", "senderEmail": "Robot@acme.test"}
LOGO = "https://acme.test/logo.png"


async def _set(graph: ModuleGraph, **parts: Any) -> Any:
    return await graph.write(person("acme"), "updateAccountSettings", SETTINGS, **parts)


async def _metadata(pool: Pool) -> Any:
    query = """SELECT metadata FROM "Alchemi_AccountTable" WHERE account_id = 'acme'"""
    return (await look(pool, query))[0][0]


async def _store(pool: Pool, metadata: object) -> None:
    await run(
        pool,
        """UPDATE "Alchemi_AccountTable" SET metadata = $1 WHERE account_id = 'acme'""",
        metadata,
    )


async def _password(graph: ModuleGraph, account_id: str = "acme") -> str | None:
    context = RequestContext(person(account_id), graph.services, "test")
    return await open_secret(context, account_id, smtp_password(account_id))


async def test_each_part_is_stored_on_its_own(graph: ModuleGraph, pool: Pool) -> None:
    await _store(pool, {"entitlements": {"max_models": 3}, "ui_theme_config": {"color": "red"}})

    await _set(graph, theme={"logoUrl": LOGO})
    await _set(graph, smtp=SMTP)
    payload = await _set(graph, emailEvents=[{"event": "MAX_BUDGET_ALERT", "isEnabled": False}])

    assert payload["settings"]["theme"] == {"logoUrl": LOGO, "isInherited": False}
    assert payload["settings"]["smtp"]["host"] == "mail.acme.test"
    assert payload["settings"]["smtp"]["port"] == 587
    assert await _metadata(pool) == {
        "entitlements": {"max_models": 3},
        "ui_theme_config": {"color": "red", "logo_url": LOGO},
        "smtp_config": {
            "smtp_host": "mail.acme.test",
            "smtp_port": 587,
            "sender_email": "robot@acme.test",
        },
        "email_settings": {"Max Budget Alert": False},
    }


async def test_parts_written_at_once_do_not_overwrite_each_other(
    graph: ModuleGraph, pool: Pool
) -> None:
    await gather(
        _set(graph, theme={"logoUrl": LOGO}),
        _set(graph, smtp=SMTP),
        _set(graph, emailEvents=[{"event": "VIRTUAL_KEY_CREATED", "isEnabled": False}]),
        _set(graph, emailEvents=[{"event": "VIRTUAL_KEY_ROTATED", "isEnabled": False}]),
        graph.write(
            super_admin(),
            "updateAccount",
            "account { id }",
            accountId="acme",
            identityOrganizationId="org-1",
        ),
    )

    stored = await _metadata(pool)
    assert stored["auth_org_id"] == "org-1"
    assert stored["ui_theme_config"] == {"logo_url": LOGO}
    assert stored["smtp_config"]["smtp_host"] == "mail.acme.test"
    assert stored["email_settings"] == {
        "Virtual Key Created": False,
        "Virtual Key Rotated": False,
    }


async def test_null_returns_to_the_platforms_own(graph: ModuleGraph, pool: Pool) -> None:
    await _set(
        graph,
        theme={"logoUrl": LOGO},
        smtp=SMTP | {"password": "sesame"},
        emailEvents=[{"event": "MAX_BUDGET_ALERT", "isEnabled": False}],
    )

    payload = await _set(graph, theme=None, smtp=None, emailEvents=None)

    assert payload["settings"]["theme"] == {"logoUrl": None, "isInherited": True}
    assert payload["settings"]["smtp"] is None
    assert all(event["isEnabled"] for event in payload["settings"]["emailEvents"])
    assert await _metadata(pool) == {"ui_theme_config": {}}
    assert await look(pool, "SELECT * FROM gateway.secrets") == []


async def test_a_logo_left_out_stays_and_null_removes_it(graph: ModuleGraph) -> None:
    await _set(graph, theme={"logoUrl": LOGO})

    kept = await _set(graph, theme={})
    removed = await _set(graph, theme={"logoUrl": None})

    assert kept["settings"]["theme"]["logoUrl"] == LOGO
    assert removed["settings"]["theme"]["logoUrl"] is None


async def test_a_mail_password_is_sealed_kept_replaced_and_removed(
    graph: ModuleGraph, pool: Pool
) -> None:
    given = await _set(graph, smtp=SMTP | {"password": "first", "username": "robot"})
    assert given["settings"]["smtp"]["hasPassword"] is True
    assert await _password(graph) == "first"

    kept = await _set(graph, smtp=SMTP | {"senderName": "Robot"})
    assert kept["settings"]["smtp"]["username"] == "robot"
    assert await _password(graph) == "first"

    await _set(graph, smtp=SMTP | {"password": "second"})
    assert await _password(graph) == "second"

    removed = await _set(graph, smtp=SMTP | {"password": None, "username": None})
    assert removed["settings"]["smtp"]["hasPassword"] is False
    assert removed["settings"]["smtp"]["username"] is None
    assert await _password(graph) is None
    assert "smtp_password" not in str(await _metadata(pool))


@pytest.mark.parametrize("is_text", [False, True])
async def test_a_password_left_in_the_clear_is_sealed_by_the_next_write(
    graph: ModuleGraph, pool: Pool, *, is_text: bool
) -> None:
    stored = {"smtp_config": {"smtp_host": "old", "smtp_password": "plain", "extra": 1}}
    await _store(pool, as_json(stored) if is_text else stored)

    payload = await _set(graph, smtp=SMTP)

    assert payload["settings"]["smtp"]["hasPassword"] is True
    assert await _password(graph) == "plain"
    assert (await _metadata(pool))["smtp_config"] == {
        "smtp_host": "mail.acme.test",
        "smtp_port": 587,
        "sender_email": "robot@acme.test",
        "extra": 1,
    }


async def test_a_secret_opens_nowhere_but_in_its_place(graph: ModuleGraph, pool: Pool) -> None:
    await _set(graph, smtp=SMTP | {"password": "sesame"})
    await run(
        pool,
        """INSERT INTO gateway.secrets
           SELECT 'beta', owner_type, 'beta', name, ciphertext, key_id FROM gateway.secrets""",
    )

    with pytest.raises(SealBroken):
        await _password(graph, "beta")


@pytest.mark.parametrize(
    ("smtp", "path"),
    [
        ({"host": " "}, ["smtp", "host"]),
        ({"host": "mail.test/path"}, ["smtp", "host"]),
        ({"port": 0}, ["smtp", "port"]),
        ({"port": 70000}, ["smtp", "port"]),
        ({"senderName": "two\nlines"}, ["smtp", "senderName"]),
    ],
)
async def test_a_mail_server_that_cannot_be_is_refused_whole(
    graph: ModuleGraph, pool: Pool, smtp: dict[str, Any], path: list[str]
) -> None:
    payload = await _set(graph, theme={"logoUrl": LOGO}, smtp=SMTP | smtp)

    assert payload["settings"] is None
    assert [(e["code"], e["path"]) for e in payload["userErrors"]] == [
        ("INVALID", ["input", *path])
    ]
    assert await _metadata(pool) == {}


async def test_settings_are_audited_without_the_password(graph: ModuleGraph, pool: Pool) -> None:
    await _set(graph, smtp=SMTP | {"password": "sesame-open"})
    await _set(graph, theme={})

    ((account, action, details),) = await look(
        pool, "SELECT account_id, action, details FROM copilot.audit_log"
    )
    assert (account, action) == ("acme", "update_settings")
    assert details["before"] == {"smtp": None}
    assert details["after"]["smtp"]["host"] == "mail.acme.test"
    assert details["password_given"] is True
    assert "sesame" not in str(details)


async def test_a_foreign_account_is_forbidden_and_a_super_admin_must_name_one(
    graph: ModuleGraph, pool: Pool
) -> None:
    text = """mutation($id: ID) { updateAccountSettings(input: {accountId: $id, smtp: null}) {
        settings { theme { logoUrl } } userErrors { code } } }"""

    foreign = await graph.ask(person("acme", Role.ACCOUNT_ADMIN), text, id="beta")
    unnamed = await graph.ask(super_admin(), text)
    unknown = await graph.ask(super_admin(), text, id="gone")

    assert [error.message for error in foreign.errors] == ["This account is not yours."]
    assert [error.message for error in unnamed.errors] == [
        "Name the account: you have none of your own."
    ]
    assert unknown.field["userErrors"] == [{"code": "NOT_FOUND"}]
    assert await look(pool, "SELECT count(*) FROM copilot.audit_log") == [(0,)]
