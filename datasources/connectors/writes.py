"""Writing permission policies, for the gateway and for whoever else reads their table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.connectors.policies import MODES
from datasources.connectors.tables import policies, policy_details
from datasources.scopes import ScopeRow

__all__ = [
    "Inherited",
    "Words",
    "delete_policy",
    "inherited_of_account",
    "lock_policies",
    "put_policy",
    "tell_inherited",
]

_STORED = {mode: stored for stored, mode in MODES.items()}
_STRICTEST = ("admin_managed_use_only", False)
"""What stands for what is inherited until that is known."""


def _text(name: str) -> Any:
    return bindparam(name, type_=Text())


_LOCK = Statement(
    select(func.pg_advisory_xact_lock(func.hashtextextended(_text("name"), literal_column("0"))))
)

_author = _text("author")
_inherited = {
    "inherited_mode": _text("inherited_mode"),
    "inherited_use": bindparam("inherited_use", type_=Boolean()),
}
_policy = {
    "permission_mode": _text("mode"),
    "allow_use_admin_connections": bindparam("may_use", type_=Boolean()),
    "notes": _text("notes"),
    "updated_by": _author,
}
_put = (
    insert(policies)
    .values(
        account_id=_text(TENANT),
        scope_type=func.lower(_text("scope_type")),
        scope_id=_text("scope_id"),
        connection_type=_text("type"),
        created_by=_author,
        **_policy,
    )
    .on_conflict_do_update(
        index_elements=["account_id", "scope_type", "scope_id", "connection_type"],
        set_={**_policy, "updated_at": func.now()},
    )
    .returning(policies.c.id, policies.c.account_id, policies.c.updated_at)
    .cte("put")
)
_details = insert(policy_details).from_select(
    ["policy_id", "account_id", "as_of", *_inherited],
    select(_put.c.id, _put.c.account_id, _put.c.updated_at, *_inherited.values()),
)
_PUT = Statement(
    _details.on_conflict_do_update(
        index_elements=["policy_id"],
        set_={name: _details.excluded[name] for name in ("as_of", *_inherited)},
    )
)
_DELETE = Statement(
    delete(policies).where(
        in_account(policies), policies.c.id == bindparam("row_id", type_=policies.c.id.type)
    )
)
# What somebody wrote over by hand is inherited no more.
_still = [
    case((own == inherited, own))
    for own, inherited in (
        (policies.c.permission_mode, policy_details.c.inherited_mode),
        (policies.c.allow_use_admin_connections, policy_details.c.inherited_use),
    )
]
_INHERITED = Statement(
    select(
        policies.c.id,
        func.upper(policies.c.scope_type, type_=Text()),
        policies.c.scope_id,
        func.upper(func.nullif(policies.c.connection_type, "all"), type_=Text()),
        *_still,
    )
    .select_from(
        policies.join(
            policy_details,
            and_(
                policy_details.c.policy_id == policies.c.id,
                policy_details.c.as_of == policies.c.updated_at,
            ),
        )
    )
    .where(in_account(policies), func.num_nonnulls(*_still) > 0)
    .order_by(policies.c.id)
)
# What is told is no change of the policy, so its time stays.
_TELL = Statement(
    text(
        f"""
        WITH given AS (
            SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:modes AS text[]),
                CAST(:uses AS boolean[])) AS given (id, mode, may_use)
        ), told AS (
            UPDATE copilot.connection_permission_policies AS policy
            SET permission_mode = coalesce(given.mode, policy.permission_mode),
                allow_use_admin_connections =
                    coalesce(given.may_use, policy.allow_use_admin_connections)
            FROM given WHERE policy.id = given.id AND policy.account_id = :{TENANT}
            RETURNING policy.id
        )
        UPDATE gateway.connector_policy_details AS details
        SET inherited_mode = given.mode, inherited_use = given.may_use
        FROM given JOIN told ON told.id = given.id WHERE details.policy_id = given.id
        """  # noqa: S608 - of ours
    )
)


class Words(NamedTuple):
    """What a policy says; None where it says nothing and the value is inherited."""

    mode: str | None
    may_use: bool | None
    notes: str | None


class Inherited(NamedTuple):
    """A policy that inherits, and what its table tells others in place of what it does not say."""

    id: str
    scope: ScopeRow
    type: str | None
    may_manage: bool | None
    """None where the policy itself says it, as with the next."""
    may_use: bool | None


async def lock_policies(database: Database, caller: Caller) -> None:
    """Let one writer of the account's connector policies act at a time."""
    await database.fetch(_LOCK, name=f"cockpit connector policies {caller.account_id}")


async def put_policy(
    database: Database,
    caller: Caller,
    scope: ScopeRow,
    words: Words,
    *,
    type: str | None,
) -> None:
    """Store the policy of a scope and type, replacing all of the one there was."""
    own_mode = None if words.mode is None else _STORED[words.mode]
    mode, may_use = _STRICTEST
    await database.execute(
        _PUT,
        scope_type=scope.type,
        scope_id=scope.id,
        type="all" if type is None else type.lower(),
        mode=own_mode or mode,
        may_use=may_use if words.may_use is None else words.may_use,
        inherited_mode=mode if own_mode is None else None,
        inherited_use=may_use if words.may_use is None else None,
        notes=words.notes,
        author=caller.id,
        **tenant_values(caller),
    )


async def delete_policy(database: Database, caller: Caller, id: str) -> None:
    """Remove a policy."""
    await database.execute(_DELETE, row_id=id, **tenant_values(caller))


async def inherited_of_account(database: Database, caller: Caller) -> list[Inherited]:
    """The policies of the caller's account that inherit anything."""
    return [
        Inherited(
            id,
            ScopeRow(scope_type, scope_id, caller.account_id or ""),
            type,
            None if mode is None else MODES[mode] == "SELF_MANAGED_ALLOWED",
            may_use,
        )
        for id, scope_type, scope_id, type, mode, may_use in await database.fetch(
            _INHERITED, **tenant_values(caller)
        )
    ]


async def tell_inherited(
    database: Database, caller: Caller, inherited: Sequence[Inherited]
) -> None:
    """Have the policies' table say what these inherit."""
    await database.execute(
        _TELL,
        ids=[one.id for one in inherited],
        modes=[None if one.may_manage is None else _mode(one.may_manage) for one in inherited],
        uses=[one.may_use for one in inherited],
        **tenant_values(caller),
    )


def _mode(may_manage: bool) -> str:  # noqa: FBT001 - the word for it
    return _STORED["SELF_MANAGED_ALLOWED" if may_manage else "USE_ONLY"]
