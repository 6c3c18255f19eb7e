"""The catalogue as an account sees it agrees with what its scopes may use, and has its prices."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from auth.caller import Role
from datasources.access_tables import model_catalog, model_lists
from datasources.budgets.tables import account_allocations
from datasources.database import Pool
from datasources.models.tables import model_providers
from tests.harness.access import ADMIN, ANN, fill_access, place, set_metadata, with_rights
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import as_json, run

OFFERS = """
query ($filter: AccountModelFilter, $orderBy: AccountModelOrder, $scope: ScopeInput) { account {
  models(filter: $filter, orderBy: $orderBy) { totalCount nodes {
    isGranted isSelected isAvailable isDefault model { name }
    pricing { creditsPer1kTokens inputCreditsPer1kTokens outputCreditsPer1kTokens
      inputCostPerMillion { amount currency } } } }
  modelSelection { grantedCount selectedCount availableCount defaultModels { name } }
  effectiveAccess(scope: $scope) { models { models { name } } } } }
"""
PRICES = {"input_cost_per_million_usd": 2, "output_cost_per_million_usd": 8, "credits_factor": 5}
MODELS: dict[str, dict[str, Any]] = {
    "a": {"provider": "lab", "credits_per_1k_tokens": 3, "metadata": {"pricing": PRICES}},
    "b": {"provider": "Works", "credits_per_1k_tokens": 1, "display_name": "Second"},
    "c": {"provider": "lab", "credits_per_1k_tokens": 2, "metadata": {"capability": "Image"}},
    "d": {"metadata": as_json({"capability": "spells", "sort_order": 1})},
    "e": {"is_active": False},
}


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    for name, values in MODELS.items():
        await add(pool, model_catalog, id=id_of(name), model_name=name, **values)
    return Graph(pool)


def document(**lists: Any) -> dict[str, Any]:
    return {"entitlements": {f"copilot_model_{key}": value for key, value in lists.items()}}


async def ask(graph: Graph, **variables: Any) -> Any:
    answer = await graph.ask(ADMIN, OFFERS, scope=place(ACME), **variables)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["account"]


async def listed(graph: Graph, **variables: Any) -> str:
    models = (await ask(graph, **variables))["models"]
    assert models["totalCount"] == len(models["nodes"])
    return "".join(node["model"]["name"] for node in models["nodes"])


async def say(pool: Pool, layer: str, mode: str, names: str, defaults: str = "") -> None:
    await add(
        pool,
        model_lists,
        account_id=ACME,
        layer=layer,
        mode=mode,
        names=list(names),
        defaults=list(defaults),
    )


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        document(),
        document(super_allowlist=["a", "b", "gone"]),
        document(tenant_allowlist=["c", "A"]),
        document(super_allowlist=["a", "b"], tenant_allowlist=["b", "c"]),
        document(allowlist=["a"]),
        document(super_allowlist=["b"], allowlist=["a"]),
        document(super_allowlist=["gone"]),
        document(tenant_allowlist=["e"]),
        document(super_allowlist="a", tenant_allowlist={"a": 1}),
        as_json(document(super_allowlist=["a"])),
        {"entitlements": as_json({"copilot_model_tenant_allowlist": ["d"]})},
        "no document",
    ],
)
@pytest.mark.parametrize("layers", [[], ["GRANT LIST ac"], ["SELECTION LIST bc c"], ["GRANT ALL"]])
async def test_the_page_agrees_with_the_layers_however_they_are_stored(
    graph: Graph, pool: Pool, metadata: Any, layers: list[str]
) -> None:
    await set_metadata(pool, metadata)
    for layer in layers:
        name, mode, names, defaults, *_ = [*layer.split(), "", ""]
        await say(pool, name, mode, names, defaults)
    account = await ask(graph)
    nodes, selection = account["models"]["nodes"], account["modelSelection"]

    def those(fact: str) -> list[str]:
        return [node["model"]["name"] for node in nodes if node[fact]]

    assert "".join(node["model"]["name"] for node in nodes) == "dabc"
    assert len(those("isGranted")) == selection["grantedCount"]
    assert len(those("isSelected")) == selection["selectedCount"]
    assert those("isDefault") == [model["name"] for model in selection["defaultModels"]]
    effective = [model["name"] for model in account["effectiveAccess"]["models"]["models"]]
    assert those("isAvailable") == effective


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        ({"search": "SECO"}, "b"),
        ({"providers": ["lab"]}, "ac"),
        ({"capabilities": ["IMAGE", "OTHER"]}, "dc"),
        ({"capabilities": ["CHAT"]}, "ab"),
        ({"isGranted": False}, "d"),
        ({"isSelected": True}, "dc"),
        ({"isAvailable": True, "search": ""}, "c"),
        ({"isAvailable": False, "isGranted": True}, "ab"),
    ],
)
async def test_conditions(graph: Graph, pool: Pool, filter: dict[str, Any], names: str) -> None:
    await say(pool, "GRANT", "LIST", "abc")
    await say(pool, "SELECTION", "LIST", "cd")
    assert await listed(graph, filter=filter) == names


@pytest.mark.parametrize(
    ("order", "names"),
    [("SORT_ORDER", "dabc"), ("NAME", "abcd"), ("CREDITS", "dbca")],
)
async def test_orders(graph: Graph, order: str, names: str) -> None:
    assert await listed(graph, orderBy={"field": order}) == names
    assert await listed(graph, orderBy={"field": order, "direction": "DESC"}) == names[::-1]


async def test_an_account_with_a_factor_of_its_own_has_prices_of_its_own(
    graph: Graph, pool: Pool
) -> None:
    async def price() -> Any:
        found = await ask(graph, filter={"search": "a"})
        return found["models"]["nodes"][0]["pricing"]

    assert (await price())["creditsPer1kTokens"] == "3.000000"
    for account, factor, year in ((ACME, "4", 2020), (ACME, "10", 2021), (BETA, "7", 2022)):
        await add(
            pool,
            account_allocations,
            account_id=account,
            allocated=0,
            limit_amount=0,
            credit_factor=Decimal(factor),
            effective_from_at=datetime(year, 1, 1, tzinfo=UTC),
        )
    assert await price() == {
        "creditsPer1kTokens": "0.050000",
        "inputCreditsPer1kTokens": "0.020000",
        "outputCreditsPer1kTokens": "0.080000",
        "inputCostPerMillion": {"amount": "2", "currency": "USD"},
    }
    without_costs = await ask(graph, filter={"search": "b"})
    assert without_costs["models"]["nodes"][0]["pricing"]["creditsPer1kTokens"] == "1.000000"


async def test_models_of_a_provider_out_of_use_are_no_account_s(graph: Graph, pool: Pool) -> None:
    await add(pool, model_providers, code="works", name="Works", is_active=False)
    assert await listed(graph) == "dac"
    account = await ask(graph)
    assert [m["name"] for m in account["effectiveAccess"]["models"]["models"]] == ["d", "a", "c"]
    await run(pool, "UPDATE gateway.model_providers SET is_active = true")
    assert await listed(graph) == "dabc"


async def test_auditors_see_what_admins_see_and_members_nothing(graph: Graph) -> None:
    auditor = with_rights(ACME, Role.AUDITOR, id_of("Ann"))
    query = "{ account { models { nodes { model { name provider { code } } } } } }"
    answer = await graph.ask(auditor, "{ account { models { nodes { model { name } } } } }")
    assert answer.errors == ()
    for caller in (ANN, auditor):
        refused = await graph.ask(caller, query)
        assert {error.extensions["code"] for error in refused.errors} == {"FORBIDDEN"}
