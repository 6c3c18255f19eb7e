"""Every code of composition is documented, by an example that has the mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from federation.composition import SubgraphSource, compose
from federation.composition.vocabulary import DIRECTIVES
from federation.errors import CompositionError
from tests.docs.composition_codes import codes_in

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "composition.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n\n(.*?)(?=^##|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL))
EXAMPLES = {
    code: re.findall(r"^# (\w+)\n(.*?)(?=^# |\Z)", found[1], re.MULTILINE | re.DOTALL)
    for code, text in SECTIONS.items()
    if (found := re.search(r"```graphql\n(.*?)```", text, re.DOTALL))
}
HEAD = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: [{}])'


def codes_of(subgraphs: list[tuple[str, str]]) -> set[str]:
    head = HEAD.format(", ".join(f'"@{name}"' for name in DIRECTIVES))
    sources = [
        SubgraphSource(name, f"http://{name}.test", sdl if "@link" in sdl else f"{head}\n{sdl}")
        for name, sdl in subgraphs
    ]
    try:
        return {hint.code for hint in compose(sources).hints}
    except CompositionError as error:
        return {mistake.code for mistake in error.mistakes}


def test_every_code_is_documented_and_no_other() -> None:
    assert SECTIONS.keys() == codes_in(ROOT / "federation" / "composition")


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_has_the_mistake(code: str) -> None:
    assert code in codes_of(EXAMPLES[code])


def test_only_what_documents_cannot_show_has_no_example() -> None:
    assert SECTIONS.keys() - EXAMPLES.keys() == {
        "CONTRACT_TAG_UNUSED",
        "INVALID_SUBGRAPH_NAME",
        "UNGUARDED_ROOT_FIELD",
    }
