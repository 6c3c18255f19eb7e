"""The processes of the benchmark: the shop's subgraphs, and the gateways in front of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import urlopen

import orjson
import psutil

from bench.federation.shop import supergraph_sdl

__all__ = ["GATEWAYS", "RIVALS", "Gateway", "Shop", "gateway", "installed_rivals", "shop"]

_REPOSITORY = Path(__file__).parents[2]
_PACKAGES = ("@apollo/gateway@2", "@apollo/server@5", "graphql@16")
_SECONDS_TO_STOP = 20

GATEWAYS = {
    "floor": "raw ASGI handler, no GraphQL",
    "router": "cockpit router",
    "sharing": "cockpit router, sharing",
}
"""What is always compared, by name; the first is what the others are measured against."""

RIVALS = {"apollo": "Apollo Gateway"}


class Shop(NamedTuple):
    """The subgraphs as they listen."""

    ports: Mapping[str, int]

    @property
    def urls(self) -> dict[str, str]:
        """Where each answers."""
        return {name: f"http://127.0.0.1:{port}/" for name, port in self.ports.items()}

    def asked(self) -> int:
        """Requests that all subgraphs together have had."""
        return sum(int(urlopen(url).read()) for url in self.urls.values())


class Gateway(NamedTuple):
    """A gateway that answers."""

    name: str
    port: int
    path: str
    process: psutil.Process

    @property
    def cpu_seconds(self) -> float:
        """CPU time it has used since it started."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def shop() -> Iterator[Shop]:
    """The subgraphs, until the block ends."""
    command = [sys.executable, "-m", "bench.federation.subgraph_server"]
    with _started(command, _REPOSITORY) as process:
        yield Shop(orjson.loads(_line(process)))


@contextmanager
def gateway(name: str, subgraphs: Shop, rivals: Path | None = None) -> Iterator[Gateway]:
    """One of `GATEWAYS` or `RIVALS` before the subgraphs, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="cockpit-bench-") as folder:
        home = Path(folder)
        (home / "supergraph.graphql").write_text(supergraph_sdl(subgraphs.urls))
        (home / "subgraphs.yaml").write_text("all: {deduplicate: false}")
        command = _command(name, subgraphs, home, rivals)
        switches = {"COCKPIT_SHARE_QUERIES": "on"} if name == "sharing" else {}
        with _started(command, rivals or home, switches) as process:
            url = urlsplit(_line(process).rpartition(" ")[2].strip())
            if url.port is None:
                raise RuntimeError(f"{name} did not start; its reason stands above.")
            yield Gateway(name, url.port, url.path or "/", psutil.Process(process.pid))


def _command(name: str, subgraphs: Shop, home: Path, rivals: Path | None) -> Sequence[str]:
    supergraph = str(home / "supergraph.graphql")
    if name == "floor":
        urls = orjson.dumps(subgraphs.urls).decode()
        return [sys.executable, "-m", "bench.federation.floor", urls]
    if name in RIVALS:
        return ["node", str(_script(rivals)), supergraph]
    asked = ["--subgraphs", str(home / "subgraphs.yaml")]
    router = [sys.executable, "-m", "gateway.cli", "router", "--port", "0"]
    return [*router, "--supergraph", supergraph, *asked]


def _script(rivals: Path | None) -> Path:
    if rivals is None:
        raise ValueError("Rivals are installed into a folder first.")
    return Path(shutil.copy(Path(__file__).with_name("apollo.mjs"), rivals))


@contextmanager
def installed_rivals() -> Iterator[Path | None]:
    """A folder with the rivals' packages; None where Node.js or npm is missing."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="cockpit-rivals-") as folder:
        quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefix", folder]
        subprocess.run([npm, "install", *quiet, *_PACKAGES], check=True, stdout=sys.stderr)
        yield Path(folder)


@contextmanager
def _started(
    command: Sequence[str], folder: Path, switches: Mapping[str, str] = MappingProxyType({})
) -> Iterator[subprocess.Popen[str]]:
    environment = {
        "PATH": f"{Path(shutil.which('node') or '/usr/bin/node').parent}:/usr/bin:/bin",
        "PYTHONPATH": str(_REPOSITORY),
        "HOME": str(folder),
        "NODE_ENV": "production",
        "COCKPIT_LOG_LEVEL": "WARNING",
        **switches,
    }
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True
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


def _line(process: subprocess.Popen[str]) -> str:
    """The line a process prints when it is ready."""
    return process.stdout.readline() if process.stdout else ""
