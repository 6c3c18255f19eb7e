"""How times are written, in whatever is sent to clients."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["write_datetime"]


def write_datetime(value: datetime) -> str:
    """RFC 3339 in UTC, as short as the time allows; times without a zone are UTC already."""
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    text = aware.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"
