"""What happened: audit events of the cockpit and the gateway, keys, and requests with their cost.

Requests are logged without an account: theirs follows from key, team or person.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from datasources.demo.connections import connection_id
from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_digest, demo_id
from datasources.demo.identity import identity_id
from datasources.demo.models import MODEL_NAMES
from datasources.demo.roster import Person, Roster

__all__ = ["add_trail"]

_DAYS = 30
_MOST_REQUESTS = 2000
_PROVIDERS = {"gpt": "openai", "cla": "anthropic", "mis": "mistral"}


class _Event(NamedTuple):
    type: str
    resource: str
    action: str
    resource_id: str
    details: dict[str, Any]
    severity: str = "info"


def add_trail(dataset: Dataset, roster: Roster) -> None:
    """Everything a tenant left behind in the last thirty days."""
    holders = roster.people[: min(40, 2 + roster.tenant.size // 40)]
    for person in holders:
        _add_key(dataset, roster, person)
    for number in range(min(_MOST_REQUESTS, roster.tenant.size * 2)):
        _add_request(dataset, roster, number, holders[number % len(holders)])
    for number in range(min(120, roster.tenant.size)):
        _add_event(dataset, roster, number)
    _add_gateway_event(dataset, roster)


def _add_key(dataset: Dataset, roster: Roster, person: Person) -> None:
    dataset.add(
        'public."LiteLLM_VerificationToken"',
        token=demo_digest("key", person.id),
        key_name="sk-...demo",
        key_alias=f"{person.name.family} {person.number}",
        user_id=identity_id(person),
        team_id=person.teams[0].identity_id if person.teams else None,
        account_id=roster.tenant.id if person.number % 4 else None,
        models=MODEL_NAMES[:4],
        spend=round(roster.random.expovariate(0.1), 4),
        max_budget=100.0,
        expires=dataset.now + timedelta(days=90) if person.number % 3 else None,
        blocked=person.number % 9 == 8,
        metadata={"login_method": "zitadel"} if person.number % 2 else {},
        created_at=person.joined_at,
        updated_at=person.last_active_at,
    )


def _add_request(dataset: Dataset, roster: Roster, number: int, person: Person) -> None:
    random = roster.random
    model = random.choice(MODEL_NAMES[:5])
    prompt, completion = random.randint(200, 6000), random.randint(50, 1500)
    started = dataset.ago(hours=random.random() * _DAYS * 24)
    ended = started + timedelta(milliseconds=random.randint(600, 25000))
    has_failed = number % 37 == 36
    team = person.teams[0] if person.teams else None
    dataset.add(
        'public."LiteLLM_SpendLogs"',
        request_id=demo_id("request", roster.tenant.key, number),
        call_type="acompletion",
        api_key=demo_digest("key", person.id),
        spend=0.0 if has_failed else round((prompt * 2 + completion * 8) / 1_000_000, 6),
        total_tokens=prompt + completion,
        prompt_tokens=prompt,
        completion_tokens=completion,
        startTime=started,
        endTime=ended,
        model=model,
        model_group=model,
        custom_llm_provider=_PROVIDERS.get(model[:3], "self-hosted"),
        user=identity_id(person),
        team_id=team and team.identity_id,
        organization_id=team and team.group.organization_id,
        session_id=demo_id("session", roster.tenant.key, number // 6),
        status="failure" if has_failed else "success",
        metadata={"applied_guardrails": ["pii"] if number % 5 == 0 else []},
        request_tags=["copilot"],
    )


def _events(roster: Roster) -> tuple[_Event, ...]:
    account, jira = roster.tenant.id, connection_id(roster, "Jira")
    budget = {"scope_type": "account", "scope_id": account, "allocated": 5000}
    scope = {"scope_type": "account", "scope_id": account}
    return (
        _Event("copilot_budget", "credit_budget", "create", account, budget),
        _Event("copilot_budget_usage", "credit_budget", "record_usage", account, {"amount": 40}),
        _Event("copilot_connection", "connection", "update", jira, {"changes": ["name"]}),
        _Event(
            "copilot_connection_test", "connection", "test", jira, {"http_status": 502}, "warning"
        ),
        _Event(
            "copilot_model_policy", "model_policy", "update", account, scope | {"mode": "inherit"}
        ),
        _Event(
            "copilot_feature_policy", "feature_policy", "delete", account, scope, severity="warning"
        ),
    )


def _add_event(dataset: Dataset, roster: Roster, number: int) -> None:
    events = _events(roster)
    event = events[number % len(events)]
    # Calls with the master key left no name.
    actor = None if number % 7 == 6 else roster.people[number % 3]
    dataset.add(
        "copilot.audit_log",
        id=demo_id("event", roster.tenant.key, number),
        account_id=roster.tenant.id,
        event_type=event.type,
        severity=event.severity,
        resource_type=event.resource,
        resource_id=event.resource_id,
        action=event.action,
        actor_id=actor and actor.id,
        actor_email=actor and actor.email,
        message=f"{event.resource.replace('_', ' ').capitalize()}: {event.action}",
        details=event.details,
        created_at=dataset.ago(hours=number * 5.5 + 1),
    )


def _add_gateway_event(dataset: Dataset, roster: Roster) -> None:
    team = next(team for team in roster.teams if not team.is_default)
    dataset.add(
        'public."LiteLLM_AuditLog"',
        id=demo_id("gateway event", roster.tenant.key),
        updated_at=dataset.ago(days=4),
        changed_by=roster.admin.email,
        action="updated",
        table_name="LiteLLM_TeamTable",
        object_id=team.identity_id,
        before_value={"max_budget": None},
        updated_values={"max_budget": 500.0},
        account_id=roster.tenant.id,
    )
