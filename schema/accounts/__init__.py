"""The accounts module: the caller, the tenants, their administrators, settings and sign-on."""

from __future__ import annotations

import strawberry

from datasources.accounts.accounts import accounts_by_id, all_accounts
from schema.accounts.inputs import AccountOrder
from schema.accounts.mutations import Mutation
from schema.accounts.sso import SsoConfig
from schema.accounts.types import Account, AccountAdmin, Viewer
from schema.base.core import Connection
from schema.base.domain import AccountFilter
from schema.base.fields import page
from schema.base.guards import super_admin
from schema.base.modules import Module
from schema.base.roots import account_root, viewer_root
from schema.base.stubs import User

__all__ = ["ACCOUNTS"]


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    viewer: Viewer = viewer_root()
    account: Account | None = account_root(accounts_by_id)
    accounts: Connection[Account] = page(
        all_accounts,
        "All accounts.",
        filter=AccountFilter,
        order=AccountOrder,
        guard=super_admin(),
    )


ACCOUNTS = Module(
    "accounts", Query, Mutation, entities=[Account, AccountAdmin, SsoConfig], stubs=[User]
)
"""The accounts module."""
