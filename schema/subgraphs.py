"""The list of subgraphs: every module, ready to be composed."""

from __future__ import annotations

from schema.accounts import ACCOUNTS
from schema.base.modules import ModuleSubgraph, build
from schema.budgets import BUDGETS
from schema.connectors import CONNECTORS
from schema.directory import DIRECTORY
from schema.entitlements import ENTITLEMENTS
from schema.guardrails import GUARDRAILS
from schema.identity import IDENTITY
from schema.models import MODELS
from schema.observability import OBSERVABILITY
from schema.operations import OPERATIONS

__all__ = ["MODULES", "subgraphs"]

MODULES = (
    ACCOUNTS,
    BUDGETS,
    CONNECTORS,
    DIRECTORY,
    ENTITLEMENTS,
    GUARDRAILS,
    IDENTITY,
    MODELS,
    OBSERVABILITY,
    OPERATIONS,
)
"""Every module, by name."""


def subgraphs() -> tuple[ModuleSubgraph, ...]:
    """Build the subgraph of every module."""
    return tuple(build(module) for module in MODULES)
