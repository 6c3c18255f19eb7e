"""Directives are known from the version of Federation on that brought them."""

import pytest

from .harness import codes, mistakes

FEDERATION = "https://specs.apollo.dev/federation"
USES = [
    ("composeDirective", (2, 1)),
    ("interfaceObject", (2, 3)),
    ("authenticated", (2, 5)),
    ("requiresScopes", (2, 5)),
    ("policy", (2, 6)),
    ("context", (2, 8)),
    ("fromContext", (2, 8)),
    ("cost", (2, 9)),
    ("listSize", (2, 9)),
    ("cacheTag", (2, 12)),
]
QUERY = {"a": "type Query { x: Int }"}


def head(version: tuple[int, int], *imports: str) -> str:
    names = ", ".join(f'"@{name}"' for name in imports)
    url = f"{FEDERATION}/v{version[0]}.{version[1]}"
    return f'extend schema @link(url: "{url}", import: [{names}]) '


@pytest.mark.parametrize(("name", "since"), USES)
def test_a_directive_can_be_imported_from_its_version_on(name: str, since: tuple[int, int]) -> None:
    assert codes(QUERY, head=head(since, name)) == []
    (mistake,) = mistakes(QUERY, head=head((2, since[1] - 1), name))
    assert mistake.code == "INVALID_LINK_DIRECTIVE_USAGE"
    assert f"it came with Federation 2.{since[1]}" in mistake.message


def test_a_directive_of_a_later_version_is_unknown_by_its_full_name_too() -> None:
    sdl = {"a": "type Query { x: Int @federation__cost(weight: 1) }"}
    assert codes(sdl, head=head((2, 9))) == []
    assert codes(sdl, head=head((2, 8))) == [("INVALID_GRAPHQL", None)]


def test_labels_of_overrides_came_with_2_7() -> None:
    sdl = {
        "a": 'type Query { x: Int @override(from: "b", label: "percent(1)") }',
        "b": "type Query { x: Int }",
    }
    assert codes(sdl, head=head((2, 7), "override")) == []
    assert codes(sdl, head=head((2, 6), "override")) == [("INVALID_GRAPHQL", None)]


def test_federation_1_leaves_later_names_to_the_document() -> None:
    sdl = {"a": "directive @cost(of: String) on FIELD_DEFINITION type Query { x: Int @cost }"}
    assert codes(sdl, head="") == []
    assert codes({"a": "type Query { x: Int @shareable }"}, head="") == [("INVALID_GRAPHQL", None)]


def test_federation_1_does_not_ignore_what_protects() -> None:
    sdl = {"a": "type Query { x: Int @authenticated }"}
    assert codes(sdl, head="") == []


def test_specifications_linked_by_themselves_bring_all_their_directives() -> None:
    link = '@link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"])'
    sdl = {"a": "type Query { x: [Int] @listSize(assumedSize: 3) @cost(weight: 2) }"}
    assert codes(sdl, head=head((2, 0)) + f"extend schema {link} ") == []
