"""What an account and its scopes say about models: grant, selection, policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, bindparam, delete, func, literal_column, null, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auth.caller import Caller
from datasources.access import CHAIN, asked_scopes
from datasources.access_tables import model_lists, model_policies
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.codecs import json_object
from datasources.conditions import any_of
from datasources.pages import Pages, Sorting
from datasources.reads import One
from datasources.scopes import LEVELS, ScopeRow

__all__ = [
    "MODES",
    "ListRow",
    "ModelFacts",
    "PolicyRow",
    "account_policies",
    "delete_policy",
    "keep_list",
    "model_facts",
    "policies_by_id",
    "policy_of_scope",
    "put_list",
    "put_policy",
]

MODES = {
    "inherit": "INHERIT",
    "all_available": "ALL_AVAILABLE",
    "allowlist": "ALLOWLIST",
    "deny_all": "DENY_ALL",
}
"""How a policy's mode is stored, and how the graph calls it."""


class ListRow(NamedTuple):
    """One layer of an account's models."""

    mode: str
    names: tuple[str, ...]
    defaults: tuple[str, ...] = ()
    updated_by: str | None = None
    updated_at: datetime | None = None


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


class Rule(NamedTuple):
    """A policy as far as deciding goes."""

    id: str
    scope: ScopeRow
    mode: str
    names: frozenset[str]


class ModelFacts(NamedTuple):
    """What decides about the models of a scope, but for the catalogue."""

    grant: ListRow
    selection: ListRow
    rules: tuple[Rule, ...]
    """Broadest first."""


_FACTS = Statement(
    text(
        CHAIN  # noqa: S608 - constants of ours
        + """
SELECT asked.ordinal,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(policy.id, chain.level, chain.id, policy.mode,
            to_jsonb(policy.selected_models)) ORDER BY chain.level, chain.id), '[]')
        FROM chain JOIN copilot.model_access_policies AS policy
            ON policy.account_id = chain.account_id AND policy.scope_id = chain.id
            AND policy.scope_type = (ARRAY['account', 'group', 'team', 'user'])[chain.level + 1]
        WHERE chain.ordinal = asked.ordinal) AS policies,
    (SELECT coalesce(jsonb_object_agg(lists.layer, jsonb_build_array(lists.mode,
            to_jsonb(lists.names), to_jsonb(lists.defaults), lists.updated_by, lists.updated_at)),
            '{}')
        FROM gateway.model_lists AS lists
        WHERE lists.account_id = asked.account_id) AS lists,
    "Alchemi_AccountTable".metadata
FROM asked JOIN "Alchemi_AccountTable" ON "Alchemi_AccountTable".account_id = asked.account_id
"""
    )
)


async def model_facts(
    database: Database, caller: Caller, scopes: Sequence[ScopeRow]
) -> list[ModelFacts | None]:
    """What decides about these scopes; None for an account out of reach."""
    found: list[ModelFacts | None] = [None] * len(scopes)
    wanted = [i for i, scope in enumerate(scopes) if caller.reaches(scope.account_id)]
    if not wanted:
        return found
    records = await database.fetch(_FACTS, **asked_scopes([scopes[i] for i in wanted]))
    for record in records:
        position = wanted[record["ordinal"] - 1]
        found[position] = _facts(scopes[position].account_id, record)
    return found


def _facts(account_id: str, record: Any) -> ModelFacts:
    lists = record["lists"]
    written = json_object(json_object(record["metadata"]).get("entitlements"))
    grant, selection = _written_lists(written)
    return ModelFacts(
        grant=_list(lists["GRANT"]) if "GRANT" in lists else grant,
        selection=_list(lists["SELECTION"]) if "SELECTION" in lists else selection,
        rules=tuple(
            Rule(id, ScopeRow(LEVELS[level], place, account_id), MODES[mode], frozenset(names))
            for id, level, place, mode, names in record["policies"]
        ),
    )


def _list(stored: Sequence[Any]) -> ListRow:
    mode, names, defaults, author, moment = stored
    at = None if moment is None else datetime.fromisoformat(moment)
    return ListRow(mode, tuple(names), tuple(defaults), author, at)


def _written_lists(written: Mapping[str, Any]) -> tuple[ListRow, ListRow]:
    """The layers as the account's document has them, where an empty list means no restriction.

    A list that names anything restricts, also when all it names has vanished from the catalogue.
    """
    granted = _names(written, "copilot_model_super_allowlist")
    selected = _names(written, "copilot_model_tenant_allowlist")
    if not granted and not selected:
        selected = _names(written, "copilot_model_allowlist")
    return _meant(granted), _meant(selected)


def _names(written: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = written.get(key)
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


def _meant(names: tuple[str, ...]) -> ListRow:
    return ListRow("LIST", names) if names else ListRow("ALL", ())


# --- lists and policies -------------------------------------------------------------------------


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


async def keep_list(database: Database, caller: Caller, layer: str, row: ListRow) -> None:
    """Store one layer of the caller's account as it is, unless it is stored; nobody changed it."""
    await database.execute(
        _KEEP_LIST,
        layer=layer,
        mode=row.mode,
        names=list(row.names),
        defaults=list(row.defaults),
        **tenant_values(caller),
    )


async def put_list(database: Database, caller: Caller, layer: str, row: ListRow) -> None:
    """Store one layer of the caller's account."""
    await database.execute(
        _PUT_LIST,
        layer=layer,
        mode=row.mode,
        names=list(row.names),
        defaults=list(row.defaults),
        author=caller.id,
        **tenant_values(caller),
    )


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

_policy = {
    "mode": func.lower(_text("mode")),
    "selected_models": bindparam("names", type_=ARRAY(Text())),
    "notes": _text("notes"),
    "updated_by": _author,
}
_PUT_POLICY = Statement(
    insert(model_policies)
    .values(
        account_id=_here,
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
