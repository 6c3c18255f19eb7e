"""Enumerations of guardrails."""

from __future__ import annotations

from enum import StrEnum

from schema.base.enums import described

__all__ = [
    "GuardAction",
    "GuardMode",
    "GuardrailAlertKind",
    "GuardrailEventOrderField",
    "GuardrailPatternOrderField",
    "PatternAction",
    "PatternSeverity",
    "PatternType",
]


@described(
    "What happens when a guard fires.",
    BLOCK="The request is refused.",
    FLAG="The request passes and is marked.",
    LOG_ONLY="The request passes; only the log tells.",
)
class GuardAction(StrEnum):
    """What happens when a guard fires."""

    BLOCK = "BLOCK"
    FLAG = "FLAG"
    LOG_ONLY = "LOG_ONLY"


@described(
    "How binding a requirement is.",
    ENFORCE="The guard's action is carried out.",
    ADVISORY="The guard runs and reports; nothing is refused.",
)
class GuardMode(StrEnum):
    """How binding a requirement is."""

    ENFORCE = "ENFORCE"
    ADVISORY = "ADVISORY"


@described(
    "What a match of a pattern means.",
    DETECT="Found something the guard looks for.",
    BLOCK="Found something that is always refused.",
    ALLOW="Found something that is always fine.",
)
class PatternType(StrEnum):
    """What a match of a pattern means."""

    DETECT = "DETECT"
    BLOCK = "BLOCK"
    ALLOW = "ALLOW"


@described(
    "What happens to matched text.",
    MASK="Replaced by a mask of equal length.",
    REDACT="Removed.",
    HASH="Replaced by a hash.",
    BLOCK="The request is refused.",
)
class PatternAction(StrEnum):
    """What happens to matched text."""

    MASK = "MASK"
    REDACT = "REDACT"
    HASH = "HASH"
    BLOCK = "BLOCK"


@described(
    "How serious a match is.",
    LOW="Of little concern.",
    MEDIUM="Of some concern.",
    HIGH="Serious.",
    CRITICAL="Very serious.",
)
class PatternSeverity(StrEnum):
    """How serious a match is."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


@described(
    "Why a guardrail alert exists.",
    GUARD_DISABLED="A configured guard is switched off.",
    PROTECTION_REMOVED="A guard was switched off or a pattern or policy deleted lately.",
    VIOLATION="A guard fired with high or critical severity.",
)
class GuardrailAlertKind(StrEnum):
    """Why a guardrail alert exists."""

    GUARD_DISABLED = "GUARD_DISABLED"
    PROTECTION_REMOVED = "PROTECTION_REMOVED"
    VIOLATION = "VIOLATION"


@described(
    "What guardrail patterns can be sorted by.",
    CREATED_AT="By time of creation.",
    NAME="By name.",
    SEVERITY="By severity.",
)
class GuardrailPatternOrderField(StrEnum):
    """What guardrail patterns can be sorted by."""

    CREATED_AT = "CREATED_AT"
    NAME = "NAME"
    SEVERITY = "SEVERITY"


@described(
    "What guardrail events can be sorted by.",
    OCCURRED_AT="By time.",
    SEVERITY="By severity.",
)
class GuardrailEventOrderField(StrEnum):
    """What guardrail events can be sorted by."""

    OCCURRED_AT = "OCCURRED_AT"
    SEVERITY = "SEVERITY"
