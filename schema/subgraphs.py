"""The list of subgraphs: every module, ready to be composed."""

from __future__ import annotations

from schema.accounts import ACCOUNTS
from schema.base.modules import ModuleSubgraph, build

__all__ = ["subgraphs"]


def subgraphs() -> tuple[ModuleSubgraph, ...]:
    """Build the subgraph of every module."""
    return tuple(build(module) for module in (ACCOUNTS,))
