"""Whatever a client sends is answered, refused or explained, and is never a fault of ours."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import pytest
from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputObjectType,
    NameNode,
    StringValueNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from auth.caller import Role
from auth.errors import Forbidden
from datasources.database import Pool
from federation.errors import OperationError
from resolvers.errors import ClientError
from tests.federation.queries import RandomOperation, operations
from tests.harness.callers import super_admin
from tests.harness.demo import Demo, demo, loaded
from tests.harness.inputs import changed
from tests.harness.searching import search
from tests.isolation.samples import UNKNOWN_ID
from tests.isolation.tenants import ALPHA
from tests.schema.test_federation_equals_monolith import ROLES, built, caller_of, federated
from tests.schema.test_mutations_equal_graphql_core import WRITES, Twice, filled, sample_of

__all__ = ["demo", "filled", "loaded"]

SEARCH = search(8, seconds=120)
LITERALS = {
    "Int": ["0", "-1", "1", "201", "2147483647"],
    "Float": ["0", "-1", "1e308", "5e-324"],
    "ID": [f'"{UNKNOWN_ID}"', '"\\u0000"', '""', '"x"', "0", f'"{"9" * 400}"'],
    "String": ['"\\u0000"', '""', '"%_\\\\"', f'"{"x" * 3000}"', '"😀\u2028"', '"e"'],
    "Boolean": ["true", "false"],
    "DateTime": [
        '"2026-03-01T09:30:00Z"',
        '"0001-01-01T00:00:00Z"',
        '"9999-12-31T23:59:59.999999Z"',
    ],
    "Credits": ["0", "9007199254740991"],
    "BigInt": ["-9007199254740991", "9007199254740991"],
    "Decimal": ['"0"', '"-1e400"', '"1e-400"', f'"{"9" * 300}"'],
    "EmailAddress": ['"ada@example.com"'],
    "URL": ['"https://example.com"'],
    "JSON": ["{}", "[[1]]", '"\\u0000"'],
}


@cache
def input_type(mutation: str) -> GraphQLInputObjectType:
    root = WRITES[mutation].mutation_type
    assert root is not None
    type_ = root.fields[mutation].args["input"].type.of_type
    assert isinstance(type_, GraphQLInputObjectType)
    return type_


@st.composite
def cases(draw: Any) -> tuple[str, dict[str, Any], bool]:
    mutation = draw(st.sampled_from(sorted(WRITES)))
    sample = sample_of(mutation, draw(st.integers(0, 3)))
    return mutation, draw(changed(input_type(mutation), sample)), draw(st.booleans())


@pytest.mark.timeout(SEARCH.seconds)
@settings(
    deadline=None,
    max_examples=SEARCH.examples * len(WRITES),
    suppress_health_check=list(HealthCheck),
)
@given(case=cases())
async def test_any_input_of_any_mutation(
    filled: Pool, case: tuple[str, dict[str, Any], bool]
) -> None:
    mutation, value, is_global = case
    caller = super_admin() if is_global else ALPHA.caller(Role.ACCOUNT_ADMIN)
    type_ = input_type(mutation).name
    fields = "{ __typename userErrors { code message path } }"
    document = parse(f"mutation($input: {type_}!) {{ {mutation}(input: $input) {fields} }}")
    try:
        answer = await Twice(filled, caller, mutation).compiled(
            WRITES[mutation], document, {"input": value}
        )
    except OperationError:
        return
    assert [error for error in answer.errors or () if is_fault(error)] == []


def is_fault(error: GraphQLError) -> bool:
    """Whether a client would be told of an internal error: not of variables, which have no path."""
    is_expected = isinstance(error.original_error, ClientError | Forbidden)
    return error.path is not None and not is_expected


class OfAccount(Visitor):
    """Asks for an account that is there, mostly."""

    def __init__(self, account_id: str, dice: Random) -> None:
        super().__init__()
        self._account_id = account_id
        self._dice = dice

    def enter_field(self, node: FieldNode, *_rest: Any) -> FieldNode | None:
        if node.name.value != "account" or self._dice.random() < 0.2:
            return None
        value = StringValueNode(value=self._account_id)
        return FieldNode(
            name=node.name,
            alias=node.alias,
            arguments=(ArgumentNode(name=NameNode(value="id"), value=value),),
            directives=node.directives,
            selection_set=node.selection_set,
        )


@st.composite
def questions(draw: Any) -> tuple[RandomOperation, int, Role]:
    schema = built()[1].schema
    operation = draw(operations(schema, 5, values=LITERALS, mutations=0))
    return operation, draw(st.integers()), draw(st.sampled_from(ROLES))


QUESTIONS = search(100, seconds=120)


@pytest.mark.timeout(QUESTIONS.seconds)
@settings(deadline=None, max_examples=QUESTIONS.examples, suppress_health_check=list(HealthCheck))
@given(case=questions())
async def test_any_arguments_of_any_query(
    demo: Demo, case: tuple[RandomOperation, int, Role]
) -> None:
    engine, monolith = built()
    operation, seed, role = case
    dice = Random(seed)  # noqa: S311 - a test's dice
    document = visit(parse(operation.text), OfAccount(demo.first.id, dice))
    assume(not validate(monolith.schema, document))
    asked = operation._replace(text=print_ast(document))
    response, _ = await federated(engine, asked, caller_of(role, demo), demo)
    codes = {error.extensions.get("code") for error in response.errors}
    assert codes <= {"FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT"}, response.errors
