"""No query answers an account's caller with anything of another account."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from auth.caller import Caller, Role
from datasources.database import Pool
from federation.execution.response import Response
from tests.harness.callers import super_admin
from tests.harness.graph import Graph, supergraph
from tests.isolation.answers import leaks, same_for
from tests.isolation.samples import ARGUMENTS, UNKNOWN_ID, variables_of
from tests.isolation.tenants import ALPHA, NOBODYS, OMEGA, SECRET, Tenant, cross
from tests.isolation.walk import Document, Step, Walk, input_paths

pytestmark = pytest.mark.timeout(240)
"""Each of these tests asks hundreds of operations."""

SOURCES = ("COPILOT", "IDENTITY")
DEPTH = 2
WALK = Walk(supergraph().api_schema, frozenset(ARGUMENTS))

CALLERS = {
    "account admin": ALPHA.caller(Role.ACCOUNT_ADMIN),
    "auditor": ALPHA.caller(Role.AUDITOR),
    "member": ALPHA.caller(Role.MEMBER),
    "service": ALPHA.machine(),
}
READERS = {name: CALLERS[name] for name in ("account admin", "service")}

NEVER_ANSWERED = {
    "ResolutionStep.policyId": "the shortest way leads to budgets, which no policy is behind",
    "SsoConfig.tenant": "only providers without addresses have one, and these accounts' has them",
    "GuardrailPreview.patternProblem": "only an expression that is refused has one",
    "Viewer.effectiveAccess": "a super admin has none",
    "Viewer.sessionExpiresAt": "callers of these tests have no session",
    "Viewer.account": "a super admin has none",
    "Viewer.user": "a super admin has none",
    "Viewer.scopes": "a super admin needs none",
}
"""Coordinates no row can fill for a super admin, and why."""


async def _ask(
    graph: Graph, caller: Caller | None, document: Document, tenant: Tenant, source: str
) -> Response:
    variables = variables_of(document.variables, tenant, source)
    return await graph.ask(caller, document.text, **variables)


def _documents(source: str) -> Iterator[tuple[str, Document]]:
    """Operations that ask for everything; for the second source only where it is asked."""
    for what, document in WALK.documents(DEPTH):
        if _concerns(document, source):
            yield what, document


def _concerns(document: Document, source: str) -> bool:
    return source == SOURCES[0] or "Account.directory.source" in document.variables.values()


@pytest.mark.parametrize("name", CALLERS)
@pytest.mark.parametrize("source", SOURCES)
async def test_no_field_answers_anything_of_another_account(
    graph: Graph, name: str, source: str
) -> None:
    for what, document in _documents(source):
        response = await _ask(graph, CALLERS[name], document, ALPHA, source)
        assert not leaks(response, (*OMEGA.marks, NOBODYS, SECRET)), what


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("source", SOURCES)
async def test_rows_that_name_another_account_s_rows_open_nothing(
    graph: Graph, pool: Pool, name: str, source: str
) -> None:
    await cross(pool, ALPHA, OMEGA)
    own_words = OMEGA.ids
    for what, document in _documents(source):
        response = await _ask(graph, CALLERS[name], document, ALPHA, source)
        assert not leaks(response, (*OMEGA.marks, SECRET), own_words), what


@pytest.mark.parametrize("tenant", [ALPHA, OMEGA], ids=lambda tenant: tenant.name)
async def test_every_field_answers_something_to_who_may_see_all(
    graph: Graph, tenant: Tenant
) -> None:
    asked: set[str] = set()
    answered: set[str] = set()
    for what, document in WALK.documents(1):
        for source in SOURCES:
            response = await _ask(graph, super_admin(), document, tenant, source)
            assert response.errors == (), what
            assert not leaks(response, (SECRET,)), what
            asked |= document.coordinates()
            answered |= document.answered(response.data)

    unanswered = {name for name in asked - answered if not name.endswith("__typename")}
    assert unanswered - NEVER_ANSWERED.keys() == set(), (
        "No row fills these fields, so their isolation is not tested: add one to "
        "tests/isolation/tenants.py."
    )


def test_every_field_of_the_graph_is_asked_for() -> None:
    asked: set[str] = set()
    for _, document in WALK.documents(DEPTH):
        asked |= document.coordinates()

    assert {".".join(step) for step, _ in WALK.fields()} - asked == set()


def _lookups() -> list[tuple[Step, tuple[str, ...], bool]]:
    """Every argument, or part of one, that takes an id or a text to look for."""
    return [
        (step, path.names, path.is_list)
        for step, field in WALK.fields()
        for name, argument in field.args.items()
        if name not in {"after", "before"} and (step[-1], name) not in OWN_WORDS
        for path in input_paths(name, argument.type)
        if path.type.name in {"ID", "String"}
    ]


OWN_WORDS = {("previewGuardrails", "text")}
"""Arguments that are themselves what is answered about, and look for nothing."""

BESIDE = {"pattern.regex": {"guard": "PII"}, "scope.id": {"type": "USER"}}
"""What cannot be left out beside what is said at a place."""


def _argument(names: tuple[str, ...], value: object, *, is_list: bool) -> object:
    """The value of an argument that says this at that place and nothing else."""
    given: object = [value] if is_list else value
    for parent, name in reversed(list(pairwise(names))):
        given = {name: given, **BESIDE.get(f"{parent}.{name}", {})}
    return given


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("source", SOURCES)
async def test_another_account_s_id_is_answered_like_one_that_does_not_exist(
    graph: Graph, name: str, source: str
) -> None:
    for step, names, is_list in _lookups():
        document = WALK.to_field(step, 1, names[0])
        if not _concerns(document, source):
            continue
        variable = "_".join((*step, names[0]))
        known = {other: at for other, at in document.variables.items() if other != variable}
        variables = variables_of(known, ALPHA, source)
        expected = ""
        for id in (UNKNOWN_ID, *OMEGA.ids, OMEGA.name, OMEGA.mail("person")):
            variables[variable] = _argument(names, id, is_list=is_list)
            response = await graph.ask(CALLERS[name], document.text, **variables)
            where = f"{'.'.join(step)}({'.'.join(names)}: {id})"
            expected = expected or same_for(response, id)
            assert same_for(response, id) == expected, where
            assert not leaks(response, OMEGA.marks, (id,)), where


def _lists() -> list[Step]:
    return [step for step, field in WALK.fields() if "after" in field.args]


@pytest.mark.parametrize("source", SOURCES)
async def test_another_account_s_cursor_continues_only_in_one_s_own_list(
    graph: Graph, source: str
) -> None:
    used = 0
    for step in _lists():
        theirs = await _ask(graph, super_admin(), WALK.to_field(step, 1), OMEGA, source)
        document = WALK.to_field(step, 1, "after")
        variable = "_".join((*step, "after"))
        known = {name: at for name, at in document.variables.items() if name != variable}
        variables = variables_of(known, ALPHA, source)
        for cursor in _cursors(theirs.data):
            used += 1
            variables[variable] = cursor
            response = await graph.ask(CALLERS["account admin"], document.text, **variables)
            assert not leaks(response, (*OMEGA.marks, NOBODYS)), step

    assert used > len(_lists())


def _cursors(data: object) -> list[str]:
    if isinstance(data, list):
        return [cursor for item in data for cursor in _cursors(item)]
    if not isinstance(data, dict):
        return []
    own = [data["cursor"]] if "cursor" in data else []
    return own + [cursor for item in data.values() for cursor in _cursors(item)]


@pytest.mark.parametrize("name", CALLERS)
async def test_another_account_is_forbidden_whether_or_not_it_exists(
    graph: Graph, name: str
) -> None:
    answers = {
        same_for(
            await graph.ask(CALLERS[name], "query($id: ID) { account(id: $id) { id } }", id=id), id
        )
        for id in (OMEGA.account_id, UNKNOWN_ID, "None")
    }

    assert len(answers) == 1
    assert '"code":"FORBIDDEN"' in answers.pop()
