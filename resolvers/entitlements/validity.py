"""When something that super admins decide begins and ends to count."""

from __future__ import annotations

from datetime import datetime

from resolvers.errors import refuse

__all__ = ["checked_span"]


def checked_span(
    begin: datetime | None, end: datetime | None, *path: str
) -> tuple[datetime | None, datetime | None]:
    """The first moment, None for now, and the first moment after it, None for open end."""
    if end is not None and end <= (begin or datetime.now(end.tzinfo)):
        raise refuse("INVALID", "It ends after it begins.", *path)
    return begin, end
