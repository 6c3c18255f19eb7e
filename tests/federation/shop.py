"""A shop cut into four subgraphs, and the same shop in one schema.

Every kind of coupling occurs: shareable roots and value types, several keys, composite keys,
`@requires`, `@provides`, interfaces and unions that cross subgraphs, nulls, and rows that fail.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema

from federation.composition import SubgraphSource, compose
from tests.federation.harness import Resolver, Row, SubgraphCase

LINK = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [
  "@key", "@shareable", "@external", "@requires", "@provides"])
"""

ACCOUNTS = """
type Query {
  me: User  user(id: ID!): User  users(first: Int = 3): [User!]!  version: String @shareable }
interface Node { id: ID! }
type User implements Node @key(fields: "id") @key(fields: "email") {
  id: ID!  email: String!  name: String @shareable  age: Int  address: Address @shareable }
type Address @shareable { street: String  city: String! }
"""

PRODUCTS = """
type Query {
  topProducts(first: Int = 3): [Product]  product(upc: String!): Product
  media: [Media]  node(id: ID!): Node  version: String @shareable }
interface Node { id: ID! }
interface Media { id: ID!  title: String! }
type Product implements Node @key(fields: "id") @key(fields: "upc maker { code }") {
  id: ID!  upc: String!  maker: Maker! @shareable  name: String  price: Int  weight: Int
  kind: Kind }
type Maker @shareable { code: String!  country: String }
type Book implements Media & Node @key(fields: "id") {
  id: ID!  title: String!  pages: Int  sequel: Book  prints: [[Int]] }
type Film implements Media & Node @key(fields: "id") { id: ID!  title: String!  minutes: Int }
enum Kind { TOOL TOY }
"""

REVIEWS = """
type Query { reviews: [Review!]  subjects: [Subject]  version: String @shareable }
union Subject = Product | Book | User
interface Node { id: ID! }
type Review implements Node @key(fields: "id") {
  id: ID!  body: String  stars: Int!  author: User @provides(fields: "name")  product: Product
  subject: Subject  fragile: String! }
type User implements Node @key(fields: "id") {
  id: ID!  name: String @external  reviews(stars: Int): [Review] }
type Product implements Node @key(fields: "id") { id: ID!  reviews: [Review!]! }
type Book implements Node @key(fields: "id") { id: ID!  review: Review }
"""

INVENTORY = """
type Product @key(fields: "upc maker { code }") {
  upc: String!  maker: Maker! @shareable  price: Int @external  weight: Int @external
  inStock: Boolean  shipping: Int @requires(fields: "price weight")
  origin: String @requires(fields: "maker { country }")  reserved: Int! }
type Maker @shareable { code: String!  country: String @external }
type User @key(fields: "email") {
  email: String!  address: Address @external  cart: [Product]
  delivery: String @requires(fields: "address { city }") }
type Address { city: String! @external }
"""

USERS: dict[str, Row] = {
    f"u{n}": {
        "__typename": "User",
        "id": f"u{n}",
        "email": f"u{n}@example.org",
        "name": None if n == 3 else f"User {n}",
        "age": 20 + n,
        "address": None if n == 2 else {"street": f"{n} Main", "city": f"City {n}"},
        "cart": [f"p{n}", "p1"],
    }
    for n in (1, 2, 3)
}
PRODUCT_ROWS: dict[str, Row] = {
    f"p{n}": {
        "__typename": "Product",
        "id": f"p{n}",
        "upc": f"upc-{n}",
        "maker": {"code": f"m{n % 2}", "country": None if n == 4 else "AT"},
        "name": f"Product {n}",
        "price": None if n == 3 else 10 * n,
        "weight": n,
        "kind": "TOOL" if n % 2 else "TOY",
        "inStock": n != 2,
    }
    for n in (1, 2, 3, 4)
}
BOOKS: dict[str, Row] = {
    f"b{n}": {
        "__typename": "Book",
        "id": f"b{n}",
        "title": f"Book {n}",
        "pages": 100 * n,
        "sequel": f"b{n + 1}" if n < 2 else None,
        "prints": [[n, None], None, []],
        "review": "r2" if n == 1 else None,
    }
    for n in (1, 2)
}
FILMS: dict[str, Row] = {"f1": {"__typename": "Film", "id": "f1", "title": "Film", "minutes": 90}}
REVIEW_ROWS: dict[str, Row] = {
    f"r{n}": {
        "__typename": "Review",
        "id": f"r{n}",
        "body": None if n == 2 else f"Body {n}",
        "stars": n,
        "author": None if n == 4 else f"u{1 + n % 3}",
        "product": f"p{1 + n % 4}",
        "subject": ["p1", "b1", "u1", None][n - 1],
    }
    for n in (1, 2, 3, 4)
}
WORLD = {**USERS, **PRODUCT_ROWS, **BOOKS, **FILMS, **REVIEW_ROWS}


def found(key: Any) -> Row | None:
    """A row of the world by its id, without what belongs to other rows."""
    row = WORLD.get(key)
    return None if row is None else dict(row)


def first_rows(rows: dict[str, Row], first: int | None) -> list[Row]:
    return [dict(row) for row in rows.values()][: max(first or 0, 0)]


def related(name: str) -> Resolver:
    def resolve(source: Row, _info: Any) -> Any:
        value = WORLD[source["id"]][name]
        return [found(key) for key in value] if isinstance(value, list) else found(value)

    return resolve


def fragile(source: Row, _info: Any) -> str:
    if source["id"] == "r3":
        raise RuntimeError("this review is broken")
    return "whole"


def reserved(source: Row, _info: Any) -> int | None:
    return None if source["upc"] == "upc-4" else 1


def reviews_of(field: str) -> Resolver:
    def resolve(source: Row, _info: Any, stars: int | None = None) -> list[Row]:
        return [
            dict(row)
            for row in REVIEW_ROWS.values()
            if row[field] == source["id"] and stars in {None, row["stars"]}
        ]

    return resolve


RESOLVERS: dict[str, Resolver] = {
    "Query.me": lambda *_: found("u1"),
    "Query.user": lambda _s, _i, id: found(id) if id in USERS else None,
    "Query.users": lambda _s, _i, first: [dict(row) for row in USERS.values()][
        : max(first or 0, 0)
    ],
    "Query.version": lambda *_: "1",
    "Query.topProducts": lambda _s, _i, first: [*first_rows(PRODUCT_ROWS, first), None],
    "Query.product": lambda _s, _i, upc: next(
        (dict(row) for row in PRODUCT_ROWS.values() if row["upc"] == upc), None
    ),
    "Query.media": lambda *_: [found("b1"), found("f1"), None, found("b2")],
    "Query.node": lambda _s, _i, id: (
        found(id) if id in {**BOOKS, **FILMS, **PRODUCT_ROWS} else None
    ),
    "Query.reviews": lambda *_: [dict(row) for row in REVIEW_ROWS.values()],
    "Query.subjects": lambda *_: [found("p2"), found("b1"), None, found("u2")],
    "Book.sequel": related("sequel"),
    "Book.review": related("review"),
    "Review.author": related("author"),
    "Review.product": related("product"),
    "Review.subject": related("subject"),
    "Review.fragile": fragile,
    "User.reviews": reviews_of("author"),
    "Product.reviews": reviews_of("product"),
    "User.cart": lambda source, _info: [
        found(key)
        for row in USERS.values()
        if row["email"] == source["email"]
        for key in row["cart"]
    ],
    "Product.shipping": lambda source, _info: (source["price"] or 0) * source["weight"],
    "Product.origin": lambda source, _info: source["maker"]["country"],
    "Product.reserved": reserved,
    "User.delivery": lambda source, _info: (source["address"] or {}).get("city"),
}

_OWNED: dict[str, dict[str, tuple[str, ...]]] = {
    "accounts": {"User": ("id", "email", "name", "age", "address")},
    "products": {
        "Product": ("id", "upc", "maker", "name", "price", "weight", "kind"),
        "Book": ("id", "title", "pages", "prints"),
        "Film": ("id", "title", "minutes"),
    },
    "reviews": {
        "Review": ("id", "body", "stars"),
        "User": ("id",),
        "Product": ("id",),
        "Book": ("id",),
    },
    "inventory": {"Product": ("upc", "maker.code", "inStock"), "User": ("email",)},
}
_SDL = {
    "accounts": ACCOUNTS,
    "products": PRODUCTS,
    "reviews": REVIEWS,
    "inventory": INVENTORY,
}


def subgraphs() -> list[SubgraphCase]:
    """The four subgraphs; each holds only the columns it owns."""
    return [_subgraph(name) for name in _SDL]


def _subgraph(name: str) -> SubgraphCase:
    rows = {
        type_name: [_columns(row, columns) for row in _rows_of(type_name)]
        for type_name, columns in _OWNED[name].items()
    }
    case = SubgraphCase(name, LINK + _SDL[name], rows)
    fields = _fields(case.schema())
    resolvers = {
        coordinate: _narrowed(name, resolve)
        for coordinate, resolve in RESOLVERS.items()
        if coordinate in fields
    }
    if name == "reviews":
        resolvers["Review.author"] = _author_with_name
    return SubgraphCase(name, LINK + _SDL[name], rows, resolvers)


def _author_with_name(source: Row, _info: Any) -> Row | None:
    """What `@provides` promises."""
    author = found(REVIEW_ROWS[source["id"]]["author"])
    return None if author is None else _columns(author, ("id", "name"))


@cache
def supergraph_sdl() -> str:
    """The shop composed."""
    sources = [SubgraphSource(case.name, None, case.sdl) for case in subgraphs()]
    return compose(sources).sdl


def monolith(schema: GraphQLSchema) -> GraphQLSchema:
    """Give one schema, with every field of the shop, the whole world's resolvers."""
    for coordinate, resolve in RESOLVERS.items():
        type_name, _, field_name = coordinate.partition(".")
        type_ = schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        type_.fields[field_name].resolve = resolve
    return schema


def _rows_of(type_name: str) -> list[Row]:
    return [row for row in WORLD.values() if row["__typename"] == type_name]


def _columns(row: Row, columns: tuple[str, ...]) -> Row:
    """Some columns of a row; with a dot, one column of a column."""
    known: Row = {"__typename": row["__typename"]}
    for column in columns:
        name, _, part = column.partition(".")
        known[name] = {part: row[name][part]} if part else row[name]
    return known


def _fields(schema: GraphQLSchema) -> set[str]:
    return {
        f"{type_.name}.{name}"
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for name in type_.fields
    }


def _narrowed(subgraph: str, resolve: Resolver) -> Resolver:
    """The resolver's rows reduced to what the subgraph knows of them."""

    def narrowed(*arguments: Any, **values: Any) -> Any:
        return _narrow(_OWNED[subgraph], resolve(*arguments, **values))

    return narrowed


def _narrow(owned: dict[str, tuple[str, ...]], value: Any) -> Any:
    if isinstance(value, list):
        return [_narrow(owned, item) for item in value]
    if not isinstance(value, dict) or "__typename" not in value:
        return value
    return _columns(value, owned[value["__typename"]])
