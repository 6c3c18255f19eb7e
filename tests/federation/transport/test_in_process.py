from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema, build_schema

from federation.subgraph import SubgraphRequest, SubgraphResponse
from federation.transport.in_process import InProcessSubgraph
from tests.federation.plans import fetch

SDL = """
    scalar Even
    type Query { me: String  must: String!  who: String  double(of: Even): Even }
"""


class RefusalError(Exception):
    code = "FORBIDDEN"
    message = "Not yours."


class DriverError(Exception):
    """As drivers make them: a code of their own, and a message that is nobody else's business."""

    code = "e3q8"
    message = "select secret"


def raising(error: Exception) -> Any:
    async def resolve(_source: Any, _info: Any) -> None:
        raise error

    return resolve


def even(value: Any) -> int:
    if not isinstance(value, int) or value % 2:
        raise GraphQLError("Not an even number.")
    return value


def schema(**resolvers: Any) -> GraphQLSchema:
    built = build_schema(SDL)
    assert built.query_type is not None
    for name, resolve in resolvers.items():
        built.query_type.fields[name].resolve = resolve
    scalar = built.type_map["Even"]
    assert isinstance(scalar, GraphQLScalarType)
    scalar.coerce_input_value = even
    scalar.coerce_output_value = even
    return built


async def ask(built: GraphQLSchema, text: str, **variables: Any) -> SubgraphResponse:
    subgraph = InProcessSubgraph("a", built)
    return await subgraph.execute(SubgraphRequest(fetch("a", text), variables, "the context"))


async def test_resolvers_run_with_the_hosts_context() -> None:
    async def who(_source: Any, info: Any) -> str:
        return f"saw {info.context}"

    response = await ask(schema(who=who, me=lambda *_: "sync"), "{ who me }")
    assert response == SubgraphResponse({"who": "saw the context", "me": "sync"})


async def test_a_schema_without_coroutines_answers_too() -> None:
    assert (await ask(schema(me=lambda *_: "x"), "{ me }")).data == {"me": "x"}


STATED = [
    (RefusalError(), "Not yours.", "FORBIDDEN"),
    (GraphQLError("Gone.", extensions={"code": "NOT_FOUND"}), "Gone.", "NOT_FOUND"),
]


@pytest.mark.parametrize(("error", "message", "code"), STATED)
async def test_errors_written_for_the_client_speak(
    error: Exception, message: str, code: str
) -> None:
    response = await ask(schema(me=raising(error)), "{ me }")
    assert response.data == {"me": None}
    [found] = response.errors
    assert (found.message, found.path, found.extensions) == (message, ("me",), {"code": code})
    assert found.cause is error


@pytest.mark.parametrize(
    "error", [RuntimeError("password"), DriverError(), GraphQLError("table users is missing")]
)
async def test_all_other_errors_are_masked_and_keep_their_cause(error: Exception) -> None:
    response = await ask(schema(me=raising(error)), "{ me }")
    [found] = response.errors
    assert (found.message, found.extensions) == ("Internal error.", {"code": "INTERNAL"})
    assert found.cause is error


async def test_a_resolver_that_breaks_its_own_schema_is_masked() -> None:
    response = await ask(schema(must=lambda *_: None), "{ must }")
    assert response.data is None
    [found] = response.errors
    assert (found.message, found.path) == ("Internal error.", ("must",))
    assert found.cause is not None


async def test_a_result_a_scalar_refuses_is_masked() -> None:
    response = await ask(schema(double=lambda *_, **__: 3), "{ double }")
    [found] = response.errors
    assert (found.message, found.extensions["code"]) == ("Internal error.", "INTERNAL")


async def test_a_variable_a_scalar_refuses_is_the_clients_mistake() -> None:
    response = await ask(schema(), "query($n: Even) { double(of: $n) }", n=3)
    assert response.data is None
    [found] = response.errors
    assert found.extensions == {"code": "BAD_USER_INPUT"}
    assert found.path is None
    assert "Not an even number." in found.message


async def test_a_literal_a_scalar_refuses_is_the_clients_mistake() -> None:
    response = await ask(schema(), '{ double(of: "x") }')
    [found] = response.errors
    assert found.path == ("double",)
    assert found.extensions == {"code": "BAD_USER_INPUT"}
