"""Scopes that inputs name: they must exist in the account acted in."""

from __future__ import annotations

from collections.abc import Mapping

from datasources.access_facts import access_facts
from datasources.scopes import ScopeRow
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["existing_scope"]


async def existing_scope(context: WriteContext, scope: Mapping[str, str]) -> ScopeRow:
    """The scope an input names, as it is stored. Refuses one that does not exist here."""
    named = ScopeRow(scope["type"], scope["id"], context.account_id)
    facts = await context.load(access_facts, named)
    if facts is None:
        raise refuse("NOT_FOUND", "There is no such scope in this account.", "scope", "id")
    return facts.scope
