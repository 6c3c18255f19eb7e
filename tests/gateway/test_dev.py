"""`cockpit dev` as people and scripts start it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import orjson
import pytest

from tests.gateway.commands import cockpit, running
from tests.harness.folders import server_folder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ME = "{ viewer { roles account { id } } }"
ROLES = {
    "super_admin": "SUPER_ADMIN",
    "account_admin": "ACCOUNT_ADMIN",
    "auditor": "AUDITOR",
    "member": "MEMBER",
    "service": "SERVICE",
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder whose home is filled by the first start, and shared by all tests here."""
    with server_folder() as path:
        yield path


async def ask(url: str, token: str, query: str = ME) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{url}/graphql", json={"query": query}) as response,
    ):
        answer: dict[str, Any] = await response.json()
    return answer


async def test_one_json_line_tells_scripts_everything(folder: Path) -> None:
    with running("dev", "--port", "0", "--json", folder=folder) as dev:
        ready = orjson.loads(dev.first_line)
        assert list(ready) == ["url", "accounts", "tokens"]
        assert len(ready["accounts"]) == 5
        assert set(ready["accounts"][0]) == {"id", "name"}
        assert list(ready["tokens"]) == list(ROLES)
        for role, token in ready["tokens"].items():
            viewer = (await ask(ready["url"], token))["data"]["viewer"]
            assert viewer["roles"] == [ROLES[role]]
            account = None if role == "super_admin" else {"id": ready["accounts"][0]["id"]}
            assert viewer["account"] == account
        assert dev.stop(signal.SIGTERM) == 0
        assert dev.rest == ""
    assert not (folder / "home" / "postgres" / "postmaster.pid").exists()


async def test_a_second_start_shares_the_data_and_the_last_one_stops_it(folder: Path) -> None:
    pid_file = folder / "home" / "postgres" / "postmaster.pid"
    with running("dev", "--port", "0", "--json", folder=folder) as first:
        with running("dev", "--port", "0", "--json", folder=folder) as second:
            one, two = orjson.loads(first.first_line), orjson.loads(second.first_line)
            assert one["accounts"] == two["accounts"]
            assert one["url"] != two["url"]
            assert second.stop(signal.SIGINT) == 0
        assert pid_file.exists()
        answer = await ask(one["url"], one["tokens"]["service"])
        assert answer["data"]["viewer"]["roles"] == ["SERVICE"]
        assert first.stop(signal.SIGINT) == 0
    assert not pid_file.exists()


def test_people_read_a_first_query(folder: Path) -> None:
    with running("dev", "--port", "0", folder=folder) as dev:
        assert dev.first_line.startswith("Starting PostgreSQL in")
        assert dev.process.stdout is not None
        lines = [dev.first_line]
        while "Ctrl-C stops everything." not in lines[-1]:
            lines.append(dev.process.stdout.readline())
            assert dev.process.poll() is None
        assert dev.stop(signal.SIGTERM) == 0
    text = "".join(lines)
    assert "Playground  http://localhost:" in text
    assert "curl -s http://localhost:" in text
    assert all(f"  {role} " in text for role in ROLES)


def test_a_port_in_use_ends_before_postgresql_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = cockpit("dev", "--json", "--port", str(port), folder=tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"cockpit: Port {port} is in use")
    assert not (tmp_path / "home").exists()


def test_a_home_that_cannot_be_written_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = cockpit(
        "dev", "--port", "0", folder=tmp_path, COCKPIT_HOME=os.fspath(tmp_path / "file" / "home")
    )
    assert ended.code == 1
    assert "cannot be written" in ended.err
    assert "COCKPIT_HOME" in ended.err
    assert ended.err.count("\n") == 1


def test_a_database_that_is_away_ends_with_one_line(tmp_path: Path) -> None:
    ended = cockpit(
        "dev", "--port", "0", folder=tmp_path, DATABASE_URL="postgresql://u@127.0.0.1:1/x"
    )
    assert ended.code == 1
    assert ended.err.startswith("cockpit: The database does not answer")
    assert ended.err.count("\n") == 1


async def test_a_database_with_accounts_of_its_own_gets_no_demo_tenants(
    database_url: str, tmp_path: Path
) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        """INSERT INTO "Alchemi_AccountTable" (account_id, account_name) VALUES ('own', 'Own')"""
    )
    await connection.close()
    environment = {"DATABASE_URL": database_url}
    with running("dev", "--port", "0", "--json", folder=tmp_path, environment=environment) as dev:
        ready = orjson.loads(dev.first_line)
        assert (ready["accounts"], list(ready["tokens"])) == ([], ["super_admin"])
        token = ready["tokens"]["super_admin"]
        answer = await ask(ready["url"], token, "{ accounts { nodes { id } } }")
        assert answer["data"]["accounts"]["nodes"] == [{"id": "own"}]
        assert dev.stop(signal.SIGTERM) == 0
