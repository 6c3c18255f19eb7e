"""Setting one layer of model access for many accounts, recorded account by account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datasources.audit import AuditEvent
from datasources.bulk import BulkOperationRef, BulkReport, Item, record_operation
from datasources.limits import lock_limits
from datasources.models.catalogue import active_models
from datasources.models.layers import ListRow, ModelFacts, model_facts
from datasources.models.names import hold_names
from datasources.models.storing import store_layer
from datasources.scopes import ScopeRow
from resolvers.models.effective import kept
from resolvers.models.writes import listed_names
from resolvers.selected_accounts import GONE, select_accounts
from resolvers.writing import WriteContext

__all__ = ["Finished", "bulk_set_account_models"]


class Finished(NamedTuple):
    """A bulk operation that was carried out, or tried."""

    operation: BulkOperationRef


class _Wish(NamedTuple):
    """What is to become of every account."""

    layer: str
    mode: str
    names: tuple[str, ...]
    active: frozenset[str]

    def row_of(self, facts: ModelFacts) -> ListRow:
        """The layer's row of one account after the change: its defaults stay."""
        before = facts.grant if self.layer == "GRANT" else facts.selection
        return ListRow(self.mode, self.names, before.defaults)

    def objection(self, facts: ModelFacts) -> str | None:
        """Why an account is left alone; None when it is to be changed."""
        before = facts.grant if self.layer == "GRANT" else facts.selection
        if (before.mode, before.names) == (self.mode, self.names):
            return "Is that way already."
        if self.layer == "SELECTION":
            lacking = sorted(set(self.names) - kept(facts.grant, self.active))
            return f"{lacking[0]} is not granted to the account." if lacking else None
        return None


async def bulk_set_account_models(
    context: WriteContext,
    *,
    layer: str,
    mode: str,
    dry_run: bool,
    account_ids: Sequence[str] | None = None,
    filter: Mapping[str, Any] | None = None,
    model_ids: Sequence[str] | None = None,
) -> Finished:
    """Set the layer for every account selected; those it does not fit are skipped."""
    await hold_names(context.database)
    catalogue = await context.load(active_models, ())
    names = listed_names(catalogue, mode, "LIST", model_ids)
    wish = _Wish(layer, mode, names, frozenset(model.name for model in catalogue))
    selected = await select_accounts(context, account_ids, filter)
    items = [await _set(context, id, wish, dry_run=dry_run) for id in selected.ids]
    items += [Item(id, GONE) for id in selected.missing]
    values = {"layer": layer, "mode": mode, "models": list(names)}
    report = BulkReport("SET_ACCOUNT_MODELS", dry_run, selected.selection, values, items)
    return await _report(context, report)


async def _set(context: WriteContext, account_id: str, wish: _Wish, *, dry_run: bool) -> Item:
    caller = context.caller.bound_to(account_id)
    if not dry_run:
        await lock_limits(context.database, caller)
    scope = ScopeRow("ACCOUNT", account_id, account_id)
    (facts,) = await model_facts(context.database, caller, [scope])
    if facts is None:
        return Item(account_id, GONE)
    reason = wish.objection(facts)
    if reason is None and not dry_run:
        await store_layer(context.database, caller, wish.layer, wish.row_of(facts), facts)
    return Item(account_id, reason, account_id)


async def _report(context: WriteContext, report: BulkReport) -> Finished:
    operation = await record_operation(context.database, context.caller, report)
    context.changed_nothing()
    if not report.is_dry_run:
        message = f"The {report.values['layer'].lower()} of models was changed for many accounts."
        values = dict(report.values)
        details = {"model_count": len(values.pop("models")), "operation": operation.id, **values}
        events = [
            AuditEvent(
                "copilot_model_selection",
                "bulk_update",
                "account",
                item.target_id,
                message,
                details,
                account_id=item.target_id,
                operation_id=operation.id,
            )
            for item in report.items
            if item.reason is None
        ]
        await context.audit_all(events)
    return Finished(operation)
