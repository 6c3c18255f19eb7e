"""Run a federation conformance suite: `make conformance CASES=DIR [SUBGRAPHS=DIR]`.

CASES holds a folder a suite: `supergraph.graphql`, `subgraphs.json` (a list of `name`, `sdl`,
`url`) and `tests.json` (a list of `id`, `query`, `variables`, `expected`, where `expected` has
`data`, compared without the order of keys, and `errors: true` where an error is expected).

What the subgraphs answer is not part of such a folder: SUBGRAPHS holds `<suite>.py` for each, with
a function `subgraphs(sdl_by_name) -> {name: executable GraphQLSchema}`. They are served over HTTP
at the URLs' own ports, and queried through the engine in this process, or through another gateway
with `--endpoint URL` (one suite at a time, for a gateway that serves that suite's supergraph).
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp import web
from graphql import GraphQLSchema, graphql

from federation.engine import Engine
from federation.errors import EngineError, OperationError
from federation.operation import Grants
from federation.supergraph import Supergraph
from federation.transport.http import HttpSubgraph

_PASS, _FAIL = "ok  ", "FAIL"


class Case(NamedTuple):
    """One query with what it should answer."""

    id: str
    query: str
    variables: dict[str, Any]
    expected: dict[str, Any]


class Answer(NamedTuple):
    """What a gateway answered."""

    data: Any
    errors: list[str]

    def mismatch(self, expected: Mapping[str, Any]) -> str | None:
        """What is not as expected; None when all is."""
        if bool(self.errors) != bool(expected.get("errors")):
            return f"errors: {self.errors or 'none, but some were expected'}"
        if "data" in expected and self.data != expected["data"]:
            return f"data: {json.dumps(self.data)}\n      not: {json.dumps(expected['data'])}"
        return None


class Suite:
    """One folder of the cases."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.supergraph = (folder / "supergraph.graphql").read_text()
        listed = json.loads((folder / "subgraphs.json").read_text())
        self.sdl = {entry["name"]: entry["sdl"] for entry in listed}
        self.urls = {entry["name"]: entry["url"] for entry in listed}
        self.cases = [
            Case(entry["id"], entry["query"], entry.get("variables") or {}, entry["expected"])
            for entry in json.loads((folder / "tests.json").read_text())
        ]

    def schemas(self, folder: Path) -> dict[str, GraphQLSchema]:
        """The suite's executable subgraphs."""
        path = folder / f"{self.name}.py"
        spec = importlib.util.spec_from_file_location(f"conformance_{self.name}", path)
        if spec is None or spec.loader is None or not path.is_file():
            sys.exit(f"There are no subgraphs for suite '{self.name}': write {path}.")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        schemas: dict[str, GraphQLSchema] = module.subgraphs(self.sdl)
        return schemas


@asynccontextmanager
async def serving(suite: Suite, folder: Path) -> AsyncIterator[None]:
    """Serve a suite's subgraphs at their URLs."""
    schemas = suite.schemas(folder)
    by_port: dict[int, web.Application] = {}
    for name, url in suite.urls.items():
        parts = urlsplit(url)
        app = by_port.setdefault(parts.port or 80, web.Application())
        app.router.add_post(parts.path, _endpoint(schemas[name]))
    runners = [(port, web.AppRunner(app)) for port, app in by_port.items()]
    try:
        for port, runner in runners:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        yield
    finally:
        for _, runner in runners:
            await runner.cleanup()


def _endpoint(schema: GraphQLSchema) -> Any:
    async def handle(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        result = await graphql(schema, body["query"], variable_values=body.get("variables"))
        return web.Response(body=orjson.dumps(result.formatted), content_type="application/json")

    return handle


async def by_engine(engine: Engine, case: Case) -> Answer:
    """Ask the engine in this process."""
    try:
        prepared = engine.prepare(case.query)
        variables = engine.coerce_variables(prepared, case.variables)
        response = await engine.execute(prepared, variables, grants=Grants(is_authenticated=True))
    except OperationError as error:
        return Answer(None, [entry.message for entry in error.errors])
    except EngineError as error:
        return Answer(None, [repr(error)])
    data = orjson.loads(orjson.dumps(response.data))
    return Answer(data, [f"{error.message} {error.path}" for error in response.errors])


async def by_endpoint(endpoint: str, case: Case) -> Answer:
    """Ask another gateway over HTTP."""
    body = {"query": case.query, "variables": case.variables}
    async with aiohttp.ClientSession() as session, session.post(endpoint, json=body) as answer:
        document = await answer.json(content_type=None)
    return Answer(document.get("data"), [str(entry) for entry in document.get("errors") or ()])


async def run(suite: Suite, subgraphs: Path, endpoint: str | None) -> list[str | None]:
    """Run the cases of one suite; one entry each, None where it passes."""
    async with serving(suite, subgraphs):
        if endpoint is not None:
            answers = [await by_endpoint(endpoint, case) for case in suite.cases]
        else:
            supergraph = Supergraph.parse(suite.supergraph)
            asked = {
                name: HttpSubgraph(name, info.url or "")
                for name, info in supergraph.subgraphs.items()
            }
            engine = Engine(supergraph, asked)
            answers = [await by_engine(engine, case) for case in suite.cases]
            await engine.aclose()
    return [
        answer.mismatch(case.expected) for answer, case in zip(answers, suite.cases, strict=True)
    ]


async def run_all(
    suites: Iterable[Suite], subgraphs: Path, endpoint: str | None, *, verbose: bool
) -> bool:
    """Run the suites, say how each went, and whether all passed."""
    passed = total = 0
    for suite in suites:
        results = await run(suite, subgraphs, endpoint)
        good = results.count(None)
        passed, total = passed + good, total + len(results)
        print(f"{_PASS if good == len(results) else _FAIL} {good}/{len(results)} {suite.name}")
        for case, mismatch in zip(suite.cases, results, strict=True):
            if mismatch is not None:
                query = f"\n      {' '.join(case.query.split())}" if verbose else ""
                print(f"    {case.id}{query}\n      {mismatch}")
    print(f"{passed}/{total}")
    return passed == total


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("cases", type=Path, help="folder with one folder a suite")
    parser.add_argument("suites", nargs="*", help="only these suites")
    parser.add_argument("--subgraphs", type=Path, help="folder with <suite>.py; CASES by default")
    parser.add_argument("--endpoint", help="URL of a gateway to ask instead of the engine")
    parser.add_argument("--verbose", action="store_true", help="show the queries that fail")
    arguments = parser.parse_args()
    folders = sorted(path.parent for path in arguments.cases.glob("*/tests.json"))
    suites = [
        Suite(folder)
        for folder in folders
        if not arguments.suites or folder.name in arguments.suites
    ]
    if not suites:
        sys.exit(f"There are no suites in {arguments.cases}.")
    subgraphs = arguments.subgraphs or arguments.cases
    ok = asyncio.run(run_all(suites, subgraphs, arguments.endpoint, verbose=arguments.verbose))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
