"""Configuration, patterns, policies, events and the preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from datasources.access import AccessRow, accesses_by_id
from datasources.guardrails.alerts import AlertRow
from datasources.guardrails.events import events_by_id
from datasources.guardrails.patterns import pattern_counts, patterns_by_id
from datasources.guardrails.policies import policies_by_id
from datasources.guardrails.rows import EventRow, GuardrailRow, PatternRow, PolicyRow
from resolvers.guardrails.effective import (
    EffectiveGuardrailsRow,
    RequirementRow,
    effective_guardrails,
)
from resolvers.guardrails.preview import PreviewRow
from resolvers.guardrails.running import CheckRow, FindingRow
from schema.base.core import (
    AccountScoped,
    Actor,
    Authored,
    Node,
    PlatformOrAccountScoped,
    Timestamped,
    author,
)
from schema.base.descriptions import EFFECTIVE_ACCESS
from schema.base.domain import GuardType, Severity
from schema.base.fields import argument, column, computed, one, reference
from schema.base.guards import Role, Sensitive, roles
from schema.base.modules import entity, record, to
from schema.base.scalars import JSON, DateTime
from schema.base.scopes import Resolution, Scope
from schema.guardrails.enums import (
    GuardAction,
    GuardMode,
    GuardrailAlertKind,
    PatternAction,
    PatternSeverity,
    PatternType,
)

if TYPE_CHECKING:
    from schema.base.stubs import User
    from schema.guardrails.stubs import Agent, AuditEvent

__all__ = [
    "EffectiveAccess",
    "GuardrailAlert",
    "GuardrailConfig",
    "GuardrailEvent",
    "GuardrailPattern",
    "GuardrailPolicy",
    "GuardrailPreview",
]

READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)


@record(
    GuardrailRow,
    "How one guard works in an account. A guard never configured is disabled.",
    guard=READERS,
)
class GuardrailConfig(AccountScoped):
    """How one guard works in an account."""

    guard: GuardType = column("The guard.")
    is_configured: bool = column("Whether somebody has configured it.")
    is_enabled: bool = column("Whether it runs.")
    execution_order: int = column(
        "Place in the order of execution, 1 to 10; no two guards share one."
    )
    action: GuardAction = column("What happens when it fires.")
    settings: JSON = column("The guard's own settings, such as a threshold.")
    version: int = column("Number of the current version; 0 when never configured.")
    pattern_count: int = one(
        pattern_counts, "Enabled patterns it uses.", by=("account_id", "guard")
    )
    updated_at: DateTime | None = column("When it last changed; null when never.")
    updated_by: Actor | None = author("updated_by", "Who changed it last; null when not recorded.")


@entity(
    PatternRow,
    patterns_by_id,
    "A regular expression a guard looks for. Without an account it is the platform's; accounts can "
    "only switch it on or\noff for themselves.",
    guard=READERS,
)
class GuardrailPattern(Node, PlatformOrAccountScoped, Timestamped, Authored):
    """A regular expression a guard looks for."""

    guard: GuardType = column("The guard that uses it.")
    name: str = column("Name, unique per account and guard.")
    regex: str = column("Expression in RE2 syntax.")
    type: PatternType = column("What a match means.")
    action: PatternAction = column("What happens to matched text.")
    severity: PatternSeverity = column("How serious a match is.")
    category: str | None = column("Free category; null for none.")
    description: str | None = column("What it finds; null for none.")
    is_enabled: bool = column(
        "Whether it is used; for a platform pattern, whether the addressed account uses it."
    )


@entity(PolicyRow, policies_by_id, "Guards a scope requires.", guard=READERS)
class GuardrailPolicy(Node, AccountScoped, Authored):
    """Guards a scope requires."""

    scope: Scope = column("Scope it is stored for.")
    required_guards: list[GuardType] = column("Guards it requires.")
    mode: GuardMode = column("How binding it is.")
    is_enabled: bool = column("Whether it counts.")
    notes: str | None = column("Notes for administrators; null for none.")
    updated_at: DateTime = column("When it last changed.")


@entity(
    EventRow,
    events_by_id,
    "A time a guard fired. The text itself is not kept.",
    guard=READERS,
)
class GuardrailEvent(Node, AccountScoped):
    """A time a guard fired."""

    guard: GuardType = column("The guard.")
    severity: PatternSeverity = column("How serious.")
    action: GuardAction = column("What was done.")
    pattern: GuardrailPattern | None = one(
        patterns_by_id, "Pattern that matched; null for built-in recognition.", by="pattern_id"
    )
    user: Annotated[User, to] | None = reference("Person; null when not reported.", by="user_id")
    agent: Annotated[Agent, to] | None = reference("Agent; null when not reported.", by="agent_id")
    model_name: str | None = column("Model; null when not reported.")
    category: str | None = column(
        "What was found, such as an e-mail address; null when not classified."
    )
    request_id: strawberry.ID | None = column(
        "Request at the reporting service; null when not reported."
    )
    occurred_at: DateTime = column("When.")


@record(AlertRow, "Something about guardrails that deserves attention.", guard=READERS)
class GuardrailAlert(AccountScoped):
    """Something about guardrails that deserves attention."""

    kind: GuardrailAlertKind = column("Why it exists.")
    severity: Severity = column("How serious.")
    guard: GuardType | None = column("Guard concerned; null for a policy over several.")
    message: str = column("What happened, in one sentence.")
    change: Annotated[AuditEvent, to] | None = reference(
        "Change behind it; null for other kinds.", by="change_id"
    )
    event: GuardrailEvent | None = one(
        events_by_id, "Event behind it; null for other kinds.", by="event_id"
    )
    raised_at: DateTime = column("When.")


@record(RequirementRow, "One guard that applies.")
class GuardrailRequirement:
    """One guard that applies."""

    guard: GuardType = column("The guard.")
    mode: GuardMode = column("ENFORCE if any contributing scope says so.")
    action: GuardAction = column("What happens when it fires.")
    is_enabled: bool = column(
        "Whether the account runs the guard; a required guard that is disabled is reported as an "
        "alert."
    )
    required_by: list[Scope] = column(
        "Scopes that require it; empty when it is merely enabled or required by the agent."
    )


@record(EffectiveGuardrailsRow, "Guards that apply to a scope.")
class EffectiveGuardrails:
    """Guards that apply to a scope."""

    requirements: list[GuardrailRequirement] = column("Guards in order of execution.")
    resolution: Resolution = column("Which scopes contributed.")


@entity(AccessRow, accesses_by_id, EFFECTIVE_ACCESS)
class EffectiveAccess:
    """What a scope may use, as far as guardrails go."""

    id: strawberry.ID = column("Opaque id that stands for account and scope.")
    guardrails: EffectiveGuardrails = computed(
        effective_guardrails,
        "Guards that apply to the scope.",
        arguments=[argument("agent_id", strawberry.ID | None, "Add what this agent requires.")],
    )


@record(FindingRow, "One passage a guard found.")
class GuardrailFinding:
    """One passage a guard found."""

    start: int = column("First character, counted from 0.")
    end: int = column("First character after it.")
    category: str | None = column(
        "What it is, such as an e-mail address; null when not classified."
    )
    pattern: GuardrailPattern | None = column(
        "Pattern that matched; null for built-in recognition."
    )
    score_percent: float = column("How sure the guard is.")


@record(CheckRow, "What one guard would do.")
class GuardrailCheck:
    """What one guard would do."""

    guard: GuardType = column("The guard.")
    mode: GuardMode = column("How binding it is here.")
    action: GuardAction = column("What it would do.")
    is_triggered: bool = column("Whether it fires.")
    reason: str = column("Why, in one sentence.")
    findings: list[GuardrailFinding] = column("What it found.")


@record(PreviewRow, "What the guards would do to a sample.")
class GuardrailPreview:
    """What the guards would do to a sample."""

    is_blocked: bool = column("Whether the request would be refused.")
    output: str | None = column(
        "The sample after masking; null when refused.", guard=(Sensitive(),)
    )
    checks: list[GuardrailCheck] = column("One entry per guard, in order of execution.")
    pattern_problem: str | None = column(
        "Why the pattern to try cannot be used; null when it can or none was given."
    )
