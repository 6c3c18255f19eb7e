"""Storing a layer of an account's models, for the gateway and for whoever reads the document."""

from __future__ import annotations

from auth.caller import Caller
from datasources.base import Database
from datasources.models.documents import mirror_list
from datasources.models.layers import ListRow, ModelFacts, keep_list, put_list

__all__ = ["store_layer"]


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
            await keep_list(database, caller, name, kept)
    await put_list(database, caller, layer, row)
    if row.names or row.mode == "ALL":
        await mirror_list(database, caller, layer, list(row.names))
