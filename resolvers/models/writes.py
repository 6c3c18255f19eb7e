"""Granting, selecting and restricting models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datasources.audit import AuditEvent
from datasources.limits import lock_limits
from datasources.models.catalogue import active_models
from datasources.models.layers import ListRow, ModelFacts, model_facts
from datasources.models.names import hold_names
from datasources.models.policies import PolicyRow, delete_policy, policy_of_scope, put_policy
from datasources.models.rows import ModelRow
from datasources.models.storing import store_layer
from datasources.scopes import ScopeRow
from resolvers.checks import checked_text
from resolvers.errors import refuse
from resolvers.models.effective import EffectiveModelsRow, available, kept
from resolvers.models.reads import SelectionRow, effective_of, selection_of
from resolvers.scopes import existing_scope
from resolvers.writing import WriteContext

__all__ = [
    "DeletedModelPolicy",
    "SetModelPolicy",
    "SetSelection",
    "listed_names",
    "remove_model_policy",
    "set_model_grant",
    "set_model_policy",
    "set_model_selection",
]


class SetSelection(NamedTuple):
    """The layers of the account after a change."""

    selection: SelectionRow


class SetModelPolicy(NamedTuple):
    """A policy after it was set, and what the scope may use now."""

    policy: PolicyRow
    effective: EffectiveModelsRow


class DeletedModelPolicy(NamedTuple):
    """The policy that was removed, if there was one."""

    deleted_id: str | None


async def set_model_grant(
    context: WriteContext, *, mode: str, model_ids: Sequence[str] | None = None
) -> SetSelection:
    """Set which models the account may use; selection and policies stay and are narrowed by it."""
    await hold_names(context.database)
    await lock_limits(context.database, context.caller)
    catalogue = await context.load(active_models, ())
    names = listed_names(catalogue, mode, "LIST", model_ids)
    return await _put(context, "GRANT", ListRow(mode, names))


async def set_model_selection(
    context: WriteContext,
    *,
    mode: str,
    model_ids: Sequence[str] | None = None,
    default_model_ids: Sequence[str] | None = None,
) -> SetSelection:
    """Set which granted models the account offers, and its defaults."""
    await hold_names(context.database)
    await lock_limits(context.database, context.caller)
    catalogue = await context.load(active_models, ())
    facts = await _facts(context)
    granted = kept(facts.grant, frozenset(model.name for model in catalogue))
    names = listed_names(catalogue, mode, "LIST", model_ids)
    _check_available(names, granted, "model_ids")
    offered = kept(ListRow(mode, names), granted)
    defaults = facts.selection.defaults
    if default_model_ids is not None:
        defaults = _defaults(catalogue, default_model_ids, offered)
    return await _put(context, "SELECTION", ListRow(mode, names, defaults))


async def set_model_policy(
    context: WriteContext,
    *,
    scope: Mapping[str, str],
    mode: str,
    model_ids: Sequence[str] | None = None,
    notes: str | None = None,
) -> SetModelPolicy:
    """Create or replace the policy of a scope."""
    await hold_names(context.database)
    place = await existing_scope(context, scope)
    catalogue = await context.load(active_models, ())
    names = listed_names(catalogue, mode, "ALLOWLIST", model_ids)
    _check_available(names, available(await _facts(context), catalogue), "model_ids")
    notes = checked_text(notes, "notes")
    before = await _policy_of(context, place)
    await put_policy(context.database, context.caller, place, mode=mode, names=names, notes=notes)
    after = await _policy_of(context, place)
    if after is None:
        raise LookupError("A policy just stored is there.")
    details = {"before": None if before is None else _seen(before), "after": _seen(after)}
    action = "create" if before is None else "update"
    await context.audit(_policy_event(action, after.id, "A model policy was set.", details))
    context.forget_reads()
    return SetModelPolicy(after, await effective_of(context, place))


async def remove_model_policy(
    context: WriteContext, *, scope: Mapping[str, str]
) -> DeletedModelPolicy:
    """Remove the policy of a scope, also of one that is gone; it inherits then."""
    place = ScopeRow(scope["type"], scope["id"], context.account_id)
    policy = await _policy_of(context, place)
    if policy is None:
        context.changed_nothing()
        return DeletedModelPolicy(None)
    await delete_policy(context.database, context.caller, policy.id)
    details = {"before": _seen(policy)}
    await context.audit(
        _policy_event("delete", policy.id, "A model policy was removed.", details, "warning")
    )
    return DeletedModelPolicy(policy.id)


async def _put(context: WriteContext, layer: str, row: ListRow) -> SetSelection:
    before = await _facts(context)
    old = before.grant if layer == "GRANT" else before.selection
    await store_layer(context.database, context.caller, layer, row, before)
    await context.audit(
        AuditEvent(
            "copilot_model_selection",
            "update",
            "account",
            context.account_id,
            f"The {layer.lower()} of models was changed.",
            {"layer": layer, "before": _listed_as(old), "after": _listed_as(row)},
        )
    )
    context.forget_reads()
    catalogue = await context.load(active_models, ())
    return SetSelection(selection_of(context.account_id, await _facts(context), catalogue))


async def _facts(context: WriteContext) -> ModelFacts:
    account = ScopeRow("ACCOUNT", context.account_id, context.account_id)
    facts = await context.load(model_facts, account)
    if facts is None:
        raise LookupError("The account acted in exists.")
    return facts


async def _policy_of(context: WriteContext, scope: ScopeRow) -> PolicyRow | None:
    key = (scope.account_id, scope.type, scope.id)
    (policy,) = await policy_of_scope(context.database, context.caller, [key])
    return policy


def listed_names(
    catalogue: Sequence[ModelRow], mode: str, list_mode: str, ids: Sequence[str] | None
) -> tuple[str, ...]:
    """The names of the models of these ids; a list belongs to the mode that means one."""
    if mode != list_mode:
        if ids:
            raise refuse("INVALID", f"Models are listed only for mode {list_mode}.", "model_ids")
        return ()
    if ids is None:
        raise refuse("REQUIRED", "Name the models; an empty list allows none.", "model_ids")
    return _names(catalogue, ids, "model_ids")


def _names(catalogue: Sequence[ModelRow], ids: Sequence[str], path: str) -> tuple[str, ...]:
    known = {model.id: model.name for model in catalogue}
    if any(id not in known for id in ids):
        raise refuse("NOT_FOUND", "One of these models is not in the active catalogue.", path)
    return tuple(sorted({known[id] for id in ids}))


def _check_available(names: Sequence[str], allowed: frozenset[str], path: str) -> None:
    missing = [name for name in names if name not in allowed]
    if missing:
        raise refuse("NOT_AVAILABLE", f"{missing[0]} is not available to the account.", path)


def _defaults(
    catalogue: Sequence[ModelRow], ids: Sequence[str], offered: frozenset[str]
) -> tuple[str, ...]:
    names = _names(catalogue, ids, "default_model_ids")
    _check_available(names, offered, "default_model_ids")
    uses = [model.capability for model in catalogue if model.name in names]
    if len(set(uses)) < len(uses):
        raise refuse("INVALID", "A capability has one default at most.", "default_model_ids")
    return names


def _listed_as(row: ListRow) -> dict[str, Any]:
    return {"mode": row.mode, "names": list(row.names), "defaults": list(row.defaults)}


def _seen(policy: PolicyRow) -> dict[str, Any]:
    return {
        "scope_type": policy.scope_type,
        "scope_id": policy.scope_id,
        "mode": policy.mode,
        "selected_models": list(policy.names),
    }


def _policy_event(
    action: str, id: str, message: str, details: dict[str, Any], severity: str = "info"
) -> AuditEvent:
    return AuditEvent(
        "copilot_model_policy", action, "model_policy", id, message, details, severity=severity
    )
