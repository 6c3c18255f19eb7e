"""Policies of scopes: what each does to the models left by broader ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auth.caller import Caller
from datasources.access_tables import model_policies
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.conditions import any_of
from datasources.models.layers import MODES
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One
from datasources.scopes import ScopeRow

__all__ = [
    "PolicyRow",
    "account_policies",
    "delete_policy",
    "policies_by_id",
    "policy_of_scope",
    "put_policy",
]


class PolicyRow(NamedTuple):
    """What a scope does to the models left by broader scopes."""

    id: str
    account_id: str
    scope_type: str
    scope_id: str
    stored_mode: str
    selected_models: list[str]
    notes: str | None
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None

    @property
    def scope(self) -> ScopeRow:
        """Scope it is stored for."""
        return ScopeRow(self.scope_type, self.scope_id, self.account_id)

    @property
    def mode(self) -> str:
        """What it does."""
        return MODES[self.stored_mode]

    @property
    def names(self) -> tuple[str, ...]:
        """Listed models; none unless the mode is a list."""
        return tuple(self.selected_models) if self.mode == "ALLOWLIST" else ()


def _text(name: str) -> Any:
    return bindparam(name, type_=Text())


_of = model_policies.c
_level = func.upper(_of.scope_type, type_=Text())


def _policies() -> Select[Any]:
    nothing = literal_column("'{}'::text[]", ARRAY(Text()))
    return select(
        _of.id,
        _of.account_id,
        _level.label("scope_type"),
        _of.scope_id,
        _of.mode.label("stored_mode"),
        func.coalesce(_of.selected_models, nothing).label("selected_models"),
        _of.notes,
        _of.created_at,
        _of.updated_at,
        _of.created_by,
        _of.updated_by,
    )


policies_by_id = One(PolicyRow, _policies())
policy_of_scope = One(PolicyRow, _policies(), key=("account_id", "scope_type", "scope_id"))
account_policies = Pages(
    PolicyRow,
    _policies(),
    orders={"SCOPE": ("scope_type", "scope_id")},
    default=Sorting("SCOPE"),
    conditions={
        "scope_types": any_of(_level),
        "scope_ids": any_of(_of.scope_id),
        "modes": any_of(func.upper(_of.mode, type_=Text())),
    },
)

_author = _text("author")
_policy = {
    "mode": func.lower(_text("mode")),
    "selected_models": bindparam("names", type_=ARRAY(Text())),
    "notes": _text("notes"),
    "updated_by": _author,
}
_PUT_POLICY = Statement(
    insert(model_policies)
    .values(
        account_id=_text(TENANT),
        scope_type=func.lower(_text("scope_type")),
        scope_id=_text("scope_id"),
        created_by=_author,
        **_policy,
    )
    .on_conflict_do_update(
        index_elements=["account_id", "scope_type", "scope_id"],
        set_={**_policy, "updated_at": func.now()},
    )
)
_DELETE_POLICY = Statement(
    delete(model_policies).where(
        in_account(model_policies), _of.id == bindparam("row_id", type_=_of.id.type)
    )
)


async def put_policy(
    database: Database,
    caller: Caller,
    scope: ScopeRow,
    *,
    mode: str,
    names: Sequence[str],
    notes: str | None,
) -> None:
    """Store the policy of a scope, replacing all of the one there was."""
    await database.execute(
        _PUT_POLICY,
        scope_type=scope.type,
        scope_id=scope.id,
        mode=mode,
        names=list(names),
        notes=notes,
        author=caller.id,
        **tenant_values(caller),
    )


async def delete_policy(database: Database, caller: Caller, id: str) -> None:
    """Remove a policy."""
    await database.execute(_DELETE_POLICY, row_id=id, **tenant_values(caller))
