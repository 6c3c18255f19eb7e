from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import jwt
import pytest

from auth.mint import mint_session
from datasources import migrations
from datasources.embedded import EmbeddedServer
from federation.errors import CompositionError
from gateway.app import create_app
from gateway.compose_config import ComposeConfigError
from gateway.setting_values import Secret
from gateway.settings import Environment, Settings, SettingsError
from tests.federation.harness import SubgraphCase, serving
from tests.gateway.harness import Client, client_of
from tests.harness.folders import server_folder

SECRET = "a session secret of thirty-two bytes or more"
OPERATOR = "root@platform.test"
OPERATOR_KEY = "operator key of at least thirty-two bytes"
ME = "{ viewer { name roles isSuperAdmin account { name } } }"
CREATE = """
mutation ($input: CreateAccountInput!) {
  createAccount(input: $input) { account { id name } userErrors { code message } }
}
"""


def settings_of(url: str, **values: Any) -> Settings:
    return Settings(
        environment=Environment.DEVELOPMENT,
        database_url=Secret(url),
        session_secrets=(Secret(SECRET),),
        encryption_keys=(Secret(base64.b64encode(bytes(range(32))).decode()),),
        operator_key=Secret(OPERATOR_KEY),
        super_admin_emails=frozenset({OPERATOR}),
    ).with_values(**values)


def bearer(email: str, **options: Any) -> dict[str, str]:
    token = mint_session(SECRET, subject=email, email=email, **options)
    return {"authorization": f"Bearer {token}"}


@asynccontextmanager
async def gateway(url: str, **values: Any) -> AsyncIterator[Client]:
    async with client_of(create_app(settings_of(url, **values))) as client:
        yield client


async def account(client: Client) -> str:
    """A new account with an administrator, made as the platform's operators make one."""
    answer = await client.post(
        CREATE,
        parameters={
            "variables": {
                "input": {
                    "name": "Meridian Health",
                    "domain": "meridian.example",
                    "adminEmail": "ada@meridian.example",
                }
            }
        },
        headers=bearer(OPERATOR),
    )
    made = answer.body["data"]["createAccount"]
    assert made["userErrors"] == []
    id: str = made["account"]["id"]
    return id


async def test_an_account_made_by_an_operator_is_seen_by_its_administrator(
    database_url: str,
) -> None:
    async with gateway(database_url) as client:
        await account(client)
        answer = await client.post(ME, headers=bearer("ada@meridian.example"))
    assert (answer.status, answer.body.get("errors")) == (200, None)
    viewer = answer.body["data"]["viewer"]
    assert viewer["roles"] == ["ACCOUNT_ADMIN"]
    assert viewer["account"] == {"name": "Meridian Health"}


async def test_nobody_may_read_anything_and_is_told_to_sign_in(database_url: str) -> None:
    async with gateway(database_url) as client:
        answer = await client.post(ME)
        open_to_all = await client.post("{ __typename __schema { queryType { name } } }")
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "data" not in answer.body
    assert open_to_all.status == 200


async def test_a_member_of_nothing_is_refused_other_peoples_accounts(database_url: str) -> None:
    async with gateway(database_url) as client:
        id = await account(client)
        headers = bearer("eve@elsewhere.example")
        answer = await client.post(f'{{ account(id: "{id}") {{ name }} }}', headers=headers)
        listed = await client.post("{ accounts { totalCount } }", headers=headers)
    assert (answer.body["data"], answer.code) == ({"account": None}, "FORBIDDEN")
    assert listed.code == "FORBIDDEN"


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        jwt.encode({"user_id": "x", "exp": 4102444800}, "", algorithm="none"),
        jwt.encode({"user_id": "x", "exp": 4102444800}, "another key of thirty-two bytes!"),
        jwt.encode({"user_id": "x"}, SECRET),
        jwt.encode({"user_id": "x", "exp": 1577836800}, SECRET),
        "cpk_abcdefgh_mistyped",
    ],
    ids=["nonsense", "alg-none", "wrong-key", "no-expiry", "expired", "mistyped"],
)
async def test_credentials_that_cannot_be_verified_are_401(token: str, database_url: str) -> None:
    async with gateway(database_url) as client:
        answer = await client.post(ME, headers={"authorization": f"Bearer {token}"})
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "data" not in answer.body


async def test_an_expired_session_says_what_to_do(database_url: str) -> None:
    async with gateway(database_url) as client:
        old = datetime.now(UTC) - timedelta(days=1)
        answer = await client.post(ME, headers=bearer(OPERATOR, now=old))
    assert answer.message == "This token has expired. Sign in again."


async def test_a_suspended_account_is_403_at_once(database_url: str) -> None:
    async with gateway(database_url) as client:
        id = await account(client)
        admin = bearer("ada@meridian.example")
        assert (await client.post(ME, headers=admin)).status == 200
        done = await client.post(
            "mutation ($input: SetAccountStatusInput!) {"
            " setAccountStatus(input: $input) { userErrors { message } } }",
            parameters={"variables": {"input": {"accountId": id, "status": "SUSPENDED"}}},
            headers=bearer(OPERATOR),
        )
        assert done.body["data"]["setAccountStatus"] == {"userErrors": []}
        answer = await client.post(ME, headers=admin)
    assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_the_operator_key_is_a_super_admin(database_url: str) -> None:
    async with gateway(database_url) as client:
        answer = await client.post(ME, headers={"authorization": f"bearer {OPERATOR_KEY}"})
        key = await client.post(ME, headers={"x-litellm-api-key": OPERATOR_KEY})
    assert answer.body["data"]["viewer"]["isSuperAdmin"] is True
    assert key.body == answer.body


async def test_a_cookie_session_works_from_our_own_pages_only(database_url: str) -> None:
    token = mint_session(SECRET, subject=OPERATOR, email=OPERATOR)
    async with gateway(database_url, cors_origins=("https://app.example",)) as client:
        cookie = {"cookie": f"token={token}"}
        own = client.url.replace("http://", "")
        answers = {
            origin: await client.post(ME, headers={**cookie, "origin": origin})
            for origin in (f"http://{own}", "https://app.example", "https://evil.example")
        }
        by_get = await client.request(
            "GET", "/graphql?query=%7Bviewer%7Bname%7D%7D", headers={**cookie, "origin": own}
        )
    assert [answer.status for answer in answers.values()] == [200, 200, 403]
    assert answers["https://evil.example"].code == "FORBIDDEN"
    assert (by_get.status, by_get.code) == (403, "FORBIDDEN")
    assert "x-cockpit-csrf" in by_get.message


async def test_introspection_can_be_switched_off(database_url: str) -> None:
    query = "{ __schema { queryType { name } } }"
    async with gateway(database_url, introspection=False) as client:
        answer = await client.post(query)
    assert (answer.body["data"], answer.code) == (None, "FORBIDDEN")
    async with gateway(database_url) as client:
        assert (await client.post(query)).body["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_the_playground_is_for_development(database_url: str) -> None:
    async with gateway(database_url) as client:
        page = await client.request("GET", "/")
    async with gateway(database_url, environment=Environment.PRODUCTION) as client:
        hidden = await client.request("GET", "/")
    assert page.status == 200
    assert "viewer" in page.body
    assert (hidden.status, hidden.code) == (404, "NOT_FOUND")


async def test_a_bug_is_masked_and_found_in_the_log(
    cloned_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with gateway(cloned_database_url) as client:
        await account(client)
        await asyncio.to_thread(_drop_audit_log, cloned_database_url)
        answer = await client.post(
            CREATE,
            parameters={"variables": {"input": {"name": "Second"}}},
            headers=bearer(OPERATOR),
        )
    [error] = answer.body["errors"]
    request_id = answer.headers["x-request-id"]
    assert error["message"] == "Internal error."
    assert error["extensions"] == {"code": "INTERNAL", "requestId": request_id}
    assert request_id in caplog.text
    assert "UndefinedTable" in caplog.text
    assert "audit" not in str(answer.body)


def _drop_audit_log(url: str) -> None:
    async def drop() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("DROP TABLE copilot.audit_log CASCADE")
        await connection.close()

    asyncio.run(drop())


@pytest.fixture
def home() -> Iterator[Path]:
    with server_folder() as folder:
        yield folder


async def test_a_database_that_goes_away_is_waited_for_without_a_restart(home: Path) -> None:
    server = EmbeddedServer({"fsync": "off"})
    url = await asyncio.to_thread(server.start, home)
    await asyncio.to_thread(migrations.upgrade, url)
    try:
        async with gateway(url) as client:
            ready = await client.request("GET", "/ready")
            assert (ready.status, ready.body["database"]) == (200, "reachable")

            assert await asyncio.to_thread(server.stop)
            down = await client.request("GET", "/ready")
            assert (down.status, down.body["status"]) == (503, "not ready")
            assert down.body["database"] == "unreachable"
            assert (await client.request("GET", "/health")).status == 200

            refused = await client.post(ME, headers=bearer(OPERATOR))
            assert (refused.status, refused.code) == (503, "INTERNAL")
            assert refused.message == (
                "The database cannot be reached right now. Try again in a few seconds."
            )
            assert "retry-after" in refused.headers

            await asyncio.to_thread(server.start, home)
            assert (await client.request("GET", "/ready")).status == 200
            answer = await client.post(ME, headers=bearer(OPERATOR))
            assert answer.body["data"]["viewer"]["isSuperAdmin"] is True
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_database_that_is_away_at_start_is_waited_for() -> None:
    async with gateway("postgresql://cockpit@127.0.0.1:1/cockpit") as client:
        ready = await client.request("GET", "/ready")
        answer = await client.post(ME, headers=bearer(OPERATOR))
    assert (ready.status, answer.status, answer.code) == (503, 503, "INTERNAL")


async def test_another_teams_subgraph_joins_over_http(database_url: str, tmp_path: Path) -> None:
    seen: list[str] = []

    def desk(account: dict[str, Any], info: Any) -> str:
        seen.append(info.context.headers["authorization"])
        return f"desk of {account['id']}"

    case = SubgraphCase(
        "desks",
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",'
        ' import: ["@key", "@shareable"])\n'
        'type Account @key(fields: "id") { id: ID! desk: String }',
        resolvers={"Account.desk": desk},
        references={"Account": lambda representation: representation},
    )
    (tmp_path / "desks.graphql").write_text(case.sdl)
    async with serving({"desks": case.schema()}) as urls:
        config = tmp_path / "subgraphs.yaml"
        config.write_text(
            f"subgraphs:\n  desks:\n    url: {urls['desks']}\n    file: desks.graphql"
        )
        async with gateway(database_url, subgraphs=config) as client:
            id = await account(client)
            headers = bearer("ada@meridian.example")
            answer = await client.post("{ account { name desk } }", headers=headers)
    assert answer.body["data"]["account"] == {"name": "Meridian Health", "desk": f"desk of {id}"}
    assert seen == [headers["authorization"]]


@pytest.mark.parametrize("absent", ["database_url", "encryption_keys", "session_secrets"])
def test_a_missing_secret_stops_the_start(absent: str) -> None:
    nothing: Any = None if absent == "database_url" else ()
    with pytest.raises(SettingsError, match=r"^Set "):
        create_app(settings_of("postgresql://x/y", **{absent: nothing}))


def test_subgraphs_that_do_not_compose_stop_the_start(tmp_path: Path) -> None:
    config = tmp_path / "subgraphs.yaml"
    config.write_text("subgraphs:\n  open:\n    url: http://x\n    schema: 'type Query { a: Int }'")
    with pytest.raises(CompositionError, match="UNGUARDED_ROOT_FIELD"):
        create_app(settings_of("postgresql://x/y", subgraphs=config))


def test_a_list_of_subgraphs_that_is_absent_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ComposeConfigError, match="does not exist"):
        create_app(settings_of("postgresql://x/y", subgraphs=tmp_path / "none.yaml"))
