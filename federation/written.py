"""JSON that is written already: part of an answer that goes to the client as it is.

A subgraph that is sure of its JSON, because a database wrote it, may answer `Written` instead of
Python values wherever `SubgraphRequest.whole` lets it. Nothing on the way looks inside: merging,
sharing and projection pass it through, and orjson puts its bytes into the response.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import orjson

__all__ = ["Written", "read"]

Written: TypeAlias = orjson.Fragment
"""JSON text or bytes, trusted to be valid."""


def read(value: Any) -> Any:
    """The value as whoever reads the JSON sees it: for hosts that look into data themselves."""
    return orjson.loads(orjson.dumps(value))
