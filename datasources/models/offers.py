"""The active catalogue as an account sees it: what is granted to it and what it selected.

What `resolvers.models.effective` works out for one scope, worked out by the server for a page. The
names an account's document lists count while no row of the layer is stored, see `layers`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    any_,
    case,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from datasources.access_tables import model_catalog, model_lists
from datasources.conditions import flag
from datasources.entitlement_documents import listed
from datasources.expressions import word
from datasources.models.catalogue import ORDERS, catalogue_conditions, is_usable, sort_columns
from datasources.models.rows import AccountModelRow
from datasources.models.tables import credit_factors
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.tables import accounts

__all__ = ["account_models", "written_lists"]

_NOTHING: ColumnElement[Any] = cast(word("[]"), JSONB)
_name = model_catalog.c.model_name


def written_lists() -> FromClause:
    """What the account's document lists, looked up once an account rather than once a model."""
    granted, selected = (listed(f"copilot_model_{of}_allowlist") for of in ("super", "tenant"))
    is_old = (granted == _NOTHING) & (selected == _NOTHING)
    return (
        select(
            granted.label("granted"),
            case((is_old, listed("copilot_model_allowlist")), else_=selected).label("selected"),
        )
        .correlate(accounts)
        .offset(literal_column("0"))
        .lateral("written")
    )


def _factor() -> Any:
    of = credit_factors.c
    return (
        select(of.credit_factor)
        .where(of.account_id == accounts.c.account_id)
        .where(of.effective_from_at <= func.now(type_=DateTime(timezone=True)))
        .order_by(of.effective_from_at.desc())
        .limit(literal_column("1"))
        .correlate(accounts)
        .scalar_subquery()
    )


def _keeps(layer: FromClause, written: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a layer keeps a model: its row decides, or what the document lists without one."""
    kept: ColumnElement[bool] = case(
        (layer.c.mode == word("ALL"), true()),
        (layer.c.mode.is_not(None), _name == any_(layer.c.names)),
        else_=or_(written == _NOTHING, written.op("?")(_name)),
    )
    return kept


_written_lists = written_lists()
_grant = model_lists.alias("grant_layer")
_selection = model_lists.alias("selection_layer")
_is_granted = _keeps(_grant, _written_lists.c.granted)
_is_selected = _keeps(_selection, _written_lists.c.selected)
_is_available = _is_granted & _is_selected
_is_default = _is_available & func.coalesce(_name == any_(_selection.c.defaults), false())


def _layer(layer: FromClause, name: str) -> ColumnElement[bool]:
    own: ColumnElement[bool] = layer.c.account_id == accounts.c.account_id
    return own & (layer.c.layer == word(name))


def _offers() -> Select[Any]:
    return (
        select(
            accounts.c.account_id,
            model_catalog.c.id,
            model_catalog.c.id.label("model_id"),
            _is_granted.label("is_granted"),
            _is_selected.label("is_selected"),
            _is_available.label("is_available"),
            _is_default.label("is_default"),
            *sort_columns(),
            model_catalog.c.metadata.label("document"),
            _factor().label("credit_factor"),
        )
        .select_from(
            accounts.outerjoin(_grant, _layer(_grant, "GRANT"))
            .outerjoin(_selection, _layer(_selection, "SELECTION"))
            .join(_written_lists, true())
            .join(model_catalog, true())
        )
        .where(is_usable)
    )


account_models = Pages(
    AccountModelRow,
    _offers(),
    orders=ORDERS,
    default=Sorting("SORT_ORDER"),
    conditions=catalogue_conditions()
    | {
        "is_granted": flag(_is_granted),
        "is_selected": flag(_is_selected),
        "is_available": flag(_is_available),
    },
)
"""The models accounts may use, as one account sees each."""
