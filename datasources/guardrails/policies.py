"""Guards that scopes require."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Text, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from auth.caller import Caller
from datasources.access import CHAIN, asked_scopes
from datasources.base import Database, Statement
from datasources.conditions import any_of, matching
from datasources.guardrails.rows import PolicyRow
from datasources.guardrails.tables import policies
from datasources.pages import Pages, Sorting
from datasources.reads import One
from datasources.scopes import ScopeRow

__all__ = ["account_policies", "policies_by_id", "policies_by_scope", "policies_of_chain"]

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


_COLUMNS = ", ".join(f"policy.{name}" for name in PolicyRow._fields)
_OF_CHAIN = Statement(
    text(
        CHAIN
        + f"""
SELECT chain.ordinal, {_COLUMNS}
FROM chain JOIN gateway.guardrail_policies AS policy
    ON policy.account_id = chain.account_id AND policy.scope_id = chain.id
    AND policy.scope_type = (ARRAY['ACCOUNT', 'GROUP', 'TEAM', 'USER'])[chain.level + 1]
WHERE policy.is_enabled
ORDER BY chain.ordinal, chain.level, chain.id
"""  # noqa: S608 - constants of ours
    )
)


async def policies_of_chain(
    database: Database, caller: Caller, scopes: Sequence[ScopeRow]
) -> list[list[PolicyRow]]:
    """The enabled policies of each scope and all it lies in, the broadest first."""
    found: list[list[PolicyRow]] = [[] for _ in scopes]
    wanted = [i for i, scope in enumerate(scopes) if caller.reaches(scope.account_id)]
    if wanted:
        asked = asked_scopes([scopes[i] for i in wanted])
        for record in await database.fetch(_OF_CHAIN, **asked):
            found[wanted[record[0] - 1]].append(PolicyRow(*record[1:]))
    return found
