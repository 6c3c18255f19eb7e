"""How the text of a setting becomes a value.

Each reader raises `ValueError` with what it expects, worded to follow "Set NAME to".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

__all__ = [
    "Secret",
    "address",
    "boolean",
    "choice",
    "emails",
    "encryption_keys",
    "file",
    "header",
    "log_level",
    "origins",
    "positive_decimal",
    "positive_integer",
    "positive_number",
    "postgres_address",
    "secret",
    "secrets",
    "text",
    "variable_names",
]

_BOOLEANS = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
_MINIMUM_SECRET_BYTES = 32
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+: *[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Secret:
    """A text that does not show itself: `reveal` answers it, `repr` and `str` do not."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


def text(value: str) -> str:
    """Any text."""
    return value


def secret(value: str) -> Secret:
    """One secret of 32 bytes or more."""
    if len(value.encode()) < _MINIMUM_SECRET_BYTES:
        raise ValueError(
            f"at least {_MINIMUM_SECRET_BYTES} bytes (make one with: openssl rand -hex 32)"
        )
    return Secret(value)


def secrets(value: str) -> tuple[Secret, ...]:
    """Secrets separated by commas, the one that signs first."""
    return tuple(secret(part) for part in _parts(value))


def encryption_keys(value: str) -> tuple[Secret, ...]:
    """Keys of 32 bytes in base64, separated by commas; the first one encrypts."""
    keys = tuple(Secret(part) for part in _parts(value))
    if len(set(keys)) != len(keys) or any(_decoded_size(key) != 32 for key in keys):
        raise ValueError(
            "distinct keys of 32 bytes in base64 separated by commas "
            "(make one with: openssl rand -base64 32)"
        )
    return keys


def header(value: str) -> Secret:
    """An HTTP header, `Name: value`."""
    if not _HEADER.fullmatch(value):
        raise ValueError("an HTTP header, such as Authorization: Bearer abc")
    return Secret(value)


def boolean(value: str) -> bool:
    """`true` or `false`, `1` or `0`, `on` or `off`."""
    if value.lower() not in _BOOLEANS:
        raise ValueError("true or false")
    return _BOOLEANS[value.lower()]


def positive_integer(value: str) -> int:
    """A whole number above zero."""
    if not value.isascii() or not value.isdigit() or int(value) == 0:
        raise ValueError("a whole number above zero")
    return int(value)


def positive_number(value: str) -> float:
    """A number above zero, such as 2.5."""
    if not re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII) or float(value) == 0:
        raise ValueError("a number above zero, such as 2.5")
    return float(value)


def positive_decimal(value: str) -> Decimal:
    """A number above zero, exactly as it is written."""
    positive_number(value)
    return Decimal(value)


def choice(options: type[StrEnum]) -> Callable[[str], StrEnum]:
    """One of the values of an enumeration."""

    def read(value: str) -> StrEnum:
        try:
            return options(value.lower())
        except ValueError:
            raise ValueError(" or ".join(options)) from None

    return read


def log_level(value: str) -> str:
    """A level of the log."""
    levels = ("DEBUG", "INFO", "WARNING", "ERROR")
    if value.upper() not in levels:
        raise ValueError(" or ".join(levels))
    return value.upper()


def address(value: str) -> str:
    """An absolute http or https address."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an http or https address")
    return value


def postgres_address(value: str) -> Secret:
    """An address of a PostgreSQL database; secret, because it holds a password."""
    if urlsplit(value).scheme not in {"postgres", "postgresql", "postgresql+asyncpg"}:
        raise ValueError("an address such as postgresql://user:password@host:5432/database")
    return Secret(value)


def origins(value: str) -> tuple[str, ...]:
    """Origins (scheme, host, port) separated by commas."""
    found = tuple(_parts(value))
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError("origins separated by commas, such as https://cockpit.example.com")
    return found


def emails(value: str) -> frozenset[str]:
    """E-mail addresses separated by commas, compared in lower case."""
    found = frozenset(part.lower() for part in _parts(value))
    if not all(_EMAIL.fullmatch(part) for part in found):
        raise ValueError("e-mail addresses separated by commas")
    return found


def variable_names(value: str) -> frozenset[str]:
    """Names of environment variables separated by commas."""
    found = frozenset(_parts(value))
    if not all(_VARIABLE.fullmatch(part) for part in found):
        raise ValueError("names of environment variables separated by commas")
    return found


def file(value: str) -> Path:
    """A path; `~` is the user's home."""
    return Path(value).expanduser()


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _decoded_size(key: Secret) -> int:
    try:
        return len(base64.b64decode(key.reveal(), validate=True))
    except binascii.Error:
        return 0
