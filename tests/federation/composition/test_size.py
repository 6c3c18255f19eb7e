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


def test_keys_that_all_go_through_each_other_are_no_endless_search() -> None:
    parts = []
    for graph in range(12):
        types = [
            f'type T{here} @key(fields: "t{there} {{ id }}") @key(fields: "id k{graph}") '
            f"{{ id: ID! @shareable t{there}: T{there} @shareable "
            f"k{graph}: Int @shareable f{graph}: Int }}"
            for here, there in ((number, (number + 1) % 12) for number in range(12))
        ]
        query = "type Query { t: T0 }" if graph == 0 else ""
        head = HEAD[: HEAD.index("type Query")]
        parts.append(SubgraphSource(f"s{graph}", None, "\n".join([head, query, *types])))
    assert "f11" in compose(parts).sdl
