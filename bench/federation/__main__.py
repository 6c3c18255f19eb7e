"""`python -m bench.federation`: gateways in front of the same subgraphs, side by side."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack

import uvloop

from bench.__main__ import machine
from bench.federation.processes import GATEWAYS, RIVALS, installed_rivals, shop
from bench.federation.report import gateways_table, stages_table
from bench.federation.rounds import Plan, Round, rounds, summarise
from bench.federation.stages import http_stage, stages

__all__ = ["main"]


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    asked = _arguments(arguments)
    print(machine(), file=sys.stderr)
    with ExitStack() as stack:
        rivals = stack.enter_context(installed_rivals()) if asked.rivals else None
        subgraphs = stack.enter_context(shop())
        inside = [http_stage(subgraphs), *uvloop.run(stages(subgraphs))]
        names = [*asked.gateways, *(RIVALS if rivals else ())]
        plan = Plan(names, asked.rounds, asked.seconds, asked.connections, rivals)
        done = []
        for one in rounds(plan, subgraphs):
            _tell(one)
            done.append(one)
    against = [names[0], *(RIVALS if rivals else ())]
    print(f"\n{machine()}\n{asked.connections} connections, ", end="")
    print(f"{asked.rounds} rounds of {asked.seconds:g} s; medians\n")
    print(gateways_table(summarise(done, against)))
    print("\nWhere the CPU time goes, without sharing\n")
    print(stages_table(inside))


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.federation",
        description="Compare the router with a hand-written handler before the same subgraphs.",
        epilog="Example: python -m bench.federation --rivals --rounds 3",
    )
    parser.add_argument("--gateways", nargs="+", choices=list(GATEWAYS), default=list(GATEWAYS))
    parser.add_argument(
        "--rivals", action="store_true", help="also Apollo Gateway, installed by npm"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a round")
    parser.add_argument("--connections", type=int, default=50)
    return parser.parse_args(arguments)


def _tell(one: Round) -> None:
    rate = one.tally.requests / one.tally.seconds
    cpu = 1000 * one.cpu_seconds / one.tally.requests
    print(f"{one.gateway:10} {rate:10,.1f} requests/s {cpu:8.2f} ms CPU", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
