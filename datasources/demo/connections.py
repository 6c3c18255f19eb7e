"""Connections to other systems, the integrations of the platform, and who may use which.

Credentials are there because rows really hold them; they open nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.roster import Roster

__all__ = ["add_connections", "add_integrations", "connection_id"]

_MANAGED, _OWN = "admin_managed_use_only", "self_managed_allowed"
_OPENS_NOTHING = "demo-only-opens-nothing"


class _Connection(NamedTuple):
    type: str
    name: str
    description: str
    data: dict[str, Any]
    is_active: bool = True


class _Permission(NamedTuple):
    scope_type: str
    scope_id: str
    kind: str
    mode: str
    may_use: bool = True
    inherits: str | None = None
    """Which of the two is not the policy's own."""
    notes: str | None = None


def _mcp(url: str) -> dict[str, Any]:
    return {
        "type": "streamable-http",
        "url": url,
        "timeout": 30,
        "headers": {"Authorization": f"Bearer {_OPENS_NOTHING}"},
    }


_CONNECTIONS = (
    _Connection("mcp", "SharePoint", "Search in documents", _mcp("https://mcp.example/sharepoint")),
    _Connection("mcp", "Jira", "Issues and boards", _mcp("https://mcp.example/jira")),
    _Connection(
        "mcp",
        "Local file converter",
        "Converts office files",
        {"type": "stdio", "command": "convert-mcp", "args": ["--quiet"], "env": {"LANG": "C"}},
        is_active=False,
    ),
    _Connection(
        "openapi",
        "Client register",
        "Looks up master data",
        {
            "base_url": "https://register.example/api/v2",
            "spec_url": "https://register.example/api/v2/openapi.json",
            "auth": {
                "type": "api_key",
                "api_key": _OPENS_NOTHING,
                "api_key_header": "X-Register-Key",
            },
            "default_headers": {"Accept-Language": "fr"},
        },
    ),
    _Connection(
        "openapi",
        "Exchange rates",
        "Daily reference rates",
        {"base_url": "https://rates.example", "spec_text": "openapi: 3.1.0", "auth": {}},
    ),
    _Connection("integration", "Gmail", "From the former console", {}),
)

_INTEGRATIONS = (
    ("gmail", "Gmail", "Reads and drafts mail", True),
    ("google-calendar", "Google Calendar", "Finds and books appointments", True),
    ("slack", "Slack", "Posts to channels", True),
    ("notion", "Notion", "Searches pages", True),
    ("salesforce", "Salesforce", "Looks up contacts and deals", True),
    ("hipchat", "HipChat", "Discontinued", False),
)

_ENABLED = {"bank": ("gmail", "slack", "hipchat"), "startup": ("notion", "slack")}
"""Keys of what tenants enabled through the gateway."""


def add_integrations(dataset: Dataset) -> None:
    """The catalogue of the platform."""
    for key, name, description, is_active in _INTEGRATIONS:
        dataset.add(
            "copilot.integration_catalog",
            id=demo_id("integration", key),
            integration_key=key,
            name=name,
            description=description,
            toolkit=key.upper(),
            icon=key,
            is_active=is_active,
            metadata={} if is_active else {"legacy_source_table": "integrations"},
            created_by="super_admin",
            created_at=dataset.ago(days=300),
            updated_at=dataset.ago(days=80),
        )


def connection_id(roster: Roster, name: str) -> str:
    """Id of one of the tenant's connections."""
    return demo_id("connection", roster.tenant.key, name)


def add_connections(dataset: Dataset, roster: Roster) -> None:
    """The tenant's connections and permissions; the smallest tenant has few."""
    count = len(_CONNECTIONS) if roster.tenant.size > 100 else 2
    for number, connection in enumerate(_CONNECTIONS[:count]):
        _add_connection(dataset, roster, number, connection)
    _add_enabled(dataset, roster)
    for permission in _permissions(roster):
        _add_permission(dataset, roster, permission)


def _add_enabled(dataset: Dataset, roster: Roster) -> None:
    """What a tenant enabled, one that is out of use among it; others' documents may say so."""
    keys = _ENABLED.get(roster.tenant.key)
    if keys is not None:
        dataset.add(
            "gateway.integration_lists",
            account_id=roster.tenant.id,
            integration_ids=[demo_id("integration", key) for key in keys],
            updated_by=roster.admin.id,
            updated_at=dataset.ago(days=12),
        )


def _permissions(roster: Roster) -> Iterator[_Permission]:
    """Who may do more or less than use what administrators provide."""
    yield _Permission("account", roster.tenant.id, "all", _MANAGED)
    yield _Permission("user", roster.admin.id, "all", _OWN, notes="Tries connectors out")
    member = roster.people[2]
    yield _Permission("team", member.teams[0].id, "mcp", _OWN, inherits="may_use")
    yield _Permission("team", member.teams[1].id, "all", _MANAGED, may_use=False, inherits="mode")
    if roster.tenant.size > 100:
        yield _Permission("group", roster.groups[1].id, "mcp", _OWN)
        yield _Permission("team", "missing", "openapi", _OWN)


def _add_connection(dataset: Dataset, roster: Roster, number: int, connection: _Connection) -> None:
    owner = roster.people[min(number, 4)]
    is_personal = number == 4
    metadata: dict[str, Any] = {
        "management_mode": "self_managed" if is_personal else "admin_managed"
    }
    if is_personal:
        metadata["owner_user_id"] = owner.id
    dataset.add(
        "copilot.account_connections",
        id=connection_id(roster, connection.name),
        account_id=roster.tenant.id,
        connection_type=connection.type,
        name=connection.name,
        description=connection.description,
        description_for_agent=f"Use it when the answer is in {connection.name}.",
        connection_data=connection.data,
        is_active=connection.is_active,
        is_default=number == 0,
        # Migrated rows hold the text of the document.
        metadata=orjson.dumps(metadata).decode() if number % 3 == 1 else metadata,
        created_by=owner.email if is_personal else roster.admin.email,
        created_at=dataset.ago(days=50 - number),
        updated_at=dataset.ago(days=9),
    )


def _add_permission(dataset: Dataset, roster: Roster, permission: _Permission) -> None:
    moment = dataset.ago(days=33)
    place = (permission.scope_type, permission.scope_id, permission.kind)
    id = demo_id("connection policy", roster.tenant.key, *place)
    dataset.add(
        "copilot.connection_permission_policies",
        id=id,
        account_id=roster.tenant.id,
        scope_type=permission.scope_type,
        scope_id=permission.scope_id,
        connection_type=permission.kind,
        permission_mode=permission.mode,
        allow_use_admin_connections=permission.may_use,
        notes=permission.notes,
        created_by=roster.admin.email,
        created_at=moment,
        updated_at=moment,
    )
    if permission.inherits is not None:
        dataset.add(
            "gateway.connector_policy_details",
            policy_id=id,
            account_id=roster.tenant.id,
            inherited_mode=permission.mode if permission.inherits == "mode" else None,
            inherited_use=permission.may_use if permission.inherits == "may_use" else None,
            as_of=moment,
        )
