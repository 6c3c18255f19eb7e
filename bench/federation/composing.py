"""A graph large enough for composition to take time: 100 entity types over 20 subgraphs."""

from __future__ import annotations

from collections.abc import Iterator

from federation.composition import SubgraphSource

__all__ = ["large_graph"]

_LINK = """
extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@requires",
  "@external"])
"""


def large_graph(types: int = 100, subgraphs: int = 20) -> list[SubgraphSource]:
    """Sources in which each type has an owner, two subgraphs that extend it, and a neighbour."""
    return [
        SubgraphSource(f"subgraph{n}", f"http://subgraph{n}.test/", _sdl(n, types, subgraphs))
        for n in range(subgraphs)
    ]


def _sdl(number: int, types: int, subgraphs: int) -> str:
    return _LINK + "\n".join(_definitions(number, types, subgraphs))


def _definitions(number: int, types: int, subgraphs: int) -> Iterator[str]:
    yield "type Money @shareable { amount: Float  currency: String }"
    yield "enum State { NEW OPEN DONE }"
    roots = []
    for of in range(types):
        owner = of % subgraphs
        if owner == number:
            roots.append(f"type{of}(id: ID!): Type{of}")
            yield (
                f'type Type{of} @key(fields: "id") {{ id: ID!  name: String  weight: Int'
                f"  state: State  price: Money  next: Type{(of + subgraphs) % types} }}"
            )
        elif (owner + 1) % subgraphs == number:
            yield (
                f'type Type{of} @key(fields: "id") {{ id: ID!  weight: Int @external'
                f'  cost{of}: Money @requires(fields: "weight")  note(first: Int): [String] }}'
            )
        elif (owner + 2) % subgraphs == number:
            yield f'type Type{of} @key(fields: "id") {{ id: ID!  tags: [String!]!  rank: Int }}'
    yield f"type Query {{ {'  '.join(roots)} }}"
