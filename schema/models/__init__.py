"""The models module: the catalogue, and what of it an account and its scopes may use."""

from __future__ import annotations

import strawberry

from schema.base.modules import Module
from schema.base.roots import account_root, platform_root
from schema.base.stubs import BulkOperation, Group, Team, User
from schema.models.catalogue import Model, ModelProvider, ResourcePrice
from schema.models.mutations import Mutation
from schema.models.types import Account, EffectiveAccess, ModelPolicy, Platform

__all__ = ["MODELS"]


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    account: Account | None = account_root()
    platform: Platform | None = platform_root()


MODELS = Module(
    "models",
    Query,
    Mutation,
    entities=[Account, EffectiveAccess, Model, ModelPolicy, ModelProvider, ResourcePrice],
    stubs=[BulkOperation, Group, Team, User],
)
