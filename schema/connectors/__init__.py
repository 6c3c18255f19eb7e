"""The connectors module: who may do what with outside tools; integrations."""

from __future__ import annotations

import strawberry

from schema.base.modules import Module
from schema.base.roots import account_root, platform_root
from schema.base.stubs import Group, Team, User
from schema.connectors.integrations import Integration, Platform
from schema.connectors.mutations import Mutation
from schema.connectors.types import Account, ConnectorPolicy, EffectiveAccess

__all__ = ["CONNECTORS"]


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    account: Account | None = account_root()
    platform: Platform | None = platform_root()


CONNECTORS = Module(
    "connectors",
    Query,
    Mutation,
    entities=[Account, ConnectorPolicy, EffectiveAccess, Integration],
    stubs=[Group, Team, User],
)
