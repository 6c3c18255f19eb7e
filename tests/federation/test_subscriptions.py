"""Subscriptions through the engine: a trigger, and what completes each of its events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from graphql import GraphQLError
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.composition import SubgraphSource, compose
from federation.engine import Engine
from federation.execution.response import Response, ResponseEvents
from federation.operation import Grants
from federation.prepared import PlanKey
from federation.subgraph import SubgraphEvents, SubgraphRequest, SubgraphResponse
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from tests.federation.harness import SubgraphCase
from tests.federation.plans import ScriptedSubgraph, answering

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@authenticated"]) '
)
PRODUCTS = [{"id": str(n), "name": f"Product {n}"} for n in range(5)]
SIGNED_IN = Grants(is_authenticated=True)


class Shop:
    """Reviews arrive as a test sends them; products have their names in another subgraph."""

    def __init__(self) -> None:
        self.reviews: list[Any] = []
        self.arriving: asyncio.Queue[Any] = asyncio.Queue()
        self.asked = 0
        self.closed = asyncio.Event()
        self.contexts: list[Any] = []
        reviews = SubgraphCase(
            "reviews",
            LINK + "type Query { reviews: [Review!]! } "
            "type Subscription { reviewed(least: Int! = 0): Review @authenticated } "
            "type Review { stars: Int! product: Product secret: String @authenticated } "
            'type Product @key(fields: "id") { id: ID! }',
            resolvers={
                "Query.reviews": lambda *_: self.reviews,
                "Subscription.reviewed": lambda row, _i, **_: row,
            },
        )
        products = SubgraphCase(
            "products",
            LINK + "type Query { top: Product } "
            'type Product @key(fields: "id") { id: ID! name: String! }',
            rows={"Product": PRODUCTS},
        )
        self.schemas = {case.name: case.schema() for case in (reviews, products)}
        root = self.schemas["reviews"].subscription_type
        assert root is not None
        root.fields["reviewed"].subscribe = self._reviewed
        root.fields["reviewed"].resolve = lambda row, info, **_: self._event(row, info)
        sources = [SubgraphSource(case.name, None, case.sdl) for case in (reviews, products)]
        self.supergraph = Supergraph.parse(compose(sources).sdl)
        self.engine = Engine(
            self.supergraph,
            {name: InProcessSubgraph(name, schema) for name, schema in self.schemas.items()},
        )

    async def _reviewed(self, _root: Any, info: Any, least: int) -> AsyncIterator[Any]:
        if least > 5:
            raise GraphQLError("No product has that many.", extensions={"code": "BAD_USER_INPUT"})
        return self._arrivals()

    async def _arrivals(self) -> AsyncIterator[Any]:
        try:
            while True:
                self.asked += 1
                arrived = await self.arriving.get()
                if arrived is None:
                    return
                if isinstance(arrived, Exception):
                    raise arrived
                yield arrived
        finally:
            self.closed.set()

    def _event(self, row: Any, info: Any) -> Any:
        self.contexts.append(info.context)
        if row.get("fails"):
            raise GraphQLError("This one is broken.", extensions={"code": "BROKEN"})
        return row

    async def subscribe(
        self, text: str, grants: Grants = SIGNED_IN, **options: Any
    ) -> ResponseEvents | Response:
        prepared = self.engine.prepare(text)
        variables = self.engine.coerce_variables(prepared, options.pop("variables", {}))
        return await self.engine.subscribe(prepared, variables, grants=grants, **options)

    async def events(self, text: str, **options: Any) -> ResponseEvents:
        events = await self.subscribe(text, **options)
        assert not isinstance(events, Response), events
        return events


def review(product: int, stars: int = 5) -> dict[str, Any]:
    return {"stars": stars, "product": {"id": str(product)}, "secret": "s"}


TEXT = "subscription { reviewed { stars product { name } } }"


async def test_each_event_is_completed_by_the_other_subgraphs() -> None:
    shop = Shop()
    for arrived in (review(1), review(2), None):
        shop.arriving.put_nowait(arrived)
    answers = [answer async for answer in await shop.events(TEXT)]
    assert [answer.data for answer in answers] == [
        {"reviewed": {"stars": 5, "product": {"name": f"Product {n}"}}} for n in (1, 2)
    ]
    assert shop.closed.is_set()


async def test_an_error_in_one_event_does_not_end_the_others() -> None:
    shop = Shop()
    for arrived in ({"fails": True}, {**review(1), "stars": None}, review(2), None):
        shop.arriving.put_nowait(arrived)
    first, second, third = [answer async for answer in await shop.events(TEXT)]
    assert (first.data, first.errors[0].message) == ({"reviewed": None}, "This one is broken.")
    assert first.errors[0].path == ("reviewed",)
    assert (second.data, second.errors[0].path) == ({"reviewed": None}, ("reviewed", "stars"))
    assert (third.errors, third.data is None) == ((), False)


async def test_a_source_that_fails_ends_with_its_error() -> None:
    shop = Shop()
    shop.arriving.put_nowait(review(1))
    shop.arriving.put_nowait(RuntimeError("secret insides"))
    first, last = [answer async for answer in await shop.events(TEXT)]
    assert first.errors == ()
    assert last.errors[0].message == "Internal error."
    assert isinstance(last.errors[0].cause, RuntimeError)


async def test_no_event_is_asked_for_before_the_one_before_is_taken() -> None:
    shop = Shop()
    for number in range(5):
        shop.arriving.put_nowait(review(number))
    async with aclosing(await shop.events(TEXT)) as events:
        await anext(events)
        await anext(events)
        assert (shop.asked, shop.arriving.qsize()) == (2, 3)


async def test_closing_the_events_closes_the_source() -> None:
    shop = Shop()
    shop.arriving.put_nowait(review(1))
    events = await shop.events(TEXT)
    await anext(events)
    await events.aclose()
    assert shop.closed.is_set()


async def test_cancelling_whoever_waits_closes_the_source() -> None:
    shop = Shop()
    shop.arriving.put_nowait(review(1))
    events = await shop.events(TEXT)
    await anext(events)
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert shop.closed.is_set()


async def test_an_error_at_the_start_is_a_response_without_data() -> None:
    shop = Shop()
    answer = await shop.subscribe("subscription { reviewed(least: 6) { stars } }")
    assert isinstance(answer, Response)
    assert answer.data is None
    assert [error.message for error in answer.errors] == ["No product has that many."]


async def test_a_refused_subscription_is_never_asked_for() -> None:
    shop = Shop()
    answer = await shop.subscribe(TEXT, grants=Grants())
    assert isinstance(answer, Response)
    assert answer.data is None
    assert answer.errors[0].extensions["code"] == "UNAUTHENTICATED"
    assert shop.asked == 0


async def test_every_event_has_a_context_of_its_own() -> None:
    shop = Shop()
    numbers = iter(range(100))
    for arrived in (review(1), review(2), None):
        shop.arriving.put_nowait(arrived)
    events = await shop.events(TEXT, context_of=lambda: next(numbers))
    assert len([event async for event in events]) == 2
    assert len(set(shop.contexts)) == 2


async def test_only_a_subscription_is_subscribed_to() -> None:
    shop = Shop()
    answer = await shop.subscribe("{ top { id } }")
    assert isinstance(answer, Response)
    assert answer.errors[0].extensions["code"] == "BAD_USER_INPUT"


async def test_a_value_that_the_subgraph_refuses_is_an_error_of_the_start() -> None:
    shop = Shop()
    subgraph = InProcessSubgraph("reviews", shop.schemas["reviews"])
    prepared = shop.engine.prepare("subscription($n: Int!) { reviewed(least: $n) { stars } }")
    executor = shop.engine._executor(prepared, PlanKey(frozenset(), frozenset()))
    plan: Any = executor.plan.node
    answer = await subgraph.subscribe(SubgraphRequest(plan.primary, {"n": "many"}, None))
    assert isinstance(answer, SubgraphResponse)
    assert answer.errors[0].extensions["code"] == "BAD_USER_INPUT"


class Raising(ScriptedSubgraph):
    """A host's transport that raises where none should."""

    def __init__(self, *, at_start: bool) -> None:
        super().__init__("reviews", lambda _request: SubgraphResponse(None))
        self._at_start = at_start

    async def subscribe(self, _request: SubgraphRequest) -> SubgraphEvents | SubgraphResponse:
        if self._at_start:
            raise RuntimeError("insides")
        return self._events()

    async def _events(self) -> SubgraphEvents:
        yield SubgraphResponse({"reviewed": review(1)})
        raise RuntimeError("insides")


async def test_a_transport_that_raises_is_one_masked_error() -> None:
    shop = Shop()
    others = {"products": InProcessSubgraph("products", shop.schemas["products"])}
    shop.engine = Engine(shop.supergraph, {"reviews": Raising(at_start=True), **others})
    answer = await shop.subscribe(TEXT)
    assert isinstance(answer, Response)
    assert [error.message for error in answer.errors] == ["Internal error."]
    shop.engine = Engine(shop.supergraph, {"reviews": Raising(at_start=False), **others})
    first, last = [event async for event in await shop.events(TEXT)]
    assert (first.errors, last.errors[0].message) == ((), "Internal error.")


async def test_a_subgraph_that_has_no_way_to_subscribe_says_so() -> None:
    shop = Shop()
    scripted = {name: answering(name, {}) for name in ("reviews", "products")}
    shop.engine = Engine(shop.supergraph, dict(scripted))
    answer = await shop.subscribe(TEXT)
    assert isinstance(answer, Response)
    assert answer.errors[0].message == "Subgraph 'reviews' cannot be subscribed to."


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.builds(
            lambda stars, product: {"stars": stars, "product": product},
            st.one_of(st.none(), st.integers(0, 5)),
            st.one_of(st.none(), st.integers(0, 6).map(lambda n: {"id": str(n)})),
        ),
        max_size=5,
    ),
    fields=st.sets(
        st.sampled_from(["stars", "product { id }", "product { name }", "secret"]), min_size=1
    ),
)
async def test_events_equal_queries_on_what_happened(rows: list[Any], fields: set[str]) -> None:
    shop = Shop()
    selection = " ".join(sorted(fields))
    for row in (*rows, None):
        shop.arriving.put_nowait(row)
    events = await shop.events(f"subscription {{ reviewed {{ {selection} }} }}")
    streamed = [event async for event in events]
    prepared = shop.engine.prepare(f"{{ reviews {{ {selection} }} }}")
    for row, event in zip(rows, streamed, strict=True):
        shop.reviews = [row]
        answer = await shop.engine.execute(prepared, {}, grants=SIGNED_IN)
        assert event.data is not None
        expected = None if answer.data is None else answer.data["reviews"][0]
        assert event.data["reviewed"] == expected
        assert [error.message for error in event.errors] == [
            error.message for error in answer.errors
        ]
