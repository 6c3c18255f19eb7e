"""What is recorded in one process is told to who listens to another, also behind a pooler."""

from __future__ import annotations

import pytest

from tests.gateway.streaming import connected, sse
from tests.gateway.test_alerts import ADA, happening
from tests.gateway.test_app import OPERATOR, account, bearer, gateway

EVENTS = """subscription { auditEvents(filter: {resourceType: "account_allocation"}) {
  accountId type action } }"""


@pytest.mark.parametrize("pgbouncer", [False, True])
async def test_an_event_reaches_who_listens_to_another_process(
    database_url: str, pgbouncer: bool
) -> None:
    async with (
        gateway(database_url) as here,
        gateway(database_url, pgbouncer=pgbouncer) as there,
    ):
        id = await account(here)
        told = {"accountId": id, "type": "copilot_budget", "action": "update"}
        for headers in (ADA, bearer(OPERATOR)):
            async with sse(there, EVENTS, headers=headers) as stream, happening(here, id):
                assert await stream.next() == ("next", {"data": {"auditEvents": told}})
        async with connected(there, headers=ADA) as socket:
            await socket.subscribe("a", EVENTS)
            async with happening(here, id):
                assert (await socket.next())["payload"] == {"data": {"auditEvents": told}}
