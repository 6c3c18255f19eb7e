"""What is answered over several modules without a plan holds nothing of another account."""

from __future__ import annotations

import pytest

from datasources.database import Pool
from tests.harness.graph import Graph, supergraph
from tests.isolation.answers import leaks
from tests.isolation.tenants import ALPHA, NOBODYS, OMEGA, SECRET, cross
from tests.isolation.test_reads import READERS
from tests.schema.test_direct import fields, is_direct, together


@pytest.mark.timeout(240)
@pytest.mark.parametrize("written", [True, False], ids=["written at once", "together"])
@pytest.mark.parametrize("name", READERS)
async def test_no_field_answers_anything_of_another_account(
    graph: Graph, name: str, written: bool
) -> None:
    graph.engine = graph.engine if written else together()
    direct = 0
    for coordinate, text in fields(supergraph().api_schema, ALPHA.account_id):
        response = await graph.ask(READERS[name], text)
        assert not leaks(response, (*OMEGA.marks, NOBODYS, SECRET)), coordinate
        direct += is_direct(graph.engine, text) and not response.errors
    assert direct > 200


@pytest.mark.timeout(240)
@pytest.mark.parametrize("written", [True, False], ids=["written at once", "together"])
@pytest.mark.parametrize("name", READERS)
async def test_rows_that_name_another_account_s_rows_open_nothing(
    graph: Graph, pool: Pool, name: str, written: bool
) -> None:
    graph.engine = graph.engine if written else together()
    await cross(pool, ALPHA, OMEGA)
    for coordinate, text in fields(supergraph().api_schema, ALPHA.account_id):
        response = await graph.ask(READERS[name], text)
        assert not leaks(response, (*OMEGA.marks, SECRET), OMEGA.ids), coordinate


@pytest.mark.timeout(240)
async def test_another_account_is_forbidden(graph: Graph) -> None:
    caller = READERS["account admin"]
    for coordinate, text in fields(supergraph().api_schema, OMEGA.account_id):
        response = await graph.ask(caller, text)
        assert response.data == {"account": None} or "account(" not in text, coordinate
        assert not leaks(response, (*OMEGA.marks, SECRET), OMEGA.ids), coordinate
