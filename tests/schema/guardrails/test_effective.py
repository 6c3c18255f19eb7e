"""Which guards apply to whom, answered in a fixed number of statements."""

from __future__ import annotations

from typing import Any

import pytest

from auth.caller import Caller
from datasources.database import Pool
from datasources.guardrails.tables import agent_guards
from tests.harness.access import ADMIN, ANN, place
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.graph import Graph
from tests.harness.guardrails import Guardrails
from tests.harness.rows import add
from tests.harness.sql import run

ASK = """query ($scope: ScopeInput, $agent: ID) { account { effectiveAccess(scope: $scope) {
  guardrails(agentId: $agent) {
    requirements { guard mode action isEnabled requiredBy { type id } }
    resolution { chain { type } decidedBy { source scope { type id } effect }
      steps { source effect isDeciding } } } } } }"""


async def ask(
    guardrails: Guardrails, name: str, agent: str | None = None, caller: Caller = ADMIN
) -> Any:
    response = await guardrails.graph.ask(caller, ASK, scope=place(name), agent=agent)
    assert response.errors == ()
    assert response.data is not None
    return response.data["account"]["effectiveAccess"]["guardrails"]


async def modes(guardrails: Guardrails, name: str, agent: str | None = None) -> list[Any]:
    found = await ask(guardrails, name, agent)
    return [(one["guard"], one["mode"]) for one in found["requirements"]]


async def require(guardrails: Guardrails, name: str, *guards: str, mode: str = "ENFORCE") -> None:
    written = await guardrails.write(
        "setGuardrailPolicy", scope=place(name), requiredGuards=[*guards], mode=mode
    )
    assert written["userErrors"] == []


async def add_agent(pool: Pool, account_id: str | None, name: str, *guards: str) -> str:
    await run(
        pool,
        "INSERT INTO copilot.agents_def (agent_id, account_id, name)"
        " VALUES ($1::text::uuid, $2, $3)",
        id_of(name),
        account_id,
        name,
    )
    await add(
        pool,
        agent_guards,
        agent_id=id_of(name),
        account_id=account_id,
        required_guards=[*guards],
    )
    return id_of(name)


async def test_the_worked_example_is_the_union_along_the_chain(guardrails: Guardrails) -> None:
    await require(guardrails, ACME, "PII")
    await require(guardrails, "North", "TOXIC", mode="ADVISORY")
    await require(guardrails, "Ann", "JAILBREAK", "PII", mode="ADVISORY")
    assert await modes(guardrails, "Ann") == [
        ("PII", "ENFORCE"),
        ("TOXIC", "ADVISORY"),
        ("JAILBREAK", "ADVISORY"),
    ]
    assert await modes(guardrails, "Red") == [("PII", "ENFORCE"), ("TOXIC", "ADVISORY")]
    assert await modes(guardrails, "Blue") == [("PII", "ENFORCE")]
    found = await ask(guardrails, "Ann")
    assert found["requirements"][0]["requiredBy"] == [place(ACME), place("Ann")]
    assert found["resolution"]["decidedBy"]["scope"] == place("Ann")
    assert sum(step["isDeciding"] for step in found["resolution"]["steps"]) == 1


async def test_all_teams_of_a_person_count(guardrails: Guardrails) -> None:
    await require(guardrails, "Red", "PII", mode="ADVISORY")
    await require(guardrails, "Blue", "PII")
    await require(guardrails, "South", "TOXIC")
    assert await modes(guardrails, "Ann") == [("PII", "ENFORCE"), ("TOXIC", "ENFORCE")]


async def test_a_required_guard_applies_though_it_is_off_or_was_never_configured(
    guardrails: Guardrails,
) -> None:
    await guardrails.write("setGuardrail", guard="PII", isEnabled=False, action="FLAG")
    await require(guardrails, ACME, "PII", "TOXIC")
    pii, toxic = (await ask(guardrails, "Ann"))["requirements"]
    assert (pii["isEnabled"], pii["action"]) == (False, "FLAG")
    assert (toxic["isEnabled"], toxic["action"]) == (False, "BLOCK")


async def test_a_disabled_policy_requires_nothing_and_an_enabled_guard_needs_none(
    guardrails: Guardrails,
) -> None:
    await guardrails.write("setGuardrail", guard="TOXIC", isEnabled=True)
    await guardrails.write(
        "setGuardrailPolicy", scope=place("Red"), requiredGuards=["PII"], isEnabled=False
    )
    found = await ask(guardrails, "Ann")
    assert [(one["guard"], one["requiredBy"]) for one in found["requirements"]] == [("TOXIC", [])]
    assert found["resolution"]["decidedBy"]["source"] == "SELECTION"


async def test_without_anything_nothing_applies_and_the_answer_says_so(
    guardrails: Guardrails,
) -> None:
    found = await ask(guardrails, "Ann")
    assert found["requirements"] == []
    assert found["resolution"]["decidedBy"]["source"] == "DEFAULT"


@pytest.mark.parametrize("owner", [ACME, None])
async def test_what_an_agent_requires_is_added(
    guardrails: Guardrails, pool: Pool, owner: str | None
) -> None:
    agent = await add_agent(pool, owner, "Agent", "JAILBREAK", "PII")
    await require(guardrails, "Red", "PII", mode="ADVISORY")
    assert await modes(guardrails, "Ann", agent) == [("PII", "ENFORCE"), ("JAILBREAK", "ENFORCE")]
    assert await modes(guardrails, "Ann") == [("PII", "ADVISORY")]
    found = await ask(guardrails, "Ann", agent)
    assert found["requirements"][1]["requiredBy"] == []
    assert "agent" in found["resolution"]["decidedBy"]["effect"]


async def test_another_account_s_agent_does_not_exist(guardrails: Guardrails, pool: Pool) -> None:
    foreign = await add_agent(pool, BETA, "Foreign", "PII")
    messages = []
    for agent in (foreign, id_of("none"), "none"):
        response = await guardrails.graph.ask(ADMIN, ASK, scope=place("Ann"), agent=agent)
        messages.append([error.message for error in response.errors])
    assert messages == [["There is no such agent in this account."]] * 3


async def test_a_member_sees_what_applies_to_themselves(guardrails: Guardrails) -> None:
    await require(guardrails, ACME, "PII")
    assert len((await ask(guardrails, "Ann", caller=ANN))["requirements"]) == 1
    response = await guardrails.graph.ask(ANN, ASK, scope=place("Ada"))
    assert [error.extensions["code"] for error in response.errors] == ["FORBIDDEN"]


async def test_the_number_of_statements_does_not_grow(guardrails: Guardrails, pool: Pool) -> None:
    many = " ".join(
        f"a{number}: effectiveAccess(scope: {{type: {place(name)['type']}, "
        f'id: "{place(name)["id"]}"}}) {{ guardrails {{ requirements {{ guard mode }} '
        "resolution { decidedBy { effect } } } }"
        for number, name in enumerate(["Ann", "Ada", "Red", "Blue", "North", ACME])
    )
    one = many.partition(" a1:")[0]
    for fields in (one, many):
        await _statements(guardrails, fields)  # the operation's habits are known from then on
        anew = Guardrails(Graph(pool), pool)
        assert [await _statements(anew, fields) for _ in range(2)] == [1, 1]


async def _statements(guardrails: Guardrails, fields: str) -> int:
    pool = guardrails.pool
    assert isinstance(pool, Pool)
    before = pool.statements
    await guardrails.read(fields)
    return pool.statements - before


async def test_a_policy_that_is_written_is_seen_by_the_next_call(guardrails: Guardrails) -> None:
    assert await modes(guardrails, "Ann") == []
    await require(guardrails, "Ann", "PII")
    assert await modes(guardrails, "Ann") == [("PII", "ENFORCE")]
    await guardrails.write("deleteGuardrailPolicy", scope=place("Ann"))
    assert await modes(guardrails, "Ann") == []
