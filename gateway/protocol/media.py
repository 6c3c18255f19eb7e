"""Media types: which body a client sent, and which body it wants back."""

from __future__ import annotations

from email.message import Message
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "MediaType",
    "ParsedMediaType",
    "StreamType",
    "Wanted",
    "accepted",
    "accepted_stream",
    "defers_formerly",
    "parse_media_type",
    "wanted_by",
]

_HEADERS_KEPT = 64
_LONGEST_KEPT = 256
"""Headers are remembered with what they say: clients of one kind send the same ones."""


class MediaType(StrEnum):
    """What a GraphQL response can be sent as; the first is preferred."""

    GRAPHQL_RESPONSE = "application/graphql-response+json"
    JSON = "application/json"


class StreamType(StrEnum):
    """What an answer of several payloads can be sent as; the first is preferred."""

    EVENT_STREAM = "text/event-stream"
    MULTIPART = "multipart/mixed"


class ParsedMediaType(NamedTuple):
    """A media type and its parameters, all in lower case."""

    name: str
    parameters: dict[str, str]


class Wanted(NamedTuple):
    """What a client takes an answer as."""

    single: MediaType | None
    """An answer of one payload; None when it takes streams alone, or nothing of ours."""
    stream: StreamType | None
    """An answer of several payloads; None when it takes none."""
    defers_formerly: bool
    """Whether it understands `@defer` in the form of 2022 alone."""


class _Range(NamedTuple):
    name: str
    quality: float

    def covers(self, media_type: str) -> bool:
        return self.name in {media_type, "application/*", "*/*"}

    @property
    def specificity(self) -> int:
        return 0 if self.name == "*/*" else 1 if self.name.endswith("/*") else 2


def parse_media_type(value: str) -> ParsedMediaType:
    """Parse a `Content-Type`, or one entry of an `Accept` header."""
    message = Message()
    message["content-type"] = value
    parameters = message.get_params(failobj=[])[1:]
    return ParsedMediaType(
        message.get_content_type() if "/" in value else "",
        {name.lower(): text.lower() for name, text in parameters},
    )


def wanted_by(header: str | None) -> Wanted:
    """What an `Accept` header asks for."""
    if header is not None and len(header) > _LONGEST_KEPT:
        return _read(header)
    return _known(header)


def _read(header: str | None) -> Wanted:
    return Wanted(accepted(header), accepted_stream(header), defers_formerly(header))


_known = lru_cache(_HEADERS_KEPT)(_read)


def accepted(header: str | None) -> MediaType | None:
    """The best media type for an `Accept` header; None when the client wants none of ours.

    A client that does not say gets the GraphQL media type (GraphQL over HTTP, section 6.1, legacy
    watershed).
    """
    if header is None or not header.strip():
        return MediaType.GRAPHQL_RESPONSE
    ranges = [_range(entry) for entry in header.split(",") if entry.strip()]
    best = max(MediaType, key=lambda media_type: _quality(media_type, ranges))
    return best if _quality(best, ranges) > 0 else None


def accepted_stream(header: str | None) -> StreamType | None:
    """The best way to send several payloads; only what the client names can be one."""
    ranges = [_range(entry) for entry in (header or "").split(",") if entry.strip()]
    named = [entry for entry in ranges if "*" not in entry.name]
    best = max(StreamType, key=lambda media_type: _quality(media_type, named))
    return best if _quality(best, named) > 0 else None


def defers_formerly(header: str | None) -> bool:
    """Whether a client asks for incremental delivery in the form of 2022 (`deferSpec=20220824`)."""
    entries = [parse_media_type(entry.strip()) for entry in (header or "").split(",")]
    return any(parameters.get("deferspec") == "20220824" for _, parameters in entries)


def _quality(media_type: str, ranges: list[_Range]) -> float:
    covering = [entry for entry in ranges if entry.covers(media_type)]
    return max(covering, key=lambda entry: entry.specificity).quality if covering else 0


def _range(entry: str) -> _Range:
    name, parameters = parse_media_type(entry.strip())
    if parameters.get("charset", "utf-8") not in {"utf-8", "utf8"}:
        return _Range(name, 0)
    try:
        return _Range(name, float(parameters.get("q", "1")))
    except ValueError:
        return _Range(name, 0)
