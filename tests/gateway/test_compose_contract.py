"""`cockpit compose` with tags writes the supergraph of a contract."""

from pathlib import Path

import pytest
from graphql import parse

from federation.api_schema import api_sdl
from tests.gateway.commands import cockpit

pytestmark = pytest.mark.timeout(180)

BOOKS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@tag"])
type Query {
  books: [Book!]! @tag(name: "public")
  loans: Int @tag(name: "staff")
}
type Book @tag(name: "public") { title: String! price: Float @tag(name: "staff") }
"""


def test_tags_on_the_command_line_cut_out_a_contract(tmp_path: Path) -> None:
    (tmp_path / "books.graphql").write_text(BOOKS)
    (tmp_path / "list.yaml").write_text(
        "subgraphs:\n  books: { url: http://books.test, file: books.graphql }\n"
    )
    tags = ("--include-tag", "public", "--exclude-tag", "staff", "--exclude-tag", "secret")
    composed = cockpit("compose", "list.yaml", *tags, folder=tmp_path)
    assert composed.code == 0
    assert composed.err.startswith("hint: CONTRACT_TAG_UNUSED:")
    assert "price: Float @inaccessible" in composed.out
    text = api_sdl(parse(composed.out))
    assert "title" in text
    assert "price" not in text
    assert "loans" not in text
