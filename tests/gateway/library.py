"""A small federated graph on real ports: books in one service, their reviews in another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from federation.supergraph import Supergraph
from tests.federation.harness import SubgraphCase, serving

SDL = (Path(__file__).parent / "cases" / "library.graphql").read_text()


class Library:
    """The two services, what they were asked with, and a door that keeps one waiting."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        self.shelved: list[str] = []
        self.entered = asyncio.Event()
        self.door = asyncio.Event()

    def cases(self) -> list[SubgraphCase]:
        rows = [{"id": "1", "title": "Middlemarch"}, {"id": "2", "title": "Ulysses"}]
        books = SubgraphCase(
            "books",
            "type Query { books: [Book!]! book(id: ID!): Book slow: String broken: String } "
            "type Mutation { shelve(title: String!): Book! } "
            'type Book @key(fields: "id") { id: ID! title: String! }',
            rows={"Book": rows},
            resolvers={
                "Query.books": lambda *_: rows,
                "Query.book": self._book,
                "Query.slow": self._slow,
                "Query.broken": self._broken,
                "Mutation.shelve": self._shelve,
            },
        )
        reviews = SubgraphCase(
            "reviews",
            'type Book @key(fields: "id") { id: ID! stars: Int }',
            rows={"Book": [{"id": "1", "stars": 5}, {"id": "2", "stars": 4}]},
        )
        return [books, reviews]

    def _book(self, _: Any, info: GraphQLResolveInfo[Any], id: str) -> dict[str, str]:
        self.headers.append({name.lower(): text for name, text in info.context.headers.items()})
        return {"id": id, "title": "Middlemarch"}

    async def _slow(self, *_: Any) -> str:
        self.entered.set()
        await self.door.wait()
        return "at last"

    def _broken(self, *_: Any) -> str:
        raise GraphQLError("The shelf fell over.", extensions={"code": "SHELF_FELL"})

    def _shelve(self, *_: Any, title: str) -> dict[str, str]:
        self.shelved.append(title)
        return {"id": "3", "title": title}


@asynccontextmanager
async def library(sdl: str = SDL) -> AsyncIterator[tuple[Library, Supergraph]]:
    """The services on ports of this machine, and the supergraph that names them."""
    state = Library()
    schemas = {case.name: case.schema() for case in state.cases()}
    async with serving(schemas) as urls:
        for name, url in urls.items():
            sdl = sdl.replace(f"http://{name}.test/graphql", url)
        yield state, Supergraph.parse(sdl)
        state.door.set()
