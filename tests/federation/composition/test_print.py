from graphql import parse, print_ast

from federation.composition.print import print_supergraph

TEXT = '''schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
{
  query: Query
}

"""
Two
lines
"""
type Query implements Node
  @join__type(graph: A)
  @join__type(graph: B)
{
  "One line"
  a: Int @join__field(graph: A)
}

union U
  @join__type(graph: A)
  = A | B

scalar S
  @join__type(graph: A)

directive @x on FIELD
'''


def test_each_directive_of_a_type_has_its_line() -> None:
    assert print_supergraph(parse(TEXT)) == TEXT


def test_the_text_means_what_the_document_says() -> None:
    document = parse(TEXT, no_location=True)
    assert print_ast(parse(print_supergraph(document))) == print_ast(document)
