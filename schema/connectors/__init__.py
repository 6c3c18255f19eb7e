"""The connectors module: what people may do with connections to outside tools."""

from __future__ import annotations

import strawberry

from schema.base.modules import Module
from schema.base.roots import account_root
from schema.base.stubs import Group, Team, User
from schema.connectors.mutations import Mutation
from schema.connectors.types import Account, ConnectorPolicy, EffectiveAccess

__all__ = ["CONNECTORS"]


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    account: Account | None = account_root()


CONNECTORS = Module(
    "connectors",
    Query,
    Mutation,
    entities=[Account, ConnectorPolicy, EffectiveAccess],
    stubs=[Group, Team, User],
)
