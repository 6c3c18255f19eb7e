"""Taking models of the router into the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from datasources.audit import AuditEvent
from datasources.models import entries
from datasources.models.catalogue import models_by_id
from datasources.models.router import router_names
from datasources.models.rows import ModelRow
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["ImportedModels", "import_models"]

_MOST = 1_000
_MOST_TOLD = 100


class ImportedModels(NamedTuple):
    """What was taken over, and what was not and why."""

    models: tuple[ModelRow, ...]
    existing_names: tuple[str, ...]
    unknown_names: tuple[str, ...]


async def import_models(
    context: WriteContext,
    *,
    dry_run: bool,
    names: Sequence[str] | None = None,
) -> ImportedModels:
    """Add models the router knows; names that are there already, ignoring case, stay."""
    if names is not None and len(names) > _MOST:
        raise refuse("INVALID", f"Up to {_MOST} models can be named at once.", "names")
    known = [name.name for name in await context.load(router_names, ())]
    asked = known if names is None else sorted({name.strip() for name in names} - {""})
    wanted = [name for name in asked if name in known]
    ids = await entries.import_models(context.database, context.caller, wanted)
    models = await _models(context, ids)
    added = {model.name for model in models}
    existing = tuple(name for name in wanted if name not in added)
    if added:
        await context.audit(_event(sorted(added), len(existing)))
    else:
        context.changed_nothing()
    return ImportedModels(models, existing, tuple(name for name in asked if name not in known))


async def _models(context: WriteContext, ids: Sequence[str]) -> tuple[ModelRow, ...]:
    found = await context.load_all(models_by_id, ids)
    return tuple(sorted((model for model in found if model), key=lambda model: model.name))


def _event(added: list[str], skipped: int) -> AuditEvent:
    details = {"imported": len(added), "skipped": skipped, "names": added[:_MOST_TOLD]}
    message = f"{len(added)} models of the router were added."
    return AuditEvent("copilot_model_catalog", "import", "model_catalog", None, message, details)
