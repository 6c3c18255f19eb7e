"""Scopes whose access is asked about: their chain, and what stands for what they may use.

A person counts in both directories: under the id asked about, with every team they actively belong
to and every group of those.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import NamedTuple

import orjson

from auth.caller import Caller
from auth.policy import own_ids, sees_whole_account
from datasources.base import Database
from datasources.scopes import LEVELS, ScopeRow

__all__ = [
    "CHAIN",
    "AccessRow",
    "access_of",
    "accesses_by_id",
    "asked_scopes",
    "may_ask_about",
]

_KEPT = 10_000
"""Ids whose meaning is kept. PERF: bench/access; a call reads its own in every module."""

CHAIN = """
WITH asked AS (
    SELECT account_id, type, lower(CAST(uuid AS text)) AS own_id, coalesce(CAST(uuid AS text), id)
        AS id, uuid, ordinal
    FROM unnest(CAST(:accounts AS text[]), CAST(:types AS text[]), CAST(:ids AS text[]))
        WITH ORDINALITY AS given (account_id, type, id, ordinal),
    LATERAL (SELECT CASE WHEN id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        THEN CAST(id AS uuid) END AS uuid) AS as_uuid
), person AS (
    SELECT asked.ordinal, asked.account_id, users.id, lower(users.email) AS email
    FROM asked JOIN copilot.users
        ON users.id = asked.uuid AND users.account_id = asked.account_id
    WHERE asked.type = 'USER'
), identity AS (
    SELECT asked.ordinal, asked.account_id, known.user_id, known.organization_id, known.user_role,
        array_append(known.teams, known.team_id) AS teams
    FROM asked LEFT JOIN person USING (ordinal)
    JOIN "LiteLLM_UserTable" AS known ON known.account_id = asked.account_id
        AND (known.user_id = asked.id OR lower(known.user_email) = person.email)
    WHERE asked.type = 'USER'
), member AS (
    SELECT person.ordinal, person.account_id, person.id AS user_id, first.team_id, first.app_role
    FROM person JOIN copilot.account_memberships AS first
        ON first.user_id = person.id AND first.account_id = person.account_id
    WHERE first.is_active
), team AS (
    SELECT ordinal, account_id, id FROM asked WHERE type = 'TEAM'
    UNION SELECT ordinal, account_id, CAST(team_id AS text) FROM member WHERE team_id IS NOT NULL
    UNION SELECT member.ordinal, member.account_id, CAST(further.team_id AS text)
    FROM member JOIN gateway.team_memberships AS further
        ON further.user_id = member.user_id AND further.account_id = member.account_id
    WHERE further.is_active
    UNION SELECT identity.ordinal, identity.account_id, theirs.team_id
    FROM identity CROSS JOIN unnest(identity.teams) AS named (team_id)
    JOIN "LiteLLM_TeamTable" AS theirs
        ON theirs.team_id = named.team_id AND theirs.account_id = identity.account_id
), own_team AS (
    SELECT ordinal, account_id, id, CASE WHEN id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        THEN CAST(id AS uuid) END AS uuid FROM team
), grouped AS (
    SELECT ordinal, account_id, id FROM asked WHERE type = 'GROUP'
    UNION SELECT own_team.ordinal, own_team.account_id, CAST(teams.group_id AS text)
    FROM own_team JOIN copilot.teams
        ON teams.id = own_team.uuid AND teams.account_id = own_team.account_id
    WHERE teams.group_id IS NOT NULL
    UNION SELECT team.ordinal, team.account_id, theirs.organization_id
    FROM team JOIN "LiteLLM_TeamTable" AS theirs
        ON theirs.team_id = team.id AND theirs.account_id = team.account_id
    WHERE theirs.organization_id IS NOT NULL
    UNION SELECT identity.ordinal, identity.account_id, theirs.organization_id
    FROM identity JOIN "LiteLLM_OrganizationTable" AS theirs
        ON theirs.organization_id = identity.organization_id
        AND theirs.account_id = identity.account_id
), chain AS (
    SELECT ordinal, account_id, 3 AS level, id FROM asked WHERE type = 'USER'
    UNION ALL SELECT ordinal, account_id, 2, id FROM team
    UNION ALL SELECT ordinal, account_id, 1, id FROM grouped
    UNION ALL SELECT ordinal, account_id, 0, account_id FROM asked
)
"""
"""The chain of every scope asked about: `chain (ordinal, account_id, level, id)`, and the steps it
is made in. Takes what `asked_scopes` answers."""


class AccessRow(NamedTuple):
    """Stands for what one scope may use."""

    id: str
    account_id: str
    scope: ScopeRow


def asked_scopes(scopes: Sequence[ScopeRow]) -> dict[str, list[str]]:
    """The values of `CHAIN`."""
    return {
        "accounts": [scope.account_id for scope in scopes],
        "types": [scope.type for scope in scopes],
        "ids": [scope.id for scope in scopes],
    }


def may_ask_about(caller: Caller, scope: ScopeRow) -> bool:
    """Whether the caller may know what a scope may use: members ask only about themselves."""
    if not caller.reaches(scope.account_id):
        return False
    return sees_whole_account(caller) or (
        scope.type == "USER" and scope.id.lower() in own_ids(caller)
    )


@lru_cache(_KEPT)
def access_of(scope: ScopeRow) -> AccessRow:
    """The object that stands for what a scope may use."""
    id = urlsafe_b64encode(orjson.dumps([scope.account_id, scope.type, scope.id])).decode()
    return AccessRow(id, scope.account_id, scope)


class _Accesses:
    """The objects of these ids; None for a made-up id and for a scope not to be asked about."""

    def at_hand(self, caller: Caller, ids: Sequence[Hashable]) -> list[AccessRow | None]:
        """What the ids say; nobody has to be asked."""
        return [_access(caller, id) for id in ids]

    async def __call__(
        self, _database: Database, caller: Caller, ids: Sequence[Hashable]
    ) -> list[AccessRow | None]:
        """The same, as a batch read."""
        return self.at_hand(caller, ids)


accesses_by_id = _Accesses()


def _access(caller: Caller, id: Hashable) -> AccessRow | None:
    row = _named(str(id))
    return row if row is not None and may_ask_about(caller, row.scope) else None


@lru_cache(_KEPT)
def _named(id: str) -> AccessRow | None:
    """The object an id names, whoever asks; None for a made-up one."""
    try:
        account_id, type, scope_id = orjson.loads(urlsafe_b64decode(id))
    except (ValueError, TypeError):
        return None
    parts = (account_id, type, scope_id)
    if not all(isinstance(part, str) for part in parts) or type not in LEVELS:
        return None
    return access_of(ScopeRow(type, scope_id, account_id))
