"""Where a request carries its token: the cookie, then two headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["API_KEY_HEADER", "COOKIE", "Credentials", "credentials_of"]

COOKIE = "token"
API_KEY_HEADER = "x-litellm-api-key"
_BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token as it was presented, nothing of it verified."""

    token: str = field(repr=False)
    is_cookie: bool = False
    """Whether a browser attached it by itself, so that the CSRF guard applies."""


def credentials_of(
    headers: Mapping[str, str], cookies: Mapping[str, str] | None = None
) -> Credentials | None:
    """The credentials of a request, or None when it carries none.

    `headers` by lower-case name, `cookies` by name. The first source that holds a value wins: a
    bad token in it is never made up for by a good one elsewhere. Sources, in order: cookie
    `token`; `Authorization`, with or without the scheme Bearer in any case; `x-litellm-api-key`.
    """
    cookie = (cookies or {}).get(COOKIE, "").strip()
    if cookie:
        return Credentials(cookie, is_cookie=True)
    authorization = headers.get("authorization", "").strip()
    if authorization:
        return Credentials(_without_scheme(authorization))
    key = headers.get(API_KEY_HEADER, "").strip()
    return Credentials(key) if key else None


def _without_scheme(authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    return rest.strip() if scheme.lower() == _BEARER else authorization
