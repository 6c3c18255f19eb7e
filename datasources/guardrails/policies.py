"""Guards that scopes require."""

from __future__ import annotations

from sqlalchemy import Text, select
from sqlalchemy.dialects.postgresql import ARRAY

from datasources.conditions import any_of, matching
from datasources.guardrails.rows import PolicyRow
from datasources.guardrails.tables import policies
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One

__all__ = ["account_policies", "policies_by_id", "policies_by_scope"]

_SOURCE = select(*[policies.c[name] for name in PolicyRow._fields])

policies_by_id = One(PolicyRow, _SOURCE)
"""The policy of each id."""

policies_by_scope = One(PolicyRow, _SOURCE, key=("account_id", "scope_type", "scope_id"))
"""The policy of each scope, by account, level and id."""

account_policies = Pages(
    PolicyRow,
    _SOURCE,
    orders={"UPDATED_AT": ("updated_at",)},
    default=Sorting("UPDATED_AT", descending=True),
    conditions={
        "scope_types": any_of(policies.c.scope_type),
        "scope_ids": any_of(policies.c.scope_id),
        "guards": matching(
            ARRAY(Text()),
            policies.c.required_guards.op("&&"),
            list,
        ),
    },
)
"""Policies of all scopes of an account."""
