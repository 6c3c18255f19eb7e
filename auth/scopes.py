"""Every scope: what it lets a machine client do, and the roles whose sessions carry it.

A person carries the scopes their roles cover, a machine client only those granted to it, and a
super admin every one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from auth.caller import Role

__all__ = ["ACCOUNTS_ANY", "SCOPES", "Scope", "known_scopes", "scopes_of_roles"]

ACCOUNTS_ANY = "accounts:any"
"""Lets a platform credential act in every account; super admins alone grant it."""

_ADMIN = frozenset({Role.ACCOUNT_ADMIN})
_READERS = frozenset({Role.ACCOUNT_ADMIN, Role.AUDITOR})
_EVERYBODY = frozenset({Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.MEMBER})
_USERS = frozenset({Role.ACCOUNT_ADMIN, Role.MEMBER})
_MACHINES: frozenset[Role] = frozenset()


class Scope(NamedTuple):
    """A right that a credential can be granted."""

    name: str
    description: str
    roles: frozenset[Role]
    """Roles whose sessions carry it. None: machines alone, granted by a super admin."""


SCOPES: Mapping[str, Scope] = MappingProxyType(
    {
        scope.name: scope
        for scope in (
            Scope("access:read", "Effective access of a person, team or group.", _EVERYBODY),
            Scope("accounts:read", "The account and its settings.", _READERS),
            Scope(ACCOUNTS_ANY, "Act in every account, for platform credentials.", _MACHINES),
            Scope("agents:read", "Agents and agent groups.", _READERS),
            Scope("agents:write", "Change agents and agent groups.", _ADMIN),
            Scope("budgets:read", "Budgets, plans, summaries and alerts.", _READERS),
            Scope("budgets:write", "Change budgets and plans.", _ADMIN),
            Scope("connectors:read", "Connectors and integrations, without secrets.", _EVERYBODY),
            Scope("connectors:use", "Use a connector with its secrets, to run tools.", _MACHINES),
            Scope("connectors:write", "Change connectors and integrations.", _USERS),
            Scope("directory:read", "People, groups, teams and invites.", _READERS),
            Scope("directory:write", "Change people, groups, teams and invites.", _ADMIN),
            Scope("entitlements:read", "Features, quotas and policies.", _READERS),
            Scope("entitlements:write", "Change feature policies, record quota use.", _ADMIN),
            Scope("governance:read", "Governance policies and reviews.", _READERS),
            Scope("governance:write", "Change governance policies and reviews.", _ADMIN),
            Scope("guardrails:read", "Guardrail settings and patterns.", _READERS),
            Scope("guardrails:write", "Change guardrails, report what they did.", _ADMIN),
            Scope("marketplace:read", "Items published or assigned.", _EVERYBODY),
            Scope("marketplace:write", "Install, publish and assign items.", _USERS),
            Scope("models:read", "The model catalogue and its selection.", _READERS),
            Scope("models:write", "Change the selection of models.", _ADMIN),
            Scope("notifications:read", "Notification templates.", _READERS),
            Scope("notifications:write", "Change notification templates.", _ADMIN),
            Scope("observability:read", "Audit events, logs and metrics.", _READERS),
            Scope("operations:read", "Key figures and operations.", _READERS),
            Scope("support:read", "Support tickets.", _EVERYBODY),
            Scope("support:write", "Open and work on support tickets.", _USERS),
            Scope("usage:read", "Recorded usage of credits.", _READERS),
            Scope("usage:refund", "Take recorded usage back.", _MACHINES),
            Scope("usage:write", "Record usage of credits.", _ADMIN),
        )
    }
)
"""Every scope by name."""


def scopes_of_roles(roles: Iterable[Role]) -> frozenset[str]:
    """The scopes that the sessions of a person with these roles carry."""
    held = frozenset(roles)
    if Role.SUPER_ADMIN in held:
        return frozenset(SCOPES)
    return frozenset(scope.name for scope in SCOPES.values() if scope.roles & held)


def known_scopes(granted: Iterable[str]) -> frozenset[str]:
    """The granted scopes that exist; a name no longer known opens nothing."""
    return frozenset(granted).intersection(SCOPES)
