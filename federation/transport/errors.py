"""What can go wrong between the engine and a subgraph.

TransportError
├── UnreachableError    no connection, or one that broke
├── TimedOutError       no complete answer within the time
├── CircuitOpenError    not asked, because it failed too often
├── StatusError         an HTTP status that is no answer of a GraphQL server
├── AnswerError         an answer that is no GraphQL response
└── UnsendableError     a request that cannot be written as HTTP
"""

from __future__ import annotations

from federation.subgraph import SubgraphError, SubgraphResponse

__all__ = [
    "UPSTREAM_ERROR",
    "AnswerError",
    "CircuitOpenError",
    "StatusError",
    "TimedOutError",
    "TransportError",
    "UnreachableError",
    "UnsendableError",
    "failed",
]

UPSTREAM_ERROR = "UPSTREAM_ERROR"
"""Code of every error that a subgraph did not word for clients itself."""


class TransportError(Exception):
    """A failed fetch; the message completes a sentence about the subgraph, fit for clients."""


class UnreachableError(TransportError):
    """No connection, or one that broke before the answer was complete."""


class TimedOutError(TransportError):
    """No complete answer within the time."""


class CircuitOpenError(TransportError):
    """The subgraph was not asked, because it failed too often."""


class StatusError(TransportError):
    """An HTTP status that says the request failed."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"answered with status {status}")


class AnswerError(TransportError):
    """An answer that is no GraphQL response."""


class UnsendableError(TransportError):
    """A request that cannot be written as HTTP."""


def failed(name: str, error: TransportError) -> SubgraphResponse:
    """The response to a fetch that failed: one error that names the subgraph."""
    message = f"Subgraph '{name}' {error}."
    shown = SubgraphError(message, None, {"code": UPSTREAM_ERROR}, error)
    return SubgraphResponse(None, (shown,), failure=error)
