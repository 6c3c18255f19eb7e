"""Which UUID stands for a scope in production's table of budgets, which holds no other ids."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

__all__ = ["derived_scope_id", "stored_scope_ids"]


def derived_scope_id(account_id: str, kind: str, id: str) -> str:
    """What is stored for a scope whose id is no UUID, or is taken there by another tenant's."""
    return str(uuid5(NAMESPACE_URL, f"cockpit:{account_id}:{kind}:{id}"))


def stored_scope_ids(account_id: str, kind: str, id: str) -> tuple[str, str]:
    """All that may be stored for a scope: its id where that is a UUID, and the derived one."""
    return id, derived_scope_id(account_id, kind, id)
