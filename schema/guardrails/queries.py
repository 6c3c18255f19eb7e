"""Where queries enter guardrails."""

from __future__ import annotations

import strawberry

from datasources.guardrails.alerts import account_alerts
from datasources.guardrails.configuration import guardrails_of_accounts
from datasources.guardrails.events import account_events
from datasources.guardrails.patterns import account_patterns, platform_patterns
from datasources.guardrails.policies import account_policies
from datasources.references import AccountRef, reachable_accounts
from resolvers.guardrails.preview import preview_guardrails
from resolvers.guardrails.reads import guardrail_pattern
from schema.base.core import Connection
from schema.base.descriptions import ACCOUNT, PLATFORM
from schema.base.domain import GuardType
from schema.base.fields import argument, column, computed, many, page
from schema.base.guards import Role, Sensitive, roles
from schema.base.modules import entity, record
from schema.base.roots import PlatformRow, account_root, platform_root
from schema.base.scopes import ScopeInput
from schema.guardrails.filters import (
    GuardrailAlertFilter,
    GuardrailEventFilter,
    GuardrailEventOrder,
    GuardrailPatternFilter,
    GuardrailPatternInput,
    GuardrailPatternOrder,
    GuardrailPolicyFilter,
)
from schema.guardrails.types import (
    GuardrailAlert,
    GuardrailConfig,
    GuardrailEvent,
    GuardrailPattern,
    GuardrailPolicy,
    GuardrailPreview,
)

__all__ = ["Account", "Platform", "Query"]

_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["guardrails:read"])


@entity(AccountRef, reachable_accounts, ACCOUNT)
class Account:
    """A tenant, as far as its guardrails go."""

    id: strawberry.ID = column("Stored identifier.")
    guardrails: list[GuardrailConfig] | None = many(
        guardrails_of_accounts,
        "One entry per guard, in order of execution; also for guards never configured.",
        by="id",
        guard=_READERS,
    )
    guardrail_patterns: Connection[GuardrailPattern] | None = page(
        account_patterns,
        "Patterns of the account and of the platform.",
        by="id",
        filter=GuardrailPatternFilter,
        order=GuardrailPatternOrder,
        guard=_READERS,
    )
    guardrail_pattern: GuardrailPattern | None = computed(
        guardrail_pattern,
        "One pattern; null when there is none.",
        arguments=[argument("id", strawberry.ID, "Id of the pattern.")],
        guard=_READERS,
    )
    guardrail_policies: Connection[GuardrailPolicy] | None = page(
        account_policies,
        "Guardrail policies of all scopes.",
        by="id",
        filter=GuardrailPolicyFilter,
        guard=_READERS,
    )
    guardrail_events: Connection[GuardrailEvent] | None = page(
        account_events,
        "Times a guard fired.",
        by="id",
        filter=GuardrailEventFilter,
        order=GuardrailEventOrder,
        guard=_READERS,
    )
    guardrail_alerts: Connection[GuardrailAlert] | None = page(
        account_alerts,
        "What deserves attention, newest first.",
        by="id",
        filter=GuardrailAlertFilter,
        guard=_READERS,
    )
    preview_guardrails: GuardrailPreview | None = computed(
        preview_guardrails,
        "Runs the guards over a sample and shows what each would do. Nothing is stored or logged.",
        arguments=[
            argument("text", str, "Sample, 20,000 characters at most.", sensitive=(Sensitive(),)),
            argument(
                "scope",
                ScopeInput | None,
                "Apply what this scope requires; every enabled guard of the account when absent.",
            ),
            argument("agent_id", strawberry.ID | None, "Add what this agent requires."),
            argument("guards", list[GuardType] | None, "Only these guards."),
            argument(
                "pattern",
                GuardrailPatternInput | None,
                "Try this pattern as well, without storing it.",
            ),
        ],
        guard=_READERS,
    )


@record(
    PlatformRow,
    PLATFORM,
    shareable=True,
)
class Platform:
    """What is global, as far as guardrails go."""

    guardrail_patterns: Connection[GuardrailPattern] | None = page(
        platform_patterns,
        "The platform's patterns.",
        filter=GuardrailPatternFilter,
        order=GuardrailPatternOrder,
    )


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    account: Account | None = account_root()
    platform: Platform | None = platform_root()
