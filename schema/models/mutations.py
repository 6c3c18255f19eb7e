"""What mutations of models answer, and the mutations."""

from __future__ import annotations

import strawberry

from resolvers.models import writes
from schema.base.core import MutationPayload
from schema.base.fields import mutation, outcome
from schema.base.guards import FeatureKey, Role, roles, super_admin
from schema.models import inputs
from schema.models.types import EffectiveModels, ModelPolicy, ModelSelection

__all__ = ["Mutation"]

_WRITERS = roles(
    Role.ACCOUNT_ADMIN,
    Role.SERVICE,
    scopes=["models:write"],
    feature=FeatureKey.MODEL_MANAGEMENT,
)


@strawberry.type(description="Answer of setModelGrant.")
class SetModelGrantPayload(MutationPayload):
    """Answer of setModelGrant."""

    selection: ModelSelection | None = outcome("The account's selection afterwards.")


@strawberry.type(description="Answer of setModelSelection.")
class SetModelSelectionPayload(MutationPayload):
    """Answer of setModelSelection."""

    selection: ModelSelection | None = outcome("The selection after the change.")


@strawberry.type(description="Answer of setModelPolicy.")
class SetModelPolicyPayload(MutationPayload):
    """Answer of setModelPolicy."""

    policy: ModelPolicy | None = outcome("The stored policy.")
    effective: EffectiveModels | None = outcome("What the scope may use now.")


@strawberry.type(description="Answer of deleteModelPolicy.")
class DeleteModelPolicyPayload(MutationPayload):
    """Answer of deleteModelPolicy."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type
class Mutation:
    """Mutations of models."""

    set_model_grant: SetModelGrantPayload | None = mutation(
        writes.set_model_grant,
        inputs.SetModelGrantInput,
        "Sets which models an account may use. Its selection and policies are kept and narrowed "
        "by it.",
        guard=super_admin(),
    )
    set_model_selection: SetModelSelectionPayload | None = mutation(
        writes.set_model_selection,
        inputs.SetModelSelectionInput,
        "Sets which granted models an account offers.",
        guard=_WRITERS,
    )
    set_model_policy: SetModelPolicyPayload | None = mutation(
        writes.set_model_policy,
        inputs.SetModelPolicyInput,
        "Creates or replaces the model policy of a scope.",
        guard=_WRITERS,
    )
    delete_model_policy: DeleteModelPolicyPayload | None = mutation(
        writes.remove_model_policy,
        inputs.DeleteModelPolicyInput,
        "Removes the model policy of a scope, which then inherits.",
        guard=_WRITERS,
    )
