"""Which guards apply to a scope: the union of what its chain requires and what is enabled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from datasources.guardrails.rows import GuardrailRow, PolicyRow
from datasources.scopes import ScopeRow

__all__ = ["RequirementRow", "requirements_of"]


class RequirementRow(NamedTuple):
    """One guard that applies."""

    guard: str
    mode: str
    action: str
    is_enabled: bool
    required_by: list[ScopeRow]


def requirements_of(
    guards: Sequence[GuardrailRow], policies: Sequence[PolicyRow]
) -> list[RequirementRow]:
    """Guards that apply, in order of execution.

    A guard required anywhere applies, whoever switched it off; a more specific scope adds and
    never removes. It is binding if any of the policies says so; one that is merely enabled is.
    """
    found = []
    for guard in guards:
        requiring = [policy for policy in policies if guard.guard in policy.required_guards]
        if not requiring and not guard.is_enabled:
            continue
        is_binding = not requiring or any(policy.mode == "ENFORCE" for policy in requiring)
        found.append(
            RequirementRow(
                guard.guard,
                "ENFORCE" if is_binding else "ADVISORY",
                guard.action,
                guard.is_enabled,
                [policy.scope for policy in requiring],
            )
        )
    return found
