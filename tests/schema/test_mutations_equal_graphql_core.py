"""Every mutation answers and does what graphql-core would have it answer and do.

Each is executed twice on the same rows, in a transaction that is rolled back. What a write makes
up, such as ids, tokens and times, is compared by its kind.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest
from graphql import (
    ArgumentNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLSchema,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    parse_type,
    print_ast,
    validate,
    visit,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations

from auth.caller import Caller, Role
from datasources.base import Transactional
from datasources.database import Pool, TransactionDatabase
from federation.compiled.operation import CompiledOperation
from resolvers.base import RequestContext
from schema.subgraphs import subgraphs
from tests.federation.compiled.comparing import reference
from tests.harness.callers import super_admin
from tests.harness.searching import search
from tests.harness.services import services
from tests.harness.sql import run
from tests.isolation.samples import BEFORE, INPUTS
from tests.isolation.tenants import ALPHA, fill
from tests.schema.test_equals_graphql_core import SCALARS

__all__ = ["WRITES", "Twice", "filled", "sample_of"]

SEARCH = search(3)
WRITES = {
    name: module.schema
    for module in subgraphs()
    if module.schema.mutation_type is not None
    for name in module.schema.mutation_type.fields
}
MADE_UP = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "(id)"),
    (re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z"), "(time)"),
    (re.compile(r"[A-Za-z0-9_=-]{20,}"), "(token)"),
]
OF_THE_MOMENT = re.compile("[fF]orecast|computedAt|checkedAt|tokenPrefix")
"""Fields that differ from moment to moment, or begin what is made up."""


class RolledBack(Exception):  # noqa: N818 - not an error: leaves the transaction
    """Ends a transaction whose writes are to be forgotten."""


class Within:
    """One transaction, as every caller's database."""

    def __init__(self, database: Transactional) -> None:
        self._database = database

    def as_caller(self, _caller: Caller) -> Transactional:
        """The transaction."""
        return self._database


class _Asked(Visitor):
    """The mutation's own argument is a variable; what is drawn for fields below is left out."""

    def enter_field(self, node: FieldNode, _key: Any, _parent: Any, path: Any, *_rest: Any) -> Any:
        is_root = sum(step == "selection_set" for step in path) == 1
        given = [argument for argument in node.arguments or () if argument.name.value == "first"]
        asked = ArgumentNode(
            name=NameNode(value="input"), value=VariableNode(name=NameNode(value="input"))
        )
        return FieldNode(
            name=node.name,
            alias=node.alias,
            directives=(),
            arguments=(asked,) if is_root else tuple(given),
            selection_set=node.selection_set,
        )

    def leave_operation_definition(self, node: OperationDefinitionNode, *_rest: Any) -> Any:
        (root,) = node.selection_set.selections[:1]
        assert isinstance(root, FieldNode)
        name = root.name.value
        type_ = parse_type(f"{name[0].upper()}{name[1:]}Input!")
        assert isinstance(type_, NonNullTypeNode)
        variable = VariableNode(name=NameNode(value="input"))
        definition = VariableDefinitionNode(variable=variable, type=type_, directives=())
        return OperationDefinitionNode(
            operation=node.operation,
            directives=(),
            variable_definitions=(definition,),
            selection_set=type(node.selection_set)(selections=(root,)),
        )


@cache
def _drawn(name: str) -> st.SearchStrategy[str]:
    return mutations(WRITES[name], fields=[name], custom_scalars=SCALARS, allow_x00=False)


def sample_of(name: str, number: int) -> dict[str, Any]:
    """An input that a mutation of the first tenant takes."""
    samples = INPUTS[name]
    given = samples[number % len(samples)](ALPHA, "mine")
    root = WRITES[name].mutation_type
    assert root is not None
    takes_account = "accountId" in root.fields[name].args["input"].type.of_type.fields
    return given | ({"accountId": ALPHA.account_id} if takes_account else {})


def _by_kind(value: Any) -> Any:
    """A result in which what is made up anew each time is told by its kind."""
    if isinstance(value, dict):
        return {key: _by_kind(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_by_kind(item) for item in value]
    if isinstance(value, str):
        for pattern, kind in MADE_UP:
            value = pattern.sub(kind, value)
    return value


class Twice:
    """Executes an operation on the same rows, once each way."""

    def __init__(self, pool: Pool, caller: Caller, mutation: str) -> None:
        self._pool = pool
        self._caller = caller
        self._mutation = mutation

    async def by_graphql_core(
        self, schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]
    ) -> ExecutionResult:
        """What graphql-core answers."""
        return await self._rolled_back(partial(reference, schema, document, variables))

    async def compiled(
        self, schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]
    ) -> ExecutionResult:
        """What compiled execution answers."""
        return await self._rolled_back(
            partial(CompiledOperation(schema, document).execute, variables)
        )

    async def _rolled_back(
        self, execute: Callable[[Any], Awaitable[ExecutionResult]]
    ) -> ExecutionResult:
        results: list[ExecutionResult] = []
        with suppress(RolledBack):
            async with self._pool.transaction() as database:
                results.append(await execute(await self._context(database)))
                raise RolledBack
        return results[0]

    async def _context(self, database: TransactionDatabase) -> RequestContext:
        if self._mutation in BEFORE:
            await run(database, BEFORE[self._mutation], ALPHA.account_id)
        within = replace(services(self._pool), databases=Within(database))
        return RequestContext(self._caller, within, "test-request")


@pytest.fixture
async def filled(pool: Pool) -> Pool:
    await fill(pool)
    return pool


@st.composite
def cases(draw: Any, mutation: str) -> tuple[DocumentNode, dict[str, Any], bool]:
    """An operation of a mutation, its variables, and whether a super admin asks."""
    document = visit(parse(draw(_drawn(mutation))), _Asked())
    assume(OF_THE_MOMENT.search(print_ast(document)) is None)
    assume(not validate(WRITES[mutation], document))
    variables = {"input": sample_of(mutation, draw(st.integers(0, 3)))}
    return document, variables, draw(st.booleans())


def comparing(mutation: str) -> Any:
    """The test of a mutation.

    What it is given is drawn before it runs: hypothesis ends the drawing of what grows too long by
    an exception that an event loop does not survive.
    """

    async def compare(filled: Pool, case: tuple[DocumentNode, dict[str, Any], bool]) -> None:
        document, variables, is_global = case
        schema = WRITES[mutation]
        caller = super_admin() if is_global else ALPHA.caller(Role.ACCOUNT_ADMIN)
        twice = Twice(filled, caller, mutation)
        expected = await twice.by_graphql_core(schema, document, variables)
        found = await twice.compiled(schema, document, variables)
        assert _by_kind(found.data) == _by_kind(expected.data)
        told = [
            {_by_kind(error.message) for error in one.errors or ()} for one in (found, expected)
        ]
        assert bool(told[0]) == bool(told[1])
        if len(told[1]) == 1 and expected.errors and len(expected.errors) == 1:
            assert told[0] == told[1]

    compare.__name__ = compare.__qualname__ = f"test_any_{mutation}"
    searching = settings(
        deadline=None, max_examples=SEARCH.examples, suppress_health_check=list(HealthCheck)
    )
    test = searching(given(case=cases(mutation))(compare))
    for mark in (
        pytest.mark.timeout(SEARCH.seconds),
        pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
        pytest.mark.usefixtures("collected"),
    ):
        test = mark(test)
    return test


globals().update({f"test_any_{mutation}": comparing(mutation) for mutation in WRITES})
