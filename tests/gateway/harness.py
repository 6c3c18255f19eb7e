"""The gateway's applications on a real port, and commands as real processes."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple

import aiohttp
from starlette.types import ASGIApp

from gateway.serving import Server, bind, url_of


class Answer(NamedTuple):
    """An HTTP response, read to its end."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """Code of the first error."""
        code: str = self.body["errors"][0]["extensions"]["code"]
        return code

    @property
    def message(self) -> str:
        """Sentence of the first error."""
        message: str = self.body["errors"][0]["message"]
        return message


class Client:
    """Calls one server as a client of the network would."""

    def __init__(self, session: aiohttp.ClientSession, url: str, stop: Callable[[], None]) -> None:
        self.session = session
        self.url = url
        self.stop = stop

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        async with self.session.request(method, f"{self.url}{path}", **options) as response:
            is_json = response.content_type.endswith(("/json", "+json"))
            body = await (response.json() if is_json else response.text())
            return Answer(response.status, body, response.headers)

    async def post(self, query: str, **options: Any) -> Answer:
        parameters = {"query": query, **options.pop("parameters", {})}
        return await self.request("POST", "/graphql", json=parameters, **options)


class Running(NamedTuple):
    """A server with an application."""

    url: str
    stop: Callable[[], None]


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The application on a free port of this machine, run by the server that commands use."""
    with running(app) as server:
        yield server.url


@contextmanager
def running(app: ASGIApp) -> Iterator[Running]:
    """The same, with the way to stop it."""
    started = threading.Event()
    listener = bind("127.0.0.1", 0)

    async def on_ready() -> None:
        started.set()

    server = Server(app, on_ready)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()

    def stop() -> None:
        server.should_exit = True

    try:
        assert started.wait(timeout=20), "the application does not start"
        yield Running(url_of(listener), stop)
    finally:
        stop()
        thread.join(timeout=20)
    assert not thread.is_alive(), "the application does not stop"


@asynccontextmanager
async def client_of(app: ASGIApp) -> AsyncIterator[Client]:
    """A client of the application on a free port."""
    with running(app) as server:
        async with aiohttp.ClientSession() as session:
            yield Client(session, server.url, server.stop)
