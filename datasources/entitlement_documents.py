"""The entitlements in an account's document, which other services of the cockpit read and write.

They are read whatever their writers made of them, and written in place: whatever else the document
holds is not touched.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, cast, func
from sqlalchemy.dialects.postgresql import JSONB

from datasources.documents import is_kind, object_of
from datasources.expressions import word
from datasources.tables import accounts

__all__ = ["listed", "with_entitlements", "written"]


def _at(document: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    return document.op("->", return_type=JSONB())(word(key))


_document = object_of(accounts.c.metadata)
_entitlements = object_of(_at(_document, "entitlements"))
_now = func.timezone(word("UTC"), func.now())


def written(key: str) -> ColumnElement[Any]:
    """What the document of an account says at a key, as a column of a statement over accounts."""
    return _at(_entitlements, key)


def listed(key: str) -> ColumnElement[Any]:
    """The list at a key, an empty one where there is none."""
    value = written(key)
    return case((is_kind(value, "array"), value), else_=cast(word("[]"), JSONB))


def with_entitlements(patch: ColumnElement[Any]) -> dict[str, Any]:
    """What an update of accounts sets, so that some of their entitlements are replaced."""
    entitlements = _entitlements.op("||", return_type=JSONB())(patch)
    changed = func.jsonb_build_object(word("entitlements"), entitlements)
    return {"metadata": _document.op("||", return_type=JSONB())(changed), "updated_at": _now}
