"""JSON that is written already: part of an answer that goes to the client as it is.

A subgraph that is sure of its JSON, because a database wrote it, may answer `Written` instead of
Python values wherever `SubgraphRequest.whole` lets it. Nothing on the way looks inside: merging,
sharing and projection pass it through, and orjson puts its bytes into the response.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import orjson

__all__ = ["Unwritten", "Written", "is_unwritten", "read"]

Written: TypeAlias = orjson.Fragment
"""JSON text or bytes, trusted to be valid."""


class Unwritten(Protocol):
    """A field's value whose JSON its host would like to keep, for when it is asked again.

    Known by its method, so that hosts need nothing of ours.
    """

    value: Any

    def keep_written(self, written: Written, /) -> None:
        """Take what the value was completed to; not called where anything failed meanwhile."""


def is_unwritten(kind: type) -> bool:
    """Whether values of a type are `Unwritten`."""
    return hasattr(kind, "keep_written")


def read(value: Any) -> Any:
    """The value as whoever reads the JSON sees it: for hosts that look into data themselves."""
    return orjson.loads(orjson.dumps(value))
