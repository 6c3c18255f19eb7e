from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from federation.supergraph import Supergraph, digest_of
from gateway.router import create_router
from gateway.settings import Settings
from gateway.supergraph_source import FileSource, SourceError, SupergraphSource, UrlSource
from tests.gateway.harness import Client, client_of
from tests.gateway.library import SDL, Library, library

SLOW = "  slow: String @join__field(graph: BOOKS)\n"


def without_slow(sdl: str) -> str:
    assert SLOW in sdl
    return sdl.replace(SLOW, "")


async def live_digest(client: Client) -> str:
    digest: str = (await client.request("GET", "/ready")).body["supergraph"]
    return digest


async def until_served(client: Client, sdl: str) -> None:
    while await live_digest(client) != digest_of(sdl):
        pass


async def metric(client: Client, name: str) -> float:
    text = (await client.request("GET", "/metrics")).body
    [line] = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[-1])


class Followed:
    """A router that follows a file, and the addresses its supergraphs must name."""

    def __init__(self, client: Client, state: Library, file: Path, sdl: str) -> None:
        self.client = client
        self.state = state
        self.sdl = sdl
        self._file = file

    def without_slow(self) -> str:
        return without_slow(self.sdl)

    def write(self, sdl: str) -> None:
        """Replace the file in one step, as those who publish do."""
        other = self._file.with_suffix(".new")
        other.write_text(sdl)
        other.rename(self._file)


@asynccontextmanager
async def following(folder: Path) -> AsyncIterator[Followed]:
    async with library() as (state, supergraph):
        sdl = SDL
        for info in supergraph.subgraphs.values():
            sdl = sdl.replace(f"http://{info.name}.test/graphql", info.url or "")
        file = folder / "supergraph.graphql"
        file.write_text(sdl)
        source = FileSource(file, seconds=0.01)
        assert await source.read() == sdl
        app = create_router(Supergraph.parse(sdl), Settings(), None, source)
        async with client_of(app) as client:
            yield Followed(client, state, file, sdl)
            state.door.set()


async def test_a_changed_file_is_served_from_then_on(tmp_path: Path) -> None:
    async with following(tmp_path) as followed:
        client = followed.client
        assert (await client.post('{ __type(name: "Query") { fields { name } } }')).status == 200
        followed.write(followed.without_slow())
        await until_served(client, followed.without_slow())
        answer = await client.post("{ slow }")
        assert (answer.status, answer.code) == (400, "BAD_USER_INPUT")
        assert (await client.post("{ books { title stars } }")).status == 200
        assert await metric(client, 'cockpit_supergraph_reloads_total{outcome="applied"}') == 1


async def test_who_has_begun_with_a_graph_ends_with_it(tmp_path: Path) -> None:
    async with following(tmp_path) as followed:
        waiting = asyncio.create_task(followed.client.post("{ slow books { id stars } }"))
        await followed.state.entered.wait()
        followed.write(followed.without_slow())
        await until_served(followed.client, followed.without_slow())
        followed.state.door.set()
        answer = await waiting
    assert answer.body["data"]["slow"] == "at last"
    assert answer.body["data"]["books"][0] == {"id": "1", "stars": 5}
    assert "errors" not in answer.body


async def test_no_request_is_dropped_while_the_graph_changes_again_and_again(
    tmp_path: Path,
) -> None:
    async with following(tmp_path) as followed:
        answers = []
        done = asyncio.Event()

        async def ask() -> None:
            while not done.is_set():
                answers.append(await followed.client.post("{ books { title stars } }"))

        asking = [asyncio.create_task(ask()) for _ in range(8)]
        for sdl in (followed.without_slow(), followed.sdl) * 3:
            followed.write(sdl)
            await until_served(followed.client, sdl)
        done.set()
        await asyncio.gather(*asking)
    assert {answer.status for answer in answers} == {200}
    assert all("errors" not in answer.body for answer in answers)


@pytest.mark.parametrize(
    "bad",
    [
        "type Query {",
        "type Query { a: Int }",
        SDL.replace("book(id: ID!)", "book(id: Book!)"),
        SDL.replace("http://books.test/graphql", "ftp://books.test"),
        SDL.replace("http://books.test/graphql", ""),
    ],
)
async def test_a_bad_supergraph_is_refused_and_the_old_one_keeps_serving(
    bad: str, tmp_path: Path
) -> None:
    async with following(tmp_path) as followed:
        client = followed.client
        followed.write(bad)
        while not await metric(client, 'cockpit_supergraph_reloads_total{outcome="refused"}'):
            pass
        assert await live_digest(client) == digest_of(followed.sdl)
        assert (await client.post("{ books { title stars } }")).status == 200
        followed.write(followed.without_slow())
        await until_served(client, followed.without_slow())


async def test_a_file_that_is_away_is_waited_for(tmp_path: Path) -> None:
    async with following(tmp_path) as followed:
        client = followed.client
        (tmp_path / "supergraph.graphql").unlink()
        while not await metric(client, 'cockpit_supergraph_reloads_total{outcome="unreachable"}'):
            pass
        assert (await client.post("{ books { title } }")).status == 200
        followed.write(followed.without_slow())
        await until_served(client, followed.without_slow())


async def test_the_metrics_say_which_supergraph_is_live(tmp_path: Path) -> None:
    async with following(tmp_path) as followed:
        digest = await live_digest(followed.client)
        name = f'cockpit_supergraph_info{{digest="{digest}"}}'
        assert await metric(followed.client, name) == 1.0
        assert await metric(followed.client, "cockpit_supergraph_loaded_timestamp_seconds") > 0


async def test_metrics_can_be_switched_off() -> None:
    async with (
        library() as (_, supergraph),
        client_of(create_router(supergraph, Settings(metrics=False))) as client,
    ):
        assert (await client.request("GET", "/metrics")).status == 404


class Publisher:
    """Publishes a supergraph with an entity tag, and remembers how it was asked."""

    def __init__(self) -> None:
        self.body = b"one"
        self.tag: str | None = '"1"'
        self.status = 200
        self.asked: list[tuple[str | None, str | None]] = []

    async def answer(self, request: web.Request) -> web.Response:
        tag = request.headers.get("If-None-Match")
        self.asked.append((tag, request.headers.get("X-Key")))
        if self.tag is not None and tag == self.tag:
            return web.Response(status=304)
        headers = {} if self.tag is None else {"ETag": self.tag}
        return web.Response(status=self.status, body=self.body, headers=headers)


@asynccontextmanager
async def published() -> AsyncIterator[tuple[Publisher, str]]:
    publisher = Publisher()
    app = web.Application()
    app.router.add_get("/supergraph", publisher.answer)
    server = TestServer(app)
    await server.start_server()
    try:
        yield publisher, str(server.make_url("/supergraph"))
    finally:
        await server.close()


async def test_an_address_is_asked_with_the_tag_of_its_last_answer() -> None:
    async with published() as (publisher, url):
        source = UrlSource(url, headers={"X-Key": "k"})
        assert [await source.read(), await source.read()] == ["one", None]
        publisher.body, publisher.tag = b"two", '"2"'
        assert [await source.read(), await source.read()] == ["two", None]
    assert publisher.asked == [(None, "k"), ('"1"', "k"), ('"1"', "k"), ('"2"', "k")]


async def test_the_same_text_again_is_no_news() -> None:
    async with published() as (publisher, url):
        publisher.tag = None
        source = UrlSource(url)
        assert [await source.read(), await source.read()] == ["one", None]


async def test_what_an_address_does_wrong_is_one_sentence() -> None:
    async with published() as (publisher, url):
        publisher.status = 500
        with pytest.raises(SourceError, match="answers 500"):
            await UrlSource(url).read()
        publisher.status = 200
        with pytest.raises(SourceError, match="larger than 2 bytes"):
            await UrlSource(url, max_bytes=2).read()
        publisher.body = b"\xff"
        with pytest.raises(SourceError, match="cannot be fetched"):
            await UrlSource(url).read()
    with pytest.raises(SourceError, match="cannot be fetched"):
        await UrlSource(url).read()


async def test_a_router_follows_an_address() -> None:
    async with library() as (_, supergraph), published() as (publisher, url):
        sdl = SDL
        for info in supergraph.subgraphs.values():
            sdl = sdl.replace(f"http://{info.name}.test/graphql", info.url or "")
        publisher.body = sdl.encode()
        source: SupergraphSource = UrlSource(url, seconds=0.01)
        text = await source.read()
        assert text == sdl
        app = create_router(Supergraph.parse(text), Settings(), None, source)
        async with client_of(app) as client:
            changed = without_slow(sdl)
            publisher.body, publisher.tag = changed.encode(), '"2"'
            await until_served(client, changed)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
async def test_a_file_that_cannot_be_read_is_one_sentence(
    content: bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / "supergraph.graphql"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(SourceError, match="The supergraph"):
        await FileSource(file).read()


async def test_a_file_written_again_with_the_same_text_is_no_news(tmp_path: Path) -> None:
    file = tmp_path / "supergraph.graphql"
    file.write_text("one")
    source = FileSource(file)
    assert await source.read() == "one"
    (tmp_path / "other").write_text("one")
    (tmp_path / "other").rename(file)
    assert await source.read() is None
