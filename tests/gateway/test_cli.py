from __future__ import annotations

import base64
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import jwt
import orjson
import pytest
import typer

from gateway.cli import application
from gateway.compose_config import ComposeConfigError, read_sources
from tests.federation.harness import SubgraphCase, serving
from tests.gateway.commands import REPOSITORY, cockpit, running
from tests.gateway.library import SDL, library

SECRET = "a session secret of thirty-two bytes or more"
KEY = base64.b64encode(bytes(32)).decode()
BOOKS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { books: [Book!]! }
type Book @key(fields: "id") { id: ID! title: String! }
"""
REVIEWS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Book @key(fields: "id") { id: ID! stars: Int }
"""

pytestmark = pytest.mark.timeout(180)


def library_config(folder: Path) -> Path:
    (folder / "books.graphql").write_text(BOOKS)
    (folder / "reviews.graphql").write_text(REVIEWS)
    config = folder / "subgraphs.yaml"
    config.write_text(
        "subgraphs:\n"
        "  books:\n    url: http://books.test/graphql\n    file: books.graphql\n"
        "  reviews:\n    url: http://reviews.test/graphql\n    file: reviews.graphql\n"
    )
    return config


def commands_of(group: Any, path: str) -> Iterator[tuple[str, str]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command.help


def test_every_command_shows_an_example_and_is_documented() -> None:
    document = (REPOSITORY / "docs" / "cli.md").read_text()
    commands = dict(commands_of(typer.main.get_command(application()), "cockpit"))
    assert {"cockpit compose", "cockpit db status", "cockpit token mint"} <= commands.keys()
    for command, explanation in commands.items():
        assert re.search(rf"Example:.*{command}\b", explanation, re.DOTALL), command
        assert f"`{command}" in document, command


def test_help_is_shown(tmp_path: Path) -> None:
    shown = cockpit("schema", "check", "--help", folder=tmp_path)
    assert (shown.code, shown.err) == (0, "")
    assert "Example: cockpit schema check released.graphql" in shown.out


def test_compose_then_plan(tmp_path: Path) -> None:
    config = library_config(tmp_path)
    composed = cockpit("compose", config, "-o", tmp_path / "out.graphql", folder=tmp_path)
    assert (composed.code, composed.out) == (0, "")
    (tmp_path / "query.graphql").write_text("{ books { title stars } }")
    plan = cockpit("plan", "query.graphql", "--supergraph", "out.graphql", folder=tmp_path)
    assert plan.code == 0
    assert plan.out.startswith("QueryPlan {")
    assert 'Fetch(service: "reviews")' in plan.out
    as_json = cockpit(
        "plan", "query.graphql", "--supergraph", "out.graphql", "--json", folder=tmp_path
    )
    assert orjson.loads(as_json.out)["kind"] == "QueryPlan"


def test_a_composition_that_fails_names_code_subgraph_and_coordinate(tmp_path: Path) -> None:
    config = library_config(tmp_path)
    (tmp_path / "reviews.graphql").write_text(REVIEWS.replace("stars: Int", "title: String!"))
    failed = cockpit("compose", config, folder=tmp_path)
    assert (failed.code, failed.out) == (1, "")
    assert "INVALID_FIELD_SHARING" in failed.err
    assert "Book.title" in failed.err
    assert "Traceback" not in failed.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compose", "none.yaml"], "The list of subgraphs, none.yaml, does not exist."),
        (["plan", "none.graphql", "--supergraph", "none.graphql"], "none.graphql does not exist."),
        (["router", "--supergraph", "none.graphql"], "none.graphql does not exist."),
        (["router", "--supergraph", "."], ". cannot be read: Is a directory."),
        (
            ["router", "--supergraph", ".", "--subgraphs", "none.yaml"],
            "The file of subgraphs, none.yaml, does not exist.",
        ),
        (["serve"], "Set DATABASE_URL to the address of"),
        (["db", "upgrade"], "Set DATABASE_URL to the address of"),
        (["token", "mint", "--email", "ada@x.test"], "Set COCKPIT_SESSION_SECRETS"),
        (["token", "mint", "--email", "ada"], "ada is no e-mail address."),
        (["subgraph", "films"], "There is no module films: choose one of"),
    ],
)
def test_bad_input_ends_with_one_line_and_no_traceback(
    arguments: list[str], sentence: str, tmp_path: Path
) -> None:
    ended = cockpit(*arguments, folder=tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("cockpit: ")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


def test_a_supergraph_that_is_none_ends_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "bad.graphql").write_text("type Query { a: Int }")
    ended = cockpit("router", "--supergraph", "bad.graphql", folder=tmp_path)
    assert (ended.code, ended.err.count("\n")) == (1, 1)


def test_an_unknown_setting_ends_with_one_line(tmp_path: Path) -> None:
    ended = cockpit("serve", folder=tmp_path, COCKPIT_PROT="4000")
    assert ended.code == 1
    assert ended.err.startswith("cockpit: COCKPIT_PROT is no setting of the gateway")


def test_migrations_over_a_database_that_is_down_end_with_one_line(tmp_path: Path) -> None:
    ended = cockpit("db", "status", folder=tmp_path, DATABASE_URL="postgresql://u@127.0.0.1:1/x")
    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "The database does not answer" in ended.err


def test_an_empty_database_is_migrated_once(empty_database_url: str, tmp_path: Path) -> None:
    before = cockpit("db", "status", folder=tmp_path, DATABASE_URL=empty_database_url)
    assert (before.code, before.out.split("\n")[0]) == (1, "current: nothing applied")
    first = cockpit("db", "upgrade", folder=tmp_path, DATABASE_URL=empty_database_url)
    assert (first.code, "applying 0001" in first.out) == (0, True)
    second = cockpit("db", "upgrade", folder=tmp_path, DATABASE_URL=empty_database_url)
    assert (second.code, "applying" in second.out) == (0, False)
    after = cockpit("db", "status", folder=tmp_path, DATABASE_URL=empty_database_url)
    assert (after.code, "pending" in after.out) == (0, False)


def test_a_minted_token_says_who_and_for_how_long(tmp_path: Path) -> None:
    minted = cockpit(
        "token",
        "mint",
        "--email",
        "Ada@Example.com",
        "--lifetime",
        "2h",
        folder=tmp_path,
        COCKPIT_SESSION_SECRETS=SECRET,
    )
    assert minted.code == 0
    claims = jwt.decode(minted.out.strip(), SECRET, algorithms=["HS256"])
    assert claims["user_email"] == "ada@example.com"
    assert claims["exp"] - claims["iat"] == 7200


def test_schema_check_tells_breaking_from_dangerous(tmp_path: Path) -> None:
    (tmp_path / "old.graphql").write_text("enum E { A } type Query { a: E b: E }")
    (tmp_path / "new.graphql").write_text("enum E { A B } type Query { a: E }")
    broken = cockpit("schema", "check", "old.graphql", "--new", "new.graphql", folder=tmp_path)
    assert broken.code == 1
    assert "breaking: FIELD_REMOVED: Field Query.b was removed." in broken.out
    assert "dangerous: VALUE_ADDED_TO_ENUM" in broken.out
    same = cockpit("schema", "check", "new.graphql", "--new", "new.graphql", folder=tmp_path)
    assert (same.code, same.out) == (0, "No breaking change.\n")


def test_the_printed_schema_is_the_clients_and_the_supergraph_the_routers(tmp_path: Path) -> None:
    api = cockpit("schema", "print", folder=tmp_path)
    supergraph = cockpit("schema", "print", "--supergraph", folder=tmp_path)
    module = cockpit("schema", "print", "--module", "accounts", folder=tmp_path)
    assert (api.code, supergraph.code, module.code) == (0, 0, 0)
    assert "join__" not in api.out
    assert "type Viewer" in api.out
    assert "enum join__Graph" in supergraph.out
    assert "federation/v2" in module.out
    both = cockpit("schema", "print", "--module", "accounts", "--supergraph", folder=tmp_path)
    assert both.err == "cockpit: Choose one of --module and --supergraph.\n"


async def test_the_router_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    async with library() as (_, supergraph):
        urls = {name: info.url or "" for name, info in supergraph.subgraphs.items()}
        sdl = SDL
        for name, url in urls.items():
            sdl = sdl.replace(f"http://{name}.test/graphql", url)
        (tmp_path / "supergraph.graphql").write_text(sdl)
        with running(
            "router", "--supergraph", "supergraph.graphql", "--port", "0", folder=tmp_path
        ) as router:
            assert router.first_line.startswith("Router ready at http://")
            endpoint = router.first_line.split()[-1]
            asked = {"query": "{ books { stars } }"}
            async with (
                aiohttp.ClientSession() as session,
                session.post(endpoint, json=asked) as answer,
            ):
                body = await answer.json()
            assert body == {"data": {"books": [{"stars": 5}, {"stars": 4}]}}
            assert router.stop(signal.SIGTERM) == 0


def test_a_port_in_use_is_said_before_anything_is_started(tmp_path: Path) -> None:
    (tmp_path / "supergraph.graphql").write_text(SDL)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = cockpit(
            "router", "--supergraph", "supergraph.graphql", "--port", str(port), folder=tmp_path
        )
    assert (ended.code, ended.err) == (
        1,
        f"cockpit: Port {port} is in use: stop what listens there, "
        "or choose another with --port.\n",
    )


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "supergraph.graphql").write_text(SDL)
    ended = cockpit(
        "router", "--supergraph", "supergraph.graphql", "--port", "70000", folder=tmp_path
    )
    assert ended.err == "cockpit: 70000 is no port: choose one from 1 to 65535 with --port.\n"


async def test_the_gateway_serves_with_several_workers(database_url: str, tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "COCKPIT_SESSION_SECRETS": SECRET,
        "COCKPIT_ENCRYPTION_KEYS": KEY,
    }
    with running(
        "serve", "--port", "0", "--workers", "2", folder=tmp_path, environment=environment
    ) as gateway:
        endpoint = gateway.first_line.split()[-1]
        url = endpoint.replace("/graphql", "/ready")
        async with aiohttp.ClientSession() as session, session.get(url) as ready:
            assert ready.status == 200
        assert gateway.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("- a", "lists no subgraphs"),
        ("subgraphs: {}", "lists no subgraphs"),
        ("subgraphs: [", "is not YAML"),
        ("subgraphs: {a: 1}", "Subgraph a needs texts"),
        ("subgraphs: {a: {}}", "Subgraph a needs a `url`"),
        ("subgraphs: {a: {url: x, color: red}}", "Subgraph a has the unknown key color."),
        ("subgraphs: {a: {url: 'file:///etc/passwd'}}", "must begin with http://"),
        ("subgraphs: {a: {url: 'http://127.0.0.1:1'}}", "does not tell its document"),
        ("subgraphs: {a: {file: none.graphql}}", "none.graphql, does not exist"),
    ],
)
def test_a_list_of_subgraphs_that_cannot_be_used_says_why(
    content: str, sentence: str, tmp_path: Path
) -> None:
    config = tmp_path / "subgraphs.yaml"
    config.write_text(content)
    with pytest.raises(ComposeConfigError) as raised:
        read_sources(config)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_a_running_subgraph_is_asked_for_its_document(tmp_path: Path) -> None:
    case = SubgraphCase("books", BOOKS)
    async with serving({"books": case.schema()}) as urls:
        config = tmp_path / "subgraphs.yaml"
        config.write_text(f"subgraphs:\n  books:\n    url: {urls['books']}\n")
        composed = await anyio.to_thread.run_sync(read_sources, config)
    assert composed[0].sdl == BOOKS
