"""Storing a layer of an account's models, for the gateway and for whoever reads the document."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, bindparam, func, null
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auth.caller import Caller
from datasources.access_tables import model_lists
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.models.documents import mirror_list
from datasources.models.layers import ListRow, ModelFacts

__all__ = ["store_layer"]


def _text(name: str) -> Any:
    return bindparam(name, type_=Text())


_here, _author = _text(TENANT), _text("author")
_values = {
    "mode": _text("mode"),
    "names": bindparam("names", type_=ARRAY(Text())),
    "updated_by": _author,
}
_defaults = bindparam("defaults", type_=ARRAY(Text()))
_PUT_LIST = Statement(
    insert(model_lists)
    .values(account_id=_here, layer=_text("layer"), defaults=_defaults, **_values)
    .on_conflict_do_update(
        index_elements=["account_id", "layer"],
        set_={**_values, "defaults": _defaults, "updated_at": func.now()},
    )
)


_nobody: dict[str, Any] = {"updated_by": null(), "updated_at": null()}
_KEEP_LIST = Statement(
    insert(model_lists)
    .values(account_id=_here, layer=_text("layer"), defaults=_defaults, **(_values | _nobody))
    .on_conflict_do_nothing()
)


async def _keep_list(database: Database, caller: Caller, layer: str, row: ListRow) -> None:
    """Store a layer as it is, unless it is stored; nobody changed it."""
    await database.execute(
        _KEEP_LIST,
        layer=layer,
        mode=row.mode,
        names=list(row.names),
        defaults=list(row.defaults),
        **tenant_values(caller),
    )


async def _put_list(database: Database, caller: Caller, layer: str, row: ListRow) -> None:
    await database.execute(
        _PUT_LIST,
        layer=layer,
        mode=row.mode,
        names=list(row.names),
        defaults=list(row.defaults),
        author=caller.id,
        **tenant_values(caller),
    )


async def store_layer(
    database: Database, caller: Caller, layer: str, row: ListRow, before: ModelFacts
) -> None:
    """Store one layer of the caller's account, in its row and in the account's document.

    The other layer gets its row too: what the document says of it must not change its meaning
    with this one. A list that allows nothing cannot be said in the document, which keeps what it
    had then.
    """
    for name, kept in (("GRANT", before.grant), ("SELECTION", before.selection)):
        if name != layer:
            await _keep_list(database, caller, name, kept)
    await _put_list(database, caller, layer, row)
    if row.names or row.mode == "ALL":
        await mirror_list(database, caller, layer, list(row.names))
