from __future__ import annotations

from typing import Any

import pytest

from federation.engine import Engine
from federation.errors import OperationError, OperationTooComplexError, SupergraphError
from federation.execution.response import Response
from federation.operation import Grants
from federation.prepared import PlanKey
from federation.subgraph import Subgraph, SubgraphRequest, SubgraphResponse
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from tests.federation import shop
from tests.federation.plans import ScriptedSubgraph

AUTHENTICATED = "directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE\n"
SCOPES = "directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT\n"
SIGNED_IN = Grants(is_authenticated=True)


class Spy:
    """Passes fetches on and remembers them."""

    def __init__(self, behind: Subgraph) -> None:
        self.name = behind.name
        self.requests: list[SubgraphRequest] = []
        self.closings = 0
        self._behind = behind

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        self.requests.append(request)
        return await self._behind.execute(request)

    async def aclose(self) -> None:
        self.closings += 1
        await self._behind.aclose()


def spies() -> dict[str, Spy]:
    cases = shop.subgraphs()
    return {case.name: Spy(InProcessSubgraph(case.name, case.schema())) for case in cases}


def guarded(*replacements: tuple[str, str]) -> Supergraph:
    """The shop with access directives put in."""
    sdl = shop.supergraph_sdl()
    for old, new in replacements:
        assert old in sdl
        sdl = sdl.replace(old, new)
    return Supergraph.parse(AUTHENTICATED + SCOPES + sdl)


EMAIL = "email: String! @join__field(graph: ACCOUNTS)"
AGE = "age: Int @join__field(graph: ACCOUNTS)"
BODY = "body: String\n"
ME = "me: User @join__field(graph: ACCOUNTS)"


async def ask(
    engine: Engine, text: str, variables: dict[str, Any] | None = None, **options: Any
) -> Response:
    prepared = engine.prepare(text)
    values = engine.coerce_variables(prepared, variables or {})
    options.setdefault("grants", Grants())
    return await engine.execute(prepared, values, **options)


async def test_a_denied_field_is_not_fetched_and_the_rest_is() -> None:
    subgraphs = spies()
    engine = Engine(guarded((AGE, f"{AGE} @authenticated")), subgraphs)
    response = await ask(engine, "{ me { name age } }")
    assert response.data == {"me": {"name": "User 1", "age": None}}
    assert [error.formatted() for error in response.errors] == [
        {
            "message": "You may not read User.age.",
            "path": ["me", "age"],
            "extensions": {"code": "UNAUTHENTICATED"},
        }
    ]
    [request] = subgraphs["accounts"].requests
    assert "age" not in request.fetch.operation


async def test_the_same_operation_answers_whole_to_who_may_read_it() -> None:
    engine = Engine(guarded((AGE, f"{AGE} @authenticated")), spies())
    denied = await ask(engine, "{ me { name age } }")
    allowed = await ask(engine, "{ me { name age } }", grants=SIGNED_IN)
    assert denied.data == {"me": {"name": "User 1", "age": None}}
    assert allowed.data == {"me": {"name": "User 1", "age": 21}}
    assert allowed.errors == ()


async def test_when_everything_is_denied_no_subgraph_is_called() -> None:
    subgraphs = spies()
    scopes = '@requiresScopes(scopes: [["read:me"], ["admin", "any"]])'
    engine = Engine(guarded((ME, f"{ME} {scopes}")), subgraphs)
    query = "{ __typename me { name } again: me { reviews { body } } }"
    response = await ask(engine, query, grants=SIGNED_IN)
    assert response.data == {"__typename": "Query", "me": None, "again": None}
    assert [(error.path, error.extensions["code"]) for error in response.errors] == [
        (("me",), "FORBIDDEN"),
        (("again",), "FORBIDDEN"),
    ]
    assert [spy.requests for spy in subgraphs.values()] == [[], [], [], []]
    grants = Grants(is_authenticated=True, scopes=frozenset({"admin", "any"}))
    assert (await ask(engine, "{ me { id } }", grants=grants)).data == {"me": {"id": "u1"}}


async def test_a_denial_holds_on_every_path_to_the_field() -> None:
    subgraphs = spies()
    engine = Engine(guarded((BODY, "body: String @authenticated\n")), subgraphs)
    query = """{ reviews { x: body } me { reviews { ...R } }
        node(id: "b1") { ... on Book { review { ... { body } } } } }
        fragment R on Review { ... on Node { ... on Review { body } } }"""
    response = await ask(engine, query)
    assert response.data is not None
    assert {row["x"] for row in response.data["reviews"]} == {None}
    assert {row["body"] for row in response.data["me"]["reviews"]} == {None}
    assert response.data["node"] == {"review": {"body": None}}
    for request in subgraphs["reviews"].requests:
        assert "body" not in request.fetch.operation
    assert len(response.errors) == 4 + len(response.data["me"]["reviews"]) + 1


async def test_a_denied_key_still_joins_but_is_not_shown() -> None:
    engine = Engine(guarded((EMAIL, f"{EMAIL} @authenticated")), spies())
    response = await ask(engine, "{ me { name cart { name } } }")
    assert response.errors == ()
    assert response.data == {"me": {"name": "User 1", "cart": [{"name": "Product 1"}] * 2}}


async def test_a_denied_non_null_field_takes_its_parent_along() -> None:
    engine = Engine(guarded((EMAIL, f"{EMAIL} @authenticated")), spies())
    response = await ask(engine, "{ me { name email } }")
    assert response.data == {"me": None}
    assert [error.path for error in response.errors] == [("me", "email")]


async def test_introspection_needs_no_subgraph_and_joins_data() -> None:
    subgraphs = spies()
    engine = Engine(guarded(), subgraphs)
    response = await ask(engine, '{ t: __type(name: "Kind") { enumValues { name } } __typename }')
    assert response.data == {
        "t": {"enumValues": [{"name": "TOOL"}, {"name": "TOY"}]},
        "__typename": "Query",
    }
    assert not any(spy.requests for spy in subgraphs.values())
    mixed = await ask(engine, "{ version __schema { queryType { name } } }")
    assert mixed.data == {"version": "1", "__schema": {"queryType": {"name": "Query"}}}
    assert list(mixed.data) == ["version", "__schema"]


async def test_introspection_can_be_switched_off() -> None:
    subgraphs = spies()
    engine = Engine(guarded(), subgraphs)
    query = "{ version ...S } fragment S on Query { __schema { queryType { name } } }"
    response = await ask(engine, query, allow_introspection=False)
    assert response.data is None
    assert [error.formatted() for error in response.errors] == [
        {"message": "Introspection is switched off.", "extensions": {"code": "FORBIDDEN"}}
    ]
    assert not any(spy.requests for spy in subgraphs.values())
    assert (await ask(engine, "{ __typename }", allow_introspection=False)).errors == ()


async def test_variables_are_coerced_and_their_defaults_reach_the_subgraph() -> None:
    subgraphs = spies()
    engine = Engine(guarded(), subgraphs)
    text = "query($first: Int = 1, $id: ID!) { users(first: $first) { id } user(id: $id) { id } }"
    response = await ask(engine, text, {"id": 7, "unknown": 1})
    assert response.data == {"users": [{"id": "u1"}], "user": None}
    [request] = subgraphs["accounts"].requests
    assert request.variables == {"first": 1, "id": "7"}


@pytest.mark.parametrize("variables", [{}, {"id": None}, {"id": {}}, {"id": "u1", "first": "x"}])
def test_variables_that_do_not_fit_are_the_clients_mistake(variables: dict[str, Any]) -> None:
    engine = Engine(guarded(), dict(spies()))
    prepared = engine.prepare(
        "query($first: Int, $id: ID!) { users(first: $first) { id } user(id: $id) { id } }"
    )
    with pytest.raises(OperationError) as caught:
        engine.coerce_variables(prepared, variables)
    [error] = caught.value.errors
    assert error.extensions == {"code": "BAD_USER_INPUT"}


def test_an_operation_is_prepared_once() -> None:
    engine = Engine(guarded(), dict(spies()), cache_size=1)
    first = engine.prepare("{ version }")
    assert engine.prepare("{ version }") is first
    assert engine.prepare("{ me { id } }") is not first
    assert engine.prepare("{ version }") is not first


def test_a_subgraph_nobody_answers_for_is_named() -> None:
    subgraphs = dict(spies())
    del subgraphs["reviews"]
    with pytest.raises(SupergraphError, match="Nobody answers for subgraph reviews"):
        Engine(guarded(), subgraphs)


async def test_the_hosts_context_reaches_every_subgraph_and_closing_closes_them() -> None:
    subgraphs = spies()
    engine = Engine(guarded(), subgraphs)
    context = object()
    await ask(engine, "{ me { reviews { product { inStock } } } }", context=context)
    asked = [request for spy in subgraphs.values() for request in spy.requests]
    assert {request.fetch.subgraph for request in asked} == set(subgraphs)
    assert all(request.context is context for request in asked)
    await engine.aclose()
    assert {spy.closings for spy in subgraphs.values()} == {1}


async def test_a_failing_subgraph_takes_only_its_own_fields() -> None:
    def fail(_request: SubgraphRequest) -> SubgraphResponse:
        raise ConnectionError("10.0.0.7 refused")

    subgraphs: dict[str, Subgraph] = {**spies(), "inventory": ScriptedSubgraph("inventory", fail)}
    engine = Engine(guarded(), subgraphs)
    response = await ask(engine, '{ product(upc: "upc-1") { name inStock shipping } }')
    assert response.data == {"product": {"name": "Product 1", "inStock": None, "shipping": None}}
    assert {error.message for error in response.errors} == {"Internal error."}
    assert {error.path for error in response.errors} == {
        ("product", "inStock"),
        ("product", "shipping"),
    }


async def test_an_operation_that_is_too_complex_is_refused_again_without_planning() -> None:
    engine = Engine(guarded(), dict(spies()))
    fragments = " ".join(
        f"fragment F{n} on User {{ "
        + " ".join(f"a{m}: reviews {{ author {{ ...F{n + 1} }} }}" for m in range(3))
        + " }"
        for n in range(18)
    )
    query = f"{{ me {{ ...F0 }} }} {fragments} fragment F18 on User {{ id }}"
    with pytest.raises(OperationTooComplexError) as first:
        await ask(engine, query)
    with pytest.raises(OperationTooComplexError) as second:
        await ask(engine, query)
    assert second.value is first.value


async def test_a_subscription_is_no_query() -> None:
    sdl = shop.supergraph_sdl().replace("query: Query", "query: Query subscription: Subscription")
    sdl += "\ntype Subscription @join__type(graph: REVIEWS) { r: Int }"
    engine = Engine(Supergraph.parse(sdl), dict(spies()))
    response = await ask(engine, "subscription { r }")
    assert response.data is None
    [error] = response.errors
    assert error.extensions == {"code": "BAD_USER_INPUT"}


async def test_a_variable_may_have_the_name_the_engine_gives_its_own() -> None:
    engine = Engine(Supergraph.parse(shop.supergraph_sdl()), spies())
    query = "query($%s: Int) { me { reviews(stars: $%s) { id stars } } }"
    plain = await ask(engine, query % ("stars", "stars"), {"stars": 3})
    taken = await ask(engine, query % (("representations",) * 2), {"representations": 3})
    assert plain.data is not None
    assert plain.data["me"]["reviews"]
    assert taken == plain


def test_operations_that_differ_in_writing_share_their_plan() -> None:
    engine = Engine(guarded(), spies())
    written = "query Q { topProducts { ...P name } } fragment P on Product { upc ...N }"
    written += " fragment N on Product { id }"
    again = """
        fragment N on Product { id }
        fragment P on Product { upc, ...N }
        query Q { # the same
          topProducts { ...P, name }
        }
    """
    assert engine.prepare(written) is engine.prepare(again)
    assert engine.prepare(written) is not engine.prepare(written.replace("upc", "name"))
    with pytest.raises(OperationError):
        engine.prepare(again + "fragment Unused on Product { upc }")


async def test_an_engine_begins_with_what_another_has_planned() -> None:
    former = Engine(guarded((AGE, f"{AGE} @authenticated")), spies())
    await ask(former, "{ me { age } }")
    await ask(former, "{ me { name age } }", grants=SIGNED_IN)
    await ask(former, "{ topProducts { name } }")
    engine = Engine(guarded(("topProducts(", "bestProducts(")), spies())
    await engine.warm(former)
    kept = {text: prepared.plan_keys() for (text, _), prepared in engine.operations()}
    everything = PlanKey(frozenset(), frozenset())
    assert kept == {"{ me { age } }": [everything], "{ me { name age } }": [everything]}


async def test_what_a_caller_may_not_read_is_planned_around_from_the_beginning() -> None:
    former = Engine(guarded((AGE, f"{AGE} @authenticated")), spies())
    await ask(former, "{ me { name age } }")
    engine = Engine(guarded((AGE, f"{AGE} @authenticated")), spies())
    await engine.warm(former)
    [(_, prepared)] = engine.operations()
    assert prepared.plan_keys() == [PlanKey(frozenset({"User.age"}), frozenset())]
