"""The floor: the shop's query by hand, with the subgraph calls it needs and no GraphQL engine.

A raw ASGI handler on the gateway's own HTTP server, with the client that the gateway uses. It knows
the query's form, so it copies what it fetched straight to where it belongs.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import aiohttp
import orjson
from starlette.types import Receive, Scope, Send

from bench.servers.serving import serve

__all__ = ["Floor"]

Row: TypeAlias = dict[str, Any]


class _Root(NamedTuple):
    """A list that the answer starts from."""

    subgraph: str
    field: str
    query: str
    type_name: str
    key: str


_USERS = _Root("accounts", "users", "{ users { id username name } }", "User", "id")
_TOP = _Root(
    "products", "topProducts", "{ topProducts { name price upc weight } }", "Product", "upc"
)
_WRITTEN = "reviews { id body product { upc } }"
_OF_PRODUCT = f"reviews {{ id body author {{ id {_WRITTEN} }} }}"
_OF_USERS = f"... on User {{ reviews {{ id body product {{ upc {_OF_PRODUCT} }} }} }}"
_OF_TOP = f"... on Product {{ {_OF_PRODUCT} }}"
_AUTHORS = "... on User { username name }"
_PRODUCTS = "... on Product { name price weight }"
_STOCK = "... on Product { inStock shippingEstimate }"


class Floor:
    """Answers every POST with the shop's query."""

    def __init__(self, urls: dict[str, str]) -> None:
        self._urls = urls
        self._session: aiohttp.ClientSession

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        while (await receive()).get("more_body"):
            continue
        body = orjson.dumps({"data": await self._answer()})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._session.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self) -> Row:
        (users, of_users), (top, of_top) = await asyncio.gather(
            self._with_reviews(_USERS, _OF_USERS),
            self._with_reviews(_TOP, _OF_TOP),
        )
        bought = [review["product"] for one in of_users for review in one["reviews"]]
        authors = {
            review["author"]["id"] for one in (*bought, *of_top) for review in one["reviews"]
        }
        upcs = {
            review["product"]["upc"]
            for one in (*bought, *of_top)
            for said in one["reviews"]
            for review in said["author"]["reviews"]
        }
        upcs.update(product["upc"] for product in bought)
        known = {product["upc"]: product for product in top}
        people, products = await asyncio.gather(
            self._entities("accounts", "User", "id", authors, _AUTHORS),
            self._products(upcs, known),
        )
        shown = _Shown(people, products)
        return {
            "users": [
                {**user, "reviews": [shown.bought(review) for review in one["reviews"]]}
                for user, one in zip(users, of_users, strict=True)
            ],
            "topProducts": [
                {**products[product["upc"]], "reviews": shown.said(one["reviews"])}
                for product, one in zip(top, of_top, strict=True)
            ],
        }

    async def _with_reviews(self, root: _Root, selection: str) -> tuple[list[Row], list[Row]]:
        rows = (await self._post(root.subgraph, root.query, {}))[root.field]
        keys = [row[root.key] for row in rows]
        entities = await self._entities("reviews", root.type_name, root.key, keys, selection)
        return rows, [entities[key] for key in keys]

    async def _products(self, upcs: set[str], known: dict[str, Row]) -> dict[str, Row]:
        """Everything about products; those known already are asked about their stock only."""
        found = await self._entities("products", "Product", "upc", upcs, _PRODUCTS)
        rows = {**known, **found}
        asked = [
            {"__typename": "Product", "upc": upc, "price": row["price"], "weight": row["weight"]}
            for upc, row in rows.items()
        ]
        stock = await self._representations("inventory", asked, _STOCK)
        return {
            upc: {
                "inStock": stocked["inStock"],
                "name": row["name"],
                "price": row["price"],
                "shippingEstimate": stocked["shippingEstimate"],
                "upc": upc,
                "weight": row["weight"],
            }
            for (upc, row), stocked in zip(rows.items(), stock, strict=True)
        }

    async def _entities(
        self, subgraph: str, type_name: str, key: str, keys: Iterable[str], selection: str
    ) -> dict[str, Row]:
        wanted = list(keys)
        representations = [{"__typename": type_name, key: value} for value in wanted]
        rows = await self._representations(subgraph, representations, selection)
        return {value: {key: value, **row} for value, row in zip(wanted, rows, strict=True)}

    async def _representations(
        self, subgraph: str, representations: list[Row], selection: str
    ) -> list[Row]:
        query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {selection} }} }}"
        data = await self._post(subgraph, query, {"r": representations})
        entities: list[Row] = data["_entities"]
        return entities

    async def _post(self, subgraph: str, query: str, variables: Row) -> Row:
        body = orjson.dumps({"query": query, "variables": variables})
        headers = {"content-type": "application/json"}
        async with self._session.post(self._urls[subgraph], data=body, headers=headers) as answer:
            data: Row = orjson.loads(await answer.read())["data"]
            return data


class _Shown:
    """Parts of the answer in the query's order."""

    def __init__(self, people: dict[str, Row], products: dict[str, Row]) -> None:
        self._people = people
        self._products = products

    def bought(self, review: Row) -> Row:
        product = review["product"]
        shown = {**self._products[product["upc"]], "reviews": self.said(product["reviews"])}
        return {"id": review["id"], "body": review["body"], "product": shown}

    def said(self, reviews: list[Row]) -> list[Row]:
        return [
            {"id": one["id"], "body": one["body"], "author": self._author(one["author"])}
            for one in reviews
        ]

    def _author(self, author: Row) -> Row:
        products = self._products
        person = self._people[author["id"]]
        return {
            "id": person["id"],
            "username": person["username"],
            "name": person["name"],
            "reviews": [
                {"id": one["id"], "body": one["body"], "product": products[one["product"]["upc"]]}
                for one in author["reviews"]
            ],
        }


if __name__ == "__main__":
    serve(Floor(orjson.loads(sys.argv[1])))
