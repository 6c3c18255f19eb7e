"""The load: connections in a process of their own that ask one thing again and again.

Reads a `Job` as JSON from standard input, writes a `bench.load.Tally` as JSON to standard output.
Streams would cost more here than some of what is measured: a connection is a protocol that only
counts what it receives.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple, cast

import orjson
import uvloop

from bench.federation.http_protocol import content_length
from bench.load import LoadError, Tally, request_of, tally_of

__all__ = ["Job", "run"]

_END = b"\r\n\r\n"
_LOOKED_AT = 100
"""Bytes at the beginning of an answer that say whether it is one."""

_REPOSITORY = Path(__file__).parents[2]


class Job(NamedTuple):
    """What to ask, how often at once and for how long."""

    port: int
    path: str
    query: str
    connections: int
    seconds: float


def run(job: Job) -> Tally:
    """Put the load on, from another process. Raises `CalledProcessError` for a wrong answer."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.federation.load"],
        input=orjson.dumps(job._asdict()),
        cwd=_REPOSITORY,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Tally(**orjson.loads(done.stdout))


class _Run:
    """The connections of one job: what they send, and how long each answer took."""

    def __init__(self, job: Job) -> None:
        self.request = request_of(job.path, "bench", orjson.dumps({"query": job.query}))
        self.latencies: list[float] = []
        self.begin = time.perf_counter()
        self.end = self.begin + job.seconds
        self.open = job.connections
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def close(self) -> None:
        self.open -= 1
        if not self.open and not self.done.done():
            self.done.set_result(None)

    def fail(self, answer: bytes) -> None:
        if not self.done.done():
            self.done.set_exception(LoadError(f"The server answered {answer[:300]!r}"))


class _Connection(asyncio.Protocol):
    """Asks, waits for the whole answer, asks again."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._head = b""
        self._beginning = b""
        self._missing = 0
        self._asked_at = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
            self._beginning += data[: _LOOKED_AT - len(self._beginning)]
        else:
            self._head += data
            end = self._head.find(_END)
            if end < 0:
                return
            self._begin(end + len(_END))
        if self._missing == 0:
            self._answered()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None or time.perf_counter() < self._run.end:
            self._run.fail(b"by closing the connection")

    def _begin(self, end: int) -> None:
        if b" 200 " not in self._head[:20]:
            self._run.fail(self._head)
        body = self._head[end:]
        self._beginning = body[:_LOOKED_AT]
        self._missing = content_length(self._head[:end]) - len(body)
        self._head = b""

    def _answered(self) -> None:
        if b'{"errors"' in self._beginning or b'"data":null' in self._beginning:
            self._run.fail(self._beginning)
        now = time.perf_counter()
        self._run.latencies.append(now - self._asked_at)
        if now < self._run.end:
            self._ask()
        else:
            self._transport.close()
            self._run.close()

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        self._transport.write(self._run.request)


async def _load(job: Job) -> Tally:
    run = _Run(job)
    loop = asyncio.get_running_loop()
    for _ in range(job.connections):
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", job.port)
    await run.done
    return tally_of(run.latencies, time.perf_counter() - run.begin)


if __name__ == "__main__":
    found = uvloop.run(_load(Job(**orjson.loads(sys.stdin.buffer.read()))))
    sys.stdout.buffer.write(orjson.dumps(found._asdict()))
