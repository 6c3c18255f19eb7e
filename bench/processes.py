"""The servers as processes: started, watched, stopped."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil

from bench.queries import Query
from bench.settings import environment_of

__all__ = ["FORGETFUL", "SERVERS", "ServerProcess", "serving"]

_REPOSITORY = Path(__file__).parents[1]
_ROLE = "cockpit_gateway"
_SECONDS_TO_STOP = 20
_GRAPHQL = "/graphql"
_BY_PATH = {"floor", "built"}
FORGETFUL = {"COCKPIT_REMEMBERED_DECISIONS": "1"}
"""Settings of a gateway that decides anew at every call."""
_GATEWAYS = {
    "gateway": {},
    "fenced": {"COCKPIT_DATABASE_ROLE": _ROLE},
    "forgetful": FORGETFUL,
}
"""Settings by the name of a server."""

SERVERS = {
    "floor": "raw ASGI handler, no GraphQL",
    "built": "raw ASGI handler, JSON by PostgreSQL",
    "gateway": "cockpit gateway",
    "fenced": "cockpit gateway under row-level security",
    "plain": "plain Strawberry + DataLoader",
}
"""What can be compared, by name; the first is what the others are measured against."""


class ServerProcess(NamedTuple):
    """A server that answers."""

    name: str
    port: int
    process: psutil.Process

    def path_of(self, query: str) -> str:
        """Where it answers a benchmark."""
        return f"/{query}" if self.name in _BY_PATH else _GRAPHQL

    def answers(self, query: Query) -> bool:
        """Whether it answers a benchmark: not every one is a statement whose value is JSON."""
        return self.name != "built" or query.built is not None

    @property
    def cpu_seconds(self) -> float:
        """CPU time it has used since it started."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    @property
    def memory(self) -> int:
        """Resident memory in bytes."""
        return int(self.process.memory_info().rss)


@contextmanager
def serving(name: str, database_url: str) -> Iterator[ServerProcess]:
    """One of `SERVERS` on a filled database, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="cockpit-bench-") as folder:
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(_REPOSITORY),
            "HOME": folder,
            **_environment(name, database_url),
        }
        with _started(_command(name, database_url), environment, Path(folder)) as process:
            yield ServerProcess(name, _port_of(process), psutil.Process(process.pid))


def _command(name: str, database_url: str) -> Sequence[str]:
    if name in _GATEWAYS:
        return ["gateway.cli", "serve", "--port", "0"]
    return [f"bench.servers.{name}", database_url]


def _environment(name: str, database_url: str) -> Mapping[str, str]:
    if name not in _GATEWAYS:
        return {}
    return {**environment_of(database_url), **_GATEWAYS[name]}


@contextmanager
def _started(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()


def _port_of(process: subprocess.Popen[str]) -> int:
    """The port in the line a server prints when it is ready."""
    line = process.stdout.readline() if process.stdout else ""
    port = urlsplit(line.rpartition(" ")[2].strip()).port
    if port is None:
        raise RuntimeError("A server did not start; its reason stands above.")
    return port
