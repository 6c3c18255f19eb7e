"""Query planning: which subgraphs answer which parts of an operation, and in what order."""

from __future__ import annotations

from federation.planning.planner import Planner
from federation.planning.print import plan_to_json, print_plan

__all__ = ["Planner", "plan_to_json", "print_plan"]
