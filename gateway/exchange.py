"""One client request on its way through the phases."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response as HttpResponse

from auth.caller import Caller
from federation.execution.response import Response
from federation.operation import Grants
from federation.prepared import PreparedOperation
from gateway.protocol.media import MediaType
from gateway.protocol.request import GraphQLRequest

__all__ = ["Exchange"]


@dataclass(slots=True)
class Exchange:
    """What arrived, and the slots that the phases fill in their order."""

    request: GraphQLRequest
    method: str
    headers: Mapping[str, str]
    """By lower-case name."""
    cookies: Mapping[str, str]
    request_id: str
    media_type: MediaType
    """What the client wants the answer as."""
    received_at: float = field(default_factory=time.monotonic)
    """When it arrived, in seconds of `time.monotonic`."""

    caller: Caller | None = None
    """Filled by `authenticate`; stays None for a request without credentials."""
    prepared: PreparedOperation = field(init=False)
    """Filled by `prepare`."""
    variables: dict[str, Any] = field(init=False)
    """Filled by `coerce_variables`."""
    grants: Grants = field(init=False)
    """Filled by `authorize`."""
    response: Response = field(init=False)
    """Filled by `execute`."""
    reply: HttpResponse = field(init=False)
    """Filled by `format`."""
