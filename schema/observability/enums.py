"""Enumerations of events."""

from __future__ import annotations

from enum import StrEnum

from schema.base.enums import described

__all__ = ["AuditEventOrderField", "AuditExportFormat", "AuditSource", "CockpitModule"]


@described(
    "Parts of the cockpit.",
    ACCOUNTS="Accounts and their settings.",
    DIRECTORY="Directory.",
    BUDGETS="Budgets and usage.",
    AGENTS="Agents.",
    MARKETPLACE="Marketplace.",
    CONNECTORS="Connections and integrations.",
    MODELS="Models.",
    GUARDRAILS="Guardrails.",
    ENTITLEMENTS="Entitlements and features.",
    NOTIFICATIONS="Notifications.",
    SUPPORT="Support tickets.",
    OBSERVABILITY="Observability.",
    OPERATIONS="Platform operations.",
    GOVERNANCE="Governance.",
    IDENTITY="Sign-in and identity provider.",
    GATEWAY="The model gateway.",
)
class CockpitModule(StrEnum):
    """Part of the cockpit."""

    ACCOUNTS = "ACCOUNTS"
    DIRECTORY = "DIRECTORY"
    BUDGETS = "BUDGETS"
    AGENTS = "AGENTS"
    MARKETPLACE = "MARKETPLACE"
    CONNECTORS = "CONNECTORS"
    MODELS = "MODELS"
    GUARDRAILS = "GUARDRAILS"
    ENTITLEMENTS = "ENTITLEMENTS"
    NOTIFICATIONS = "NOTIFICATIONS"
    SUPPORT = "SUPPORT"
    OBSERVABILITY = "OBSERVABILITY"
    OPERATIONS = "OPERATIONS"
    GOVERNANCE = "GOVERNANCE"
    IDENTITY = "IDENTITY"
    GATEWAY = "GATEWAY"


@described(
    "Stores audit events come from.",
    COCKPIT="The cockpit's own log.",
    GUARDRAILS="The guardrail change log.",
    GATEWAY="The model gateway's log of keys, users, teams and models.",
    MODEL_CALLS="The external log of model calls, when one is configured.",
)
class AuditSource(StrEnum):
    """Store an event comes from."""

    COCKPIT = "COCKPIT"
    GUARDRAILS = "GUARDRAILS"
    GATEWAY = "GATEWAY"
    MODEL_CALLS = "MODEL_CALLS"


@described("What audit events can be sorted by.", OCCURRED_AT="By time.", SEVERITY="By severity.")
class AuditEventOrderField(StrEnum):
    """What audit events can be sorted by."""

    OCCURRED_AT = "OCCURRED_AT"
    SEVERITY = "SEVERITY"


@described(
    "Formats of an export.",
    NDJSON="One JSON object per line.",
    CSV="Comma-separated values with a header.",
)
class AuditExportFormat(StrEnum):
    """Format of an export."""

    NDJSON = "NDJSON"
    CSV = "CSV"
