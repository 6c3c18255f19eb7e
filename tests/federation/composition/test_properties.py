from graphql import GraphQLSchema, build_ast_schema, build_schema, parse, print_schema
from graphql import lexicographic_sort_schema as sort_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.api_schema import api_document, api_sdl
from federation.composition import SubgraphSource, compose

TYPES = ("A", "B", "C", "D")
SCALARS = ("Int", "String", "ID", "Boolean", "Moment", "Colour")
SHAPES = ("{}", "{}!", "[{}]", "[{}!]!", "[[{}]!]")
HEAD = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@shareable"])\n'
)
LEAVES = 'scalar Moment @specifiedBy(url: "https://m.test")\nenum Colour { RED @deprecated BLUE }\n'

references = st.builds(
    lambda name, shape: shape.format(name),
    st.sampled_from(TYPES + SCALARS),
    st.sampled_from(SHAPES),
)
inputs = st.builds(
    lambda name, shape: shape.format(name),
    st.sampled_from(("Int", "Colour", "Filter")),
    st.sampled_from(SHAPES),
)


def field(name: str, reference: str, argument: str | None) -> str:
    return f"{name}{'' if argument is None else f'(x: {argument})'}: {reference}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A whole schema without links: objects, an interface, a union, an input, leaves."""
    lines = [LEAVES, "input Filter @oneOf { a: Int b: Colour }", "union Either = A | B"]
    for name in TYPES:
        fields = draw(st.lists(st.tuples(references, st.none() | inputs), max_size=4))
        body = [field(f"f{index}", *entry) for index, entry in enumerate(fields)]
        lines.append(f'"About {name}"\ntype {name} implements Node {{ id: ID! {" ".join(body)} }}')
    lines.append("interface Node { id: ID! }")
    lines.append("type Query { node: Node either: Either d(x: Filter): [D!] c: C }")
    return "\n".join(lines)


def api_of(composed: str) -> GraphQLSchema:
    return build_ast_schema(api_document(parse(composed)))


@given(documents())
@settings(max_examples=60, deadline=None)
def test_one_subgraph_alone_is_its_own_api(document: str) -> None:
    composed = compose([SubgraphSource("only", None, HEAD + document)])
    expected = print_schema(sort_schema(build_schema(document)))
    assert print_schema(sort_schema(api_of(composed.sdl))) == expected


@given(documents(), st.permutations(["a", "b", "c"]))
@settings(max_examples=30, deadline=None)
def test_the_order_of_subgraphs_does_not_matter(document: str, order: list[str]) -> None:
    shared = HEAD + document.replace("implements Node {", "implements Node @shareable {").replace(
        "type Query {", "type Query @shareable {"
    )
    sources = {name: SubgraphSource(name, f"http://{name}.test", shared) for name in "abc"}
    ordered = compose([sources[name] for name in order])
    assert ordered == compose([sources[name] for name in "abc"])


@given(documents())
@settings(max_examples=30, deadline=None)
def test_the_api_text_is_a_fixed_point(document: str) -> None:
    composed = compose([SubgraphSource("only", None, HEAD + document)])
    text = api_sdl(parse(composed.sdl))
    assert api_sdl(parse(text)) == text


def test_a_composed_document_is_a_schema_itself() -> None:
    sdl = HEAD + LEAVES + 'type Query { t: T } type T @key(fields: "id") { id: ID! c: Colour }'
    composed = compose([SubgraphSource("a", None, sdl)])
    schema = build_schema(composed.sdl)
    assert schema.get_type("join__Graph") is not None
