"""Refusals. Each carries the code a client sees and a sentence that may be shown to it.

AuthError
├── Unauthenticated    nobody, or nobody we can verify: HTTP 401
├── Forbidden          somebody, but not allowed: HTTP 403
└── KeysUnavailable    nobody yet: the identity provider's keys cannot be fetched: HTTP 503
"""

from __future__ import annotations

__all__ = ["AuthError", "Forbidden", "KeysUnavailable", "Unauthenticated"]


class AuthError(Exception):
    """Base of every refusal; `message` is written for the caller and holds no internals."""

    code: str

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class Unauthenticated(AuthError):  # noqa: N818 - named as the code it becomes
    """No credentials, or credentials that cannot be verified."""

    code = "UNAUTHENTICATED"


class Forbidden(AuthError):  # noqa: N818 - named as the code it becomes
    """A verified caller without the right to do this."""

    code = "FORBIDDEN"


class KeysUnavailable(AuthError):  # noqa: N818 - named for what happened
    """The identity provider's keys cannot be fetched, so nobody can be told from an impostor.

    Kept apart from `Unauthenticated`: an outage must not look like a wrong password.
    """

    code = "UPSTREAM_ERROR"
