"""What execution answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

__all__ = [
    "Completed",
    "IncrementalPayloads",
    "Patch",
    "Payload",
    "Pending",
    "Response",
    "ResponseError",
    "ResponseEvents",
    "ResponsePath",
]

ResponsePath = tuple[str | int, ...]
"""Response keys and list indices from the root of the data."""


class ResponseError(NamedTuple):
    """One entry of the response's `errors` (specification section 7.1.2)."""

    message: str
    path: ResponsePath | None = None
    """Where in the data; None when the error concerns no single position."""
    extensions: Mapping[str, Any] = {}
    """Holds `code`."""
    cause: BaseException | None = None
    """The exception behind it, for the host's log; never sent."""

    def formatted(self) -> dict[str, Any]:
        """The entry as it is sent."""
        entry: dict[str, Any] = {"message": self.message}
        if self.path is not None:
            entry["path"] = list(self.path)
        if self.extensions:
            entry["extensions"] = dict(self.extensions)
        return entry


@dataclass(frozen=True, slots=True)
class Response:
    """Data and errors of one operation (specification section 7.1)."""

    data: dict[str, Any] | None
    errors: tuple[ResponseError, ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)


ResponseEvents: TypeAlias = AsyncGenerator[Response, None]
"""One response an event. Nothing is read ahead of whoever iterates, and closing the generator ends
the subscription at its subgraph."""


class Pending(NamedTuple):
    """Announces what later payloads bring to one position."""

    id: str
    path: ResponsePath
    label: str | None = None


class Patch(NamedTuple):
    """What is added at the position of something pending: fields of an object, or items."""

    pending: Pending
    data: dict[str, Any] | None = None
    items: list[Any] | None = None
    first: int = 0
    """Index of the first of the items."""
    errors: tuple[ResponseError, ...] = ()


class Completed(NamedTuple):
    """Nothing more comes for something pending; `errors` say why nothing came at all."""

    pending: Pending
    errors: tuple[ResponseError, ...] = ()


@dataclass(frozen=True, slots=True)
class Payload:
    """One of the payloads of an operation with `@defer` or `@stream`."""

    initial: Response | None = None
    """The response that the first payload is."""
    pending: tuple[Pending, ...] = ()
    incremental: tuple[Patch, ...] = ()
    completed: tuple[Completed, ...] = ()
    has_next: bool = True


IncrementalPayloads: TypeAlias = AsyncGenerator[Payload, None]
"""The payloads of one operation. Closing the generator ends what is still being fetched."""
