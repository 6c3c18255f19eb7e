"""No mutation reaches another account, whichever of its inputs names something there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from auth.caller import Caller, Role
from datasources.base import Database
from datasources.database import Pool
from federation.execution.response import Response
from tests.harness.callers import nobody, super_admin
from tests.harness.graph import Graph, supergraph
from tests.harness.sql import look, run
from tests.isolation.answers import leaks
from tests.isolation.samples import (
    BEFORE,
    INPUTS,
    NEVER_ACCEPTED,
    UNKNOWN_ID,
    UNKNOWN_TOKEN,
    Input,
    variables_of,
)
from tests.isolation.tenants import ALPHA, OMEGA, SECRET, Tenant
from tests.isolation.walk import InputPath, Walk, input_paths

pytestmark = pytest.mark.timeout(240)
"""Each of these tests asks hundreds of operations."""

WALK = Walk(supergraph().api_schema, frozenset())
OTHERS = {
    "account admin": ALPHA.caller(Role.ACCOUNT_ADMIN),
    "service": ALPHA.machine(),
    "auditor": ALPHA.caller(Role.AUDITOR),
    "member": ALPHA.caller(Role.MEMBER),
}


def _inputs(mutation: str) -> tuple[Input, ...]:
    if mutation not in INPUTS:
        raise LookupError(
            f"No input is known for {mutation}: add one to INPUTS in tests/isolation/samples.py, "
            "for rows that tests/isolation/tenants.py makes."
        )
    return INPUTS[mutation]


def _input_type(mutation: str) -> GraphQLInputObjectType:
    root = WALK.schema.mutation_type
    assert root is not None
    type_ = get_named_type(root.fields[mutation].args["input"].type)
    assert isinstance(type_, GraphQLInputObjectType)
    return type_


def _namers(mutation: str) -> list[InputPath]:
    """Every place of an input that can name an object: ids, and tokens that stand for one."""
    return [
        path._replace(names=path.names[1:])
        for path in input_paths("input", _input_type(mutation))
        if path.type.name == "ID" or path.names[-1] == "token"
    ]


def _addressed(mutation: str, tenant: Tenant, given: dict[str, Any]) -> dict[str, Any]:
    """The input with its account, where it takes one."""
    takes_account = "accountId" in _input_type(mutation).fields
    return given | ({"accountId": tenant.account_id} if takes_account else {})


def _says(given: Any, names: tuple[str, ...]) -> bool:
    for name in names:
        given = given[0] if isinstance(given, list) and given else given
        if not isinstance(given, dict) or name not in given:
            return False
        given = given[name]
    return True


def _with(given: dict[str, Any], path: InputPath, value: str) -> dict[str, Any]:
    """The input with another value in one place."""
    name, *rest = path.names
    if rest:
        below, inner = given[name], path._replace(names=tuple(rest))
        if isinstance(below, list):
            return given | {name: [_with(below[0], inner, value), *below[1:]]}
        return given | {name: _with(below, inner, value)}
    return given | {name: [value] if path.is_list else value}


async def _run(graph: Graph, caller: Caller | None, mutation: str, input: Any) -> Response:
    document = WALK.to_mutation(mutation, 1)
    inputs = {name for name, at in document.variables.items() if at == f"Mutation.{mutation}.input"}
    others = {name: at for name, at in document.variables.items() if name not in inputs}
    variables = {**variables_of(others, ALPHA, "COPILOT"), **dict.fromkeys(inputs, input)}
    return await graph.ask(caller, document.text, **variables)


def _outcome(mutation: str, response: Response, said: str) -> str:
    """Errors, user errors and which parts of the payload there are; what was said left out."""
    payload = (response.data or {}).get(mutation) or {}
    parts = {name: value is None for name, value in payload.items() if name != "userErrors"}
    errors = [error.formatted() for error in response.errors]
    return str((errors, payload.get("userErrors"), parts)).replace(said, "<id>")


async def _tables(database: Database) -> list[tuple[str, bool]]:
    """Every table of the product, and whether its rows say their account."""
    found = await look(
        database,
        """
        SELECT format('%I.%I', t.table_schema, t.table_name), c.column_name IS NOT NULL
        FROM information_schema.tables t LEFT JOIN information_schema.columns c
        ON c.table_schema = t.table_schema AND c.table_name = t.table_name
        AND c.column_name = 'account_id'
        WHERE t.table_schema IN ('public', 'copilot', 'gateway') AND t.table_type = 'BASE TABLE'
        ORDER BY 1
        """,
    )
    return [(name, is_scoped) for name, is_scoped in found]


async def _stored(database: Database, tenant: Tenant) -> dict[str, list[str]]:
    """Every row of an account, byte for byte, by table."""
    rows: dict[str, list[str]] = {}
    for table, is_scoped in await _tables(database):
        text, argument = "r::text LIKE '%' || $1 || '%'", tenant.prefix
        if is_scoped:
            text, argument = "r.account_id = $1", tenant.account_id
        query = f"SELECT r::text FROM {table} AS r WHERE {text} ORDER BY 1"
        rows[table] = [str(found[0]) for found in await look(database, query, argument)]
    return rows


def _attempts(tenant: Tenant) -> Iterator[str]:
    yield from tenant.ids
    yield f"{tenant.name}-{SECRET}-invite-token"


@pytest.mark.parametrize("mutation", WALK.mutations())
def test_every_id_of_an_input_is_tried(mutation: str) -> None:
    said = [_addressed(mutation, ALPHA, make(ALPHA, "word")) for make in _inputs(mutation)]
    missing = [
        ".".join(path.names)
        for path in _namers(mutation)
        if f"{mutation}.{'.'.join(path.names)}" not in NEVER_ACCEPTED
        and not any(_says(given, path.names) for given in said)
    ]

    assert missing == [], f"Give {mutation} values for these in tests/isolation/samples.py."


@pytest.mark.parametrize("mutation", WALK.mutations())
async def test_an_input_is_accepted_in_its_own_account_and_leaves_the_other_alone(
    graph: Graph, pool: Pool, mutation: str
) -> None:
    if mutation in BEFORE:
        await run(pool, BEFORE[mutation], ALPHA.account_id)
    before = await _stored(pool, OMEGA)
    assert sum(map(len, before.values())) > len(OMEGA.ids)
    is_bearers = any(path.names[-1] == "token" for path in _namers(mutation))
    caller = nobody(ALPHA.mail("invite")) if is_bearers else super_admin()
    refused = {"FORBIDDEN"} if is_bearers else set()
    for number, make in enumerate(_inputs(mutation)):
        given = _addressed(mutation, ALPHA, make(ALPHA, f"word{number}"))
        response = await _run(graph, caller, mutation, given)
        assert {error.extensions["code"] for error in response.errors} <= refused, number
        assert response.data is not None
        assert response.data[mutation]["userErrors"] == [], number
        assert not leaks(response, OMEGA.marks)

    assert await _stored(pool, OMEGA) == before


@pytest.mark.parametrize("name", OTHERS)
async def test_another_account_s_id_changes_nothing_and_is_answered_like_an_unknown_one(
    graph: Graph, pool: Pool, name: str
) -> None:
    before = await _stored(pool, OMEGA)
    serial = 0
    for mutation in WALK.mutations():
        for path in _namers(mutation):
            unknown = UNKNOWN_TOKEN if path.names[-1] == "token" else UNKNOWN_ID
            make = _saying(mutation, path)
            expected = ""
            for id in (unknown, *_attempts(OMEGA)):
                serial += 1
                given = _addressed(mutation, ALPHA, make(ALPHA, f"word{serial}"))
                response = await _run(graph, OTHERS[name], mutation, _with(given, path, id))
                outcome = _outcome(mutation, response, id)
                expected = expected or outcome
                where = f"{mutation}({'.'.join(path.names)}: {id})"
                assert outcome == expected, where
                assert not leaks(response, (*OMEGA.marks, SECRET), (id,)), where

    assert await _stored(pool, OMEGA) == before


def _saying(mutation: str, path: InputPath) -> Input:
    """The sample that says something in that place; any for what nothing can be said for."""
    for make in _inputs(mutation):
        if _says(_addressed(mutation, ALPHA, make(ALPHA, "word")), path.names):
            return make
    return _inputs(mutation)[0]
