"""Cases in folders: composed, run through the engine, and answered by strict derived subgraphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import graphql

from federation.supergraph import Supergraph
from scripts.conformance.__main__ import run
from scripts.conformance.reading import world_of
from scripts.conformance.subgraphs import DerivedSubgraph
from scripts.conformance.suites import Case, Suite, read_suites
from scripts.conformance.supergraphs import differences

CASES = Path(__file__).parent / "cases"


def suite(name: str) -> Suite:
    (found,) = read_suites(CASES, [name])
    return found


async def test_the_cases_of_this_repository_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(read_suites(CASES, ()), None)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "library                                     6 passed    0 failed",
        "media                                       4 passed    0 failed",
        "10 passed, 0 failed",
    ]


async def test_another_answer_than_expected_fails(capsys: pytest.CaptureFixture[str]) -> None:
    changed = suite("media")
    expected = {"data": {"best": {"a": 3, "b": 4}}}
    case = Case("wrong", "{ best { a: stars b: stars } }", {}, expected)
    assert not await run([changed._replace(cases=[changed.cases[0], case])], None)
    assert "1 failed" in capsys.readouterr().out.splitlines()[-1]


async def test_an_error_that_nobody_expects_fails(capsys: pytest.CaptureFixture[str]) -> None:
    case = Case("wrong", "{ gone }", {}, {"data": {"gone": 1}})
    assert not await run([suite("library")._replace(cases=[case])], None)
    assert "errors: [" in capsys.readouterr().out


async def test_another_supergraph_than_composed_fails(capsys: pytest.CaptureFixture[str]) -> None:
    changed = suite("library")
    sdl = changed.supergraph.replace(" age: Int", " age: Float")
    assert not await run([changed._replace(supergraph=sdl)], None)
    assert "- Reader.age: Float\n      + Reader.age: Int" in capsys.readouterr().out


async def test_subgraphs_that_do_not_compose_fail(capsys: pytest.CaptureFixture[str]) -> None:
    changed = suite("library")
    sdl = {**changed.sdl, "more": "type Query { reader: Int }"}
    urls = {**changed.urls, "more": "http://127.0.0.1:4300/more"}
    broken = changed._replace(sdl=sdl, urls=urls, cases=())
    assert not await run([broken], None)
    assert "FIELD_TYPE_MISMATCH" in capsys.readouterr().out


def test_order_and_versions_make_no_difference() -> None:
    one = """
    schema @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
    type T @join__type(graph: A, key: "a {b,c}") @join__type(graph: B) { x: Int y: Int }
    type Query { t: T }
    """
    other = """
    type Query { t: T }
    "text" scalar join__FieldSet
    type T @join__type(graph: B, extension: false) @join__type(key: "a { b c }", graph: A) {
      y: Int x: Int }
    schema @link(for: EXECUTION, url: "https://specs.apollo.dev/join/v0.5") { query: Query }
    """
    assert differences(one, other) == []
    assert differences(one, other.replace("a { b c }", "a { b }")) == [
        '- T @join__type(graph: A, key: " a { b c } ")',
        '+ T @join__type(graph: A, key: " a { b } ")',
    ]


async def ask(name: str, subgraph: str, number: int, query: str, **variables: Any) -> list[str]:
    """What a derived subgraph answers with: its errors, or its data as text."""
    cases = suite(name)
    supergraph = Supergraph.parse(cases.supergraph)
    derived = DerivedSubgraph(supergraph, supergraph.subgraphs[subgraph], cases.sdl[subgraph])
    derived.world = world_of(supergraph, cases.cases[number], cases.cases)
    result = await graphql(derived.schema, query, variable_values=variables)
    if result.errors:
        return [error.message for error in result.errors]
    return [str(result.data)]


ENTITIES = "query ($all: [_Any!]!) { _entities(representations: $all) { ... on Book { %s } } }"
EMMA = {"__typename": "Book", "isbn": "1"}


async def test_an_entity_must_exist() -> None:
    gone = {"__typename": "Book", "isbn": "9"}
    found = await ask("library", "books", 1, ENTITIES % "title", all=[EMMA, gone])
    assert found == [f"There is no such entity: {gone}."]


async def test_a_field_must_be_given_what_it_requires() -> None:
    query = ENTITIES % "postage"
    found = await ask("library", "loans", 2, query.replace("postage", "isbn"), all=[EMMA])
    assert found == ["{'_entities': [{'isbn': '1'}]}"]
    (lacking,) = await ask("library", "loans", 0, query, all=[EMMA])
    assert lacking.startswith("Book.postage lacks what it requires")
    (wrong,) = await ask("library", "loans", 0, query, all=[{**EMMA, "weight": 1}])
    assert wrong.startswith("Book.postage lacks what it requires")
    found = await ask("library", "loans", 0, query, all=[{**EMMA, "weight": 300}])
    assert found == ["{'_entities': [{'postage': 3}]}"]


async def test_an_external_field_is_resolved_only_where_it_is_provided() -> None:
    found = await ask("library", "loans", 1, ENTITIES % "weight", all=[EMMA])
    assert found == ["Book.weight is resolved by another subgraph."]
    found = await ask("library", "loans", 1, ENTITIES % "loans { reader { name } }", all=[EMMA])
    assert found == ["{'_entities': [{'loans': [{'reader': {'name': 'Ann'}}]}]}"]


async def test_a_field_that_the_query_does_not_need_is_refused() -> None:
    query = ENTITIES % "loans { reader { id } }"
    assert await ask("library", "loans", 0, query, all=[EMMA]) == [
        "Book.loans is of no use to the query."
    ]


async def test_mutations_are_called_once_and_in_order() -> None:
    first = 'mutation { lend(isbn: "2") { title } }'
    later = 'mutation { lend(isbn: "1") { title } }'
    assert await ask("library", "books", 3, first) == ["{'lend': {'title': 'Ulysses'}}"]
    assert await ask("library", "books", 3, later) == ['lend{"isbn":"1"} is called out of order.']


async def test_an_interface_object_stands_for_any_object_of_its_interface() -> None:
    query = (
        "query ($all: [_Any!]!) { _entities(representations: $all) "
        "{ __typename ... on Media { stars } } }"
    )
    representation = {"__typename": "Media", "id": "f1"}
    found = await ask("media", "ratings", 0, query, all=[representation])
    assert found == ["{'_entities': [{'__typename': 'Media', 'stars': 5}]}"]


def test_a_folder_without_suites_has_none(tmp_path: Path) -> None:
    assert read_suites(tmp_path, ()) == []
