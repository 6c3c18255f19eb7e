"""The embedded server: shared, stopped by the last, and recovering from whatever kills it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from sqlalchemy import text

from datasources.base import Statement
from datasources.database import Pool
from datasources.embedded import EmbeddedServer
from datasources.errors import DatabaseUnavailable, DataDirectoryError, EmbeddedServerError
from tests.harness.folders import server_folder

_ROOT = Path(__file__).parents[2]
_ONE = Statement(text("SELECT 1 AS one"))
_QUICK = {"fsync": "off"}

_USER = """
import sys
from pathlib import Path
from datasources.embedded import running

with running(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""
"""A process that uses the server until its input ends."""


@pytest.fixture
def home() -> Iterator[Path]:
    with server_folder() as directory:
        yield directory


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedServer]:
    embedded = EmbeddedServer(_QUICK)
    yield embedded
    embedded.stop()


def answers(url: str) -> bool:
    """Whether a server takes connections at this URL."""

    async def ask() -> int:
        connection = await asyncpg.connect(url)
        try:
            return int(await connection.fetchval("SELECT 1"))
        finally:
            await connection.close()

    try:
        return asyncio.run(ask()) == 1
    except OSError:
        return False


def postmaster(home: Path) -> int:
    """Process id of the running server."""
    return int((home / "postgres" / "postmaster.pid").read_text("utf-8").split("\n")[0])


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for somebody to ask how it ended."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def use_elsewhere(home: Path) -> tuple[subprocess.Popen[str], str]:
    """Start another process that uses the server; answers it and the URL it printed."""
    process = subprocess.Popen(  # noqa: S603 - this interpreter, and a program of ours
        [sys.executable, "-c", _USER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_it_starts_stops_and_keeps_its_data(home: Path, server: EmbeddedServer) -> None:
    url = server.start(home)
    assert asyncio.run(_value(url, "CREATE TABLE kept AS SELECT 7 AS n")) is None
    assert server.stop() is True
    assert not answers(url)
    assert server.start(home) == url
    assert asyncio.run(_value(url, "SELECT n FROM kept")) == 7


def test_stopping_twice_is_harmless(home: Path, server: EmbeddedServer) -> None:
    server.start(home)
    assert server.stop() is True
    assert server.stop() is False


def test_nobody_else_on_the_machine_reaches_it(home: Path, server: EmbeddedServer) -> None:
    url = server.start(home)
    assert asyncio.run(_value(url, "SHOW listen_addresses")) == ""
    assert (home / "postgres").stat().st_mode & 0o077 == 0


def test_two_users_share_it_and_the_last_one_stops_it(home: Path, server: EmbeddedServer) -> None:
    other = EmbeddedServer(_QUICK)
    url = server.start(home)
    assert other.start(home) == url
    assert server.stop() is False
    assert answers(url)
    assert other.stop() is True
    assert not answers(url)


def test_another_process_shares_it(home: Path, server: EmbeddedServer) -> None:
    url = server.start(home)
    process, their_url = use_elsewhere(home)
    assert their_url == url
    assert server.stop() is False
    assert answers(url)
    process.communicate("")
    assert process.returncode == 0
    assert not answers(url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_order(home: Path, number: signal.Signals) -> None:
    process, url = use_elsewhere(home)
    assert answers(url)
    pid = postmaster(home)
    process.send_signal(number)
    process.communicate()
    assert has_ended(pid)
    assert not (home / "postgres" / "postmaster.pid").exists()
    log = (home / "postgres" / "server.log").read_text("utf-8")
    assert "database system is shut down" in log


def test_a_killed_user_does_not_keep_it_running(home: Path, server: EmbeddedServer) -> None:
    process, _ = use_elsewhere(home)
    process.kill()
    process.communicate()
    url = server.start(home)
    assert server.stop() is True
    assert not answers(url)


def test_it_recovers_when_the_server_itself_was_killed(home: Path, server: EmbeddedServer) -> None:
    url = server.start(home)
    asyncio.run(_value(url, "CREATE TABLE kept AS SELECT 7 AS n"))
    psutil.Process(postmaster(home)).kill()
    again = EmbeddedServer(_QUICK)
    assert again.start(home) == url
    assert asyncio.run(_value(url, "SELECT n FROM kept")) == 7
    again.stop()


def test_a_pid_file_that_names_a_stranger_does_not_keep_it_from_starting(
    home: Path, server: EmbeddedServer
) -> None:
    server.start(home)
    server.stop()
    pid_file = home / "postgres" / "postmaster.pid"
    pid_file.write_text(
        f"{os.getpid()}\n{home / 'postgres'}\n0\n5432\n{home}\n\n\nready\n", "utf-8"
    )
    assert answers(server.start(home))


def test_data_left_half_made_is_made_anew(home: Path, server: EmbeddedServer) -> None:
    partial = home / "postgres.partial"
    partial.mkdir()
    (partial / "PG_VERSION").write_text("18\n", "utf-8")
    assert answers(server.start(home))
    assert not partial.exists()


def test_a_pool_survives_a_restart_of_the_server(home: Path, server: EmbeddedServer) -> None:
    async def work() -> None:
        pool = await Pool.open(server.start(home))
        assert len(await pool.fetch(_ONE)) == 1
        server.stop()
        with pytest.raises(DatabaseUnavailable):
            await pool.fetch(_ONE)
        server.start(home)
        assert len(await pool.fetch(_ONE)) == 1
        await pool.close()

    asyncio.run(work())


def test_a_path_too_long_for_a_socket_is_no_obstacle(home: Path, server: EmbeddedServer) -> None:
    deep = home / ("d" * 100) / "home"
    assert answers(server.start(deep))


def test_a_path_with_spaces_and_signs_is_no_obstacle(home: Path, server: EmbeddedServer) -> None:
    assert answers(server.start(home / "José's data & 100%, more"))


def test_a_home_that_is_a_file_is_refused_with_advice(home: Path, server: EmbeddedServer) -> None:
    file = home / "file"
    file.write_text("", "utf-8")
    with pytest.raises(DataDirectoryError, match=r"cannot be written .*COCKPIT_HOME"):
        server.start(file)


def test_a_home_below_an_unwritable_place_is_refused_with_advice(server: EmbeddedServer) -> None:
    with pytest.raises(DataDirectoryError, match=r"cannot be written .*DATABASE_URL"):
        server.start(Path("/proc/cockpit"))


def test_data_of_another_version_is_refused_with_the_servers_reason(
    home: Path, server: EmbeddedServer
) -> None:
    server.start(home)
    server.stop()
    (home / "postgres" / "PG_VERSION").write_text("12\n", "utf-8")
    with pytest.raises(EmbeddedServerError, match="incompatible"):
        server.start(home)


async def _value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
