"""Reads of guardrails that name what they are about."""

from __future__ import annotations

from collections.abc import Awaitable

from datasources.guardrails.patterns import patterns_in_account
from datasources.guardrails.rows import PatternRow
from datasources.references import AccountRef
from resolvers.base import RequestContext

__all__ = ["guardrail_pattern"]


def guardrail_pattern(
    context: RequestContext, row: AccountRef, id: str
) -> Awaitable[PatternRow | None]:
    """One pattern of the account or of the platform."""
    return context.load(patterns_in_account, (row.id, id))
