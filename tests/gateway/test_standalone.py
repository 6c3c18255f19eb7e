from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.modules import module_named
from gateway.standalone import create_subgraph
from tests.gateway.harness import Client, client_of
from tests.gateway.test_app import OPERATOR, account, bearer, gateway, settings_of

ENTITY = """
query ($id: ID!) {
  _entities(representations: [{__typename: "Account", id: $id}]) { ... on Account { name status } }
}
"""


@asynccontextmanager
async def accounts(url: str) -> AsyncIterator[Client]:
    async with client_of(create_subgraph(module_named("accounts"), settings_of(url))) as client:
        yield client


async def test_a_router_learns_the_document_without_credentials(database_url: str) -> None:
    async with accounts(database_url) as client:
        answer = await client.post("{ _service { sdl } }")
    assert answer.status == 200
    assert "@link" in answer.body["data"]["_service"]["sdl"]


async def test_entities_are_answered_for_the_caller_alone(database_url: str) -> None:
    async with gateway(database_url) as whole:
        id = await account(whole)
    async with accounts(database_url) as client:
        variables = {"variables": {"id": id}}
        own = await client.post(
            ENTITY, parameters=variables, headers=bearer("ada@meridian.example")
        )
        other = await client.post(ENTITY, parameters=variables, headers=bearer("eve@x.example"))
    assert own.body["data"]["_entities"] == [{"name": "Meridian Health", "status": "ACTIVE"}]
    assert other.body["data"]["_entities"] == [None]


async def test_what_the_caller_may_not_read_is_refused_whole(database_url: str) -> None:
    query = "{ viewer { name } accounts { totalCount } }"
    async with accounts(database_url) as client:
        operator = await client.post(query, headers=bearer(OPERATOR))
        somebody = await client.post(query, headers=bearer("eve@x.example"))
        nobody = await client.post(query)
    assert operator.body["data"]["accounts"] == {"totalCount": 0}
    assert (somebody.status, somebody.code) == (403, "FORBIDDEN")
    assert somebody.message == "You may not read Query.accounts."
    assert (nobody.status, nobody.code) == (401, "UNAUTHENTICATED")
    assert "data" not in somebody.body
