"""`@cacheTag` is checked in its subgraph and handed on in the form of the join specification."""

import pytest
from graphql import parse

from federation.api_schema import api_sdl

from .harness import codes, composed, definition

HEAD = """
extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@cacheTag", "@shareable"]
)
"""
ENTITY = 'type Query { t: T } type T @key(fields: "id") @key(fields: "id sku") %s '
MISTAKES = [
    ("{ a }", "CACHE_TAG_INVALID_FORMAT"),
    ("t-{$key.id", "CACHE_TAG_INVALID_FORMAT"),
    ("t-{$key}", "CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ENTITY"),
    ("t-{$args.id}", "CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ENTITY"),
    ("t-{$key.sku}", "CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ENTITY"),
]


def _tag(graphs: str, text: str) -> str:
    name = '"federation__cacheTag"'
    return f'@join__directive(graphs: [{graphs}], name: {name}, args: {{ format: "{text}" }})'


def test_cache_tags_reach_the_supergraph_with_the_subgraphs_that_state_them() -> None:
    result = composed(
        {
            "a": 'type Query { t(id: ID!): T @shareable @cacheTag(format: "t-{$args.id}") } '
            'type T @key(fields: "id") @cacheTag(format: "t-{$key.id}") @cacheTag(format: "all") '
            "{ id: ID! }",
            "b": 'type Query { t(id: ID!): T @shareable @cacheTag(format: "t-{$args.id}") } '
            'type T @key(fields: "id") { id: ID! }',
        },
        head=HEAD,
    )
    entity = definition(result, "T")
    assert _tag("A, B", "t-{$args.id}") in definition(result, "Query")
    assert _tag("A", "t-{$key.id}") in entity
    assert _tag("A", "all") in entity
    assert "cacheTag" not in api_sdl(parse(result.sdl))


@pytest.mark.parametrize(("text", "code"), MISTAKES)
def test_a_format_names_what_an_entity_is_found_by(text: str, code: str) -> None:
    sdl = ENTITY % f'@cacheTag(format: "{text}") {{ id: ID! sku: ID! }}'
    assert codes({"a": sdl}, head=HEAD) == [(code, "T")]


@pytest.mark.parametrize("text", ["{$key.id}", "{$args.gone}"])
def test_a_format_on_a_root_field_names_its_arguments(text: str) -> None:
    sdl = f'type Query {{ x(id: ID): Int @cacheTag(format: "{text}") }}'
    assert codes({"a": sdl}, head=HEAD) == [
        ("CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ROOT_FIELD", "Query.x")
    ]


def test_only_entities_and_root_fields_are_cached() -> None:
    assert codes(
        {"a": 'type Query { t: T } type T { n: Int @cacheTag(format: "n") }'}, head=HEAD
    ) == [("CACHE_TAG_APPLIED_TO_NON_ROOT_FIELD", "T.n")]
    assert codes(
        {"a": 'type Query { t: T } type T @cacheTag(format: "t") { n: Int }'}, head=HEAD
    ) == [("CACHE_TAG_ENTITY_NOT_RESOLVABLE", "T")]
