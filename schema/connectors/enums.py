"""Enumerations of connectors."""

from __future__ import annotations

from enum import StrEnum

from schema.base.enums import described

__all__ = ["ConnectorPermissionMode", "ConnectorType", "IntegrationOrderField"]


@described(
    "Kinds of connector.",
    MCP="A Model Context Protocol server.",
    OPENAPI="A service described by an OpenAPI document.",
    INTEGRATION="An integration of the catalogue; enabled for an account, never created by hand.",
)
class ConnectorType(StrEnum):
    """Kinds of connector."""

    MCP = "MCP"
    OPENAPI = "OPENAPI"
    INTEGRATION = "INTEGRATION"


@described(
    "What people may do with connectors of a type.",
    USE_ONLY="Use what administrators provide.",
    SELF_MANAGED_ALLOWED="Also create and look after their own.",
)
class ConnectorPermissionMode(StrEnum):
    """What people may do with connectors of a type."""

    USE_ONLY = "USE_ONLY"
    SELF_MANAGED_ALLOWED = "SELF_MANAGED_ALLOWED"


@described(
    "What integrations can be sorted by.",
    NAME="By name.",
    CREATED_AT="By time of creation.",
)
class IntegrationOrderField(StrEnum):
    """What integrations can be sorted by."""

    NAME = "NAME"
    CREATED_AT = "CREATED_AT"
