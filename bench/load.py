"""The load: keep-alive connections in a process of their own, a random account a request.

Reads a `Job` as JSON from standard input, writes a `Tally` as JSON to standard output.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import orjson
import uvloop

__all__ = ["Job", "LoadError", "Tally", "request_of", "run", "tally_of"]

_LENGTH = b"content-length:"


class Job(NamedTuple):
    """What to ask, how often at once and for how long."""

    port: int
    asks: list[tuple[str, str]]
    """Paths and operations; each request is one of them at random."""
    tokens: list[str]
    connections: int
    seconds: float
    seed: int
    """The same seed asks for the same accounts in the same order."""


class Tally(NamedTuple):
    """What came of it; latencies in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float


class LoadError(Exception):
    """The server did not answer as it should have."""


def run(job: Job) -> Tally:
    """Put the load on, from another process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=orjson.dumps(job._asdict()),
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        check=True,
    )
    return Tally(**orjson.loads(done.stdout))


def request_of(path: str, token: str, body: bytes) -> bytes:
    """One HTTP request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _load(job: Job) -> Tally:
    requests = [
        request_of(path, token, orjson.dumps({"query": text}))
        for path, text in job.asks
        for token in job.tokens
    ]
    choose = random.Random(job.seed)
    latencies: list[float] = []
    begin = time.perf_counter()
    end = begin + job.seconds

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", job.port)
        while (start := time.perf_counter()) < end:
            writer.write(choose.choice(requests))
            await _answer(reader)
            latencies.append(time.perf_counter() - start)
        writer.close()

    await asyncio.gather(*[connection() for _ in range(job.connections)])
    return tally_of(latencies, time.perf_counter() - begin)


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line[len(_LENGTH) :]) for line in lines if line.startswith(_LENGTH))
    body = await reader.readexactly(length)
    if b" 200 " not in lines[0] or body.startswith(b'{"errors"') or b'"data":null' in body:
        raise LoadError(f"The server answered {lines[0]!r}: {body[:300]!r}")
    return body


def tally_of(latencies: list[float], seconds: float) -> Tally:
    milliseconds = sorted(latency * 1000 for latency in latencies)
    last = len(milliseconds) - 1
    return Tally(
        len(milliseconds),
        seconds,
        milliseconds[round(last * 0.5)],
        milliseconds[round(last * 0.99)],
    )


if __name__ == "__main__":
    tally = uvloop.run(_load(Job(**orjson.loads(sys.stdin.buffer.read()))))
    sys.stdout.buffer.write(orjson.dumps(tally._asdict()))
