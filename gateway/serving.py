"""An application on a port: bound before anything is started, stopped in order."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess

__all__ = ["PortError", "Server", "bind", "serve_with_workers", "stopping_quietly", "url_of"]


class PortError(Exception):
    """The port cannot be listened on; the message says why and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """Take the port; 0 takes a free one. Raises `PortError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        listener.close()
        raise PortError(_reason(host, port, error)) from error
    listener.set_inheritable(True)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds the listener."""
    host, port = listener.getsockname()[:2]
    name = "localhost" if host in {"0.0.0.0", "::", "127.0.0.1", "::1"} else host  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


class Server(uvicorn.Server):
    """Serves an application until SIGINT or SIGTERM, and then raises the signal again.

    `on_ready` runs when the application has started and its port answers; when it fails, the
    server stops and raises what it raised.
    """

    def __init__(self, app: ASGIApp, on_ready: Callable[[], Awaitable[None]]) -> None:
        super().__init__(_config(app))
        self._on_ready = on_ready
        self._failure: BaseException | None = None
        self._announcing: asyncio.Task[None] | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve; raises what `on_ready` raised."""
        super().run(sockets)
        if self._failure is not None:
            raise self._failure

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then say so beside serving it."""
        await super().startup(sockets)
        if self.started:
            self._announcing = asyncio.create_task(self._announce())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop saying so, then stop serving."""
        if self._announcing is not None:
            self._announcing.cancel()
        await super().shutdown(sockets)

    async def _announce(self) -> None:
        try:
            await self._on_ready()
        except Exception as error:  # noqa: BLE001 - raised again by `run`, in the command
            self._failure = error
            self.should_exit = True


def serve_with_workers(factory: str, listener: socket.socket, workers: int) -> None:
    """Serve from several processes that share the port; `factory` is `module:function`."""
    Multiprocess(_config(factory, factory=True, workers=workers), sockets=[listener]).run()


@contextmanager
def stopping_quietly() -> Iterator[None]:
    """Leave a block in order on SIGTERM as on Ctrl-C, and go on after it as if it had ended."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    with suppress(KeyboardInterrupt):
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


class _Http(HttpToolsProtocol):
    """HTTP that tells the application when the server is about to stop.

    The server waits for answers to end before the application hears of it, and streams would not.
    """

    def shutdown(self) -> None:
        """Let streams end, then what else is on its way."""
        stopping = self.app_state.get("stopping")
        if stopping is not None:
            stopping.set()
        super().shutdown()


def _config(app: ASGIApp | str, **options: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        lifespan="on",
        http=_Http,
        ws="websockets-sansio",
        **options,
    )


def _reason(host: str, port: int, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"Port {port} is in use: stop what listens there, or choose another with --port."
    if number == errno.EACCES:
        return f"Port {port} needs more rights: choose one above 1023 with --port."
    if isinstance(error, OverflowError):
        return f"{port} is no port: choose one from 1 to 65535 with --port."
    return f"{host} port {port} cannot be listened on: {error}."
