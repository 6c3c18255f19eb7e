"""Guards that scopes require, one row a scope."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, bindparam, func
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.guardrails.tables import policies
from datasources.scopes import ScopeRow

__all__ = ["delete_policy", "set_policy"]

_WRITTEN = ("required_guards", "mode", "is_enabled", "notes")
_author: Any = bindparam("author", type_=Text())
_policy = insert(policies).values(
    account_id=bindparam(TENANT, type_=Text()),
    scope_type=bindparam("scope_type", type_=Text()),
    scope_id=bindparam("scope_id", type_=Text()),
    created_by=_author,
    updated_by=_author,
    **{name: bindparam(name, type_=policies.c[name].type) for name in _WRITTEN},
)
_SET = Statement(
    _policy.on_conflict_do_update(
        constraint="guardrail_policies_scope",
        set_={name: _policy.excluded[name] for name in (*_WRITTEN, "updated_by")}
        | {"updated_at": func.now()},
    )
)
_DELETE = Statement(
    policies.delete().where(
        in_account(policies), policies.c.id == bindparam("row_id", type_=policies.c.id.type)
    )
)


async def set_policy(
    database: Database, caller: Caller, scope: ScopeRow, values: dict[str, Any]
) -> None:
    """Create or replace the policy of a scope."""
    await database.execute(
        _SET,
        scope_type=scope.type,
        scope_id=scope.id,
        author=caller.id,
        **values,
        **tenant_values(caller),
    )


async def delete_policy(database: Database, caller: Caller, id: str) -> None:
    """Remove a policy."""
    await database.execute(_DELETE, row_id=id, **tenant_values(caller))
