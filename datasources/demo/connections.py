"""Connections to other systems, the integrations of the platform, and who may use which.

Credentials are there because rows really hold them; they open nothing.
"""

from __future__ import annotations

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
    _add_permission(dataset, roster, "account", roster.tenant.id, kind="all", mode=_MANAGED)
    if roster.tenant.size > 100:
        group = roster.groups[1].id
        _add_permission(dataset, roster, "group", group, kind="mcp", mode=_OWN)
        _add_permission(dataset, roster, "team", "missing", kind="openapi", mode=_OWN)


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


def _add_permission(
    dataset: Dataset, roster: Roster, scope_type: str, scope_id: str, *, kind: str, mode: str
) -> None:
    dataset.add(
        "copilot.connection_permission_policies",
        id=demo_id("connection policy", roster.tenant.key, scope_type, scope_id, kind),
        account_id=roster.tenant.id,
        scope_type=scope_type,
        scope_id=scope_id,
        connection_type=kind,
        permission_mode=mode,
        created_by=roster.admin.email,
        created_at=dataset.ago(days=33),
        updated_at=dataset.ago(days=33),
    )
