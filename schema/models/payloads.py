"""What mutations of models answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.base.core import MutationPayload
from schema.base.fields import outcome
from schema.base.modules import to
from schema.models.catalogue import Model, ModelProvider, ResourcePrice
from schema.models.types import EffectiveModels, ModelPolicy, ModelSelection

if TYPE_CHECKING:
    from schema.base.stubs import BulkOperation


@strawberry.type(description="Answer of createModel.")
class CreateModelPayload(MutationPayload):
    """Answer of createModel."""

    model: Model | None = outcome("The new entry.")


@strawberry.type(description="Answer of updateModel.")
class UpdateModelPayload(MutationPayload):
    """Answer of updateModel."""

    model: Model | None = outcome("The changed entry.")


@strawberry.type(description="Answer of deleteModel.")
class DeleteModelPayload(MutationPayload):
    """Answer of deleteModel."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of importModels.")
class ImportModelsPayload(MutationPayload):
    """Answer of importModels."""

    models: list[Model] = outcome("Models added, or that would be.", otherwise=())
    existing_names: list[str] = outcome("Names the catalogue already has.", otherwise=())
    unknown_names: list[str] = outcome("Names the router does not know.", otherwise=())


@strawberry.type(description="Answer of setModelProvider.")
class SetModelProviderPayload(MutationPayload):
    """Answer of setModelProvider."""

    provider: ModelProvider | None = outcome("The provider.")


@strawberry.type(description="Answer of deleteModelProvider.")
class DeleteModelProviderPayload(MutationPayload):
    """Answer of deleteModelProvider."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of createResourcePrice.")
class CreateResourcePricePayload(MutationPayload):
    """Answer of createResourcePrice."""

    resource_price: ResourcePrice | None = outcome("The new price.")


@strawberry.type(description="Answer of bulkSetAccountModels.")
class BulkSetAccountModelsPayload(MutationPayload):
    """Answer of bulkSetAccountModels."""

    operation: Annotated[BulkOperation, to] | None = outcome(
        "The bulk operation: what matched and what changed."
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
