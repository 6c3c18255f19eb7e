"""Where a supergraph composed elsewhere comes from, and how one learns that it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import aiohttp

__all__ = ["FileSource", "SourceError", "SupergraphSource", "UrlSource"]

_MAX_BYTES = 64 * 1024 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10)


class SourceError(Exception):
    """The supergraph cannot be read; the message is a sentence that says why."""


class SupergraphSource(Protocol):
    """A place that holds one supergraph."""

    seconds: float
    """How long to wait before it is worth reading again."""

    async def read(self) -> str | None:
        """The text, or None when it is the one that was read last. Raises `SourceError`."""


class FileSource:
    """A file.

    It is looked at, not listened to: so a file that is replaced, a link that is pointed elsewhere
    as Kubernetes does, and a file system of the network are all noticed like a file written to.
    """

    def __init__(self, path: Path, *, seconds: float = 1.0) -> None:
        self.seconds = seconds
        self._path = path
        self._seen: tuple[int, ...] | None = None
        self._last: str | None = None

    async def read(self) -> str | None:
        """The file's text."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> str | None:
        try:
            state = self._path.stat()
            seen = (state.st_mtime_ns, state.st_size, state.st_ino)
            if seen == self._seen:
                return None
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise SourceError(f"The supergraph {self._path} does not exist.") from None
        except OSError as error:
            raise SourceError(
                f"The supergraph {self._path} cannot be read: {error.strerror}."
            ) from error
        except UnicodeDecodeError as error:
            raise SourceError(f"The supergraph {self._path} is not UTF-8 text.") from error
        self._seen = seen
        if text == self._last:
            return None
        self._last = text
        return text


class UrlSource:
    """An address, asked again and again with the entity tag of the last answer."""

    def __init__(
        self,
        url: str,
        *,
        seconds: float = 10.0,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = _MAX_BYTES,
    ) -> None:
        """Read from an address.

        Args:
            url: Answers GET with the text.
            seconds: How long to wait between two questions.
            headers: Sent with each, such as a key.
            max_bytes: Largest answer accepted.
        """
        self._url = url
        self.seconds = seconds
        self._headers = dict(headers or {})
        self._max_bytes = max_bytes
        self._tag: str | None = None
        self._last: str | None = None

    async def read(self) -> str | None:
        """The address's text."""
        asked = {"If-None-Match": self._tag} if self._tag else {}
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.get(self._url, headers={**self._headers, **asked}) as response,
            ):
                return await self._text(response)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SourceError(f"The supergraph at {self._url} cannot be fetched.") from error

    async def _text(self, response: aiohttp.ClientResponse) -> str | None:
        if response.status == 304:
            return None
        if response.status != 200:
            raise SourceError(f"The supergraph at {self._url} answers {response.status}.")
        body = b""
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._max_bytes:
                raise SourceError(
                    f"The supergraph at {self._url} is larger than {self._max_bytes} bytes."
                )
        text = body.decode()
        self._tag = response.headers.get("ETag")
        if text == self._last:
            return None
        self._last = text
        return text
