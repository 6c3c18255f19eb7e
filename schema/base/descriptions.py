"""Descriptions of entities that several modules show a part of; composing wants them to agree."""

from __future__ import annotations

__all__ = ["ACCOUNT", "BULK_OPERATION", "USER"]

ACCOUNT = (
    "A tenant: one customer company. Everything it owns hangs off this type. Fields that open a "
    "module are null when they are refused or fail, so the rest of an operation still answers."
)
USER = (
    "A person in one account. Members see themselves; others only where they meet them, such as "
    "a ticket's assignee."
)
BULK_OPERATION = "A change of many objects at once, with one audit event per account it touched."
