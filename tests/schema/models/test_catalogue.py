"""What operators do to the catalogue: adding, changing, removing and importing models."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datasources.access_tables import model_catalog, model_lists, model_policies
from datasources.database import Pool
from datasources.models.tables import model_providers
from tests.harness.access import ADMIN, fill_access, place, set_metadata
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look, run

MODEL = """model { id name displayName providerName provider { code } upstreamName capability source
  contentCapabilities requestDefaults metadata sortOrder isActive
  pricing { creditsPer1kTokens inputCreditsPer1kTokens outputCreditsPer1kTokens
    inputCostPerMillion { amount } } } userErrors { code path }"""
EFFECTIVE = """query ($scope: ScopeInput) { account { effectiveAccess(scope: $scope) {
  models { models { name } } } } }"""


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    for name in "abc":
        await add(pool, model_catalog, id=id_of(name), model_name=name, provider="lab", metadata={})
    await add(pool, model_providers, id=id_of("lab"), code="lab", name="Lab")
    return Graph(pool)


async def write(graph: Graph, mutation: str, fields: str = MODEL, **input: Any) -> Any:
    type_ = mutation[0].upper() + mutation[1:]
    text = f"mutation ($input: {type_}Input!) {{ {mutation}(input: $input) {{ {fields} }} }}"
    answer = await graph.ask(super_admin(), text, input=input)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data[mutation]


async def refusal(graph: Graph, mutation: str, **input: Any) -> tuple[str, str]:
    """Code and place of the one user error."""
    (error,) = (await write(graph, mutation, "userErrors { code path }", **input))["userErrors"]
    return error["code"], ".".join(error["path"][1:])


async def effective(graph: Graph) -> str:
    answer = await graph.ask(ADMIN, EFFECTIVE, scope=place(ACME))
    assert answer.data is not None
    models = answer.data["account"]["effectiveAccess"]["models"]["models"]
    return "".join(model["name"] for model in models)


async def names(pool: Pool) -> list[str]:
    rows = await look(pool, "SELECT model_name FROM copilot.model_catalog ORDER BY 1")
    return [name for (name,) in rows]


async def events(pool: Pool) -> list[tuple[Any, ...]]:
    return await look(
        pool,
        "SELECT action, severity, account_id, actor_id, details FROM copilot.audit_log"
        " ORDER BY created_at",
    )


def usd(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


# --- adding -------------------------------------------------------------------------------------


async def test_a_model_is_added_with_all_that_is_said_of_it(graph: Graph, pool: Pool) -> None:
    added = await write(
        graph,
        "createModel",
        name=" lab/new ",
        displayName="New",
        providerId=id_of("lab"),
        capability="IMAGE",
        contentCapabilities={"in": ["text"]},
        pricing={"inputCostPerMillion": usd("2"), "outputCostPerMillion": usd("8")},
        requestDefaults={"quality": "high"},
        sortOrder=3,
        metadata={"note": 1},
    )
    model = added["model"]
    assert added["userErrors"] == []
    assert model == {
        "id": model["id"],
        "name": "lab/new",
        "displayName": "New",
        "providerName": "lab",
        "provider": {"code": "lab"},
        "upstreamName": "lab/new",
        "capability": "IMAGE",
        "source": "MANUAL",
        "contentCapabilities": {"in": ["text"]},
        "requestDefaults": {"quality": "high"},
        "metadata": {"note": 1},
        "sortOrder": 3,
        "isActive": True,
        "pricing": {
            "creditsPer1kTokens": "0.025000",
            "inputCreditsPer1kTokens": "0.01",
            "outputCreditsPer1kTokens": "0.04",
            "inputCostPerMillion": {"amount": "2.0"},
        },
    }
    ((action, severity, account, actor, details),) = await events(pool)
    assert (action, severity, account, actor) == ("create", "info", None, super_admin().id)
    assert details["after"]["model_name"] == "lab/new"
    assert "quality" not in str(details)


async def test_a_model_needs_no_more_than_a_name(graph: Graph) -> None:
    model = (await write(graph, "createModel", name="plain"))["model"]
    assert (model["displayName"], model["upstreamName"]) == ("plain", "plain")
    assert (model["capability"], model["sortOrder"], model["isActive"]) == ("CHAT", 100, True)
    assert model["pricing"]["creditsPer1kTokens"] == "0.000000"
    assert model["metadata"] is model["requestDefaults"] is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "A"}, ("TAKEN", "name")),
        ({"name": "  "}, ("REQUIRED", "name")),
        ({"name": "x" * 256}, ("INVALID", "name")),
        ({"providerId": id_of("nobody")}, ("NOT_FOUND", "providerId")),
        ({"providerId": "no uuid"}, ("NOT_FOUND", "providerId")),
        ({"pricing": {"creditsPer1kTokens": "-1"}}, ("INVALID", "pricing.creditsPer1kTokens")),
        ({"pricing": {"creditsPer1kTokens": "1e9"}}, ("INVALID", "pricing.creditsPer1kTokens")),
        (
            {"pricing": {"inputCostPerMillion": usd("-1")}},
            ("INVALID", "pricing.inputCostPerMillion.amount"),
        ),
        (
            {"pricing": {"outputCostPerMillion": usd("0.0000001")}},
            ("INVALID", "pricing.outputCostPerMillion.amount"),
        ),
        (
            {"pricing": {"outputCostPerMillion": usd("1", "EUR")}},
            ("INVALID", "pricing.outputCostPerMillion.currency"),
        ),
        ({"sortOrder": -1}, ("INVALID", "sortOrder")),
        ({"metadata": ["no object"]}, ("INVALID", "metadata")),
        ({"metadata": {"pricing": {}}}, ("INVALID", "metadata")),
        ({"requestDefaults": {"long": "x" * 20_000}}, ("INVALID", "requestDefaults")),
    ],
)
async def test_what_a_model_cannot_be(
    graph: Graph, pool: Pool, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert await refusal(graph, "createModel", **{"name": "new", **given}) == expected
    assert await names(pool) == ["a", "b", "c"]
    assert await events(pool) == []


async def test_of_models_added_at_once_under_one_name_one_is(graph: Graph, pool: Pool) -> None:
    answers = await asyncio.gather(
        *[write(graph, "createModel", name=name) for name in ("new", "NEW", "New", "neW")]
    )
    codes = sorted(error["code"] for answer in answers for error in answer["userErrors"])
    assert codes == ["TAKEN"] * 3
    assert len(await names(pool)) == 4


# --- changing -----------------------------------------------------------------------------------


async def test_what_is_not_said_stays_and_null_clears(graph: Graph, pool: Pool) -> None:
    id = (
        await write(
            graph,
            "createModel",
            name="new",
            providerId=id_of("lab"),
            contentCapabilities=["text"],
            requestDefaults={"a": 1},
            metadata={"b": 2},
            pricing={"creditsPer1kTokens": "7", "inputCostPerMillion": usd("2")},
        )
    )["model"]["id"]
    kept = (await write(graph, "updateModel", id=id, sortOrder=5))["model"]
    assert (kept["sortOrder"], kept["metadata"], kept["providerName"]) == (5, {"b": 2}, "lab")
    assert kept["pricing"]["creditsPer1kTokens"] == "7.000000"
    cleared = await write(
        graph,
        "updateModel",
        id=id,
        providerId=None,
        contentCapabilities=None,
        requestDefaults=None,
        metadata=None,
        displayName=None,
        pricing={"inputCostPerMillion": None},
    )
    model = cleared["model"]
    assert [
        model[name]
        for name in (
            "provider",
            "providerName",
            "contentCapabilities",
            "requestDefaults",
            "metadata",
        )
    ] == [None] * 5
    assert model["pricing"]["inputCostPerMillion"] is None
    assert model["pricing"]["creditsPer1kTokens"] == "7.000000"
    details = (await events(pool))[-1][-1]
    assert details["unseen"] == ["request_defaults", "metadata"]
    assert details["before"]["provider"] == "lab"


async def test_credits_follow_from_costs_unless_they_are_given(graph: Graph) -> None:
    async def price(**pricing: Any) -> str:
        answer = await write(graph, "updateModel", id=id_of("a"), pricing=pricing)
        return str(answer["model"]["pricing"]["creditsPer1kTokens"])

    assert await price(inputCostPerMillion=usd("4")) == "0.010000"
    assert await price(outputCostPerMillion=usd("4")) == "0.020000"
    assert await price(creditsPer1kTokens="3", outputCostPerMillion=usd("1")) == "3.000000"
    assert await price(creditsPer1kTokens=None) == "0.012500"


async def test_a_change_that_changes_nothing_is_none(graph: Graph, pool: Pool) -> None:
    answer = await write(graph, "updateModel", id=id_of("a"), name="a", isActive=True)
    assert answer["model"]["name"] == "a"
    assert await events(pool) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"id": id_of("nobody")}, ("NOT_FOUND", "id")),
        ({"id": "no uuid"}, ("NOT_FOUND", "id")),
        ({"name": "B"}, ("TAKEN", "name")),
        ({"name": None}, ("REQUIRED", "name")),
        ({"capability": None}, ("REQUIRED", "capability")),
        ({"sortOrder": None}, ("REQUIRED", "sortOrder")),
        ({"isActive": None}, ("REQUIRED", "isActive")),
        ({"pricing": None}, ("REQUIRED", "pricing")),
    ],
)
async def test_what_a_change_cannot_be(
    graph: Graph, pool: Pool, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert await refusal(graph, "updateModel", **{"id": id_of("a"), **given}) == expected
    assert await events(pool) == []


async def test_a_new_name_is_carried_into_whatever_named_the_old_one(
    graph: Graph, pool: Pool
) -> None:
    await add(
        pool,
        model_lists,
        account_id=ACME,
        layer="SELECTION",
        mode="LIST",
        names=["a", "b"],
        defaults=["a"],
    )
    await add(
        pool,
        model_policies,
        account_id=ACME,
        scope_type="account",
        scope_id=ACME,
        mode="allowlist",
        selected_models=["b", "a"],
    )
    entitlements = {
        "features": {"sso": True},
        "copilot_model_super_allowlist": ["c", "a"],
        "copilot_model_allowlist": [],
    }
    await set_metadata(pool, {"theme": 1, "entitlements": entitlements})
    assert await effective(graph) == "a"
    await write(graph, "updateModel", id=id_of("a"), name="z")
    assert await effective(graph) == "z"
    assert await look(pool, "SELECT names, defaults FROM gateway.model_lists") == [
        (["z", "b"], ["z"])
    ]
    ((metadata,),) = await look(
        pool, 'SELECT metadata FROM "Alchemi_AccountTable" WHERE account_id = $1', ACME
    )
    carried = entitlements | {"copilot_model_super_allowlist": ["c", "z"]}
    assert metadata == {"theme": 1, "entitlements": carried}
    ((_, _, _, _, details),) = await events(pool)
    assert details["carried_into"] == {"lists": 1, "policies": 1, "documents": 1}


async def test_no_list_is_written_with_a_name_that_is_changing(graph: Graph, pool: Pool) -> None:
    choose = """mutation ($id: ID!) {
      setModelSelection(input: {mode: LIST, modelIds: [$id]}) { userErrors { code } } }"""
    for number in range(8):
        renamed, chosen = await asyncio.gather(
            write(graph, "updateModel", id=id_of("a"), name=f"a{number}"),
            graph.ask(ADMIN, choose, id=id_of("a")),
        )
        assert renamed["userErrors"] == []
        assert chosen.errors == ()
        assert await effective(graph) == f"a{number}"


# --- removing -----------------------------------------------------------------------------------


async def test_only_a_model_out_of_use_that_nothing_names_is_removed(
    graph: Graph, pool: Pool
) -> None:
    assert await refusal(graph, "deleteModel", id=id_of("a")) == ("INVALID_STATE", "id")
    await write(graph, "updateModel", id=id_of("a"), isActive=False)
    namings = {
        "lists": {"entitlements": {"copilot_model_super_allowlist": ["a"]}},
        "old list": {"entitlements": {"copilot_model_allowlist": ["a"]}},
    }
    for document in namings.values():
        await set_metadata(pool, document)
        assert await refusal(graph, "deleteModel", id=id_of("a")) == ("IN_USE", "id")
        assert await effective(graph) == ""  # the vanished name allows nothing
    await set_metadata(pool, {})
    listed = {"account_id": ACME, "layer": "SELECTION", "mode": "ALL", "names": []}
    await add(pool, model_lists, defaults=["a"], **listed)
    assert await refusal(graph, "deleteModel", id=id_of("a")) == ("IN_USE", "id")
    await run(pool, "DELETE FROM gateway.model_lists")
    policy = {"account_id": ACME, "scope_type": "account", "scope_id": ACME, "mode": "allowlist"}
    await add(pool, model_policies, selected_models=["a"], **policy)
    assert await refusal(graph, "deleteModel", id=id_of("a")) == ("IN_USE", "id")
    await run(pool, "DELETE FROM copilot.model_access_policies")
    removed = await write(graph, "deleteModel", "deletedId userErrors { code }", id=id_of("a"))
    assert removed == {"deletedId": id_of("a"), "userErrors": []}
    assert await names(pool) == ["b", "c"]
    assert [event[:2] for event in await events(pool)] == [
        ("disable", "warning"),
        ("delete", "warning"),
    ]
    assert await refusal(graph, "deleteModel", id=id_of("a")) == ("NOT_FOUND", "id")


# --- importing ----------------------------------------------------------------------------------

IMPORT = """models { name displayName providerName provider { name } source upstreamName isActive }
  existingNames unknownNames userErrors { code }"""


@pytest.fixture
async def router(pool: Pool) -> None:
    for number, (name, account) in enumerate(
        [
            ("lab/new", None),
            ("lab/new", None),
            (" other ", None),
            ("Twin", None),
            ("twin", None),
            ("A", None),
            ("", None),
            ("x" * 300, None),
            ("own", ACME),
        ]
    ):
        await run(
            pool,
            'INSERT INTO "LiteLLM_ProxyModelTable" (model_id, model_name, litellm_params,'
            " account_id, created_by, updated_by) VALUES ($1, $2, '{}', $3, 'x', 'x')",
            str(number),
            name,
            account,
        )


@pytest.mark.usefixtures("router")
async def test_what_the_router_knows_and_the_catalogue_lacks(graph: Graph) -> None:
    answer = await graph.ask(super_admin(), "{ platform { routerModelNames } }")
    assert answer.data == {"platform": {"routerModelNames": ["Twin", "lab/new", "other", "twin"]}}
    refused = await graph.ask(ADMIN, "{ platform { routerModelNames } }")
    assert {error.extensions["code"] for error in refused.errors} == {"FORBIDDEN"}


@pytest.mark.usefixtures("router")
async def test_an_import_says_what_it_would_do_and_does_it(graph: Graph, pool: Pool) -> None:
    asked = ["lab/new", " other", "A", "own", "unheard of"]
    preview = await write(graph, "importModels", IMPORT, names=asked, dryRun=True)
    assert await names(pool) == ["a", "b", "c"]
    assert await events(pool) == []
    done = await write(graph, "importModels", IMPORT, names=asked)
    assert preview == done
    assert done == {
        "models": [
            {
                "name": "lab/new",
                "displayName": "lab/new",
                "providerName": "lab",
                "provider": {"name": "Lab"},
                "source": "ROUTER_IMPORT",
                "upstreamName": "lab/new",
                "isActive": True,
            },
            {
                "name": "other",
                "displayName": "other",
                "providerName": None,
                "provider": None,
                "source": "ROUTER_IMPORT",
                "upstreamName": "other",
                "isActive": True,
            },
        ],
        "existingNames": ["A"],
        "unknownNames": ["own", "unheard of"],
        "userErrors": [],
    }
    ((action, _, account, _, details),) = await events(pool)
    assert (action, account) == ("import", None)
    assert details == {"imported": 2, "skipped": 1, "names": ["lab/new", "other"]}


@pytest.mark.usefixtures("router")
async def test_everything_is_imported_once_however_often_it_is_asked_for(
    graph: Graph, pool: Pool
) -> None:
    answers = await asyncio.gather(*[write(graph, "importModels", IMPORT) for _ in range(4)])
    assert sum(len(answer["models"]) for answer in answers) == 3
    assert len(await names(pool)) == 6  # of two names that differ in case, one
    assert len(await events(pool)) == 1
    nothing = await write(graph, "importModels", IMPORT, names=[])
    assert (nothing["models"], nothing["existingNames"]) == ([], [])


async def test_a_router_that_knows_nothing_gives_nothing(graph: Graph, pool: Pool) -> None:
    answer = await write(graph, "importModels", IMPORT)
    assert (answer["models"], answer["existingNames"], answer["unknownNames"]) == ([], [], [])
    assert await events(pool) == []
    assert await refusal(graph, "importModels", names=["x"] * 1001) == ("INVALID", "names")
