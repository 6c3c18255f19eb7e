"""An application on a port: bound before anything is started, stopped in order."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

__all__ = ["PortError", "Server", "bind", "url_of"]


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

    `on_ready` is called when the application has started and its port answers.
    """

    def __init__(self, app: ASGIApp, on_ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
            lifespan="on",
            ws="none",
        )
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _reason(host: str, port: int, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"Port {port} is in use: stop what listens there, or choose another with --port."
    if number == errno.EACCES:
        return f"Port {port} needs more rights: choose one above 1023 with --port."
    if isinstance(error, OverflowError):
        return f"{port} is no port: choose one from 1 to 65535 with --port."
    return f"{host} port {port} cannot be listened on: {error}."
