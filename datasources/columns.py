"""Columns of the tables that modules declare, by their names."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Text

__all__ = ["texts", "times"]


def texts(*names: str) -> list[Column[str]]:
    """Columns of text."""
    return [Column(name, Text) for name in names]


def times(*names: str, zoned: bool = True) -> list[Column[object]]:
    """Columns of moments, stored with their zone or in UTC without one."""
    return [Column(name, DateTime(timezone=zoned)) for name in names]
