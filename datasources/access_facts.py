"""What decides about scopes, read in one statement: how the account stands, and what modules add.

Every module that decides adds a `AccessPart`, a column of the statement; an operation reads the
parts that it asks for. All of it is as of one moment.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import text

from auth.caller import Caller
from datasources.access import CHAIN, asked_scopes
from datasources.access_versions import CATALOGUE, HOLDS_UNTIL, VERSION, AccessVersionRow
from datasources.base import Database, Statement
from datasources.features import CURRENT_ENTITLEMENTS, switches_of
from datasources.overrides import OVERRIDES_OF_CHAIN, Override, overrides_in
from datasources.scopes import LEVELS, ScopeRow

__all__ = ["AccessFacts", "AccessPart", "AccessReading", "FlagsRow", "access_facts", "reading_of"]


class FlagsRow(NamedTuple):
    """What a scope says about features."""

    id: str
    scope: ScopeRow
    flags: Mapping[str, Any]


class AccessFacts(NamedTuple):
    """What decides about the features of a scope."""

    scope: ScopeRow
    chain: tuple[ScopeRow, ...]
    """Most specific first."""
    policies: tuple[FlagsRow, ...]
    """Broadest first."""
    stored_roles: tuple[str | None, ...]
    switches: Mapping[str, Any]
    entitlements: Sequence[Sequence[Any]]
    overrides: tuple[Override, ...]
    """Broadest first."""


@dataclass(frozen=True, eq=False, slots=True)
class AccessPart:
    """What one module adds to the statement.

    Both are text of ours, over `chain` and the other steps of `CHAIN`, and the account's row.
    """

    value: str
    """An expression, its value for the scope `asked`."""
    make: Callable[[ScopeRow, Any, Any], Any]
    """Makes what the module decides on of the scope, the value and the account's document."""
    steps: str = ""
    """Further steps, each with a comma before it."""


class AccessReading(NamedTuple):
    """What was read about one scope."""

    stand: AccessVersionRow
    facts: AccessFacts | None
    """None where there is no such scope."""
    parts: Mapping[AccessPart, Any]


_FACTS = f"""asked.id,
    CASE asked.type
        WHEN 'ACCOUNT' THEN asked.id = asked.account_id
        WHEN 'USER' THEN EXISTS (SELECT FROM person WHERE person.ordinal = asked.ordinal)
            OR EXISTS (SELECT FROM identity
                WHERE identity.ordinal = asked.ordinal AND identity.user_id = asked.id)
        WHEN 'TEAM' THEN EXISTS (SELECT FROM copilot.teams
                WHERE teams.id = asked.uuid AND teams.account_id = asked.account_id)
            OR EXISTS (SELECT FROM "LiteLLM_TeamTable" AS known
                WHERE known.team_id = asked.id AND known.account_id = asked.account_id)
        ELSE EXISTS (SELECT FROM copilot.groups
                WHERE groups.id = asked.uuid AND groups.account_id = asked.account_id)
            OR EXISTS (SELECT FROM "LiteLLM_OrganizationTable" AS known
                WHERE known.organization_id = asked.id AND known.account_id = asked.account_id)
    END,
    (SELECT json_agg(json_build_array(chain.level, chain.id) ORDER BY chain.level DESC, chain.id)
        FROM chain WHERE chain.ordinal = asked.ordinal),
    (SELECT coalesce(json_agg(json_build_array(policy.id, chain.level, chain.id, policy.flags)
            ORDER BY chain.level, chain.id), '[]')
        FROM chain JOIN copilot.feature_flag_policies AS policy
            ON policy.account_id = chain.account_id AND policy.scope_id = chain.id
            AND policy.scope_type = (ARRAY['account', 'group', 'team', 'user'])[chain.level + 1]
        WHERE chain.ordinal = asked.ordinal),
    (SELECT coalesce(json_agg(named.role), '[]') FROM (
        SELECT app_role AS role FROM member WHERE member.ordinal = asked.ordinal
        UNION SELECT user_role FROM identity WHERE identity.ordinal = asked.ordinal
        UNION SELECT 'account_admin' FROM person JOIN "Alchemi_AccountAdminTable" AS admins
            ON admins.account_id = person.account_id AND lower(admins.user_email) = person.email
            WHERE person.ordinal = asked.ordinal) AS named),
    "Alchemi_AccountTable".metadata,
    {CURRENT_ENTITLEMENTS},
    {OVERRIDES_OF_CHAIN},
    {VERSION},
    {CATALOGUE},
    {HOLDS_UNTIL}"""  # noqa: S608 - constants of ours
_FROM = """
FROM asked JOIN "Alchemi_AccountTable" ON "Alchemi_AccountTable".account_id = asked.account_id
"""


class _Stored(NamedTuple):
    """What the statement answers of a scope, in the order of `_FACTS`."""

    id: str
    exists: bool
    chain: Sequence[Sequence[Any]]
    policies: Sequence[Sequence[Any]]
    roles: Sequence[str | None]
    document: Any
    entitlements: Sequence[Sequence[Any]]
    overrides: Sequence[Sequence[Any]]
    version: str
    catalogue: str | None
    holds_until: str
    parts: Sequence[Any]


class _Reading:
    """The batch read of some parts, by scopes."""

    def __init__(self, parts: Sequence[AccessPart]) -> None:
        self._parts = tuple(parts)
        steps = "".join(part.steps for part in self._parts)
        added = f"json_build_array({', '.join(part.value for part in self._parts)})"
        # PERF: bench/access; one value is sent and parsed in half the time that a dozen take.
        shown = f"SELECT asked.ordinal, now(), json_build_array({_FACTS}, {added})"
        self._statement = Statement(text(CHAIN + steps + shown + _FROM))

    async def __call__(
        self, database: Database, caller: Caller, scopes: Sequence[ScopeRow]
    ) -> list[AccessReading | None]:
        """Read about these scopes; None where the account does not exist or is out of reach."""
        found: list[AccessReading | None] = [None] * len(scopes)
        wanted = [i for i, scope in enumerate(scopes) if caller.reaches(scope.account_id)]
        if wanted:
            asked = asked_scopes([scopes[i] for i in wanted])
            for ordinal, read_at, values in await database.fetch(self._statement, **asked):
                position = wanted[ordinal - 1]
                found[position] = self._made(scopes[position], read_at, _Stored._make(values))
        return found

    def _made(self, asked: ScopeRow, read_at: datetime, stored: _Stored) -> AccessReading:
        scope = asked._replace(id=stored.id)
        holds_until = datetime.fromisoformat(stored.holds_until)
        return AccessReading(
            AccessVersionRow(stored.version, stored.catalogue, read_at, holds_until),
            _facts(scope, stored) if stored.exists else None,
            {
                part: part.make(scope, value, stored.document)
                for part, value in zip(self._parts, stored.parts, strict=True)
            },
        )


def _facts(scope: ScopeRow, stored: _Stored) -> AccessFacts:
    def at(level: int, id: str) -> ScopeRow:
        return ScopeRow(LEVELS[level], id, scope.account_id)

    return AccessFacts(
        scope=scope,
        chain=tuple(at(*place) for place in stored.chain),
        policies=tuple(
            FlagsRow(id, at(level, place), flags if isinstance(flags, dict) else {})
            for id, level, place, flags in stored.policies
        ),
        stored_roles=tuple(stored.roles),
        switches=switches_of(stored.document),
        entitlements=stored.entitlements,
        overrides=overrides_in(stored.overrides),
    )


@cache
def reading_of(parts: frozenset[AccessPart]) -> _Reading:
    """The read of some parts beside the facts, compiled once."""
    return _Reading(sorted(parts, key=lambda part: part.value))


async def access_facts(
    database: Database, caller: Caller, scopes: Sequence[Hashable]
) -> list[AccessFacts | None]:
    """What decides about these scopes; None where one does not exist or is out of reach."""
    read: Any = reading_of(frozenset())
    return [None if one is None else one.facts for one in await read(database, caller, scopes)]
