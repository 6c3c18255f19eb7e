"""Linking people at the identity provider to the account they belong to."""

from __future__ import annotations

from typing import NamedTuple

from datasources.directory.reads import users_by_id
from datasources.directory.rows import UserRow
from datasources.directory.writes.linking import link_unlinked
from resolvers.directory.auditing import directory_event
from resolvers.writing import WriteContext

__all__ = ["Reconciled", "reconcile_identity_users"]

_MOST_CONFLICTS = 200


class Reconciled(NamedTuple):
    """Who was linked, and who is contested."""

    linked_count: int
    conflict_count: int
    conflicts: list[UserRow]


async def reconcile_identity_users(context: WriteContext, *, dry_run: bool = False) -> Reconciled:
    """Link people who belong here and are linked nowhere; nobody of another account is moved.

    People of other accounts are counted for everybody, and shown to super admins alone.
    """
    del dry_run  # the runner takes a dry run back
    linked, conflicts = await link_unlinked(context.database, context.caller)
    shown: list[UserRow] = []
    if context.caller.is_super_admin:
        everywhere = context.caller.seeing_all()
        found = await users_by_id(context.database, everywhere, conflicts[:_MOST_CONFLICTS])
        shown = [row for row in found if row is not None]
    if linked == 0:
        context.changed_nothing()
    else:
        await context.audit(
            directory_event(
                "link_identities",
                "account",
                context.account_id,
                "People at the identity provider were linked to the account.",
                {"linked": linked, "conflicts": len(conflicts)},
            )
        )
        context.end_access()
    return Reconciled(linked, len(conflicts), shown)
