"""Payload by payload or at once: the answer is the same."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    NameNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_nullable_type,
    is_list_type,
    parse,
    print_ast,
    validate,
    visit,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from federation.composition import SubgraphSource, compose
from federation.deferral import Deferral
from federation.engine import Engine
from federation.errors import OperationTooComplexError
from federation.execution.response import IncrementalPayloads, Payload, Response
from federation.operation import Grants
from federation.plan import Defer
from federation.planning import Planner, plan_to_json, print_plan
from federation.prepared import OperationParser
from federation.subgraph import SubgraphRequest, SubgraphResponse
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from tests.federation.harness import SubgraphCase
from tests.federation.merging import collected, merged
from tests.federation.queries import operations
from tests.federation.test_engine_equals_monolith import LENIENT, engine, monolith

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) '
TEAMS = [{"id": str(n), "name": f"Team {n}"} for n in range(3)]
SCORES: list[dict[str, Any]] = [
    {"id": str(n), "score": n * 10, "strict": n or None} for n in range(3)
]


class Gate:
    """A subgraph whose answers wait until a test lets them go."""

    def __init__(self, behind: InProcessSubgraph) -> None:
        self.name = behind.name
        self.behind = behind
        self.open = asyncio.Event()
        self.open.set()
        self.asked = 0
        self.cancelled = 0

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        self.asked += 1
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return await self.behind.execute(request)

    async def aclose(self) -> None:
        await self.behind.aclose()


def _broken(*_: Any) -> Any:
    raise GraphQLError("Out of order.", extensions={"code": "BROKEN"})


class League:
    """Teams in one subgraph, their scores in another, their fans in a third."""

    def __init__(self) -> None:
        teams = SubgraphCase(
            "teams",
            LINK + "type Query { teams: [Team!]! first: Team size: Int } "
            'type Team @key(fields: "id") '
            "{ id: ID! name: String! rivals: [Team!]! tags: [String!]! }",
            rows={"Team": TEAMS},
            resolvers={
                "Query.teams": lambda *_: TEAMS,
                "Query.first": lambda *_: TEAMS[0],
                "Query.size": lambda *_: 3,
                "Team.rivals": lambda row, *_: [team for team in TEAMS if team is not row],
                "Team.tags": lambda *_: ["a", "b", "c", "d"],
            },
        )
        scores = SubgraphCase(
            "scores",
            LINK + "type Query { best: Int broken: Int } "
            'type Team @key(fields: "id") { id: ID! score: Int strict: Int! broken: Int }',
            rows={"Team": SCORES},
            resolvers={
                "Query.best": lambda *_: 20,
                "Query.broken": _broken,
                "Team.broken": _broken,
            },
        )
        fans = SubgraphCase(
            "fans",
            LINK + 'type Team @key(fields: "id") { id: ID! fans: Int }',
            rows={"Team": [{"id": str(n), "fans": n} for n in range(3)]},
        )
        cases = (teams, scores, fans)
        self.supergraph = Supergraph.parse(
            compose([SubgraphSource(case.name, None, case.sdl) for case in cases]).sdl
        )
        self.gates = {
            case.name: Gate(InProcessSubgraph(case.name, case.schema())) for case in cases
        }
        self.engine = Engine(self.supergraph, dict(self.gates))

    async def ask(self, text: str, **variables: Any) -> IncrementalPayloads | Response:
        prepared = self.engine.prepare(text)
        values = self.engine.coerce_variables(prepared, variables)
        return await self.engine.execute_incrementally(prepared, values, grants=Grants())

    async def payloads(self, text: str, **variables: Any) -> list[Payload]:
        return await collected(await self.ask(text, **variables))

    async def whole(self, text: str, **variables: Any) -> Response:
        prepared = self.engine.prepare(text)
        values = self.engine.coerce_variables(prepared, variables)
        return await self.engine.execute(prepared, values, grants=Grants())


def shape(payload: Payload) -> Any:
    """A payload, for comparing."""
    return (
        [(p.path, p.label) for p in payload.pending],
        [(p.pending.path, p.data if p.items is None else p.items) for p in payload.incremental],
        [c.pending.path for c in payload.completed],
    )


async def test_what_is_fetched_by_hop_under_defer_comes_later() -> None:
    league = League()
    league.gates["scores"].open.clear()
    answer = await league.ask('{ first { name ... @defer(label: "slow") { score } } }')
    assert not isinstance(answer, Response)
    first = await anext(answer)
    assert first.initial is not None
    assert first.initial.data == {"first": {"name": "Team 0"}}
    assert [(p.path, p.label) for p in first.pending] == [(("first",), "slow")]
    assert first.has_next
    league.gates["scores"].open.set()
    (last,) = [payload async for payload in answer]
    assert shape(last) == ([], [(("first",), {"score": 0})], [("first",)])
    assert not last.has_next


async def test_every_item_of_a_list_gets_its_part() -> None:
    payloads = await League().payloads("{ teams { id ...F @defer } } fragment F on Team { score }")
    assert [p.path for p in payloads[0].pending] == [("teams", n) for n in range(3)]
    assert merged(payloads) == ({"teams": [{"id": str(n), "score": n * 10} for n in range(3)]}, [])


async def test_nested_fragments_come_one_after_the_other() -> None:
    league = League()
    text = """{ first { name ... @defer(label: "outer") {
        score ... @defer(label: "inner") { fans } } } }"""
    payloads = await league.payloads(text)
    assert [shape(payload) for payload in payloads[1:]] == [
        ([(("first",), "inner")], [(("first",), {"score": 0})], [("first",)]),
        ([], [(("first",), {"fans": 0})], [("first",)]),
    ]
    assert merged(payloads)[0] == (await league.whole(text)).data


async def test_fragments_side_by_side_do_not_wait_for_each_other() -> None:
    league = League()
    league.gates["scores"].open.clear()
    answer = await league.ask("{ first { ... @defer { score } ... @defer { fans } } }")
    assert not isinstance(answer, Response)
    await anext(answer)
    assert shape(await anext(answer))[1] == [(("first",), {"fans": 0})]
    league.gates["scores"].open.set()
    assert shape(await anext(answer))[1] == [(("first",), {"score": 0})]


async def test_a_deferred_root_field_of_another_subgraph_comes_later() -> None:
    payloads = await League().payloads("{ size ... @defer { best } }")
    assert shape(payloads[1])[1] == [((), {"best": 20})]


async def test_what_needs_no_fetch_of_its_own_is_not_deferred() -> None:
    answer = await League().ask("{ first { id ... @defer { name } } }")
    assert isinstance(answer, Response)
    assert answer.data == {"first": {"id": "0", "name": "Team 0"}}


async def test_a_fragment_around_one_that_needs_a_fetch_need_not_wait_for_it() -> None:
    payloads = await League().payloads("{ first { ... @defer { name ... @defer { score } } } }")
    assert [shape(payload)[1] for payload in payloads[1:]] == [
        [(("first",), {"name": "Team 0"})],
        [(("first",), {"score": 0})],
    ]


@pytest.mark.parametrize(
    ("condition", "is_deferred"),
    [("$yes", True), ("$no", False), ("true", True), ("false", False)],
)
async def test_a_condition_decides(condition: str, is_deferred: bool) -> None:
    text = f"""query($yes: Boolean! = true, $no: Boolean! = false) {{
        first {{ name ... @defer(if: {condition}) {{ score }} n: name @include(if: $yes)
                 o: name @include(if: $no) }} }}"""
    answer = await League().ask(text)
    assert isinstance(answer, Response) is not is_deferred
    assert merged(await collected(answer))[0] == {
        "first": {"name": "Team 0", "score": 0, "n": "Team 0"}
    }


async def test_null_in_a_deferred_fragment_stops_at_the_fragment() -> None:
    payloads = await League().payloads("{ teams { name ... @defer { strict } } }")
    assert payloads[0].initial is not None
    assert payloads[0].initial.errors == ()
    (last,) = payloads[1:]
    failed = [entry for entry in last.completed if entry.errors]
    assert [entry.pending.path for entry in failed] == [("teams", 0)]
    assert failed[0].errors[0].path == ("teams", 0, "strict")
    assert [patch.data for patch in last.incremental] == [{"strict": 1}, {"strict": 2}]


async def test_errors_come_with_the_payload_they_belong_to() -> None:
    text = "{ first { name ... @defer { broken } ... @defer { fans } } ... @defer { broken } }"
    payloads = await League().payloads(text)
    patches = {
        (patch.pending.path, *(patch.data or {})): [error.path for error in patch.errors]
        for payload in payloads
        for patch in payload.incremental
    }
    assert patches == {
        ((), "broken"): [("broken",)],
        (("first",), "broken"): [("first", "broken")],
        (("first",), "fans"): [],
    }


async def test_denied_fields_are_refused_in_their_own_payload() -> None:
    league = League()
    league.supergraph.requirements  # noqa: B018 - read to be sure that there are none
    payloads = await league.payloads("{ first { __typename ... @defer { t: __typename score } } }")
    assert merged(payloads)[0] == {"first": {"__typename": "Team", "t": "Team", "score": 0}}


async def test_items_of_a_streamed_list_come_after_the_first() -> None:
    text = '{ teams @stream(initialCount: 1, label: "more") { name score } }'
    payloads = await League().payloads(text)
    assert payloads[0].initial is not None
    assert payloads[0].initial.data == {"teams": [{"name": "Team 0", "score": 0}]}
    assert shape(payloads[1]) == (
        [],
        [(("teams",), [{"name": f"Team {n}", "score": n * 10} for n in (1, 2)])],
        [("teams",)],
    )
    assert [(p.path, p.label) for p in payloads[0].pending] == [(("teams",), "more")]


async def test_errors_of_items_come_with_the_items() -> None:
    payloads = await League().payloads("{ teams @stream(initialCount: 2) { broken } }")
    assert payloads[0].initial is not None
    assert [e.path for e in payloads[0].initial.errors] == [("teams", n, "broken") for n in (0, 1)]
    (patch,) = payloads[1].incremental
    assert [error.path for error in patch.errors] == [("teams", 2, "broken")]


async def test_a_list_is_streamed_within_a_deferred_fragment() -> None:
    text = "query($n: Int) { first { ... @defer { score tags @stream(initialCount: $n) } } }"
    payloads = await League().payloads(text, n=3)
    assert [shape(payload)[1] for payload in payloads[1:]] == [
        [(("first",), {"score": 0, "tags": ["a", "b", "c"]})],
        [(("first", "tags"), ["d"])],
    ]


async def test_a_list_whose_items_defer_something_is_not_streamed() -> None:
    payloads = await League().payloads("{ teams @stream { name ... @defer { score } } }")
    assert payloads[0].initial is not None
    assert payloads[0].initial.data == {"teams": [{"name": f"Team {n}"} for n in range(3)]}


async def test_a_short_list_is_not_announced() -> None:
    assert isinstance(await League().ask("{ teams @stream(initialCount: 3) { id } }"), Response)
    text = "{ teams @stream(if: false) { id } }"
    assert isinstance(await League().ask(text), Response)


async def test_closing_the_payloads_ends_what_is_being_fetched() -> None:
    league = League()
    gate = league.gates["scores"]
    gate.open.clear()
    answer = await league.ask("{ first { name ... @defer { score } } }")
    assert not isinstance(answer, Response)
    await anext(answer)
    await asyncio.sleep(0)
    await answer.aclose()
    assert (gate.asked, gate.cancelled) == (1, 1)


async def test_without_incremental_delivery_everything_is_answered_at_once() -> None:
    text = "{ teams @stream { name ... @defer { score } } }"
    response = await League().whole(text)
    assert response.data == {"teams": [{"name": f"Team {n}", "score": n * 10} for n in range(3)]}


async def test_the_same_fragment_of_one_response_key_is_delivered_once() -> None:
    text = "{ first { ...F @defer } first { ...F @defer } } fragment F on Team { score }"
    payloads = await League().payloads(text)
    assert sum(len(payload.incremental) for payload in payloads) <= 2
    assert merged(payloads)[0] == {"first": {"score": 0}}


async def test_fragments_that_multiply_are_refused() -> None:
    fragments = "".join(
        f"fragment F{n} on Team {{ ...F{n + 1} a: rivals {{ ...F{n + 1} }} }} " for n in range(16)
    )
    text = (
        f"{{ first {{ ...F0 ... @defer {{ score }} }} }} {fragments} fragment F16 on Team {{ id }}"
    )
    with pytest.raises(OperationTooComplexError):
        await League().ask(text)


def test_the_plan_shows_what_is_deferred() -> None:
    league = League()
    text = '{ first { name ... @defer(label: "a") { score ... @defer { fans } } } }'
    prepared = OperationParser(league.supergraph, max_tokens=1000).prepare(text, None)
    deferral = Deferral.of(prepared.operation)
    assert deferral is not None
    plan = Planner(league.supergraph).plan(deferral.operation, defers=deferral.defers)
    assert isinstance(plan.node, Defer)
    assert [part.numbers for part in plan.node.deferred] == [{0}, {0, 1}]
    printed = print_plan(plan)
    assert 'Deferred(defer: [0], label: "a") {' in printed
    assert "Deferred(defer: [0, 1]) {" in printed
    assert "@include" not in printed
    deferred = plan_to_json(plan)["node"]["deferred"]
    assert [part["label"] for part in deferred] == ["a", None]


class _Delaying(Visitor):
    """Puts @defer and @stream into an operation; every choice is drawn."""

    def __init__(self, draw: Any, info: TypeInfo) -> None:
        super().__init__()
        self._draw = draw
        self._info = info

    def leave_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> Any:
        return self._deferred(node)

    def leave_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> Any:
        return self._deferred(node)

    def leave_field(self, node: FieldNode, *_: Any) -> Any:
        type_ = self._info.get_type()
        if (
            type_ is None
            or not is_list_type(get_nullable_type(type_))
            or not self._draw(st.booleans())
        ):
            return None
        count = IntValueNode(value=str(self._draw(st.integers(0, 2))))
        return _with(
            node,
            DirectiveNode(
                name=NameNode(value="stream"), arguments=(_argument("initialCount", count),)
            ),
        )

    def _deferred(self, node: Any) -> Any:
        if not self._draw(st.integers(0, 3)):
            return None
        applies = BooleanValueNode(value=self._draw(st.integers(0, 5)) > 0)
        return _with(
            node, DirectiveNode(name=NameNode(value="defer"), arguments=(_argument("if", applies),))
        )


def _argument(name: str, value: Any) -> ArgumentNode:
    return ArgumentNode(name=NameNode(value=name), value=value)


def _with(node: Any, directive: DirectiveNode) -> Any:
    values = {key: getattr(node, key) for key in node.keys}
    values["directives"] = (*(node.directives or ()), directive)
    return type(node)(**values)


@settings(max_examples=60, deadline=None, suppress_health_check=LENIENT)
@given(data=st.data())
async def test_merged_payloads_are_the_answer_at_once(data: st.DataObject) -> None:
    operation = data.draw(operations(monolith()))
    assume(not validate(monolith(), parse(operation.text)))
    asked = engine()
    info = TypeInfo(monolith())
    delaying = _Delaying(data.draw, info)
    text = print_ast(visit(parse(operation.text), TypeInfoVisitor(info, delaying)))
    assume(not validate(asked.supergraph.operation_schema, parse(text)))
    prepared = asked.prepare(text)
    values = asked.coerce_variables(prepared, operation.variables)
    whole = await asked.execute(prepared, values, grants=Grants())
    answer = await asked.execute_incrementally(prepared, values, grants=Grants())
    found, errors = merged(await collected(answer))
    # With errors, null goes less far up: to the fragment and not beyond.
    if not whole.errors:
        assert found == whole.data, text
        assert errors == [], text
