"""Inputs of the mutations of guardrails."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationInput, TenantInput
from schema.base.domain import GuardType
from schema.base.fields import absent, given
from schema.base.guards import SuperAdmin
from schema.base.scalars import JSON, DateTime
from schema.base.scopes import ScopeInput
from schema.guardrails.enums import (
    GuardAction,
    GuardMode,
    PatternAction,
    PatternSeverity,
    PatternType,
)


@strawberry.input(description="Input of setGuardrail.")
class SetGuardrailInput(TenantInput):
    """Input of setGuardrail."""

    guard: GuardType = given("The guard.")
    is_enabled: bool | None = absent("Whether it runs.")
    execution_order: int | None = absent("Place in the order of execution, 1 to 10.")
    action: GuardAction | None = absent(
        "What happens when it fires; BLOCK the first time when absent."
    )
    settings: JSON | None = absent(
        "The guard's own settings, replacing the stored ones; never a secret."
    )
    expected_version: int | None = absent(
        "Refuse with CONFLICT unless this is the current version."
    )


@strawberry.input(description="What every input accepts that names a pattern's owner.")
class OwnerInput(MutationInput):
    """What every input accepts that names a pattern's owner."""

    account_id: strawberry.ID | None = absent(
        "Account to act in; the caller's own when absent. Super admins name one unless the "
        "platform owns the object."
    )


@strawberry.input(description="Input of createGuardrailPattern.")
class CreateGuardrailPatternInput(OwnerInput):
    """Input of createGuardrailPattern."""

    is_platform: bool = given(
        "Create it for the platform instead of an account.",
        default=False,
        sensitive=(SuperAdmin(),),
    )
    guard: GuardType = given("The guard that uses it; PII or JAILBREAK.")
    name: str = given("Name, unique per account and guard.")
    regex: str = given("Expression in RE2 syntax, 2,000 characters at most.")
    type: PatternType = given("What a match means.", default=PatternType.DETECT)
    action: PatternAction = given("What happens to matched text.", default=PatternAction.MASK)
    severity: PatternSeverity = given("How serious a match is.", default=PatternSeverity.MEDIUM)
    category: str | None = absent("Free category.")
    description: str | None = absent("What it finds.")
    is_enabled: bool = given("Whether it is used.", default=True)


@strawberry.input(description="Input of updateGuardrailPattern.")
class UpdateGuardrailPatternInput(OwnerInput):
    """Input of updateGuardrailPattern."""

    id: strawberry.ID = given("The pattern.")
    name: str | None = absent("Name.")
    regex: str | None = absent("Expression in RE2 syntax.")
    type: PatternType | None = absent("What a match means.")
    action: PatternAction | None = absent("What happens to matched text.")
    severity: PatternSeverity | None = absent("How serious a match is.")
    category: str | None = absent("Free category; null clears it.")
    description: str | None = absent("What it finds; null clears it.")
    is_enabled: bool | None = absent("Whether it is used.")


@strawberry.input(description="Input of deleteGuardrailPattern.")
class DeleteGuardrailPatternInput(OwnerInput):
    """Input of deleteGuardrailPattern."""

    id: strawberry.ID = given("The pattern.")


@strawberry.input(description="Input of setGuardrailPolicy.")
class SetGuardrailPolicyInput(TenantInput):
    """Input of setGuardrailPolicy."""

    scope: ScopeInput = given("Scope it is for.")
    required_guards: list[GuardType] = given("Guards it requires, at least one.")
    mode: GuardMode = given("How binding it is.", default=GuardMode.ENFORCE)
    is_enabled: bool = given("Whether it counts; a disabled policy is kept.", default=True)
    notes: str | None = absent("Notes for administrators.")


@strawberry.input(description="Input of deleteGuardrailPolicy.")
class DeleteGuardrailPolicyInput(TenantInput):
    """Input of deleteGuardrailPolicy."""

    scope: ScopeInput = given("Scope it is for.")


@strawberry.input(description="Input of recordGuardrailEvent.")
class RecordGuardrailEventInput(TenantInput):
    """Input of recordGuardrailEvent."""

    guard: GuardType = given("The guard.")
    severity: PatternSeverity = given("How serious.")
    action: GuardAction = given("What was done.")
    pattern_id: strawberry.ID | None = absent("Pattern that matched.")
    user_id: strawberry.ID | None = absent("Person.")
    agent_id: strawberry.ID | None = absent("Agent.")
    model_name: str | None = absent("Model.")
    category: str | None = absent("What was found, such as an e-mail address.")
    request_id: strawberry.ID | None = absent("Request at the reporting service.")
    occurred_at: DateTime | None = absent("When; now when absent.")
    idempotency_key: str = given(
        "Unique per event in the account; repeating it answers with the first result."
    )
