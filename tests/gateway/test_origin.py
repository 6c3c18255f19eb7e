"""Where a change came from stands in the guardrails' change log, as a trusted proxy says it."""

from __future__ import annotations

from typing import Any

from tests.gateway.harness import Client
from tests.gateway.streaming import connected
from tests.gateway.test_app import OPERATOR, account, bearer, gateway

ADA = bearer("ada@meridian.example")
SET = """mutation ($id: ID!, $on: Boolean!) {
  setGuardrail(input: { accountId: $id, guard: PII, isEnabled: $on }) { userErrors { code } } }"""
CHANGES = "{ account { guardrailChanges { nodes { ipAddress userAgent actor { email } } } } }"


async def changes(client: Client) -> list[Any]:
    answer = await client.post(CHANGES, headers=ADA)
    assert "errors" not in answer.body
    nodes: list[Any] = answer.body["data"]["account"]["guardrailChanges"]["nodes"]
    return nodes


async def test_a_change_says_the_address_and_the_program_it_came_from(database_url: str) -> None:
    async with gateway(database_url) as client:
        id = await account(client)
        told = {"user-agent": "Cockpit/7 " + "x" * 600, "x-forwarded-for": "2001:db8::7"}
        answer = await client.post(
            SET,
            parameters={"variables": {"id": id, "on": True}},
            headers={**bearer(OPERATOR), **told},
        )
        assert answer.body == {"data": {"setGuardrail": {"userErrors": []}}}
        (change,) = await changes(client)
        assert change["ipAddress"] == "2001:db8::7"
        assert change["userAgent"] == told["user-agent"][:500]
        assert change["actor"]["email"] == OPERATOR


async def test_so_does_one_over_a_socket(database_url: str) -> None:
    async with gateway(database_url) as client:
        id = await account(client)
        async with connected(client, headers=bearer(OPERATOR)) as socket:
            await socket.subscribe("a", SET, variables={"id": id, "on": False})
            assert (await socket.next())["payload"] == {
                "data": {"setGuardrail": {"userErrors": []}}
            }
        (change,) = await changes(client)
        assert change["ipAddress"] == "127.0.0.1"
