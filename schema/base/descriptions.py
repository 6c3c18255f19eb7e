"""Descriptions of entities that several modules show a part of; composing wants them to agree."""

from __future__ import annotations

__all__ = [
    "ACCOUNT",
    "AGENT",
    "AUDIT_EVENT",
    "BULK_OPERATION",
    "CONNECTOR",
    "EFFECTIVE_ACCESS",
    "GROUP",
    "MODEL",
    "PLATFORM",
    "SUBSCRIPTION",
    "TEAM",
    "USER",
]

ACCOUNT = (
    "A tenant: one customer company. Everything it owns hangs off this type. Fields that open a "
    "module are null when they are refused or fail, so the rest of an operation still answers."
)
USER = (
    "A person in one account. Members see themselves; others only where they meet them, such as "
    "a ticket's assignee."
)
GROUP = "An organisation inside an account."
TEAM = "A team of a group."
EFFECTIVE_ACCESS = (
    "What a scope may use, answered as one. All teams of a person count: on each level whatever "
    "any of them allows is allowed, while guardrails add up."
)
AGENT = "An agent definition. Members meet it through the marketplace."
AUDIT_EVENT = (
    "Something that happened. Events are never changed; secrets and message texts never enter them."
)
CONNECTOR = "A connection to an outside tool."
MODEL = "A model of the platform's catalogue."
PLATFORM = (
    "What is global. Only super admins reach it; lists over all accounts name the account of "
    "every row."
)
BULK_OPERATION = "A change of many objects at once, with one audit event per account it touched."
SUBSCRIPTION = "Live streams; a client sees only what it could also query."
