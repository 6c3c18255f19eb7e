"""What is remembered about access is never older than what is stored."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasources.access_tables import model_catalog
from datasources.database import Pool, PoolOptions
from datasources.migrations.row_level_security import ROLE
from tests.conftest import DatabaseServer
from tests.harness.access import ADMIN, ANN, fill_access, place, say_features
from tests.harness.access_writes import PUT_BUDGET, SCOPES, WRITES, write_of
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.searching import search
from tests.harness.sql import as_json, look, run

PARTS = """{
  id roles chain { type id }
  features { isEnabled config disabledItems feature { key }
    resolution { decidedBy { source effect policyId } } }
  models { isEnabled models { name } resolution { decidedBy { effect } } }
  guardrails { requirements { guard mode action isEnabled requiredBy { id } }
    resolution { decidedBy { effect policyId } } }
  connectors { type mode canUseAdminConnectors canCreate
    resolution { decidedBy { effect policyId } } }
  budget { available availableOverflow isInherited budget { id used } }
}"""
ASK = f"""query ($id: ID, $scope: ScopeInput) {{
  account(id: $id) {{ effectiveAccess(scope: $scope) {PARTS} }}
}}"""
EVERY_SCOPE = f"""{{ account {{ {
    " ".join(
        f'of{place}: effectiveAccess(scope: {{type: {of["type"]}, id: "{of["id"]}"}}) {PARTS}'
        for place, of in enumerate(map(place, SCOPES))
    )
} }} }}"""
SEARCH = search(20, seconds=60)
STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(WRITES)), st.integers(0, 2**32)), min_size=1, max_size=15
)
AGENTS_OFF = {"can_create_agents": False}


async def fill(pool: Pool) -> None:
    await fill_access(pool)
    for name in "abcd":
        await add(pool, model_catalog, id=id_of(name), model_name=name, provider="lab")


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill(pool)
    return Graph(pool)


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Graph]:
    """Another process: a pool and a memory of its own, under row-level security."""
    pool = await Pool.open(database_url, PoolOptions(max_size=4, role=ROLE))
    yield Graph(pool)
    await pool.close()


async def access(graph: Graph, name: str = "Ann", caller: Any = ADMIN) -> Any:
    answer = await graph.ask(caller, ASK, scope=place(name))
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["account"]["effectiveAccess"]


async def may_create_agents(graph: Graph) -> bool:
    found = await access(graph)
    return bool(
        {one["feature"]["key"]: one["isEnabled"] for one in found["features"]}["CREATE_AGENTS"]
    )


async def statements(pool: Pool, graph: Graph) -> int:
    before = pool.statements
    await access(graph)
    return pool.statements - before


async def test_a_call_runs_three_statements_and_the_next_one_one(graph: Graph, pool: Pool) -> None:
    await run(pool, PUT_BUDGET, ACME, "group", id_of("North"), 100)
    await access(Graph(pool))  # the operation's habits are known from then on
    assert await statements(pool, graph) == 3
    assert await statements(pool, graph) == 1


async def test_several_scopes_are_looked_at_in_one_statement(graph: Graph, pool: Pool) -> None:
    for name in ("Red", "Blue"):
        await run(pool, PUT_BUDGET, ACME, "team", id_of(name), 100)
    scopes = (
        f'{name}: effectiveAccess(scope: {{type: TEAM, id: "{id_of(name)}"}}) {PARTS}'
        for name in ("Red", "Blue")
    )
    ask = f"{{ account {{ {' '.join(scopes)} }} }}"
    counts = []
    for _ in range(3):
        before = pool.statements
        answer = await graph.ask(ADMIN, ask)
        assert answer.errors == ()
        counts.append(pool.statements - before)
    assert counts[1:] == [1, 1]


async def test_what_is_left_of_a_budget_is_read_at_every_call(graph: Graph, pool: Pool) -> None:
    await run(pool, PUT_BUDGET, ACME, "user", id_of("Ann"), 100)
    assert (await access(graph))["budget"]["available"] == 100
    await run(pool, "UPDATE copilot.credit_budget SET used = 40")
    assert (await access(graph))["budget"]["available"] == 60
    assert await statements(pool, graph) == 1


async def test_figures_of_a_budget_are_as_they_stand_and_all_else_as_it_was_found(
    graph: Graph, pool: Pool
) -> None:
    ask = """query ($scope: ScopeInput) { account { effectiveAccess(scope: $scope) { budget {
      available availableOverflow isInherited resolution { steps { effect isDeciding } }
      budget { scope { type id } cycle { startAt endAt isActive } isActive strategy allocated
        pooled limit used reserved remaining overflowCap overflowUsed hasOverflow usagePercent
        alertLevel createdAt updatedAt plan { id } parent { id } }
    } } } }"""
    await run(pool, PUT_BUDGET, ACME, "team", id_of("Red"), 1000)
    await run(pool, PUT_BUDGET, ACME, "user", id_of("Ann"), 100)
    remembering = graph
    for change in (
        "UPDATE copilot.credit_budget SET used = 85",
        "UPDATE copilot.credit_budget SET limit_amount = 90",
        "UPDATE copilot.credit_budget SET overflow_cap = 50, overflow_used = 20",
        "UPDATE copilot.credit_budget SET allocation_strategy = 'equal_distribution'",
        "UPDATE copilot.credit_budget SET allocated = 80",
        "UPDATE copilot.credit_budget SET created_at = created_at - interval '1 day'",
        "UPDATE copilot.credit_budget SET updated_at = now()",
        "INSERT INTO gateway.budget_details (budget_id, account_id, pooled)"
        " SELECT id, account_id, 5 FROM copilot.credit_budget WHERE scope_type = 'user'",
        "INSERT INTO gateway.budget_details (budget_id, account_id, reserved)"
        " SELECT id, account_id, 5 FROM copilot.credit_budget WHERE scope_type = 'team'",
        "UPDATE gateway.budget_details SET reserved = 3, reserved_overflow = 2",
        "UPDATE gateway.budget_details SET rolled_over = 7",
        "UPDATE gateway.budget_details SET overflow_charged = 1",
        "UPDATE gateway.budget_details SET pooled = 0, rolled_over = 0",
        "DELETE FROM gateway.budget_details",
        "UPDATE copilot.credit_budget SET overflow_cap = NULL",
    ):
        await remembering.ask(ADMIN, ask, scope=place("Ann"))
        await run(pool, change)
        known = await remembering.ask(ADMIN, ask, scope=place("Ann"))
        anew = await Graph(pool).ask(ADMIN, ask, scope=place("Ann"))
        assert known.errors == anew.errors == ()
        assert known.data == anew.data, change


@pytest.mark.timeout(SEARCH.seconds)
def test_whatever_is_written_the_next_call_tells_it(
    database_url: str, database_server: DatabaseServer
) -> None:
    """After any writes by anybody, what is remembered equals what is worked out anew."""
    runner = asyncio.Runner()

    @settings(max_examples=SEARCH.examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=STEPS)
    def check(steps: list[tuple[str, int]]) -> None:
        database_server.empty(database_url)
        runner.run(_compare(database_url, steps))

    with runner:
        check()


async def _compare(url: str, steps: list[tuple[str, int]]) -> None:
    pool = await Pool.open(url, PoolOptions(max_size=4))
    try:
        await fill(pool)
        remembering = Graph(pool)
        for step in [None, *steps]:
            if step is not None:
                statement, arguments = write_of(*step)
                await run(pool, statement, *arguments)
            known = await remembering.ask(ADMIN, EVERY_SCOPE)
            anew = await Graph(pool).ask(ADMIN, EVERY_SCOPE)
            assert (known.data, known.errors) == (anew.data, anew.errors), step
    finally:
        await pool.close()


async def test_processes_see_each_others_writes_at_the_next_call(
    graph: Graph, elsewhere: Graph, pool: Pool
) -> None:
    assert await may_create_agents(graph)
    assert await may_create_agents(elsewhere)
    off = {"featureCode": "agents.create", "isEnabled": False}
    for writer, reader, flags in ((graph, elsewhere, [off]), (elsewhere, graph, [])):
        answer = await writer.ask(
            ADMIN,
            "mutation ($input: SetFeaturePolicyInput!) { setFeaturePolicy(input: $input) {"
            ' effective { feature(code: "agents.create") { isEnabled } } userErrors { code } } }',
            input={"scope": place("Ann"), "flags": flags},
        )
        assert answer.data is not None
        told = answer.data["setFeaturePolicy"]["effective"]["feature"]["isEnabled"]
        assert told is (flags == [])
        assert await may_create_agents(reader) is (flags == [])
        assert await may_create_agents(writer) is (flags == [])


async def test_what_is_not_committed_is_seen_by_nobody_and_remembered_by_nobody(
    graph: Graph, database_url: str
) -> None:
    writer = await asyncpg.connect(database_url)
    try:
        transaction = writer.transaction()
        await transaction.start()
        await writer.execute(
            "INSERT INTO copilot.feature_flag_policies (account_id, scope_type, scope_id, flags)"
            " VALUES ($1, 'user', $2, '{\"can_create_agents\": false}')",
            ACME,
            id_of("Ann"),
        )
        assert await may_create_agents(graph)
        await transaction.commit()
        assert not await may_create_agents(graph)
    finally:
        await writer.close()


async def test_writers_of_one_account_do_not_wait_for_each_other(
    database_url: str, graph: Graph
) -> None:
    assert await may_create_agents(graph)
    one, other = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    try:
        async with one.transaction():
            await one.execute("UPDATE copilot.account_memberships SET app_role = 'VIEWER'")
            async with asyncio.timeout(5), other.transaction():
                await other.execute("UPDATE copilot.teams SET group_id = $1", id_of("North"))
    finally:
        await one.close()
        await other.close()


async def test_calls_while_something_is_written_remember_nothing_old(
    graph: Graph, pool: Pool
) -> None:
    await say_features(pool, "Ann", can_create_agents=True)
    for number in range(20):
        is_on = number % 2 == 1
        during = [asyncio.create_task(access(graph, name)) for name in ("Ann", "Red", "Ann")]
        flags = as_json({"can_create_agents": is_on})
        await run(pool, "UPDATE copilot.feature_flag_policies SET flags = $1::text::jsonb", flags)
        await asyncio.gather(*during)
        assert await may_create_agents(graph) is is_on


DENIALS = {
    "gateway.entitlements": """
        (account_id, feature_code, source, is_enabled, valid_from, valid_until)
        VALUES ($1, 'agents.create', 'PLAN', false, """,
    "gateway.access_overrides": """
        (account_id, scope_type, scope_id, feature_code, effect, reason, valid_from, valid_until)
        VALUES ($1, 'ACCOUNT', $1, 'agents', 'DENY', 'why', """,
}
SPANS = {
    "valid_until": "now() - interval '2 days', now() + interval '2 seconds')",
    "valid_from": "now() + interval '2 seconds', NULL)",
}


@pytest.mark.parametrize("change", SPANS)
@pytest.mark.parametrize("table", DENIALS)
async def test_what_begins_or_ends_by_itself_ends_what_is_remembered(
    graph: Graph, pool: Pool, table: str, change: str
) -> None:
    await run(pool, f"INSERT INTO {table} {DENIALS[table]} {SPANS[change]}", ACME)
    before = change == "valid_from"
    moment = f"SELECT {change} FROM {table}"
    told = set()
    while True:
        ((already,),) = await look(pool, f"SELECT clock_timestamp() > ({moment})")
        answer = await may_create_agents(graph)
        ((by_now,),) = await look(pool, f"SELECT clock_timestamp() > ({moment})")
        if not by_now:
            assert answer is before
            told.add(answer)
        if already:
            assert answer is not before
            break
    assert told == {before}


async def test_whoever_asks_gets_no_more_than_they_may(graph: Graph, pool: Pool) -> None:
    await say_features(pool, "Ann", **AGENTS_OFF)
    told = await access(graph)
    own = await graph.ask(ANN, ASK, scope=place("Ann"))
    assert {error.path[-1] for error in own.errors if error.path} == {"policyId"}
    assert own.data is not None
    assert own.data["account"]["effectiveAccess"]["models"] == told["models"]
    refused = await graph.ask(ANN, ASK, scope=place("Ada"))
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]
    answer = await graph.ask(super_admin(), ASK, id=ACME, scope=place("Ann"))
    assert answer.data is not None
    assert answer.data["account"]["effectiveAccess"] == told


async def test_every_table_that_decides_is_watched(
    graph: Graph, pool: Pool, database_url: str
) -> None:
    asked: list[str] = []
    options = PoolOptions(on_statement=lambda statement: asked.append(statement.text))
    watching = await Pool.open(database_url, options)
    try:
        await access(Graph(watching))
    finally:
        await watching.close()
    named = re.findall(r'copilot\.\w+|gateway\.\w+|"(?:LiteLLM|Alchemi)_\w+"', " ".join(asked))
    rows = await look(
        pool,
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger"
        " WHERE tgname ~ '^(access|catalogue)_'",
    )
    watched = {row[0] for row in rows}
    assert set(named) - watched == {"gateway.access_versions", "gateway.catalogue_version"}


async def test_each_asks_in_a_form_of_their_own(graph: Graph) -> None:
    asks = [
        "features { isEnabled }",
        "features { on: isEnabled }",
        "features { isEnabled feature { code } }",
        'feature(code: "agents") { isEnabled }',
        'feature(code: "models") { isEnabled feature { key } }',
        'feature(code: "nothing") { isEnabled }',
        "models { models { name } }",
        "models { isEnabled models { __typename name } }",
        "chain { type } roles",
        "chain { id type }",
        "guardrails { requirements { guard } }",
        "connectors { mode }",
        "connectors { type canCreate }",
    ]
    scope = f'{{type: USER, id: "{id_of("Ann")}"}}'
    texts = [f"{{ account {{ effectiveAccess(scope: {scope}) {{ {ask} }} }} }}" for ask in asks]
    first = [await graph.ask(ADMIN, text) for text in texts]
    again = [await graph.ask(ADMIN, text) for text in texts]
    assert [(one.data, one.errors) for one in first] == [(one.data, one.errors) for one in again]
    assert all(one.data is not None and one.errors == () for one in first)
    assert len({str(one.data) for one in first}) == len(asks)


async def test_forms_of_one_decision_have_a_bound(graph: Graph) -> None:
    for number in range(20):
        answer = await graph.ask(
            ADMIN, f"{{ account {{ effectiveAccess {{ features {{ on{number}: isEnabled }} }} }} }}"
        )
        assert answer.errors == ()
    shown = [known.shown for known in graph.services.decisions._values.values()]
    assert 0 < max(map(len, shown)) <= 4


async def test_an_agent_is_looked_for_where_one_is_named(graph: Graph) -> None:
    ask = """query ($scope: ScopeInput, $agent: ID) { account { effectiveAccess(scope: $scope) {
      guardrails(agentId: $agent) { requirements { guard } } } } }"""
    plain = await graph.ask(ADMIN, ask, scope=place("Ann"))
    named = await graph.ask(ADMIN, ask, scope=place("Ann"), agent=id_of("no agent"))
    again = await graph.ask(ADMIN, ask, scope=place("Ann"), agent=None)
    assert plain.data == again.data
    assert plain.errors == again.errors == ()
    assert [error.extensions["code"] for error in named.errors] == ["NOT_FOUND"]


async def test_the_memory_has_a_bound(graph: Graph) -> None:
    decisions = graph.services.decisions
    decisions._most = 4
    for name in SCOPES:
        await access(graph, name)
    assert len(decisions) == 4
    assert await may_create_agents(graph)
