"""The CSRF guard for cookie sessions: a judgement on headers, nothing else.

A browser attaches the session cookie to whatever any page makes it send. Two things tell our own
pages apart: a header or content type that a foreign page may not send without asking first
(the CORS preflight), and the origin that the browser itself reports.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

__all__ = [
    "GUARD_HEADERS",
    "is_simple_request",
    "refusal_of_cookie",
    "refusal_of_cookie_on_socket",
]

GUARD_HEADERS = ("x-cockpit-csrf", "x-apollo-operation-name", "apollo-require-preflight")
"""Headers of which one must be present; any value but the empty one will do."""

_SIMPLE_TYPES = frozenset(
    {"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
)
_OWN_SITE = frozenset({"same-origin", "same-site", "none"})


def refusal_of_cookie(headers: Mapping[str, str], allowed_origins: Collection[str]) -> str | None:
    """Why a request with a cookie session is refused, as a sentence; None when it is fine.

    `headers` by lower-case name; `allowed_origins` such as `https://cockpit.example`, beside the
    gateway's own.
    """
    if is_simple_request(headers):
        return (
            "Another site could have sent this request with your cookie. "
            f"Send the header {GUARD_HEADERS[0]} with any value."
        )
    return refusal_of_cookie_on_socket(headers, allowed_origins)


def refusal_of_cookie_on_socket(
    headers: Mapping[str, str], allowed_origins: Collection[str]
) -> str | None:
    """The same for the handshake of a WebSocket, which a page can start with no header of its own.

    There is no preflight either: the origin, which browsers always send, is all there is.
    """
    if not _is_own_site(headers, allowed_origins):
        return "This request comes from a page that may not use your session."
    return None


def is_simple_request(headers: Mapping[str, str]) -> bool:
    """Whether a foreign page could send this without asking first (Fetch, CORS-safelisted)."""
    if any(headers.get(name, "").strip() for name in GUARD_HEADERS):
        return False
    media_type = headers.get("content-type", "").split(";", 1)[0].strip().lower()
    return media_type in _SIMPLE_TYPES


def _is_own_site(headers: Mapping[str, str], allowed_origins: Collection[str]) -> bool:
    origin = headers.get("origin", "").strip().lower()
    if not origin:
        return headers.get("sec-fetch-site", "").strip().lower() in _OWN_SITE
    if origin in {allowed.strip().rstrip("/").lower() for allowed in allowed_origins}:
        return True
    # Host only: behind a proxy that ends TLS our own scheme is not the browser's.
    host = headers.get("host", "").strip().lower()
    return bool(host) and urlsplit(origin).netloc == host
