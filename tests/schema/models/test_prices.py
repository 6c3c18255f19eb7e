"""Prices of resources: each ends where the next begins, and everybody sees those that apply."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from auth.caller import Caller
from datasources.database import Pool
from tests.harness.access import ADMIN, ANN, fill_access
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, BETA
from tests.harness.graph import Graph
from tests.harness.sql import look

FIELDS = """resourcePrice { id accountId account { id } resourceType unit description
  price { amount currency } effectiveFromAt effectiveToAt } userErrors { code path }"""
OWN = """query ($filter: ResourcePriceFilter) { account { resourcePrices(filter: $filter) {
  totalCount nodes { accountId price { amount } effectiveFromAt effectiveToAt } } } }"""
ALL = "{ platform { resourcePrices { nodes { accountId } } } }"


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    return Graph(pool)


def at(year: int) -> str:
    return f"{year}-01-01T00:00:00Z"


async def put(graph: Graph, amount: str = "1", **input: Any) -> Any:
    text = f"""mutation ($input: CreateResourcePriceInput!) {{
      createResourcePrice(input: $input) {{ {FIELDS} }} }}"""
    price = {"resourceType": "sandbox", "unit": "minute", "price": {"amount": amount}}
    answer = await graph.ask(super_admin(), text, input=price | input)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["createResourcePrice"]


async def prices(graph: Graph, caller: Caller = ADMIN, **filter: Any) -> list[tuple[Any, ...]]:
    answer = await graph.ask(caller, OWN, filter=filter)
    assert answer.errors == ()
    assert answer.data is not None
    found = answer.data["account"]["resourcePrices"]
    assert found["totalCount"] == len(found["nodes"])
    return [
        (one["price"]["amount"], one["effectiveFromAt"], one["effectiveToAt"])
        for one in found["nodes"]
    ]


async def test_a_price_ends_where_the_next_begins(graph: Graph, pool: Pool) -> None:
    first = await put(graph, "1", effectiveFromAt=at(2020), description=" Two cores ")
    assert first["userErrors"] == []
    assert first["resourcePrice"]["account"] is None
    assert first["resourcePrice"]["description"] == "Two cores"
    await put(graph, "3", effectiveFromAt=at(2022))
    await put(graph, "2", effectiveFromAt=at(2021))
    await put(graph, "9", effectiveFromAt=at(2021), unit="hour")
    assert await prices(graph, resourceTypes=["sandbox"], at="2021-06-01T00:00:00Z") == [
        ("9", at(2021), None),
        ("2", at(2021), at(2022)),
    ] or [("2", at(2021), at(2022)), ("9", at(2021), None)]
    assert sorted(await prices(graph))[:3] == [
        ("1", at(2020), at(2021)),
        ("2", at(2021), at(2022)),
        ("3", at(2022), None),
    ]
    assert await look(
        pool, "SELECT DISTINCT event_type, action, account_id FROM copilot.audit_log"
    ) == [("copilot_resource_price", "create", None)]


async def test_an_account_s_price_leaves_everybody_s_as_it_is(graph: Graph) -> None:
    await put(graph, "1", effectiveFromAt=at(2020))
    own = await put(graph, "2", effectiveFromAt=at(2021), accountId=BETA)
    assert own["resourcePrice"]["account"] == {"id": BETA}
    assert await prices(graph) == [("1", at(2020), None)]
    answer = await graph.ask(super_admin(), ALL)
    assert answer.data is not None
    found = answer.data["platform"]["resourcePrices"]["nodes"]
    assert [one["accountId"] for one in found] == [BETA, None]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"amount": "-1"}, ("INVALID", "amount")),
        ({"price": {"amount": "1", "currency": "usd"}}, ("INVALID", "currency")),
        ({"resourceType": " "}, ("REQUIRED", "resourceType")),
        ({"unit": ""}, ("REQUIRED", "unit")),
        ({"effectiveFromAt": at(2020)}, ("TAKEN", "effectiveFromAt")),
        (
            {"effectiveFromAt": at(2019), "effectiveToAt": at(2021)},
            ("INVALID", "effectiveToAt"),
        ),
        (
            {"effectiveFromAt": at(2022), "effectiveToAt": at(2022)},
            ("INVALID", "effectiveToAt"),
        ),
        ({"accountId": "nobody"}, ("NOT_FOUND", "accountId")),
    ],
)
async def test_what_a_price_cannot_be(
    graph: Graph, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    await put(graph, "1", effectiveFromAt=at(2020))
    (error,) = (await put(graph, **given))["userErrors"]
    assert (error["code"], error["path"][-1]) == expected
    assert await prices(graph) == [("1", at(2020), None)]


async def test_a_repeated_key_adds_one_price(graph: Graph) -> None:
    given = {"effectiveFromAt": at(2020), "idempotencyKey": "once"}
    first, second = await put(graph, **given), await put(graph, **given)
    assert first == second
    assert len(await prices(graph)) == 1


async def test_prices_added_at_once_do_not_overlap(graph: Graph) -> None:
    years = [2023, 2021, 2025, 2020, 2024, 2022]
    await asyncio.gather(*[put(graph, str(year), effectiveFromAt=at(year)) for year in years])
    found = sorted(await prices(graph))
    ends = [end for _, _, end in found]
    assert ends == [start for _, start, _ in found[1:]] + [None]


async def test_members_see_no_prices_and_accounts_set_none(graph: Graph) -> None:
    refused = await graph.ask(ANN, OWN)
    assert {error.extensions["code"] for error in refused.errors} == {"FORBIDDEN"}
    text = """mutation { createResourcePrice(input: {accountId: "%s", resourceType: "a",
      unit: "b", price: {amount: "1"}}) { userErrors { code } } }"""
    refused = await graph.ask(ADMIN, text % ACME)
    assert {error.extensions["code"] for error in refused.errors} == {"FORBIDDEN"}
