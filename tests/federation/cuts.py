"""One schema cut into subgraphs at random: every field goes to one or two of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import strategies as st

from federation.composition import SubgraphSource, compose
from tests.federation import shop
from tests.federation.harness import Resolver, Row, SubgraphCase

__all__ = ["FIELDS", "Cut", "cases", "cuts", "supergraph_sdl"]

NAMES = ("a", "b", "c")

FIELDS: Mapping[str, Mapping[str, str]] = {
    "Query": {
        "me": "User",
        "users(first: Int = 3)": "[User!]!",
        "topProducts(first: Int = 3)": "[Product]",
        "media": "[Media]",
        "node(id: ID!)": "Node",
        "reviews": "[Review!]",
        "subjects": "[Subject]",
    },
    "User": {
        "email": "String!",
        "name": "String",
        "age": "Int",
        "address": "Address",
        "reviews(stars: Int)": "[Review]",
    },
    "Product": {
        "upc": "String!",
        "maker": "Maker!",
        "name": "String",
        "price": "Int",
        "reviews": "[Review!]!",
    },
    "Book": {
        "title": "String!",
        "pages": "Int",
        "prints": "[[Int]]",
        "sequel": "Book",
        "review": "Review",
    },
    "Film": {"title": "String!", "minutes": "Int"},
    "Review": {
        "body": "String",
        "stars": "Int!",
        "author": "User",
        "product": "Product",
        "subject": "Subject",
        "fragile": "String!",
    },
}
INTERFACES: Mapping[str, tuple[str, ...]] = {"Node": (), "Media": ("title",)}
IMPLEMENTS = {
    "User": ("Node",),
    "Product": ("Node",),
    "Book": ("Node", "Media"),
    "Film": ("Node", "Media"),
    "Review": ("Node",),
}
SHARED = """
union Subject = Product | Book | User
type Address @shareable { street: String  city: String! }
type Maker @shareable { code: String!  country: String }
"""


class Cut(NamedTuple):
    """Which subgraphs have which fields, by coordinate without arguments."""

    owners: Mapping[str, frozenset[str]]


def cuts() -> st.SearchStrategy[Cut]:
    """Every field in one subgraph, or shared by two."""
    some = st.sets(st.sampled_from(NAMES), min_size=1, max_size=2).map(frozenset)
    coordinates = [f"{owner}.{_bare(name)}" for owner in FIELDS for name in FIELDS[owner]]
    return st.fixed_dictionaries(dict.fromkeys(coordinates, some)).map(Cut)


def cases(cut: Cut) -> list[SubgraphCase]:
    """The subgraphs of a cut, each with all rows and only its own fields."""
    return [_case(cut, name) for name in NAMES]


def supergraph_sdl(cut: Cut) -> str:
    """The cut composed."""
    return compose([SubgraphSource(case.name, None, case.sdl) for case in cases(cut)]).sdl


def _case(cut: Cut, name: str) -> SubgraphCase:
    own = {owner: _own_fields(cut, name, owner) for owner in FIELDS}
    resolvers: dict[str, Resolver] = {
        coordinate: resolve
        for coordinate, resolve in shop.RESOLVERS.items()
        if name in cut.owners.get(coordinate, ())
    }
    rows: dict[str, list[Row]] = {
        owner: [row for row in shop.WORLD.values() if row["__typename"] == owner]
        for owner in FIELDS
    }
    return SubgraphCase(name, _sdl(own), rows, resolvers)


def _own_fields(cut: Cut, subgraph: str, owner: str) -> dict[str, str]:
    """The fields of a type that a subgraph has, with their types and directives."""
    own = {}
    for field, type_ in FIELDS[owner].items():
        owners = cut.owners[f"{owner}.{_bare(field)}"]
        if subgraph in owners:
            own[field] = f"{type_} @shareable" if len(owners) > 1 else type_
    return own


def _sdl(own: Mapping[str, Mapping[str, str]]) -> str:
    parts = [shop.LINK, SHARED]
    for interface, shared in INTERFACES.items():
        implementors = [name for name, interfaces in IMPLEMENTS.items() if interface in interfaces]
        known = [field for field in shared if all(field in own[name] for name in implementors)]
        fields = {"id": "ID!", **dict.fromkeys(known, "String!")}
        parts.append(_definition("interface", interface, fields))
    if own["Query"]:
        parts.append(_definition("type", "Query", own["Query"]))
    for name, interfaces in IMPLEMENTS.items():
        head = f'{name} implements {" & ".join(interfaces)} @key(fields: "id")'
        parts.append(_definition("type", head, {"id": "ID!", **own[name]}))
    return "\n".join(parts)


def _definition(kind: str, head: str, fields: Mapping[str, str]) -> str:
    return f"{kind} {head} {{ {'  '.join(f'{name}: {type_}' for name, type_ in fields.items())} }}"


def _bare(field: str) -> str:
    return field.partition("(")[0]
