"""Adding, changing and removing models of the catalogue."""

from __future__ import annotations

from typing import Any, NamedTuple, TypedDict, Unpack

from datasources.audit import AuditEvent
from datasources.models import entries, names
from datasources.models.catalogue import models_by_id
from datasources.models.rows import ModelRow
from resolvers.auditing import changes
from resolvers.errors import refuse
from resolvers.models.costs import PricingGiven
from resolvers.models.describing import seen_model, stored_model
from resolvers.writing import WriteContext

__all__ = ["ChangedModel", "DeletedModel", "create_model", "delete_model", "update_model"]

_TAKEN = "The catalogue has another model of this name."


class ChangedModel(NamedTuple):
    """A model after a change."""

    model: ModelRow


class DeletedModel(NamedTuple):
    """The model that was removed."""

    deleted_id: str


class ModelChanges(TypedDict, total=False):
    """What may be said of a model; what is left out stays."""

    name: str | None
    display_name: str | None
    provider_id: str | None
    upstream_name: str | None
    capability: str | None
    content_capabilities: Any
    pricing: PricingGiven | None
    request_defaults: Any
    sort_order: int | None
    is_active: bool | None
    metadata: Any


async def create_model(context: WriteContext, **given: Unpack[ModelChanges]) -> ChangedModel:
    """Add a model to the catalogue."""
    values = await stored_model(context, given, None)
    id = await entries.insert_model(context.database, context.caller, values)
    if id is None:
        raise refuse("TAKEN", _TAKEN, "name")
    model = await _model(context, id)
    details = {"after": seen_model(model)}
    await context.audit(_event("create", model, f"Model {model.name} was added.", details))
    return ChangedModel(model)


async def update_model(
    context: WriteContext, *, id: str, **given: Unpack[ModelChanges]
) -> ChangedModel:
    """Change a model; a new name is carried into every list and policy that has the old one."""
    if "name" in given:
        await names.change_names(context.database)
    before = await _held(context, id)
    values = await stored_model(context, given, before)
    if values == await stored_model(context, {}, before):
        context.changed_nothing()
        return ChangedModel(before)
    if not await entries.update_model(context.database, context.caller, id, values):
        raise refuse("TAKEN", _TAKEN, "name")
    context.forget_reads()
    after = await _model(context, id)
    details: dict[str, Any] = changes(seen_model(before), seen_model(after))
    details["unseen"] = [
        name
        for name in ("request_defaults", "metadata")
        if getattr(before, name) != getattr(after, name)
    ]
    if before.name != after.name:
        renamed = await names.rename(context.database, before.name, after.name)
        details["carried_into"] = renamed._asdict()
    is_disabled = before.is_active and not after.is_active
    action = "disable" if is_disabled else "update"
    await context.audit(_event(action, after, f"Model {after.name} was changed.", details))
    return ChangedModel(after)


async def delete_model(context: WriteContext, *, id: str) -> DeletedModel:
    """Remove a model that is not active and that nothing names."""
    await names.change_names(context.database)
    model = await _held(context, id)
    if model.is_active:
        raise refuse("INVALID_STATE", "An active model cannot be removed.", "id")
    if await names.is_named(context.database, model.name):
        raise refuse("IN_USE", "A list, default or policy of an account names it.", "id")
    await entries.delete_model(context.database, id)
    details = {"before": seen_model(model)}
    await context.audit(_event("delete", model, f"Model {model.name} was removed.", details))
    return DeletedModel(model.id)


async def _held(context: WriteContext, id: str) -> ModelRow:
    if not await entries.lock_model(context.database, id):
        raise refuse("NOT_FOUND", "There is no such model.", "id")
    return await _model(context, id)


async def _model(context: WriteContext, id: str) -> ModelRow:
    model = await context.load(models_by_id, id)
    if model is None:
        raise LookupError("A model just stored or held is there.")
    return model


def _event(action: str, model: ModelRow, message: str, details: dict[str, Any]) -> AuditEvent:
    severity = "warning" if action in {"disable", "delete"} else "info"
    return AuditEvent(
        "copilot_model_catalog",
        action,
        "model_catalog",
        model.id,
        message,
        details,
        severity=severity,
    )
