"""What an account's models are, and why a scope may use which."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import NamedTuple

from datasources.models.catalogue import active_models
from datasources.models.layers import MODELS, ModelFacts, model_facts
from datasources.models.policies import PolicyRow
from datasources.models.router import router_names
from datasources.models.rows import ModelRow
from datasources.references import AccountRef
from datasources.scopes import ScopeRow
from resolvers.base import RequestContext
from resolvers.features import decide_facts, decide_features
from resolvers.models.effective import (
    EffectiveModelsRow,
    available,
    effective_models,
    kept,
)
from resolvers.parts import Part, no_scope

__all__ = [
    "SelectionRow",
    "decide_models",
    "effective",
    "effective_of",
    "is_allowed",
    "missing_names",
    "policy_models",
    "router_model_names",
    "selection",
    "selection_of",
]


class SelectionRow(NamedTuple):
    """How an account's models are chosen."""

    account_id: str
    grant_mode: str
    granted_count: int
    mode: str
    selected_count: int
    available_count: int
    default_models: tuple[ModelRow, ...]
    missing_names: tuple[str, ...]
    updated_at: datetime | None
    updated_by: str | None


async def effective_of(context: RequestContext, scope: ScopeRow) -> EffectiveModelsRow:
    """The models a scope may use. Raises `NotFound` for a scope that is gone."""
    return await context.decide(decide_models, scope)


async def decide_models(context: RequestContext, scope: ScopeRow) -> EffectiveModelsRow:
    """Decision: the models a scope may use. Raises `NotFound` for a scope that is gone."""
    access = await context.decide(decide_facts, scope)
    features = await context.decide(decide_features, scope)
    facts = await context.deciding.part(MODELS, scope)
    if access is None or features is None or facts is None:
        raise no_scope()
    catalogue = await context.deciding.common(_catalogue, scope)
    return effective_models(access, features.get("models.access"), facts, catalogue)


def _catalogue(context: RequestContext) -> Awaitable[tuple[ModelRow, ...]]:
    return context.load(active_models, ())


effective = Part(decide_models, lambda models: models)
"""The models of what one scope may use."""


def is_allowed(_context: RequestContext, row: EffectiveModelsRow, name: str) -> bool:
    """Whether one model may be used; one the catalogue does not have may not."""
    return any(model.name == name for model in row.models)


async def selection(context: RequestContext, row: AccountRef) -> SelectionRow | None:
    """How an account's models are chosen."""
    scope = ScopeRow("ACCOUNT", row.id, row.id)
    facts = await context.load(model_facts, scope)
    if facts is None:
        return None
    return selection_of(row.id, facts, await context.load(active_models, ()))


def selection_of(
    account_id: str, facts: ModelFacts, catalogue: tuple[ModelRow, ...]
) -> SelectionRow:
    """The layers of an account, counted over the active catalogue."""
    active = frozenset(model.name for model in catalogue)
    offered = available(facts, catalogue)
    listed = sorted({*facts.grant.names, *facts.selection.names} - active)
    return SelectionRow(
        account_id=account_id,
        grant_mode=facts.grant.mode,
        granted_count=len(kept(facts.grant, active)),
        mode=facts.selection.mode,
        selected_count=len(kept(facts.selection, active)),
        available_count=len(offered),
        default_models=tuple(
            model
            for model in catalogue
            if model.name in facts.selection.defaults and model.name in offered
        ),
        missing_names=tuple(listed),
        updated_at=facts.selection.updated_at,
        updated_by=facts.selection.updated_by,
    )


async def policy_models(context: RequestContext, row: PolicyRow) -> list[ModelRow]:
    """The active models a policy lists."""
    catalogue = await context.load(active_models, ())
    return [model for model in catalogue if model.name in row.names]


async def missing_names(context: RequestContext, row: PolicyRow) -> list[str]:
    """What a policy lists and the active catalogue lacks."""
    active = {model.name for model in await context.load(active_models, ())}
    return sorted(set(row.names) - active)


async def router_model_names(context: RequestContext, _row: object) -> list[str]:
    """Names the model router knows and the catalogue lacks, ignoring case."""
    return [name.name for name in await context.load(router_names, ()) if not name.is_listed]
