"""The page about federation says what the code does: directive by directive, and by its example."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from federation.composition.vocabulary import DIRECTIVES, SINCE
from tests.gateway.commands import REPOSITORY, cockpit, running

DOCUMENT = (REPOSITORY / "docs" / "federation.md").read_text(encoding="utf-8")
ROWS = {
    name: row
    for row in reversed(re.findall(r"^\| .* \|$", DOCUMENT, re.MULTILINE))
    for name in re.findall(r"@(\w+)", row.split("|")[1])
}
"""The first row that begins with a directive."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("name", [*DIRECTIVES, "link", "skip", "include", "oneOf", "defer"])
def test_every_directive_has_a_row_with_its_tests(name: str) -> None:
    assert re.findall(r"\]\(\.\./(tests/federation/[\w/]+\.py)\)", ROWS[name])


@pytest.mark.parametrize("name", DIRECTIVES)
def test_a_row_says_since_when_there_is_the_directive(name: str) -> None:
    version = SINCE.get(name)
    expected = ("1", "2.0") if version is None else (f"{version[0]}.{version[1]}",)
    assert ROWS[name].split("|")[2].strip() in expected


@pytest.mark.parametrize(
    "name", [name for name in DIRECTIVES if name not in {"key", "requires", "provides"}]
)
def test_one_of_the_tests_names_the_directive(name: str) -> None:
    files = re.findall(r"\]\(\.\./(tests/[\w/]+\.py)\)", ROWS[name])
    texts = [(REPOSITORY / file).read_text(encoding="utf-8") for file in files]
    plans = REPOSITORY / "tests/federation/planning/supergraphs"
    if any("test_plans" in file for file in files):
        texts += [path.read_text(encoding="utf-8") for path in plans.glob("*.graphql")]
    assert any(re.search(rf"\b{name}\b|\bis{name[0].upper()}{name[1:]}\b", text) for text in texts)


@contextmanager
def subgraph(folder: Path, name: str, port: int) -> Iterator[None]:
    process = subprocess.Popen(  # noqa: S603 - our own documentation
        [sys.executable, "-m", "uvicorn", f"{name}:app", "--port", str(port)],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        while "running on" not in (line := process.stderr.readline()):
            assert line, f"{name} did not start"
        yield
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def answer(url: str, query: str) -> Any:
    request = urllib.request.Request(  # noqa: S310 - a router of ours
        url,
        data=json.dumps({"query": query}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - see above
        return json.loads(response.read())


@pytest.mark.timeout(180)
def test_the_quick_start_answers_as_it_says(tmp_path: Path) -> None:
    for name, text in zip(("products", "reviews"), blocks("python"), strict=True):
        (tmp_path / f"{name}.py").write_text(text)
    products, reviews = free_port(), free_port()
    (config,) = blocks("yaml")
    config = config.replace("localhost:4001", f"127.0.0.1:{products}")
    config = config.replace("localhost:4002", f"127.0.0.1:{reviews}")
    (tmp_path / "subgraphs.yaml").write_text(config)
    commands = "\n".join(blocks("sh"))
    query = re.search(r'-d \'\{"query": "(.*?)"\}\'', commands)
    planned = re.search(r"echo '(.*?)' > products.graphql", commands)
    assert query is not None
    assert planned is not None
    (tmp_path / "products.graphql").write_text(planned[1])
    with subgraph(tmp_path, "products", products), subgraph(tmp_path, "reviews", reviews):
        for line in re.findall(r"^cockpit (compose|plan) (.*)$", commands, re.MULTILINE):
            done = cockpit(line[0], *line[1].split(), folder=tmp_path)
            assert done.code == 0, done.err
        assert done.out.rstrip() == blocks("text")[0].rstrip()
        arguments = ("router", "--supergraph", "supergraph.graphql", "--port", "0")
        with running(*arguments, folder=tmp_path) as router:
            url = router.first_line.split()[-1]
            assert answer(url, query[1]) == json.loads(blocks("json")[0])
