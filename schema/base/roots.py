"""The root fields every module has: where a query enters it without a hop through another."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, NamedTuple

import strawberry

from auth.caller import Caller
from datasources.references import reachable_accounts
from resolvers.base import BatchRead, RequestContext
from schema.base.fields import argument, computed, found
from schema.base.guards import authenticated, super_admin

__all__ = ["PlatformRow", "account_root", "platform_root", "viewer_root"]


class PlatformRow(NamedTuple):
    """What is global has no row of its own."""


def account_root(read: BatchRead[Any] = reachable_accounts) -> Any:
    """`Query.account`: by its id alone, or by `read` in the module that owns accounts."""
    return found(
        read,
        _address,
        "One account. Another account than the caller's own needs a super admin and is FORBIDDEN "
        "to anybody else.",
        arguments=[
            argument(
                "id",
                strawberry.ID | None,
                "Account to read; the caller's own when absent. Super admins must give it.",
            )
        ],
        guard=authenticated(),
        shareable=True,
    )


def _address(context: RequestContext, _row: object, id: str | None = None) -> Awaitable[str | None]:
    return context.address(id)


def _viewer(context: RequestContext, _row: object) -> Caller:
    return context.caller


def viewer_root() -> Any:
    """`Query.viewer`: its row is the caller."""
    return computed(
        _viewer, "Who is calling and what they may do.", guard=authenticated(), shareable=True
    )


def _platform(_context: RequestContext, _row: object) -> PlatformRow:
    return PlatformRow()


def platform_root() -> Any:
    """`Query.platform`: the super admin's door to what is global."""
    return computed(
        _platform,
        "What is global: catalogues, operations across accounts and key figures.",
        guard=super_admin(),
        shareable=True,
    )
