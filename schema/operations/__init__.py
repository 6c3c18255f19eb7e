"""The operations module: changes of many objects at once, and what became of each."""

from __future__ import annotations

import strawberry

from schema.base.modules import Module
from schema.base.roots import account_root, platform_root
from schema.base.stubs import User
from schema.operations.types import Account, BulkOperation, Platform

__all__ = ["OPERATIONS"]


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    account: Account | None = account_root()
    platform: Platform | None = platform_root()


OPERATIONS = Module("operations", Query, entities=[Account, BulkOperation], stubs=[User])
