"""What was measured, as tables that read in a terminal and in the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from bench.federation.processes import GATEWAYS, RIVALS
from bench.federation.rounds import Summary
from bench.federation.stages import Stage
from bench.report import duration, table

__all__ = ["gateways_table", "stages_table"]


def gateways_table(summaries: Sequence[Summary]) -> str:
    """Gateways, with their rates relative to others'."""
    names = {**GATEWAYS, **RIVALS}
    others = list(summaries[0].ratios)
    head = ("gateway", "requests/s", *[f"of {names[other]}" for other in others])
    return table(
        (*head, "p50 ms", "p99 ms", "CPU ms", "calls"),
        [
            (
                names[one.gateway],
                f"{one.rate:,.0f}",
                *[f"{one.ratios[other]:.2f}" for other in others],
                f"{one.p50:.1f}",
                f"{one.p99:.1f}",
                f"{one.cpu:.2f}",
                f"{one.calls:.1f}",
            )
            for one in summaries
        ],
    )


def stages_table(stages: Sequence[Stage]) -> str:
    """Where a request's CPU time goes."""
    return table(
        ("stage", "CPU", "repetitions"),
        [(one.what, duration(one.seconds), str(one.repetitions)) for one in stages],
    )
