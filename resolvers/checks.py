"""What a client may write: every check answers the value to store, or refuses."""

from __future__ import annotations

import re
from typing import Any

import orjson

from resolvers.errors import refuse

__all__ = ["checked_currency", "checked_line", "checked_name", "checked_object", "checked_text"]

_CURRENCY = re.compile(r"[A-Z]{3}")
_LONGEST_JSON = 16_384
_LONGEST_LINE = 255
_LONGEST_TEXT = 10_000


def checked_name(name: str | None, *path: str) -> str:
    """A name that must be there: trimmed, of one line, at most 255 characters."""
    line = checked_line(name, *path)
    if line is None:
        raise refuse("REQUIRED", "A name is needed.", *path)
    return line


def checked_line(text: str | None, *path: str, longest: int = _LONGEST_LINE) -> str | None:
    """A line of text, trimmed; None when nothing is left."""
    line = (text or "").strip()
    if len(line) > longest:
        raise refuse("INVALID", f"This may be {longest} characters long.", *path)
    if not line.isprintable():
        raise refuse("INVALID", "This must be one line of text.", *path)
    return line or None


def checked_text(text: str | None, *path: str, longest: int = _LONGEST_TEXT) -> str | None:
    """A text of any lines, trimmed; None when nothing is left."""
    trimmed = (text or "").strip()
    if len(trimmed) > longest:
        raise refuse("INVALID", f"This may be {longest} characters long.", *path)
    if "\x00" in trimmed:
        raise refuse("INVALID", "This holds a character that is no text.", *path)
    return trimmed or None


def checked_currency(currency: str, *path: str) -> str:
    """The code of a currency (ISO 4217), of which only the form is looked at."""
    if not _CURRENCY.fullmatch(currency):
        raise refuse("INVALID", "A currency is three letters, such as USD.", *path)
    return currency


def checked_object(value: Any, *path: str) -> dict[str, Any] | None:
    """A JSON object of at most 16 KiB; None when none is given."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise refuse("INVALID", "A configuration is an object.", *path)
    if len(orjson.dumps(value)) > _LONGEST_JSON:
        raise refuse("INVALID", f"This may take {_LONGEST_JSON} bytes.", *path)
    return value
