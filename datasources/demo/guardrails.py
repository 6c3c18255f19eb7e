"""Guardrails: how they are set, own patterns, and the log of changes."""

from __future__ import annotations

from typing import Any, NamedTuple

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.roster import Roster

__all__ = ["add_guardrails", "add_system_patterns"]

_GUARDS: tuple[tuple[str, bool, str, dict[str, Any]], ...] = (
    ("pii", True, "block", {"threshold": 0.8}),
    ("toxic", True, "flag", {"sensitivity": "medium"}),
    ("jailbreak", False, "log_only", {}),
)


class _Pattern(NamedTuple):
    name: str
    regex: str
    guard: str = "pii"
    action: str = "mask"
    severity: str = "medium"


_SYSTEM = (
    _Pattern("E-mail address", r"[\w.+-]+@[\w-]+\.[\w.]+"),
    _Pattern("IBAN", r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b", severity="high"),
    _Pattern(
        "Ignore instructions", r"(?i)ignore (all|previous) instructions", "jailbreak", "block"
    ),
)
_OWN = {
    "bank": (
        _Pattern("Numéro de compte interne", r"\bMBL-\d{7}\b", action="redact", severity="high"),
        _Pattern("Client code", r"\bC\d{6}\b", action="hash"),
    ),
    "hospital": (
        _Pattern("Fallnummer", r"\bF-\d{8}\b", action="redact", severity="critical"),
        _Pattern("Krankenversichertennummer", r"\b[A-Z]\d{9}\b", severity="critical"),
    ),
    "lawfirm": (_Pattern("Matter number", r"\b\d{5}\.\d{4}\b"),),
}


def add_system_patterns(dataset: Dataset) -> None:
    """Patterns of the platform; migration lost the mark that says so on all but the first."""
    for number, pattern in enumerate(_SYSTEM):
        _add_pattern(dataset, None, "super_admin", pattern, is_system=number == 0)


def add_guardrails(dataset: Dataset, roster: Roster) -> None:
    """Settings, policies and patterns of a tenant."""
    for order, (guard, enabled, action, config) in enumerate(_GUARDS, start=1):
        dataset.add(
            "copilot.guardrails_config",
            id=demo_id("guardrail", roster.tenant.key, guard),
            account_id=roster.tenant.id,
            guard_type=guard,
            enabled=enabled,
            execution_order=order,
            action_on_fail=action,
            config=config | {"scope_policies": _policies(dataset, roster)} if order < 3 else config,
            updated_by=roster.admin.id,
            created_at=dataset.ago(days=28),
            updated_at=dataset.ago(days=order * 4),
        )
        _add_change(dataset, roster, guard, {"enabled": not enabled}, {"enabled": enabled})
    for pattern in _OWN.get(roster.tenant.key, ()):
        _add_pattern(dataset, roster.tenant.id, roster.admin.id, pattern)


def _policies(dataset: Dataset, roster: Roster) -> dict[str, Any]:
    scopes = [("account", roster.tenant.id), ("team", roster.teams[0].id)]
    return {
        f"{type_}:{id}": {
            "scope_type": type_,
            "scope_id": id,
            "mode": "enforce" if type_ == "account" else "advisory",
            "notes": None,
            "is_enabled": True,
            "updated_at": dataset.ago(days=7).replace(tzinfo=None),
            "updated_by": roster.admin.id,
        }
        for type_, id in scopes
    }


def _add_change(
    dataset: Dataset, roster: Roster, guard: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    dataset.add(
        "copilot.guardrails_audit_log",
        id=demo_id("guardrail change", roster.tenant.key, guard),
        account_id=roster.tenant.id,
        guard_type=guard,
        action="enable" if new["enabled"] else "disable",
        old_config=old,
        new_config=new,
        changed_by=roster.admin.id,
        changed_at=dataset.ago(days=8),
    )


def _add_pattern(
    dataset: Dataset,
    account_id: str | None,
    author: str,
    pattern: _Pattern,
    *,
    is_system: bool = False,
) -> None:
    dataset.add(
        "copilot.guardrails_custom_patterns",
        id=demo_id("pattern", account_id, pattern.name),
        account_id=account_id,
        guard_type=pattern.guard,
        pattern_name=pattern.name,
        pattern_regex=pattern.regex,
        pattern_type="block" if pattern.action == "block" else "detect",
        action=pattern.action,
        is_system=is_system,
        severity=pattern.severity,
        created_by=author,
        created_at=dataset.ago(days=26),
        updated_at=dataset.ago(days=26),
    )
