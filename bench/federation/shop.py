"""The shop: four subgraphs, the rows that each owns, and the query that crosses all of them.

The graph is the one that gateways are usually compared on: users write reviews of products,
products are in stock somewhere, and shipping is estimated from what another subgraph knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from federation.composition import SubgraphSource, compose

__all__ = ["QUERY", "SUBGRAPHS", "Row", "ShopSubgraph", "supergraph_sdl"]

Row: TypeAlias = dict[str, Any]
Resolver: TypeAlias = Callable[..., Any]

_LINK = """
extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])
"""

_ACCOUNTS = """
type Query { me: User  user(id: ID!): User  users: [User] }
type User @key(fields: "id") { id: ID!  name: String  username: String  birthday: Int }
"""

_INVENTORY = """
type Product @key(fields: "upc") {
  upc: String!  weight: Int @external  price: Int @external  inStock: Boolean
  shippingEstimate: Int @requires(fields: "price weight") }
"""

_PRODUCTS = """
type Query { topProducts(first: Int = 5): [Product] }
type Product @key(fields: "upc") { upc: String!  name: String  price: Int  weight: Int }
"""

_REVIEWS = """
type Review @key(fields: "id") { id: ID!  body: String  author: User  product: Product }
type User @key(fields: "id") { id: ID!  reviews: [Review] }
type Product @key(fields: "upc") { upc: String!  reviews: [Review] }
"""

QUERY = """
query Shop {
  users {
    ...Account
    reviews {
      ...Said
      product {
        ...Offer
        reviews {
          ...Said
          author { ...Account reviews { ...Said product { ...Offer } } }
        }
      }
    }
  }
  topProducts {
    ...Offer
    reviews {
      ...Said
      author { ...Account reviews { ...Said product { ...Offer } } }
    }
  }
}
fragment Account on User { id username name }
fragment Said on Review { id body }
fragment Offer on Product { inStock name price shippingEstimate upc weight }
"""

_NAMES = ("Ada Lovelace", "Alan Turing", "Grace Hopper", "Edsger Dijkstra", "Barbara Liskov")
_GOODS = ("Table", "Couch", "Chair", "Glass", "TV", "Lamp", "Shelf", "Carpet", "Mirror")
_OPINIONS = ("Love it!", "Too expensive.", "Could be better.", "Prefer something else.", "Fine.")

_USERS: dict[str, Row] = {
    str(n): {"id": str(n), "name": name, "username": f"@{name.split()[1].lower()}", "birthday": n}
    for n, name in enumerate(_NAMES, start=1)
}
_PRODUCT_ROWS: dict[str, Row] = {
    str(n): {"upc": str(n), "name": name, "price": 50 + 37 * n, "weight": 100 * n % 1300}
    for n, name in enumerate(_GOODS, start=1)
}
# Each person has reviewed six goods, each of which is reviewed by three or four people.
_REVIEW_ROWS: dict[str, Row] = {
    str(n): {
        "id": str(n),
        "body": _OPINIONS[n % 5],
        "author": {"__typename": "User", "id": str(1 + n % 5)},
        "product": {"__typename": "Product", "upc": str(1 + n * 5 % 9)},
    }
    for n in range(1, 28)
}


class ShopSubgraph(NamedTuple):
    """One subgraph: what it says of itself, and how it answers."""

    name: str
    types: str
    resolvers: Mapping[str, Resolver]
    """By coordinate; other fields are read off their row."""
    entities: Mapping[str, Callable[[Row], Row | None]]
    """From a representation to a row, by type."""

    @property
    def sdl(self) -> str:
        """What it is composed from."""
        return _LINK + self.types


def _reviews_of(relation: str, key: str) -> Resolver:
    return lambda row, _info: [
        review for review in _REVIEW_ROWS.values() if review[relation][key] == row[key]
    ]


def _shipping(row: Row, _info: Any) -> int:
    """Free for what is dear, and half a unit for each unit of weight otherwise."""
    return 0 if row["price"] > 300 else row["weight"] // 2


def _stocked(representation: Row) -> Row:
    return {**representation, "inStock": int(representation["upc"]) % 3 > 0}


SUBGRAPHS: tuple[ShopSubgraph, ...] = (
    ShopSubgraph(
        "accounts",
        _ACCOUNTS,
        {
            "Query.me": lambda *_: _USERS["1"],
            "Query.user": lambda _row, _info, id: _USERS.get(id),
            "Query.users": lambda *_: list(_USERS.values()),
        },
        {"User": lambda representation: _USERS.get(representation["id"])},
    ),
    ShopSubgraph(
        "inventory",
        _INVENTORY,
        {"Product.shippingEstimate": _shipping},
        {"Product": _stocked},
    ),
    ShopSubgraph(
        "products",
        _PRODUCTS,
        {"Query.topProducts": lambda _row, _info, first: list(_PRODUCT_ROWS.values())[:first]},
        {"Product": lambda representation: _PRODUCT_ROWS.get(representation["upc"])},
    ),
    ShopSubgraph(
        "reviews",
        _REVIEWS,
        {
            "User.reviews": _reviews_of("author", "id"),
            "Product.reviews": _reviews_of("product", "upc"),
        },
        {
            "User": lambda representation: representation,
            "Product": lambda representation: representation,
            "Review": lambda representation: _REVIEW_ROWS.get(representation["id"]),
        },
    ),
)


def supergraph_sdl(urls: Mapping[str, str]) -> str:
    """The shop composed, with the places where its subgraphs listen."""
    sources = [
        SubgraphSource(subgraph.name, urls[subgraph.name], subgraph.sdl) for subgraph in SUBGRAPHS
    ]
    return compose(sources).sdl
