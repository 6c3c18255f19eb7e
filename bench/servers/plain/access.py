"""What a person may use."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.scalars import JSON

from bench.queries.access import Facts, budget_of, facts_of, models_of, shown_features
from bench.servers.plain.budgets import Scope
from bench.servers.plain.context import Info

__all__ = ["EffectiveAccess", "effective_access"]


@strawberry.type
class Feature:
    code: str
    key: str | None


@strawberry.type
class EffectiveFeature:
    feature: Feature
    is_enabled: bool
    config: JSON


@strawberry.type
class Model:
    id: strawberry.ID
    name: str
    capability: str


@strawberry.type
class EffectiveModels:
    is_enabled: bool
    models: list[Model]


@strawberry.type
class PayingBudget:
    id: strawberry.ID
    alert_level: str | None


@strawberry.type
class EffectiveBudget:
    available: int
    available_overflow: int
    is_inherited: bool
    budget: PayingBudget


@strawberry.type
class EffectiveAccess:
    facts: strawberry.Private[Facts]

    @strawberry.field
    def chain(self) -> list[Scope]:
        return [
            Scope(type=scope["type"], id=strawberry.ID(scope["id"])) for scope in self.facts.chain
        ]

    @strawberry.field
    def features(self) -> list[EffectiveFeature]:
        return [
            EffectiveFeature(
                feature=Feature(**one["feature"]),
                is_enabled=one["isEnabled"],
                config=one["config"],
            )
            for one in shown_features(self.facts)
        ]

    @strawberry.field
    async def models(self, info: Info) -> EffectiveModels:
        found = await models_of(info.context.pool, self.facts)
        models = [Model(**model) for model in found["models"]]
        return EffectiveModels(is_enabled=found["isEnabled"], models=models)

    @strawberry.field
    async def budget(self, info: Info) -> EffectiveBudget:
        found: dict[str, Any] = await budget_of(info.context.pool, self.facts)
        budget = found["budget"]
        return EffectiveBudget(
            available=found["available"],
            available_overflow=found["availableOverflow"],
            is_inherited=found["isInherited"],
            budget=PayingBudget(id=budget["id"], alert_level=budget["alertLevel"]),
        )


async def effective_access(info: Info) -> EffectiveAccess:
    """What the caller may use."""
    return EffectiveAccess(facts=await facts_of(info.context.pool, info.context.account))
