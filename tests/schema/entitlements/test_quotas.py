"""Quotas are consumed exactly, whoever hurries, and start afresh when their period is over."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from auth.caller import ActorKind, Caller, Role
from auth.policy import FEATURE_KEYS
from datasources.access_tables import quotas
from datasources.database import Pool, PoolOptions
from resolvers.entitlements.periods import after
from tests.harness.access import ADMIN, ANN, fill_access
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look

FIGURES = """quota {
  id unit included rolledOver used available overageLimit overageUsed usagePercent reset
  rolloverCap periodStartAt periodEndAt isActive feature { code } }
  userErrors { code path message }"""
MACHINE = Caller(
    kind=ActorKind.SERVICE,
    id=id_of("machine"),
    name="alchemi",
    account_id=ACME,
    roles=frozenset({Role.SERVICE}),
    scopes=frozenset({"entitlements:read", "entitlements:write"}),
    features=FEATURE_KEYS,
)


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    return Graph(pool)


async def write(
    graph: Graph, caller: Caller, name: str, fields: str = FIGURES, **input: Any
) -> Any:
    type_ = name[0].upper() + name[1:]
    operation = f"mutation ($input: {type_}Input!) {{ {name}(input: $input) {{ {fields} }} }}"
    answer = await graph.ask(caller, operation, input=input)
    assert answer.errors == (), answer.errors
    assert answer.data is not None
    return answer.data[name]


async def create(graph: Graph, **quota: Any) -> Any:
    given = {"included": "100", "overageLimit": "20", **quota}
    answer = await write(graph, super_admin(), "createQuota", accountId=ACME, quota=given)
    assert answer["userErrors"] == []
    return answer["quota"]


async def consume(graph: Graph, amount: str, key: str = "", **input: Any) -> Any:
    given = {"amount": amount, "idempotencyKey": key or str(uuid4()), **input}
    return await write(graph, MACHINE, "consumeQuota", **given)


async def check(graph: Graph, amount: str, unit: str = "credits") -> Any:
    operation = """query ($amount: Decimal!, $unit: String!) { account {
      quotaCheck(amount: $amount, unit: $unit) { isAvailable remaining quota { id } } } }"""
    answer = await graph.ask(MACHINE, operation, amount=amount, unit=unit)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["account"]["quotaCheck"]


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(error["code"], error["path"][-1]) for error in answer["userErrors"]]


async def put(pool: Pool, **values: Any) -> str:
    """A quota as it may have been left; its id."""
    row = {
        "id": id_of("quota"),
        "account_id": ACME,
        "unit": "credits",
        "included": Decimal(100),
        "reset": "MONTHLY",
        "period_start": datetime(2020, 1, 31, tzinfo=UTC),
        "period_end": datetime(2020, 2, 29, tzinfo=UTC),
    } | values
    await add(pool, quotas, **row)
    return str(row["id"])


# --- consuming ----------------------------------------------------------------------------------


async def test_the_worked_example(graph: Graph, pool: Pool) -> None:
    now = datetime.now(UTC)
    await put(
        pool,
        used=Decimal(90),
        rolled_over=Decimal(5),
        rollover_cap=Decimal(10),
        overage_limit=Decimal(20),
        period_start=datetime(2020, 1, 1, tzinfo=UTC),
        period_end=after(now, "MONTHLY"),
    )
    assert await check(graph, "30") == {
        "isAvailable": True,
        "remaining": "35",
        "quota": {"id": id_of("quota")},
    }
    taken = (await consume(graph, "30"))["quota"]
    assert [taken[name] for name in ("used", "overageUsed", "available", "usagePercent")] == [
        "105",
        "15",
        "0",
        100.0,
    ]
    assert codes(await consume(graph, "6")) == [("LIMIT_REACHED", "amount")]
    assert (await check(graph, "6"))["isAvailable"] is False
    reset = await write(graph, super_admin(), "resetQuota", accountId=ACME, id=id_of("quota"))
    assert [reset["quota"][name] for name in ("rolledOver", "used", "overageUsed")] == ["0"] * 3
    periods = "SELECT used, overage_used, included, rolled_over FROM gateway.quota_periods"
    assert await look(pool, periods) == [(105, 15, 100, 5)]


async def test_a_repeated_event_is_counted_once(graph: Graph) -> None:
    await create(graph)
    first = await consume(graph, "2.5", "event")
    assert await consume(graph, "2.5", "event") == first
    assert first["quota"]["used"] == "2.5"
    assert codes(await consume(graph, "3", "event")) == [("KEY_REUSED", "idempotencyKey")]


async def test_what_was_refused_may_be_tried_again(graph: Graph) -> None:
    quota = await create(graph, included="1", overageLimit="0")
    assert codes(await consume(graph, "2", "event")) == [("LIMIT_REACHED", "amount")]
    await write(graph, super_admin(), "updateQuota", accountId=ACME, id=quota["id"], included="2")
    assert (await consume(graph, "2", "event"))["quota"]["available"] == "0"


async def test_concurrent_events_take_no_more_than_there_is(
    graph: Graph, database_url: str
) -> None:
    await create(graph, included="10", overageLimit="5")
    crowd = await Pool.open(database_url, PoolOptions(max_size=16))
    try:
        other = Graph(crowd)
        answers = await asyncio.gather(
            *[consume(other, "1", f"event {number}") for number in range(40)],
            *[consume(graph, "1", f"event {number}") for number in range(40)],
        )
    finally:
        await crowd.close()
    taken = [answer for answer in answers if answer["quota"] is not None]
    refused = [answer for answer in answers if answer["quota"] is None]
    assert {codes(answer)[0][0] for answer in refused} == {"LIMIT_REACHED"}
    left = await check(graph, "1")
    assert (left["isAvailable"], left["remaining"]) == (False, "0")
    assert len(taken) >= 15  # an event told twice is answered twice and counted once
    stored = await look(graph.services.databases, "SELECT used, overage_used FROM gateway.quotas")  # type: ignore[arg-type] # a pool
    assert stored == [(10, 5)]


@pytest.mark.parametrize("amount", ["0", "-1", "0.0000001", "10000000000000000"])
async def test_amounts_that_are_none_are_refused(graph: Graph, amount: str) -> None:
    await create(graph)
    assert codes(await consume(graph, amount)) == [("INVALID", "amount")]


async def test_of_several_features_quotas_the_one_meant_is_named(graph: Graph) -> None:
    agents = await create(graph, featureCode="agents")
    assert (await consume(graph, "1"))["quota"]["id"] == agents["id"]
    await create(graph, featureCode="models")
    assert codes(await consume(graph, "1", "b")) == [("REQUIRED", "quotaId")]
    assert await check(graph, "1") == {"isAvailable": False, "remaining": "0", "quota": None}
    assert (await consume(graph, "1", "c", quotaId=agents["id"]))["quota"]["used"] == "2"
    whole = await create(graph)
    assert (await consume(graph, "1", "d"))["quota"]["id"] == whole["id"]
    assert codes(await consume(graph, "1", "e", unit="pages")) == [("NOT_FOUND", "unit")]
    assert codes(await consume(graph, "1", "f", quotaId=id_of("x"))) == [("NOT_FOUND", "quotaId")]


# --- periods ------------------------------------------------------------------------------------


async def test_a_period_that_is_over_is_followed_by_the_next(graph: Graph, pool: Pool) -> None:
    await put(pool, used=Decimal(70), rollover_cap=Decimal(50), overage_used=Decimal(3))
    before = await check(graph, "150")
    assert (before["isAvailable"], before["remaining"]) == (True, "150")
    now = datetime.now(UTC)
    taken = (await consume(graph, "1"))["quota"]
    assert (taken["used"], taken["rolledOver"], taken["overageUsed"]) == ("1", "50", "0")
    assert datetime.fromisoformat(taken["periodStartAt"]) <= now
    assert datetime.fromisoformat(taken["periodEndAt"]) > now
    kept = await look(pool, "SELECT used, overage_used, period_end FROM gateway.quota_periods")
    assert kept == [(70, 3, datetime(2020, 2, 29, tzinfo=UTC))]
    assert (await consume(graph, "1", "again"))["quota"]["used"] == "2"
    assert len(await look(pool, "SELECT FROM gateway.quota_periods")) == 1


@pytest.mark.parametrize(("cap", "carried"), [("0", "0"), ("30", "30"), ("80", "50")])
async def test_a_reset_carries_over_what_is_left_up_to_the_cap(
    graph: Graph, cap: str, carried: str
) -> None:
    quota = await create(graph, rolloverCap=cap)
    await consume(graph, "50")
    target = {"accountId": ACME, "id": quota["id"]}
    reset = (await write(graph, super_admin(), "resetQuota", **target))["quota"]
    assert (reset["rolledOver"], reset["used"], reset["included"]) == (carried, "0", "100")
    more = (await write(graph, super_admin(), "resetQuota", **target, included="7"))["quota"]
    assert more["included"] == "7"


async def test_a_period_begins_after_the_one_under_way(graph: Graph) -> None:
    quota = await create(graph)
    early = {"accountId": ACME, "id": quota["id"], "periodStartAt": quota["periodStartAt"]}
    refused = await write(graph, super_admin(), "resetQuota", **early)
    assert codes(refused) == [("INVALID", "periodStartAt")]


async def test_what_has_not_begun_or_was_replaced_counts_for_nothing(graph: Graph) -> None:
    replaced = await create(graph)
    ahead = await create(graph, periodStartAt="2999-01-01T00:00:00Z")
    assert (await check(graph, "1"))["isAvailable"] is False
    assert codes(await consume(graph, "1")) == [("NOT_FOUND", "unit")]
    for quota in (replaced, ahead):
        refused = await consume(graph, "1", quotaId=quota["id"])
        assert codes(refused) == [("INVALID_STATE", "quotaId")]


async def test_without_a_quota_nothing_is_left(graph: Graph) -> None:
    nothing = {"isAvailable": False, "remaining": "0", "quota": None}
    assert await check(graph, "1", "pages") == nothing


async def test_what_never_starts_afresh_goes_on(graph: Graph, pool: Pool) -> None:
    await put(pool, reset="NEVER", used=Decimal(99))
    assert (await check(graph, "1"))["remaining"] == "1"
    assert codes(await consume(graph, "2")) == [("LIMIT_REACHED", "amount")]


@pytest.mark.parametrize(
    ("start", "reset", "end"),
    [
        ("2026-01-31T10:00:00+00:00", "MONTHLY", "2026-02-28T10:00:00+00:00"),
        ("2026-11-15T00:00:00+00:00", "QUARTERLY", "2027-02-15T00:00:00+00:00"),
        ("2024-02-29T00:00:00+00:00", "YEARLY", "2025-02-28T00:00:00+00:00"),
        ("2026-01-01T00:30:00+02:00", "MONTHLY", "2026-01-31T22:30:00+00:00"),
    ],
)
def test_periods_follow_from_how_often_a_quota_starts_afresh(
    start: str, reset: str, end: str
) -> None:
    assert after(datetime.fromisoformat(start), reset) == datetime.fromisoformat(end)


# --- the super admin's --------------------------------------------------------------------------


async def test_a_new_quota_replaces_the_active_one(graph: Graph, pool: Pool) -> None:
    first = await create(graph)
    second = await create(graph, included="7")
    listed = await graph.ask(
        ADMIN, '{ account { quotas(filter: {units: ["credits"]}) { nodes { id isActive } } } }'
    )
    assert listed.data is not None
    found = {row["id"]: row["isActive"] for row in listed.data["account"]["quotas"]["nodes"]}
    assert found == {first["id"]: False, second["id"]: True}
    again = {"accountId": ACME, "id": first["id"], "isActive": True}
    assert codes(await write(graph, super_admin(), "updateQuota", **again)) == [
        ("TAKEN", "isActive")
    ]
    trail = "SELECT action FROM copilot.audit_log WHERE event_type = 'copilot_quota'"
    assert [row[0] for row in await look(pool, trail)] == ["create", "create"]


async def test_two_who_give_a_quota_at_once_leave_one_active(graph: Graph, pool: Pool) -> None:
    await asyncio.gather(*[create(graph, included=str(number)) for number in range(1, 7)])
    active = "SELECT count(*) FROM gateway.quotas WHERE is_active"
    assert await look(pool, active) == [(1,)]


@pytest.mark.parametrize(
    ("quota", "path", "code"),
    [
        ({"included": "-1"}, "included", "INVALID"),
        ({"overageLimit": "-1"}, "overageLimit", "INVALID"),
        ({"unit": " "}, "unit", "INVALID"),
        ({"featureCode": "nothing"}, "featureCode", "NOT_FOUND"),
        ({"reset": "NEVER"}, "periodEndAt", "REQUIRED"),
        ({"periodStartAt": "9999-12-31T00:00:00Z"}, "periodEndAt", "INVALID"),
        (
            {"periodStartAt": "2026-02-01T00:00:00Z", "periodEndAt": "2026-02-01T00:00:00Z"},
            "periodEndAt",
            "INVALID",
        ),
    ],
)
async def test_a_quota_that_makes_no_sense_is_refused(
    graph: Graph, quota: dict[str, Any], path: str, code: str
) -> None:
    given = {"included": "1", **quota}
    answer = await write(graph, super_admin(), "createQuota", accountId=ACME, quota=given)
    assert codes(answer) == [(code, path)]


async def test_use_is_no_matter_of_updating(graph: Graph) -> None:
    quota = await create(graph)
    await consume(graph, "40")
    changes = {"included": "50", "overageLimit": "1", "rolloverCap": "3", "reset": "YEARLY"}
    target = {"accountId": ACME, "id": quota["id"]}
    answer = await write(graph, super_admin(), "updateQuota", **target, **changes)
    found = answer["quota"]
    assert (found["used"], found["available"], found["reset"]) == ("40", "10", "YEARLY")
    refused = await write(graph, super_admin(), "updateQuota", **target, included=None)
    assert codes(refused) == [("REQUIRED", "included")]
    same = await write(graph, super_admin(), "updateQuota", **target, included="50")
    assert same["quota"] == found


async def test_what_was_used_cannot_be_removed(graph: Graph) -> None:
    fields = "deletedId userErrors { code path message }"
    used, unused = await create(graph), await create(graph, unit="pages")
    await consume(graph, "1")
    target = {"fields": fields, "accountId": ACME}
    answer = await write(graph, super_admin(), "deleteQuota", **target, id=used["id"])
    assert codes(answer) == [("IN_USE", "id")]
    answer = await write(graph, super_admin(), "deleteQuota", **target, id=unused["id"])
    assert answer["deletedId"] == unused["id"]
    answer = await write(graph, super_admin(), "deleteQuota", **target, id=unused["id"])
    assert (answer["deletedId"], answer["userErrors"]) == (None, [])


async def test_nobody_else_changes_or_consumes(graph: Graph) -> None:
    quota = await create(graph)
    for caller, name, input in (
        (ADMIN, "updateQuota", {"accountId": ACME, "id": quota["id"], "included": "1"}),
        (ADMIN, "consumeQuota", {"amount": "1", "idempotencyKey": "k"}),
        (ANN, "consumeQuota", {"amount": "1", "idempotencyKey": "k"}),
        (MACHINE, "consumeQuota", {"amount": "1", "idempotencyKey": "k", "accountId": BETA}),
    ):
        type_ = name[0].upper() + name[1:]
        operation = f"mutation ($input: {type_}Input!) {{ {name}(input: $input) {{ {FIGURES} }} }}"
        answer = await graph.ask(caller, operation, input=input)
        assert [error.extensions["code"] for error in answer.errors] == ["FORBIDDEN"]
