"""Composition of a graph of the size it is made for; figures with `--durations=5`."""

from graphql import build_ast_schema, parse

from federation.api_schema import api_document
from federation.composition import SubgraphSource, compose

HEAD = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@shareable", "@authenticated"])
type Query { account: Account @shareable @authenticated }
type PageInfo @shareable { hasNext: Boolean! }
"""
SUBGRAPHS, TYPES = 20, 10


def subgraph(index: int) -> SubgraphSource:
    parts = [HEAD, f'type Account @key(fields: "id") {{ id: ID! m{index}: M{index}T0! }}']
    for number in range(TYPES):
        fields = "\n".join(f"  f{field}(a: Int): String" for field in range(8))
        following = f"M{(index + 1) % SUBGRAPHS}T{number}"
        parts.append(
            f'type M{index}T{number} @key(fields: "id") {{ id: ID! page: PageInfo!\n{fields}\n'
            f"  next: M{index}T{(number + 1) % TYPES} other: {following} }}\n"
            f'type {following} @key(fields: "id", resolvable: false) {{ id: ID! }}'
        )
    return SubgraphSource(f"s{index}", None, "\n".join(parts))


def test_twenty_subgraphs_with_two_hundred_types_compose() -> None:
    composed = compose([subgraph(index) for index in range(SUBGRAPHS)])
    schema = build_ast_schema(api_document(parse(composed.sdl)))
    entities = [name for name in schema.type_map if name.startswith("M")]
    assert len(entities) == SUBGRAPHS * TYPES
