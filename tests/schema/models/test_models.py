"""Which models a scope may use: every layer narrows, and nothing opens by accident."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from auth.caller import ActorKind, Caller, Role
from datasources.access_tables import model_catalog, model_policies
from datasources.database import Pool
from tests.harness.access import ADMIN, ANN, fill_access, place, say_features, set_metadata
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look, run

ASK = """
query ($id: ID, $scope: ScopeInput, $name: String! = "a") { account(id: $id) {
  effectiveAccess(scope: $scope) { models {
    isEnabled isAllowed(name: $name) models { name }
    resolution { decidedBy { source scope { type id } } steps { isDeciding effect } } } } } }
"""
SELECTION = """selection { grantMode grantedCount mode selectedCount availableCount missingNames
  defaultModels { name } updatedBy { name } } userErrors { code path }"""


def writing(name: str, fields: str) -> str:
    type_ = name[0].upper() + name[1:]
    return f"mutation ($input: {type_}Input!) {{ {name}(input: $input) {{ {fields} }} }}"


POLICY = "policy { mode models { name } } effective { models { name } } userErrors { code path }"


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    for name in "abcd":
        await add(
            pool,
            model_catalog,
            id=id_of(name),
            model_name=name,
            metadata={"capability": "embedding" if name == "d" else "chat"},
        )
    return Graph(pool)


async def say(pool: Pool, name: str, mode: str, *models: str) -> None:
    """The stored policy of a scope, as any writer may have left it."""
    scope = place(name)
    await add(
        pool,
        model_policies,
        account_id=ACME,
        scope_type=scope["type"].lower(),
        scope_id=scope["id"],
        mode=mode,
        selected_models=list(models),
    )


async def models(graph: Graph, name: str, caller: Caller = ADMIN) -> Any:
    answer = await graph.ask(caller, ASK, scope=place(name))
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["account"]["effectiveAccess"]["models"]


async def names(graph: Graph, name: str) -> str:
    return "".join(model["name"] for model in (await models(graph, name))["models"])


async def write(graph: Graph, caller: Caller, mutation: str, fields: str, **input: Any) -> Any:
    answer = await graph.ask(caller, writing(mutation, fields), input=input)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data[mutation]


def ids(letters: str) -> list[str]:
    return [id_of(letter) for letter in letters]


def lists(granted: list[str], selected: list[str], old: list[str] | None = None) -> dict[str, Any]:
    return {
        "entitlements": {
            "copilot_model_super_allowlist": granted,
            "copilot_model_tenant_allowlist": selected,
            "copilot_model_allowlist": old or [],
        }
    }


async def test_the_worked_example_only_narrows(graph: Graph, pool: Pool) -> None:
    await set_metadata(pool, lists(["a", "b", "c"], ["a", "b"]))
    await say(pool, "North", "all_available")
    await say(pool, "Red", "allowlist", "b", "c", "d")
    assert await names(graph, "North") == "ab"  # not c: a narrow scope widens nothing
    found = await models(graph, "Red")
    assert [model["name"] for model in found["models"]] == ["b"]
    assert found["resolution"]["decidedBy"] == {"source": "POLICY", "scope": place("Red")}
    assert sum(step["isDeciding"] for step in found["resolution"]["steps"]) == 1


@pytest.mark.parametrize(
    "metadata",
    [lists(["gone"], []), lists([], ["gone"]), lists([], [], ["gone"]), lists(["a"], ["b"])],
)
async def test_a_list_whose_models_vanished_allows_nothing(
    graph: Graph, pool: Pool, metadata: dict[str, Any]
) -> None:
    await set_metadata(pool, metadata)
    assert await names(graph, ACME) == ""


async def test_a_policy_whose_models_vanished_denies(graph: Graph, pool: Pool) -> None:
    await say(pool, "Red", "allowlist", "a")
    await run(pool, "UPDATE copilot.model_catalog SET is_active = false WHERE model_name = 'a'")
    assert await names(graph, "Red") == ""
    assert await names(graph, ACME) == "bcd"


async def test_deny_all_is_not_lifted_by_any_narrower_scope(graph: Graph, pool: Pool) -> None:
    await say(pool, ACME, "deny_all")
    await say(pool, "North", "all_available")
    await say(pool, "Red", "allowlist", "a")
    assert await names(graph, "Red") == ""


async def test_all_teams_of_a_person_count(graph: Graph, pool: Pool) -> None:
    await say(pool, "Red", "allowlist", "a")
    assert await names(graph, "Ann") == "abcd"  # Blue has no policy and passes everything on
    await say(pool, "Blue", "allowlist", "c", "d")
    assert await names(graph, "Ann") == "acd"
    await say(pool, "Ann", "allowlist", "d")
    assert await names(graph, "Ann") == "d"


async def test_names_are_compared_exactly_and_unknown_ones_denied(graph: Graph) -> None:
    for name, allowed in (("a", True), ("A", False), ("nonsense", False)):
        answer = await graph.ask(ADMIN, ASK, name=name)
        assert answer.data is not None
        assert answer.data["account"]["effectiveAccess"]["models"]["isAllowed"] is allowed


async def test_the_feature_closes_all_and_is_named_as_what_decided(
    graph: Graph, pool: Pool
) -> None:
    await say_features(pool, "Red", can_access_models="off")
    found = await models(graph, "Red")
    assert (found["isEnabled"], found["models"], found["isAllowed"]) == (False, [], False)
    assert found["resolution"]["decidedBy"]["scope"] == place("Red")


async def test_members_see_their_own_and_neither_lists_nor_policies(graph: Graph) -> None:
    assert len((await models(graph, "Ann", ANN))["models"]) == 4
    refused = await graph.ask(ANN, "{ account { modelSelection { mode } } }")
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]


# --- writing ------------------------------------------------------------------------------------


async def test_narrowing_the_grant_keeps_the_selection_and_leaves_nothing(
    graph: Graph, pool: Pool
) -> None:
    chosen = await write(
        graph,
        ADMIN,
        "setModelSelection",
        SELECTION,
        mode="LIST",
        modelIds=ids("ad"),
        defaultModelIds=ids("ad"),
    )
    assert [model["name"] for model in chosen["selection"]["defaultModels"]] == ["a", "d"]
    granted = await write(
        graph,
        super_admin(),
        "setModelGrant",
        SELECTION,
        accountId=ACME,
        mode="LIST",
        modelIds=ids("b"),
    )
    found = granted["selection"]
    assert (found["grantedCount"], found["selectedCount"], found["availableCount"]) == (1, 2, 0)
    assert found["defaultModels"] == []
    assert await names(graph, ACME) == ""
    assert (
        await look(pool, "SELECT event_type FROM copilot.audit_log")
        == [("copilot_model_selection",)] * 2
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"mode": "LIST", "modelIds": ids("ad")}, ("NOT_AVAILABLE", "modelIds")),
        ({"mode": "LIST"}, ("REQUIRED", "modelIds")),
        ({"mode": "ALL", "modelIds": ids("a")}, ("INVALID", "modelIds")),
        ({"mode": "LIST", "modelIds": ids("x")}, ("NOT_FOUND", "modelIds")),
        (
            {"mode": "LIST", "modelIds": ids("ab"), "defaultModelIds": ids("c")},
            ("NOT_AVAILABLE", "defaultModelIds"),
        ),
        ({"mode": "ALL", "defaultModelIds": ids("ab")}, ("INVALID", "defaultModelIds")),
    ],
)
async def test_what_a_selection_cannot_say(
    graph: Graph, pool: Pool, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    await set_metadata(pool, lists(["a", "b", "c"], []))
    (error,) = (await write(graph, ADMIN, "setModelSelection", SELECTION, **given))["userErrors"]
    assert (error["code"], error["path"][-1]) == expected
    assert await names(graph, ACME) == "abc"
    assert await look(pool, "SELECT FROM gateway.model_lists") == []


async def test_names_that_vanished_are_shown_where_they_are_listed(
    graph: Graph, pool: Pool
) -> None:
    await set_metadata(pool, lists(["a", "gone"], ["a", "lost"]))
    await say(pool, "Red", "allowlist", "b", "past")
    await say(pool, "Blue", "deny_all", "never")
    answer = await graph.ask(
        ADMIN,
        """{ account { modelSelection { missingNames }
        modelPolicies { nodes { mode models { name } missingNames } } } }""",
    )
    assert answer.data is not None
    found = answer.data["account"]
    assert found["modelSelection"] == {"missingNames": ["gone", "lost"]}
    policies = {policy.pop("mode"): policy for policy in found["modelPolicies"]["nodes"]}
    assert policies == {
        "ALLOWLIST": {"models": [{"name": "b"}], "missingNames": ["past"]},
        "DENY_ALL": {"models": [], "missingNames": []},
    }


async def document_of(pool: Pool) -> Any:
    rows = await look(
        pool, 'SELECT metadata FROM "Alchemi_AccountTable" WHERE account_id = $1', ACME
    )
    return rows[0][0]


async def test_what_is_chosen_is_shown_to_who_reads_the_document(graph: Graph, pool: Pool) -> None:
    await set_metadata(pool, {"theme": 1, **lists(["a", "b", "c"], [], ["a"])})
    chosen = {"mode": "LIST", "modelIds": ids("ab")}
    await write(graph, ADMIN, "setModelSelection", SELECTION, **chosen)
    assert await document_of(pool) == {
        "theme": 1,
        **lists(["a", "b", "c"], ["a", "b"], ["a", "b"]),
    }
    granted = {"accountId": ACME, "mode": "ALL"}
    await write(graph, super_admin(), "setModelGrant", SELECTION, **granted)
    document = {"theme": 1, **lists([], ["a", "b"], ["a", "b"])}
    assert await document_of(pool) == document
    # A list that allows nothing cannot be said there: it must not read as no restriction.
    await write(graph, ADMIN, "setModelSelection", SELECTION, mode="LIST", modelIds=[])
    assert await document_of(pool) == document
    assert await names(graph, ACME) == ""


async def test_one_layer_is_written_without_the_other_changing_its_meaning(
    graph: Graph, pool: Pool
) -> None:
    await set_metadata(pool, lists([], [], ["a"]))
    assert await names(graph, ACME) == "a"
    granted = {"accountId": ACME, "mode": "LIST", "modelIds": ids("ab")}
    answer = await write(graph, super_admin(), "setModelGrant", SELECTION, **granted)
    assert answer["selection"]["updatedBy"] is None  # nobody changed the selection
    assert await names(graph, ACME) == "a"


async def test_an_empty_list_allows_none_and_reopens_nothing(graph: Graph, pool: Pool) -> None:
    await say(pool, ACME, "deny_all")
    await write(graph, ADMIN, "setModelSelection", SELECTION, mode="LIST", modelIds=[])
    assert await names(graph, ACME) == ""
    await write(graph, ADMIN, "setModelSelection", SELECTION, mode="ALL")
    assert await names(graph, ACME) == ""  # the account's own policy stands


async def test_the_answer_of_a_policy_is_the_stored_state(graph: Graph) -> None:
    for letters in ("ab", "c"):
        written = await write(
            graph,
            ADMIN,
            "setModelPolicy",
            POLICY,
            scope=place("Red"),
            mode="ALLOWLIST",
            modelIds=ids(letters),
        )
        assert [model["name"] for model in written["effective"]["models"]] == list(letters)
        assert await names(graph, "Red") == letters
    removed = await write(
        graph, ADMIN, "deleteModelPolicy", "deletedId userErrors { code }", scope=place("Red")
    )
    assert removed["deletedId"] is not None
    assert await names(graph, "Red") == "abcd"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"scope": place("Zoe"), "mode": "DENY_ALL"}, "NOT_FOUND"),
        ({"mode": "ALLOWLIST"}, "REQUIRED"),
        ({"mode": "DENY_ALL", "modelIds": ids("a")}, "INVALID"),
        ({"mode": "ALLOWLIST", "modelIds": ids("x")}, "NOT_FOUND"),
        ({"mode": "ALLOWLIST", "modelIds": ids("d")}, "NOT_AVAILABLE"),
    ],
)
async def test_what_a_policy_cannot_say(
    graph: Graph, pool: Pool, given: dict[str, Any], code: str
) -> None:
    await set_metadata(pool, lists(["a", "b", "c"], []))
    input = {"scope": place("Red"), **given}
    answered = await write(graph, ADMIN, "setModelPolicy", POLICY, **input)
    assert [error["code"] for error in answered["userErrors"]] == [code]
    assert await look(pool, "SELECT FROM copilot.model_access_policies") == []


async def test_a_machine_of_all_accounts_is_refused_where_the_feature_is_withheld(
    graph: Graph, pool: Pool
) -> None:
    machine = replace(
        ADMIN,
        kind=ActorKind.SERVICE,
        account_id=None,
        user_id=None,
        spans_accounts=True,
        roles=frozenset({Role.SERVICE}),
        scopes=frozenset({"models:write"}),
        features=frozenset(),
    )
    given = {"accountId": ACME, "mode": "ALL"}
    answered = await write(graph, machine, "setModelSelection", SELECTION, **given)
    assert answered["userErrors"] == []
    await set_metadata(pool, {"entitlements": {"features": {"model_management": False}}})
    refused = await graph.ask(machine, writing("setModelSelection", SELECTION), input=given)
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]


# --- what went wrong before ---------------------------------------------------------------------


async def test_a_policy_that_is_removed_stops_acting(graph: Graph, pool: Pool) -> None:
    given = {"scope": place(ACME), "mode": "ALLOWLIST", "modelIds": ids("a")}
    await write(graph, ADMIN, "setModelPolicy", POLICY, **given)
    assert await names(graph, ACME) == "a"
    before = await document_of(pool)
    await write(graph, ADMIN, "deleteModelPolicy", "deletedId", scope=place(ACME))
    assert await names(graph, ACME) == "abcd"
    assert await document_of(pool) == before
    again = await write(graph, ADMIN, "deleteModelPolicy", "deletedId", scope=place(ACME))
    assert again["deletedId"] is None


async def test_a_scope_has_one_policy_however_often_it_is_set(graph: Graph, pool: Pool) -> None:
    modes = ["DENY_ALL", "INHERIT", "ALL_AVAILABLE", "DENY_ALL"]
    answers = await asyncio.gather(
        *[
            write(graph, ADMIN, "setModelPolicy", POLICY, scope=place("Red"), mode=mode)
            for mode in modes
        ]
    )
    assert [answer["userErrors"] for answer in answers] == [[]] * 4
    stored = await look(pool, "SELECT upper(mode) FROM copilot.model_access_policies")
    assert len(stored) == 1


@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("newer", [True, False])
async def test_the_feature_has_one_answer_for_models_and_for_itself(
    graph: Graph, pool: Pool, older: bool, newer: bool
) -> None:
    features = {"model_management": older, "can_access_models": newer}
    await set_metadata(pool, {"entitlements": {"features": features}})
    query = """query ($scope: ScopeInput) { account { effectiveAccess(scope: $scope) {
      models { isEnabled } feature(code: "models.access") { isEnabled } } } }"""
    answer = await graph.ask(ADMIN, query, scope=place("Red"))
    assert answer.data is not None
    access = answer.data["account"]["effectiveAccess"]
    assert access["models"]["isEnabled"] == access["feature"]["isEnabled"]


async def test_writers_of_both_layers_lose_nothing_of_each_other(graph: Graph, pool: Pool) -> None:
    for letters in ("ab", "abc", "a"):
        granted = {"accountId": ACME, "mode": "LIST", "modelIds": ids("abc")}
        chosen = {"mode": "LIST", "modelIds": ids(letters)}
        answers = await asyncio.gather(
            write(graph, super_admin(), "setModelGrant", SELECTION, **granted),
            write(graph, ADMIN, "setModelSelection", SELECTION, **chosen),
        )
        assert [answer["userErrors"] for answer in answers] == [[], []]
        assert await names(graph, ACME) == letters
        assert await document_of(pool) == lists(list("abc"), list(letters), list(letters))


async def test_members_ask_for_nobody_s_scope_but_their_own(graph: Graph, pool: Pool) -> None:
    await say(pool, "Ada", "deny_all")
    for name in ("Ada", "Zoe", ACME):
        refused = await graph.ask(ANN, ASK, scope=place(name))
        assert {error.extensions["code"] for error in refused.errors} <= {"FORBIDDEN", "NOT_FOUND"}
        assert refused.errors
    hidden = """query ($scope: ScopeInput) { account { effectiveAccess(scope: $scope) {
      models { models { name source upstreamName createdBy { name } metadata } } } } }"""
    refused = await graph.ask(ANN, hidden, scope=place("Ann"))
    fields = {str(error.path[-1]) for error in refused.errors if error.path}
    assert fields >= {"source", "upstreamName", "createdBy", "metadata"}
