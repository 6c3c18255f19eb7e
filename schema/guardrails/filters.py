"""Filters and orders of lists of patterns, policies and events."""

from __future__ import annotations

import strawberry

from schema.base.core import DateTimeRangeInput, OrderDirection
from schema.base.domain import GuardType
from schema.base.fields import absent, given
from schema.base.scopes import ScopeType
from schema.guardrails.enums import (
    GuardAction,
    GuardrailAlertKind,
    GuardrailEventOrderField,
    GuardrailPatternOrderField,
    PatternAction,
    PatternSeverity,
    PatternType,
)

__all__ = [
    "GuardrailAlertFilter",
    "GuardrailEventFilter",
    "GuardrailEventOrder",
    "GuardrailPatternFilter",
    "GuardrailPatternInput",
    "GuardrailPatternOrder",
    "GuardrailPolicyFilter",
]


@strawberry.input(description="Conditions on patterns.")
class GuardrailPatternFilter:
    """Conditions on patterns."""

    search: str | None = absent("Text in name, category or description, ignoring case.")
    guards: list[GuardType] | None = absent("Only of these guards.")
    severities: list[PatternSeverity] | None = absent("Only of these severities.")
    is_enabled: bool | None = absent("Only enabled or only disabled ones.")
    is_platform: bool | None = absent("Only the platform's, or only the account's.")


@strawberry.input(description="How to sort guardrail patterns.")
class GuardrailPatternOrder:
    """How to sort guardrail patterns."""

    field: GuardrailPatternOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on guardrail policies.")
class GuardrailPolicyFilter:
    """Conditions on guardrail policies."""

    scope_types: list[ScopeType] | None = absent("Only these levels.")
    scope_ids: list[strawberry.ID] | None = absent("Only these scopes.")
    guards: list[GuardType] | None = absent("Only those that require one of these guards.")


@strawberry.input(description="Conditions on guardrail events.")
class GuardrailEventFilter:
    """Conditions on guardrail events."""

    guards: list[GuardType] | None = absent("Only of these guards.")
    severities: list[PatternSeverity] | None = absent("Only of these severities.")
    actions: list[GuardAction] | None = absent("Only with these outcomes.")
    user_ids: list[strawberry.ID] | None = absent("Only of these people.")
    agent_ids: list[strawberry.ID] | None = absent("Only of these agents.")
    occurred_at: DateTimeRangeInput | None = absent("In this span.")


@strawberry.input(description="How to sort guardrail events.")
class GuardrailEventOrder:
    """How to sort guardrail events."""

    field: GuardrailEventOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on guardrail alerts.")
class GuardrailAlertFilter:
    """Conditions on guardrail alerts."""

    kinds: list[GuardrailAlertKind] | None = absent("Only these kinds.")
    guards: list[GuardType] | None = absent("Only about these guards.")
    raised_at: DateTimeRangeInput | None = absent(
        "Raised in this span; the last 7 days for changes and violations when absent."
    )


@strawberry.input(description="A pattern to try.")
class GuardrailPatternInput:
    """A pattern to try."""

    guard: GuardType = given("The guard that would use it.")
    regex: str = given("Expression in RE2 syntax.")
    type: PatternType = given("What a match means.", default=PatternType.DETECT)
    action: PatternAction = given("What happens to matched text.", default=PatternAction.MASK)
