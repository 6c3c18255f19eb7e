"""What guardrails required, changed and found: policies, the log of changes, events."""

from __future__ import annotations

from typing import Any, NamedTuple

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.models import MODEL_NAMES
from datasources.demo.roster import Roster

__all__ = ["add_guardrail_events"]

_MOST_EVENTS = 120


class _Policy(NamedTuple):
    scope_type: str
    scope_id: str
    guards: tuple[str, ...]
    mode: str
    is_enabled: bool = True
    notes: str | None = None


class _Change(NamedTuple):
    guard: str
    action: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    fields: list[str]


class _Fired(NamedTuple):
    guard: str
    severity: str
    action: str
    category: str


_FIRED = (
    _Fired("PII", "LOW", "BLOCK", "IP address"),
    _Fired("PII", "HIGH", "BLOCK", "IBAN"),
    _Fired("TOXIC", "MEDIUM", "FLAG", "Insult"),
    _Fired("PII", "MEDIUM", "BLOCK", "E-mail address"),
    _Fired("JAILBREAK", "CRITICAL", "LOG_ONLY", "Ignoring instructions"),
    _Fired("PII", "LOW", "BLOCK", "Telephone number"),
    _Fired("TOXIC", "LOW", "FLAG", "Insult"),
)


def add_guardrail_events(dataset: Dataset, roster: Roster) -> None:
    """What became of a tenant's guardrails so far."""
    policies = _policies(roster)
    for age, policy in enumerate(policies, start=3):
        _add_policy(dataset, roster, policy, age)
    _add_pattern_changes(dataset, roster)
    if roster.tenant.key == "bank":
        dataset.add(
            "gateway.agent_guards",
            agent_id=demo_id("agent", "bank", "KYC Assistant"),
            account_id=roster.tenant.id,
            required_guards=["PII", "JAILBREAK"],
            updated_by=roster.admin.id,
            updated_at=dataset.ago(days=6),
        )
    for number in range(min(_MOST_EVENTS, roster.tenant.size // 4)):
        _add_event(dataset, roster, number)


def _policies(roster: Roster) -> tuple[_Policy, ...]:
    team = next(team for team in roster.teams if not team.is_default)
    return (
        _Policy("ACCOUNT", roster.tenant.id, ("PII",), "ENFORCE", notes="Asked for by the DPO"),
        _Policy("GROUP", team.group.id, ("TOXIC",), "ADVISORY"),
        _Policy("TEAM", team.id, ("PII", "JAILBREAK"), "ADVISORY"),
        _Policy("USER", roster.people[2].id, ("JAILBREAK",), "ENFORCE", is_enabled=False),
    )


def _add_policy(dataset: Dataset, roster: Roster, policy: _Policy, age: int) -> None:
    id = demo_id("guardrail policy", roster.tenant.key, policy.scope_type)
    values = {
        "required_guards": list(policy.guards),
        "mode": policy.mode,
        "is_enabled": policy.is_enabled,
        "notes": policy.notes,
    }
    dataset.add(
        "gateway.guardrail_policies",
        id=id,
        account_id=roster.tenant.id,
        scope_type=policy.scope_type,
        scope_id=policy.scope_id,
        created_by=roster.admin.id,
        updated_by=roster.admin.id,
        created_at=dataset.ago(days=age),
        updated_at=dataset.ago(days=age),
        **values,
    )
    about = {"policy_id": id, "scope_type": policy.scope_type, "scope_id": policy.scope_id}
    said = {name: value for name, value in values.items() if value is not None}
    change = _Change("policy", "create", None, about | said, [*said])
    _add_change(dataset, roster, change, age)


def _add_pattern_changes(dataset: Dataset, roster: Roster) -> None:
    about = {"pattern_id": demo_id("pattern", roster.tenant.id, "Gone"), "pattern_name": "Phone"}
    regex, wider = r"\b\d{6}\b", r"\b\d{6,8}\b"
    values = {"regex": wider, "type": "DETECT", "action": "MASK", "severity": "LOW"}
    changes = (
        _Change("pii", "update", about | {"regex": regex}, about | {"regex": wider}, ["regex"]),
        _Change("pii", "delete", about | values, None, [*values]),
    )
    for age, change in zip((4, 2), changes, strict=True):
        _add_change(dataset, roster, change, age)


def _add_change(dataset: Dataset, roster: Roster, change: _Change, age: int) -> None:
    dataset.add(
        "copilot.guardrails_audit_log",
        id=demo_id("guardrail change", roster.tenant.key, change.guard, change.action, age),
        account_id=roster.tenant.id,
        guard_type=change.guard,
        action=change.action,
        old_config=change.old,
        new_config=change.new,
        changed_fields=change.fields,
        changed_by=roster.admin.id,
        changed_at=dataset.ago(days=age),
    )


def _add_event(dataset: Dataset, roster: Roster, number: int) -> None:
    fired = _FIRED[number % len(_FIRED)]
    person = roster.people[(number * 5) % len(roster.people)]
    moment = dataset.ago(hours=number * 5 + 2)
    dataset.add(
        "gateway.guardrail_events",
        id=demo_id("guardrail event", roster.tenant.key, number),
        account_id=roster.tenant.id,
        guard=fired.guard,
        severity=fired.severity,
        action=fired.action,
        user_id=person.id,
        model_name=MODEL_NAMES[number % 4],
        category=fired.category,
        request_id=demo_id("request", roster.tenant.key, number),
        occurred_at=moment,
        recorded_at=moment,
    )
