"""Permission policies of scopes: what people may do with connectors.

The policies' own table has a value for everything; `policy_details` says which of them are not the
policy's own but inherited, as long as nobody has written the policy anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, Select, Text, and_, any_, case, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from datasources.conditions import any_of, matching
from datasources.connectors.tables import policies, policy_details
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One
from datasources.scopes import ScopeRow

__all__ = ["MODES", "PolicyRow", "account_policies", "policies_by_id", "policy_of_place"]

MODES = {
    "admin_managed_use_only": "USE_ONLY",
    "self_managed_allowed": "SELF_MANAGED_ALLOWED",
}
"""How a policy's mode is stored, and how the graph calls it."""


class PolicyRow(NamedTuple):
    """What people of a scope may do with connectors of a type, or of all types."""

    id: str
    account_id: str
    scope_type: str
    scope_id: str
    type: str | None
    """None for all types."""
    mode: str | None
    """None where it is inherited, as with the next."""
    can_use_admin_connectors: bool | None
    notes: str | None
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None

    @property
    def scope(self) -> ScopeRow:
        """Scope it is stored for."""
        return ScopeRow(self.scope_type, self.scope_id, self.account_id)


_of = policies.c
_level = func.upper(_of.scope_type, type_=Text())
_type: ColumnElement[str | None] = func.upper(
    func.nullif(_of.connection_type, word("all")), type_=Text()
)
_own_mode = func.nullif(_of.permission_mode, policy_details.c.inherited_mode)


def _policies() -> Select[Any]:
    return select(
        _of.id,
        _of.account_id,
        _level.label("scope_type"),
        _of.scope_id,
        _of.connection_type.label("stored_type"),
        _type.label("type"),
        case(*[(_own_mode == word(name), word(mode)) for name, mode in MODES.items()]).label(
            "mode"
        ),
        func.nullif(
            _of.allow_use_admin_connections, policy_details.c.inherited_use, type_=Boolean()
        ).label("can_use_admin_connectors"),
        _of.notes,
        _of.created_at,
        _of.updated_at,
        _of.created_by,
        _of.updated_by,
    ).select_from(
        policies.outerjoin(
            policy_details,
            and_(
                policy_details.c.policy_id == _of.id,
                policy_details.c.account_id == _of.account_id,
                policy_details.c.as_of == _of.updated_at,
            ),
        )
    )


policies_by_id = One(PolicyRow, _policies())
"""The policy of each id."""

policy_of_place = One(
    PolicyRow, _policies(), key=("account_id", "scope_type", "scope_id", "stored_type")
)
"""The policy of each account, level, scope and stored type."""

account_policies = Pages(
    PolicyRow,
    _policies(),
    orders={"SCOPE": ("scope_type", "scope_id", "stored_type")},
    default=Sorting("SCOPE"),
    conditions={
        "scope_types": any_of(_level),
        "scope_ids": any_of(_of.scope_id),
        "types": matching(
            ARRAY(Text()), lambda types: or_(_type.is_(None), _type == any_(types)), list
        ),
    },
)
"""Policies of all scopes of an account; those of some types are also those of all types."""
