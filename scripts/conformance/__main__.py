"""The command line: runs the suites of a folder and prints a table."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from federation.composition import SubgraphSource, compose
from federation.errors import CompositionError
from federation.supergraph import Supergraph
from scripts import conformance
from scripts.conformance.reading import world_of
from scripts.conformance.serving import EndpointGateway, EngineGateway, serving
from scripts.conformance.subgraphs import DerivedSubgraph
from scripts.conformance.suites import Suite, read_suites
from scripts.conformance.supergraphs import differences

_SHOWN = 12
"""Differences of one supergraph that are shown."""


class Check(NamedTuple):
    """One thing that was checked."""

    name: str
    mismatch: str | None
    """None where it passes."""


class Result(NamedTuple):
    """What came of a suite."""

    suite: str
    checks: Sequence[Check]

    @property
    def passed(self) -> int:
        """Number of checks that pass."""
        return sum(check.mismatch is None for check in self.checks)


def check_composition(suite: Suite) -> Check:
    """Whether the suite's subgraphs compose to its supergraph."""
    sources = [SubgraphSource(name, suite.urls[name], sdl) for name, sdl in suite.sdl.items()]
    try:
        found = differences(suite.supergraph, compose(sources).sdl)
    except CompositionError as error:
        found = str(error).splitlines()
    return Check("composition", "\n      ".join(found[:_SHOWN]) or None)


async def check_answers(suite: Suite, endpoint: str | None) -> list[Check]:
    """Whether a gateway answers the suite's queries as expected."""
    supergraph = Supergraph.parse(suite.supergraph)
    subgraphs = {
        name: DerivedSubgraph(supergraph, info, suite.sdl[name])
        for name, info in supergraph.subgraphs.items()
    }
    schemas = {name: subgraph.schema for name, subgraph in subgraphs.items()}
    checks: list[Check] = []
    urls = {name: suite.urls[name] for name in schemas}
    async with serving(schemas, urls, as_told=endpoint is not None) as served:
        engine = EngineGateway(supergraph, served)
        gateway = engine if endpoint is None else EndpointGateway(endpoint)
        for case in suite.cases:
            world = world_of(supergraph, case, suite.cases)
            for subgraph in subgraphs.values():
                subgraph.world = world
            mismatch = case.mismatch(await gateway.ask(case))
            checks.append(Check(f"{case.id}: {' '.join(case.query.split())}", mismatch))
        await engine.aclose()
    return checks


async def run(suites: Iterable[Suite], endpoint: str | None) -> bool:
    """Run suites, print a table, and say whether everything passed."""
    results: list[Result] = []
    for suite in suites:
        checks = [check_composition(suite), *await check_answers(suite, endpoint)]
        results.append(Result(suite.name, checks))
        print(_row(results[-1]))
        for check in checks:
            if check.mismatch is not None:
                print(f"    {check.name}\n      {check.mismatch}")
    passed = sum(result.passed for result in results)
    failed = sum(len(result.checks) for result in results) - passed
    print(f"{passed} passed, {failed} failed")
    return failed == 0


def _row(result: Result) -> str:
    failed = len(result.checks) - result.passed
    return f"{result.suite:<40} {result.passed:>4} passed {failed:>4} failed"


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(
        prog="conformance",
        description=conformance.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("cases", type=Path, help="folder with one folder a suite")
    parser.add_argument("suites", nargs="*", help="only these suites")
    parser.add_argument(
        "--endpoint",
        help="URL of a gateway to ask instead of the engine; it serves one suite's supergraph, "
        "whose subgraphs are served at the ports of their URLs",
    )
    arguments = parser.parse_args()
    suites = read_suites(arguments.cases, arguments.suites)
    if not suites:
        sys.exit(f"There are no such suites in {arguments.cases}.")
    return 0 if asyncio.run(run(suites, arguments.endpoint)) else 1


if __name__ == "__main__":
    sys.exit(main())
