"""Fields that are given values by the objects above them (`@fromContext`), from end to end."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from federation.composition import SubgraphSource, compose
from federation.engine import Engine
from federation.execution.response import Response
from federation.operation import Grants
from federation.subgraph import Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse
from federation.supergraph import Supergraph
from federation.transport.http import HttpSubgraph
from federation.transport.in_process import InProcessSubgraph
from tests.federation.harness import Row, SubgraphCase, serving

LINK = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [
  "@key", "@context", "@fromContext", "@shareable", "@external"])
"""

PEOPLE_SDL = """
type Query { people: [Person] many: [Person] }
type Person @key(fields: "id") { id: ID! currency: Currency order: Order homes: [Home] }
type Currency @shareable { code: String! }
type Order @key(fields: "id") { id: ID! }
type Home @key(fields: "id") { id: ID! town: String }
"""

ORDERS_SDL = """
type Order @key(fields: "id") { id: ID! lines: [Line] }
type Line { sale: Sale }
type Sale @key(fields: "id") { id: ID! }
"""

SALES_SDL = """
type Person @key(fields: "id") @context(name: "person") @context(name: "near") {
  id: ID! currency: Currency @external nick: String sales: [[Sale]] place: Place union: Either }
type Currency @shareable { code: String! }
type Sale @key(fields: "id") {
  id: ID!
  text(in: String @fromContext(field: "$person { currency { code } }"), prefix: String = ""): String
  card(nick: String @fromContext(field: "$person { nick }")): Card!
  buyer: Person }
type Card { text: String }
interface Place { visit: Visit }
type Shop implements Place @context(name: "near") { title: String visit: Visit }
type Park implements Place { visit: Visit }
union Either = Shop | Park
type Visit @key(fields: "id") {
  id: ID!
  label(
    name: String @fromContext(field: "$near ... on Person { nick } ... on Shop { title }")
  ): String }
type Home @key(fields: "id") @context(name: "home") {
  id: ID! town: String! @external stay: Stay rooms: [Room] }
type Room { size: Int }
type Stay @key(fields: "id") {
  id: ID!
  in(town: String! @fromContext(field: "$home { town }")): String
  sizes(all: [Int] @fromContext(field: "$home { rooms { size } }")): String }
"""

CURRENCIES = ["EUR", "USD", "EUR", None, "BAD"]
NUMBERS = range(len(CURRENCIES))


class GivenError(Exception):
    """Refuses a value that was given."""

    code = "NO_CURRENCY"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def text(sale: Row, _info: Any, **given: Any) -> str:
    """What a sale is given, as it came."""
    if given.get("in") == "BAD":
        raise GivenError("BAD is no currency.")
    return f"{given['prefix']}{sale['id']} in {given.get('in')}"


def person(number: int) -> Row:
    code = CURRENCIES[number]
    town = None if number == 1 else f"Town {number}"
    return {
        "id": f"p{number}",
        "currency": code and {"code": code},
        "order": {"id": "o1"},
        "homes": [{"id": f"h{number}", "town": town}],
    }


def customer(number: int) -> Row:
    visit = {"id": "v1"}
    shop = {"__typename": "Shop", "title": f"Shop {number}", "visit": visit}
    place = shop if number % 2 else {"__typename": "Park", "visit": visit}
    return {
        "id": f"p{number}",
        "nick": f"nick {number}",
        "sales": [[{"id": "s1"}, {"id": f"s{number}x"}], []],
        "place": place,
        "union": place,
    }


@cache
def cases() -> tuple[SubgraphCase, ...]:
    people = [person(number) for number in NUMBERS]
    many = [{"id": f"m{number}", "currency": {"code": f"C{number}"}} for number in range(60)]
    return (
        SubgraphCase(
            "people",
            LINK + PEOPLE_SDL,
            rows={"Person": [*people, *many], "Home": [row["homes"][0] for row in people]},
            resolvers={"Query.people": lambda *_: people, "Query.many": lambda *_: many},
        ),
        SubgraphCase(
            "orders",
            LINK + ORDERS_SDL,
            rows={"Order": [{"id": "o1", "lines": [{"sale": {"id": "s1"}}]}]},
        ),
        SubgraphCase(
            "sales",
            LINK + SALES_SDL,
            references={
                "Person": lambda row: customer(int(row["id"][1:])),
                "Sale": lambda row: row,
                "Visit": lambda row: row,
                "Home": lambda row: {
                    **row,
                    "stay": {"id": "y1"},
                    "rooms": [{"size": 1}, {"size": 2}],
                },
                "Stay": lambda row: row,
            },
            resolvers={
                "Sale.text": text,
                "Sale.buyer": lambda *_: customer(1),
                "Sale.card": lambda sale, _info, **given: {
                    "text": f"{sale['id']} of {given.get('nick')}"
                },
                "Visit.label": lambda _visit, _info, **given: given.get("name"),
                "Stay.in": lambda _stay, _info, **given: given["town"],
                "Stay.sizes": lambda _stay, _info, **given: str(given["all"]),
            },
        ),
    )


@cache
def supergraph() -> Supergraph:
    sources = [SubgraphSource(case.name, f"http://{case.name}.test", case.sdl) for case in cases()]
    return Supergraph.parse(compose(sources).sdl)


class Spy:
    """A subgraph that remembers what it was asked."""

    def __init__(self, inner: Subgraph) -> None:
        self.name = inner.name
        self.inner = inner
        self.requests: list[SubgraphRequest] = []
        self.fails: Callable[[SubgraphRequest], bool] = lambda _request: False

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        self.requests.append(request)
        if self.fails(request):
            return SubgraphResponse(None, (SubgraphError("It failed."),))
        return await self.inner.execute(request)

    async def aclose(self) -> None:
        await self.inner.aclose()


def in_process() -> dict[str, Spy]:
    return {case.name: Spy(InProcessSubgraph(case.name, case.schema())) for case in cases()}


async def ask(engine: Engine, operation: str, **variables: Any) -> Response:
    prepared = engine.prepare(operation)
    values = engine.coerce_variables(prepared, variables)
    return await engine.execute(prepared, values, grants=Grants())


async def data_of(operation: str, **variables: Any) -> Any:
    response = await ask(Engine(supergraph(), in_process()), operation, **variables)
    assert response.errors == ()
    return response.data


SALES = "{ people { id sales { id text } } }"


async def sales_of(engine: Engine) -> list[list[str | None]]:
    response = await ask(engine, SALES)
    assert response.data is not None
    return [
        [sale["text"] for sales in person["sales"] for sale in sales]
        for person in response.data["people"]
    ]


EXPECTED: list[list[str | None]] = [
    ["s1 in EUR", "s0x in EUR"],
    ["s1 in USD", "s1x in USD"],
    ["s1 in EUR", "s2x in EUR"],
    ["s1 in None", "s3x in None"],
    [None, None],
]


async def test_each_object_is_given_the_value_of_the_one_above_it() -> None:
    assert await sales_of(Engine(supergraph(), in_process())) == EXPECTED


async def test_over_http_it_is_the_same() -> None:
    async with serving({case.name: case.schema() for case in cases()}) as urls:
        engine = Engine(supergraph(), {name: HttpSubgraph(name, url) for name, url in urls.items()})
        assert await sales_of(engine) == EXPECTED
        await engine.aclose()


async def test_objects_with_different_values_are_fetched_in_one_request() -> None:
    spies = in_process()
    await ask(Engine(supergraph(), spies), SALES)
    first, second = spies["sales"].requests
    assert "sales" in first.fetch.operation
    assert second.fetch.operation.count("_entities") == 4
    assert second.variables["contextualArgument_1_0"] == "EUR"
    assert [row["id"] for row in second.variables["representations_0"]] == ["s1", "s0x", "s2x"]


async def test_many_values_are_asked_in_some_requests() -> None:
    spies = in_process()
    response = await ask(Engine(supergraph(), spies), "{ many { sales { text } } }")
    assert response.data is not None
    texts = [person["sales"][0][0]["text"] for person in response.data["many"]]
    assert texts == [f"s1 in C{number}" for number in range(60)]
    assert len(spies["sales"].requests) == 1 + 3


async def test_one_value_needs_no_aliases() -> None:
    spies = in_process()
    await ask(Engine(supergraph(), spies), "{ people { homes { stay { sizes } } } }")
    assert "_0" not in spies["sales"].requests[-1].fetch.operation


async def test_errors_are_told_where_the_object_stands() -> None:
    response = await ask(Engine(supergraph(), in_process()), SALES)
    assert [(error.message, error.path) for error in response.errors] == [
        ("BAD is no currency.", ("people", 4, "sales", 0, number, "text")) for number in (0, 1)
    ]


async def test_one_entity_at_two_places_is_given_two_values() -> None:
    found = await data_of("{ people { order { lines { sale { card { text } } } } } }")
    assert [person["order"]["lines"][0]["sale"]["card"]["text"] for person in found["people"]] == [
        f"s1 of nick {number}" for number in NUMBERS
    ]


async def test_the_nearest_object_that_sets_the_context_counts() -> None:
    found = await data_of("{ people { sales { buyer { sales { card { text } } } } } }")
    assert found["people"][0]["sales"][0][0]["buyer"] == {
        "sales": [[{"card": {"text": "s1 of nick 1"}}, {"card": {"text": "s1x of nick 1"}}], []]
    }


LABELS = ["nick 0", "Shop 1", "nick 2", "Shop 3", "nick 4"]


async def test_an_interface_is_passed_over_where_its_object_does_not_set_the_context() -> None:
    found = await data_of("{ people { place { visit { label } } } }")
    assert [person["place"]["visit"]["label"] for person in found["people"]] == LABELS


async def test_a_union_is_passed_over_where_its_object_does_not_set_the_context() -> None:
    found = await data_of(
        "{ people { union { ... on Shop { visit { label } } ... on Park { visit { label } } } } }"
    )
    assert [person["union"]["visit"]["label"] for person in found["people"]] == LABELS


async def test_a_value_may_be_a_list() -> None:
    found = await data_of("{ people { homes { stay { sizes } } } }")
    assert {person["homes"][0]["stay"]["sizes"] for person in found["people"]} == {"[1, 2]"}


async def test_null_is_not_given_where_it_is_not_allowed() -> None:
    found = await data_of("{ people { homes { stay { id in } } } }")
    assert [person["homes"][0]["stay"]["in"] for person in found["people"]] == [
        "Town 0", None, "Town 2", "Town 3", "Town 4"
    ]  # fmt: skip


async def test_the_clients_own_arguments_and_variables_keep_their_names() -> None:
    found = await data_of(
        "query($contextualArgument_1: String, $representations_0: String) { many { sales {"
        " a: text(prefix: $contextualArgument_1) b: text(prefix: $representations_0) } } }",
        contextualArgument_1="x ",
        representations_0="y ",
    )
    assert found["many"][7]["sales"][0][0] == {"a": "x s1 in C7", "b": "y s1 in C7"}


async def test_what_fails_above_leaves_the_field_null() -> None:
    spies = in_process()
    engine = Engine(supergraph(), spies)
    await ask(engine, SALES)
    response = await ask(engine, "{ people { sales { card { text } } } }")
    assert response.errors == ()
    spies["sales"].fails = lambda _request: True
    response = await ask(engine, "{ people { id sales { card { text } } } }")
    assert response.data == {"people": [{"id": f"p{n}", "sales": None} for n in NUMBERS]}
    assert len(spies["sales"].requests) == 5
    assert {error.message for error in response.errors} == {"It failed."}


async def test_a_request_that_fails_leaves_all_its_objects_null() -> None:
    spies = in_process()
    spies["sales"].fails = lambda request: bool(request.fetch.contexts)
    response = await ask(Engine(supergraph(), spies), SALES)
    assert response.data is not None
    found = [sale for person in response.data["people"] for sale in person["sales"][0]]
    assert [sale["text"] for sale in found] == [None] * 10
    assert {error.message for error in response.errors} == {"It failed."}
    assert len(response.errors) == 10


@pytest.mark.parametrize("text", ["text", "card { text }"])
async def test_what_a_field_is_given_is_protected_there_too(text: str) -> None:
    sdl = compose(
        [SubgraphSource(case.name, f"http://{case.name}.test", case.sdl) for case in cases()]
    ).sdl
    guarded = sdl.replace("  code: String!", "  code: String! @authenticated").replace(
        "  nick: String", "  nick: String @authenticated"
    )
    directive = "directive @authenticated on FIELD_DEFINITION\n"
    spies = in_process()
    engine = Engine(Supergraph.parse(directive + guarded), spies)
    response = await ask(engine, f"{{ people {{ sales {{ id {text} }} }} }}")
    assert {error.extensions["code"] for error in response.errors} == {"UNAUTHENTICATED"}
    assert len(spies["sales"].requests) == 1
