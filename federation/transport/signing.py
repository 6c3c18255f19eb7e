"""Signed requests: HTTP Message Signatures (RFC 9421) with HMAC-SHA256.

Not a library, because one algorithm over a fixed list of components is a page, and the general
ones bring a parser of structured fields that a client does not need.
"""

from __future__ import annotations

import hmac
import re
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

__all__ = ["DEFAULT_COMPONENTS", "HmacKey", "Signer", "signature_base", "signature_parameters"]

DEFAULT_COMPONENTS = ("@method", "@target-uri", "content-type", "content-digest")
"""What is always signed; who is calling is added where it is sent."""

_IF_SENT = ("authorization", "cookie", "x-request-id")
_LABEL = "gateway"
_KEY_ID = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+\Z")
_MINIMUM_BYTES = 32


@dataclass(frozen=True, slots=True)
class HmacKey:
    """A secret shared with a subgraph, and the name it goes by."""

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _KEY_ID.match(self.id):
            raise ValueError("the id of a signing key must be printable ASCII without spaces")
        if len(self.secret) < _MINIMUM_BYTES:
            raise ValueError(f"a signing key must have {_MINIMUM_BYTES} bytes or more")


class Signer:
    """Makes the headers that prove where a request comes from and that nobody changed it."""

    def __init__(self, key: HmacKey, clock: Callable[[], float] = time.time) -> None:
        """Take the key; `clock` is the time of day, in seconds since 1970."""
        self._key = key
        self._clock = clock

    def sign(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        """The headers to add to a request with these headers, names in lower case, and body."""
        digest = f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"
        signed = {**headers, "content-digest": digest}
        components = (*DEFAULT_COMPONENTS, *(name for name in _IF_SENT if name in headers))
        parameters = signature_parameters(components, int(self._clock()), self._key.id)
        base = signature_base(method, url, signed, components, parameters)
        code = hmac.new(self._key.secret, base.encode(), sha256).digest()
        return {
            "content-digest": digest,
            "signature-input": f"{_LABEL}={parameters}",
            "signature": f"{_LABEL}=:{b64encode(code).decode()}:",
        }


def signature_parameters(components: Sequence[str], created: int, key_id: str) -> str:
    """The signature's own parameters (RFC 9421 section 2.3)."""
    names = " ".join(f'"{name}"' for name in components)
    return f'({names});created={created};keyid="{key_id}"'


def signature_base(
    method: str, url: str, headers: Mapping[str, str], components: Sequence[str], parameters: str
) -> str:
    """The text that is signed (RFC 9421 section 2.5).

    `headers` have lower-case names; `components` are such names, `@method`, `@target-uri` and
    `@authority`.
    """
    parts = urlsplit(url)
    derived = {
        "@method": method,
        "@target-uri": parts._replace(path=parts.path or "/", fragment="").geturl(),
        "@authority": parts.netloc.lower(),
    }
    values = {**{name: value.strip() for name, value in headers.items()}, **derived}
    lines = [f'"{name}": {values[name]}' for name in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}'])
