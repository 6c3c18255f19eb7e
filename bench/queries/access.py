"""`access`: what one person may use, as a machine asks before every turn of a conversation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import md5
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import asyncpg
import orjson

from bench.queries.query import Query
from datasources.access import CHAIN
from datasources.feature_catalogue import KEYS, stored_names_of

__all__ = [
    "ACCESS",
    "Facts",
    "budget_of",
    "facts_of",
    "models_of",
    "person_of",
    "shown_features",
    "statements_of",
]

_TEXT = """
query Access {
  account {
    id
    effectiveAccess {
      chain { type id }
      features { isEnabled config feature { code key } }
      models { isEnabled models { id name capability } }
      budget { available availableOverflow isInherited budget { id alertLevel } }
    }
  }
}
"""

_LEVELS = ("ACCOUNT", "GROUP", "TEAM", "USER")
_LEVEL_NAMES = "(ARRAY['account', 'group', 'team', 'user'])[chain.level + 1]"
_CHAIN = CHAIN.replace(":accounts", "$1").replace(":types", "$2").replace(":ids", "$3")

_FEATURES = f"""{_CHAIN}
SELECT
    (SELECT jsonb_agg(jsonb_build_array(level, id) ORDER BY level DESC, id) FROM chain),
    (SELECT jsonb_agg(jsonb_build_array(chain.level, chain.id, policy.flags))
        FROM chain JOIN copilot.feature_flag_policies AS policy
            ON policy.account_id = chain.account_id AND policy.scope_id = chain.id
            AND policy.scope_type = {_LEVEL_NAMES}),
    (SELECT coalesce(jsonb_object_agg(feature_code, is_enabled), '{{}}')
        FROM gateway.entitlements WHERE entitlements.account_id = account.account_id
            AND valid_from <= now() AND (valid_until IS NULL OR valid_until > now())),
    account.metadata -> 'entitlements' -> 'features',
    (SELECT jsonb_agg(jsonb_build_array(code, parent_code) ORDER BY display_order, code)
        FROM gateway.features)
FROM "Alchemi_AccountTable" AS account WHERE account.account_id = ($1::text[])[1]
"""

_POLICIES = f"""{_CHAIN}
SELECT
    (SELECT jsonb_agg(jsonb_build_array(chain.level, policy.mode, policy.selected_models))
        FROM chain JOIN copilot.model_access_policies AS policy
            ON policy.account_id = chain.account_id AND policy.scope_id = chain.id
            AND policy.scope_type = {_LEVEL_NAMES}),
    (SELECT jsonb_object_agg(layer, jsonb_build_array(mode, names))
        FROM gateway.model_lists WHERE model_lists.account_id = account.account_id),
    account.metadata -> 'entitlements'
FROM "Alchemi_AccountTable" AS account WHERE account.account_id = ($1::text[])[1]
"""

_CATALOGUE = """
SELECT id, model_name, upper(coalesce(metadata ->> 'capability', 'chat'))
FROM copilot.model_catalog WHERE is_active
ORDER BY coalesce((metadata ->> 'sort_order')::int, 100), lower(model_name), id
"""

_BUDGETS = """
WITH RECURSIVE open AS (
    SELECT budget.id, budget.account_id, budget.scope_type,
        coalesce(details.scope_id, budget.scope_id::text) AS scope_id, budget.parent_budget_id,
        least(budget.limit_amount, budget.allocated) AS most, budget.used,
        coalesce(details.reserved, 0) AS reserved, budget.overflow_cap, budget.overflow_used,
        coalesce(details.reserved_overflow, 0) AS reserved_overflow,
        budget.cycle_start <= now() AND budget.cycle_end > now() AS is_running
    FROM copilot.credit_budget AS budget
    LEFT JOIN gateway.budget_details AS details ON details.budget_id = budget.id
    WHERE budget.account_id = $1 AND details.closed_at IS NULL
), found AS (
    SELECT open.* FROM unnest($2::text[], $3::text[]) AS asked (type, id)
    JOIN open ON open.scope_type = asked.type AND open.scope_id = asked.id WHERE open.is_running
    UNION SELECT open.* FROM found JOIN open ON open.id = found.parent_budget_id
)
SELECT id, scope_type, scope_id, parent_budget_id, greatest(most - used - reserved, 0),
    greatest(overflow_cap - overflow_used - reserved_overflow, 0),
    CASE WHEN overflow_used > 0 OR used >= most THEN 'AT_LIMIT'
        WHEN used * 100 >= most * 95 THEN 'CRITICAL' WHEN used * 100 >= most * 80 THEN 'WARNING' END
FROM found
"""

_Scopes: TypeAlias = Sequence[tuple[int, str]]


class Facts(NamedTuple):
    """What decides about the features of a person, and who they are."""

    account: str
    person: str
    scopes: _Scopes
    features: Mapping[str, bool]
    """Whether each is on, by its code."""

    @property
    def chain(self) -> list[dict[str, str]]:
        """The scopes as they are shown."""
        return [{"type": _LEVELS[level], "id": id} for level, id in self.scopes]


def _asked(account: str) -> tuple[list[str], list[str], list[str]]:
    return [account], ["USER"], [person_of(account)]


def person_of(account: str) -> str:
    """The account's first person."""
    return str(UUID(md5(f"user-{account.removeprefix('account-')}-1".encode()).hexdigest()))


async def facts_of(pool: asyncpg.Pool, account: str) -> Facts:
    """One statement."""
    (row,) = await pool.fetch(_FEATURES, *_asked(account))
    scopes, flags, entitled, switches, entries = [orjson.loads(part or "null") for part in row]
    features = _features(entries, scopes, flags or (), {**(switches or {}), **entitled})
    return Facts(account, person_of(account), scopes, features)


def shown_features(facts: Facts) -> list[dict[str, Any]]:
    """Every feature."""
    return [
        {"isEnabled": is_on, "config": {}, "feature": {"code": code, "key": KEYS.get(code)}}
        for code, is_on in facts.features.items()
    ]


async def models_of(pool: asyncpg.Pool, facts: Facts) -> dict[str, Any]:
    """Two statements."""
    (layers,) = await pool.fetch(_POLICIES, *_asked(facts.account))
    catalogue = await pool.fetch(_CATALOGUE)
    is_enabled = facts.features["models.access"]
    return _models(facts.scopes, layers, catalogue, is_enabled=is_enabled)


async def budget_of(pool: asyncpg.Pool, facts: Facts) -> dict[str, Any]:
    """One statement."""
    types = [_LEVELS[level].lower() for level, _ in facts.scopes]
    ids = [id for _, id in facts.scopes]
    return _budget(facts.person, await pool.fetch(_BUDGETS, facts.account, types, ids))


async def statements_of(pool: asyncpg.Pool, account: str) -> None:
    """The four statements alone; of what they answer only the chain is read, for the last one."""
    (row,) = await pool.fetch(_FEATURES, *_asked(account))
    scopes = orjson.loads(row[0])
    await pool.fetch(_POLICIES, *_asked(account))
    await pool.fetch(_CATALOGUE)
    types, ids = [_LEVELS[level].lower() for level, _ in scopes], [id for _, id in scopes]
    await pool.fetch(_BUDGETS, account, types, ids)


async def _by_hand(pool: asyncpg.Pool, account: str) -> dict[str, Any]:
    facts = await facts_of(pool, account)
    access = {
        "chain": facts.chain,
        "features": shown_features(facts),
        "models": await models_of(pool, facts),
        "budget": await budget_of(pool, facts),
    }
    return {"account": {"id": account, "effectiveAccess": access}}


def _features(
    entries: Sequence[tuple[str, str | None]],
    scopes: _Scopes,
    policies: Sequence[Any],
    entitled: Mapping[str, bool],
) -> dict[str, bool]:
    said: dict[tuple[int, str], Any] = {(level, id): flags for level, id, flags in policies}
    on: dict[str, bool] = {}
    for code, above in entries:
        (name,) = stored_names_of(code)
        granted = state = entitled.get(code, entitled.get(name, True))
        for level in range(4):
            here = [id for at, id in scopes if at == level]
            flags = [said.get((level, id), {}).get(name) for id in here]
            if True in flags or False in flags:
                state = True in flags or (None in flags and state)
        on[code] = state and granted and (above is None or on[above])
    return on


def _models(
    scopes: _Scopes, layers: asyncpg.Record, catalogue: Sequence[Any], *, is_enabled: bool
) -> dict[str, Any]:
    policies, lists, _ = [orjson.loads(part or "null") for part in layers]
    names = {name for _, name, _ in catalogue}
    for mode, kept in (lists or {}).values():
        names = names if mode == "ALL" else names & set(kept)
    for level in range(4):
        rules = [rule for rule in policies or () if rule[0] == level]
        if rules and len(rules) == sum(scope[0] == level for scope in scopes):
            left = [names & set(kept) if mode == "allowlist" else names for _, mode, kept in rules]
            names = set().union(*left)
    models = [
        {"id": id, "name": name, "capability": capability}
        for id, name, capability in catalogue
        if is_enabled and name in names
    ]
    return {"isEnabled": is_enabled, "models": models}


def _budget(person: str, rows: Sequence[Any]) -> dict[str, Any]:
    known = {row[0]: row for row in rows}
    by_level: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_level[_LEVELS.index(row[1].upper())].append(_room(row, known))
    within, overflow, row = max(
        by_level[max(by_level)], key=lambda room: (room[0] + room[1], room[2][0])
    )
    return {
        "available": within,
        "availableOverflow": overflow,
        "isInherited": row[2] != person,
        "budget": {"id": row[0], "alertLevel": row[6]},
    }


def _room(row: Any, known: Mapping[str, Any]) -> tuple[int, int, Any]:
    chain = [row]
    while chain[-1][3] in known:
        chain.append(known[chain[-1][3]])
    return min(one[4] for one in chain), min(one[5] for one in chain), row


ACCESS = Query("access", _TEXT, _by_hand, None, statements=1)
"""One user an account. The gateway reads how the account stands with what its budgets have left,
and remembers the rest; by hand all of it is read every time, in four statements. No statement
builds the answer: policies are laid over each other by code."""
