"""What an account and its scopes say about models: grant, selection, policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from auth.caller import Caller
from datasources.access_facts import AccessPart, reading_of
from datasources.base import Database
from datasources.codecs import json_object
from datasources.scopes import LEVELS, ScopeRow

__all__ = [
    "MODELS",
    "MODES",
    "ListRow",
    "ModelFacts",
    "model_facts",
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


def _facts(scope: ScopeRow, value: Any, document: Any) -> ModelFacts:
    policies, lists = value
    written = json_object(json_object(document).get("entitlements"))
    grant, selection = _written_lists(written)
    return ModelFacts(
        grant=_list(lists["GRANT"]) if "GRANT" in lists else grant,
        selection=_list(lists["SELECTION"]) if "SELECTION" in lists else selection,
        rules=tuple(
            Rule(
                id, ScopeRow(LEVELS[level], place, scope.account_id), MODES[mode], frozenset(names)
            )
            for id, level, place, mode, names in policies
        ),
    )


MODELS = AccessPart(
    """json_build_array(
    (SELECT coalesce(json_agg(json_build_array(policy.id, chain.level, chain.id, policy.mode,
            to_json(policy.selected_models)) ORDER BY chain.level, chain.id), '[]')
        FROM chain JOIN copilot.model_access_policies AS policy
            ON policy.account_id = chain.account_id AND policy.scope_id = chain.id
            AND policy.scope_type = (ARRAY['account', 'group', 'team', 'user'])[chain.level + 1]
        WHERE chain.ordinal = asked.ordinal),
    (SELECT coalesce(json_object_agg(lists.layer, json_build_array(lists.mode,
            to_json(lists.names), to_json(lists.defaults), lists.updated_by, lists.updated_at)),
            '{}')
        FROM gateway.model_lists AS lists
        WHERE lists.account_id = asked.account_id))""",
    _facts,
)
"""What decides about the models of a scope: `ModelFacts`."""


async def model_facts(
    database: Database, caller: Caller, scopes: Sequence[ScopeRow]
) -> list[ModelFacts | None]:
    """What decides about these scopes; None for an account out of reach."""
    found = await reading_of(frozenset({MODELS}))(database, caller, scopes)
    return [None if one is None else one.parts[MODELS] for one in found]


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
