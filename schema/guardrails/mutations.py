"""What mutations of guardrails answer, and the mutations."""

from __future__ import annotations

import strawberry

from resolvers.guardrails import configuring, events, patterns, policies
from resolvers.writing import Reach
from schema.base.core import MutationPayload
from schema.base.fields import mutation, outcome
from schema.base.guards import FeatureKey, Role, roles
from schema.guardrails import inputs
from schema.guardrails.types import (
    GuardrailConfig,
    GuardrailEvent,
    GuardrailPattern,
    GuardrailPolicy,
)

__all__ = ["Mutation"]

_WRITERS = roles(
    Role.ACCOUNT_ADMIN,
    Role.SERVICE,
    scopes=["guardrails:write"],
    feature=FeatureKey.GUARDRAILS,
)
_REPORTERS = roles(Role.SERVICE, scopes=["guardrails:write"])


@strawberry.type(description="Answer of setGuardrail.")
class SetGuardrailPayload(MutationPayload):
    """Answer of setGuardrail."""

    guardrail: GuardrailConfig | None = outcome("The guard after the change.")


@strawberry.type(description="Answer of createGuardrailPattern.")
class CreateGuardrailPatternPayload(MutationPayload):
    """Answer of createGuardrailPattern."""

    pattern: GuardrailPattern | None = outcome("The new pattern.")


@strawberry.type(description="Answer of updateGuardrailPattern.")
class UpdateGuardrailPatternPayload(MutationPayload):
    """Answer of updateGuardrailPattern."""

    pattern: GuardrailPattern | None = outcome("The changed pattern.")


@strawberry.type(description="Answer of deleteGuardrailPattern.")
class DeleteGuardrailPatternPayload(MutationPayload):
    """Answer of deleteGuardrailPattern."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of setGuardrailPolicy.")
class SetGuardrailPolicyPayload(MutationPayload):
    """Answer of setGuardrailPolicy."""

    policy: GuardrailPolicy | None = outcome("The stored policy.")


@strawberry.type(description="Answer of deleteGuardrailPolicy.")
class DeleteGuardrailPolicyPayload(MutationPayload):
    """Answer of deleteGuardrailPolicy."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of recordGuardrailEvent.")
class RecordGuardrailEventPayload(MutationPayload):
    """Answer of recordGuardrailEvent."""

    event: GuardrailEvent | None = outcome("The stored event.")


@strawberry.type
class Mutation:
    """Mutations of guardrails."""

    set_guardrail: SetGuardrailPayload | None = mutation(
        configuring.set_guardrail,
        inputs.SetGuardrailInput,
        "Configures a guard. Fields not sent keep their value; policies and patterns are never "
        "touched.",
        guard=_WRITERS,
    )
    create_guardrail_pattern: CreateGuardrailPatternPayload | None = mutation(
        patterns.create_guardrail_pattern,
        inputs.CreateGuardrailPatternInput,
        "Adds a pattern after checking that its expression compiles and cannot run away.",
        guard=_WRITERS,
        reach=Reach.ACCOUNT_OR_PLATFORM,
    )
    update_guardrail_pattern: UpdateGuardrailPatternPayload | None = mutation(
        patterns.update_guardrail_pattern,
        inputs.UpdateGuardrailPatternInput,
        "Changes a pattern. Of a platform pattern an account can change only isEnabled, for "
        "itself.",
        guard=_WRITERS,
        reach=Reach.ACCOUNT_OR_PLATFORM,
    )
    delete_guardrail_pattern: DeleteGuardrailPatternPayload | None = mutation(
        patterns.delete_guardrail_pattern,
        inputs.DeleteGuardrailPatternInput,
        "Removes a pattern; the platform's only by super admins.",
        guard=_WRITERS,
        reach=Reach.ACCOUNT_OR_PLATFORM,
    )
    set_guardrail_policy: SetGuardrailPolicyPayload | None = mutation(
        policies.set_guardrail_policy,
        inputs.SetGuardrailPolicyInput,
        "Creates or replaces the guardrail policy of a scope. Guard configuration is not touched.",
        guard=_WRITERS,
    )
    delete_guardrail_policy: DeleteGuardrailPolicyPayload | None = mutation(
        policies.delete_guardrail_policy,
        inputs.DeleteGuardrailPolicyInput,
        "Removes the guardrail policy of a scope.",
        guard=_WRITERS,
    )
    record_guardrail_event: RecordGuardrailEventPayload | None = mutation(
        events.record_guardrail_event,
        inputs.RecordGuardrailEventInput,
        "Reports that a guard fired, without the text.",
        guard=_REPORTERS,
    )
