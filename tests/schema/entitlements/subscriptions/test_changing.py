"""Changing subscriptions: what is kept, what begins and what ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from datasources.database import Pool
from tests.harness.directory import ACME, BETA
from tests.harness.sql import look
from tests.harness.subscriptions import Office, ahead, codes, moment, same, usd

SECRET = "pay_5ecret"


async def test_more_units_keep_the_price_of_one_and_what_was_used(office: Office) -> None:
    plan = await office.plan(limits={"GB": {"included": 2.5, "overageLimit": 4}, "maxTeams": 3})
    made = await office.subscribed(plan, quantity=2)
    await office.use("GB", "3")
    await office.change_plan(plan, monthlyPrice=usd("99"), limits={"GB": 100})
    changed = (await office.change(made["id"], quantity=4))["subscription"]
    assert (changed["quantity"], changed["price"]) == (4, usd("80"))
    (quota,) = await office.quotas()
    assert [quota[name] for name in ("included", "used", "available", "overageLimit")] == [
        "10",
        "3",
        "7",
        "4",
    ]
    await office.change(made["id"], quantity=1)
    assert await office.figures() == {"GB": ("2.5", "3", True)}


async def test_an_amount_changed_by_hand_is_not_scaled(office: Office) -> None:
    made = await office.subscribed(await office.plan(limits={"GB": 5}))
    (quota,) = await office.quotas()
    await office.write("updateQuota", "quota { id }", accountId=ACME, id=quota["id"], included="7")
    assert codes(await office.change(made["id"], quantity=2)) == []
    assert await office.figures() == {"GB": ("7", "0", True)}


async def test_another_plan_is_had_at_its_present_price_with_its_grants(office: Office) -> None:
    for code, pages in (("agents", 1), ("sso", 2)):
        config = {"team": {"pages": pages}, "pro": {"pages": pages * 10}}
        await office.write("updateFeature", "feature { code }", code=code, planConfig=config)
    old = await office.plan(featureCodes=["agents", "sso"], limits={"GB": 5, "calls": 9})
    new = await office.plan(
        code="pro",
        monthlyPrice=usd("50", "EUR"),
        featureCodes=["agents", "models"],
        limits={"GB": {"included": 8, "rolloverCap": 1}, "pages": 2, "maxKeys": 4},
    )
    end = ahead(30)
    made = await office.subscribed(old, quantity=2, startAt=ahead(-3), endAt=end)
    await office.use("GB", "6")
    changed = (await office.change(made["id"], planId=new))["subscription"]
    assert (changed["plan"], changed["price"]) == ({"code": "pro"}, usd("100", "EUR"))
    found = await office.entitlements()
    assert {code: one["isCurrent"] for (code, _), one in found.items()} == {
        "agents": True,
        "sso": False,
        "models": True,
    }
    kept, begun = found["agents", "PLAN"], found["models", "PLAN"]
    assert same(kept["validFromAt"], made["startAt"])
    assert kept["config"] == {"pages": 10}
    assert moment(begun["validFromAt"]) > moment(made["startAt"])
    assert same(begun["validUntilAt"], end)
    assert same(kept["validUntilAt"], end)
    assert await office.figures() == {
        "GB": ("16", "6", True),
        "calls": ("18", "0", False),
        "pages": ("4", "0", True),
    }
    assert (await office.account("limits { maxKeys }"))["limits"] == {"maxKeys": 4}


async def test_what_a_super_admin_switched_off_stays_off_with_another_plan(
    office: Office,
) -> None:
    made = await office.subscribed(await office.plan(featureCodes=["sso"]))
    off = {
        "featureCode": "sso",
        "source": "PLAN",
        "subscriptionId": made["id"],
        "isEnabled": False,
    }
    await office.write("setEntitlements", "entitlements { id }", accountId=ACME, entitlements=[off])
    await office.change(
        made["id"], planId=await office.plan(code="pro", featureCodes=["sso", "agents"])
    )
    found = await office.entitlements()
    assert {code: one["isEnabled"] for (code, _), one in found.items()} == {
        "sso": False,
        "agents": True,
    }


async def test_back_to_the_first_plan_begins_anew(office: Office) -> None:
    first = await office.plan(featureCodes=["sso"], limits={"GB": 1})
    second = await office.plan(code="pro")
    made = await office.subscribed(first)
    await office.change(made["id"], planId=second)
    assert not (await office.entitlements())["sso", "PLAN"]["isCurrent"]
    await office.change(made["id"], planId=first)
    assert (await office.entitlements())["sso", "PLAN"]["isCurrent"]
    assert [quota["isActive"] for quota in await office.quotas()] == [False, True]


async def test_a_scheduled_one_changes_what_it_will_grant(office: Office) -> None:
    start = ahead(9)
    made = await office.subscribed(
        await office.plan(featureCodes=["sso"], limits={"GB": 1}), startAt=start
    )
    other = await office.plan(code="pro", featureCodes=["agents"], limits={"calls": 1})
    changed = (await office.change(made["id"], planId=other))["subscription"]
    assert changed["status"] == "SCHEDULED"
    ((code, _),) = await office.entitlements()
    assert code == "agents"
    assert same((await office.entitlements())["agents", "PLAN"]["validFromAt"], start)
    assert [(q["unit"], q["isActive"]) for q in await office.quotas()] == [
        ("GB", False),
        ("calls", True),
    ]


async def test_another_billing_period_is_had_at_the_present_price(office: Office) -> None:
    plan = await office.plan(yearlyPrice=usd("200"), limits={"GB": 1})
    made = await office.subscribed(plan, quantity=2)
    await office.change_plan(plan, yearlyPrice=usd("150"), status="INACTIVE", limits={"GB": 9})
    changed = (await office.change(made["id"], billingPeriod="YEARLY"))["subscription"]
    assert (changed["billingPeriod"], changed["price"]) == ("YEARLY", usd("300"))
    assert await office.figures() == {"GB": ("2", "0", True)}


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"planId": None}, "REQUIRED", "planId"),
        ({"quantity": None}, "REQUIRED", "quantity"),
        ({"billingPeriod": None}, "REQUIRED", "billingPeriod"),
        ({"planId": "none"}, "NOT_FOUND", "planId"),
        ({"planId": "late"}, "INVALID_STATE", "planId"),
        ({"planId": "more"}, "INVALID", "planId"),
        ({"planId": "yearly"}, "INVALID", "planId"),
        ({"planId": "yearly", "billingPeriod": "MONTHLY"}, "INVALID", "billingPeriod"),
        ({"billingPeriod": "YEARLY"}, "INVALID", "billingPeriod"),
        ({"quantity": 0}, "INVALID", "quantity"),
        ({"quantity": 1_000_001}, "INVALID", "quantity"),
        ({"endAt": "2020-01-01T00:00:00Z"}, "INVALID", "endAt"),
        ({"externalId": "x" * 256}, "INVALID", "externalId"),
        ({"payment": [SECRET]}, "INVALID", "payment"),
    ],
)
async def test_what_makes_no_sense_changes_nothing(
    office: Office, pool: Pool, given: Any, code: str, path: str
) -> None:
    ids = {
        "late": await office.plan(code="late", status="COMING_SOON"),
        "more": await office.plan(code="more", kind="ADDON"),
        "yearly": await office.plan(code="yearly", monthlyPrice=None, yearlyPrice=usd("1")),
    }
    made = await office.subscribed(await office.plan())
    before = await look(pool, "SELECT * FROM gateway.subscriptions")
    if "planId" in given:
        given = {**given, "planId": ids.get(given["planId"], given["planId"])}
    answer = await office.change(made["id"], **given)
    assert codes(answer) == [(code, path)]
    assert SECRET not in str(answer)
    assert await look(pool, "SELECT * FROM gateway.subscriptions") == before


async def test_the_end_moves_that_of_what_was_granted(office: Office, pool: Pool) -> None:
    plan = await office.plan(featureCodes=["sso", "agents"], limits={"GB": 1, "calls": 1})
    made = await office.subscribed(plan, endAt=ahead(30))
    early = ahead(10)
    own = {"featureCode": "sso", "source": "PLAN", "subscriptionId": made["id"]}
    await office.write(
        "setEntitlements",
        "entitlements { id }",
        accountId=ACME,
        entitlements=[{**own, "validUntilAt": early}],
    )
    for end in (ahead(60), ahead(20), None):
        changed = (await office.change(made["id"], endAt=end))["subscription"]
        assert changed["endAt"] is end is None or same(changed["endAt"], end)
        found = await office.entitlements()
        until = found["agents", "PLAN"]["validUntilAt"]
        assert until is end is None or same(until, end)
        assert same(found["sso", "PLAN"]["validUntilAt"], early)
        expected = None if end is None else datetime.fromisoformat(end)
        assert await look(pool, "SELECT DISTINCT valid_until FROM gateway.quotas") == [(expected,)]


async def test_an_end_does_not_reach_into_what_follows(office: Office, pool: Pool) -> None:
    plan = await office.plan(kind="ADDON", limits={"GB": 1})
    first = await office.subscribed(plan, endAt=ahead(10))
    start = ahead(20)
    await office.subscribed(plan, startAt=start)
    assert codes(await office.change(first["id"], endAt=None)) == []
    ends = "SELECT valid_until FROM gateway.quotas ORDER BY period_start"
    assert await look(pool, ends) == [(moment(start),), (None,)]


async def test_a_later_end_does_not_reach_into_another_base_plan(office: Office) -> None:
    plan = await office.plan()
    first = await office.subscribed(plan, endAt=ahead(10))
    await office.subscribed(plan, startAt=ahead(20))
    for end in (ahead(21), None):
        assert codes(await office.change(first["id"], endAt=end)) == [("CYCLE_OVERLAP", "endAt")]
    assert codes(await office.change(first["id"], endAt=ahead(19))) == []


async def test_those_that_overlap_since_long_ago_can_be_changed(office: Office, pool: Pool) -> None:
    plan = await office.plan()
    made = await office.subscribed(plan)
    await look(
        pool,
        "INSERT INTO gateway.subscriptions (account_id, plan_id, billing_period, unit_price,"
        " start_at) VALUES ($1, $2, 'MONTHLY', 1, '2020-01-01') RETURNING id",
        ACME,
        plan,
    )
    assert codes(await office.change(made["id"], quantity=2)) == []
    assert codes(await office.change(made["id"], endAt=ahead(3))) == []
    assert codes(await office.change(made["id"], endAt=ahead(4))) == [("CYCLE_OVERLAP", "endAt")]


async def test_what_is_over_cannot_be_changed(office: Office) -> None:
    plan = await office.plan(kind="ADDON")
    over = await office.subscribed(plan, startAt=ahead(-9), endAt=ahead(-1))
    gone = await office.subscribed(plan)
    await office.cancel(gone["id"])
    for id in (over["id"], gone["id"]):
        assert codes(await office.change(id, quantity=2)) == [("INVALID_STATE", "id")]


async def test_only_what_differs_is_told_and_nothing_of_the_payment(
    office: Office, pool: Pool
) -> None:
    made = await office.subscribed(await office.plan())
    assert codes(await office.change(made["id"], quantity=1, externalId=None)) == []
    await office.change(made["id"], quantity=3)
    for payment in ({"id": SECRET}, {"id": f"{SECRET}2"}, None):
        assert codes(await office.change(made["id"], payment=payment)) == []
    told = await look(
        pool,
        "SELECT details -> 'before', details -> 'after', details -> 'payment_changed'"
        " FROM copilot.audit_log WHERE event_type = 'copilot_subscription' AND action = 'update'"
        " ORDER BY created_at",
    )
    assert told == [
        ({"quantity": 1}, {"quantity": 3}, None),
        ({"is_paid": False}, {"is_paid": True}, True),
        ({}, {}, True),
        ({"is_paid": True}, {"is_paid": False}, True),
    ]
    leaks = "SELECT count(*) FROM copilot.audit_log WHERE audit_log::text LIKE $1"
    assert await look(pool, leaks, f"%{SECRET}%") == [(0,)]


async def test_another_accounts_subscription_is_not_there(office: Office) -> None:
    made = await office.subscribed(await office.plan())
    for write in (office.change(made["id"], BETA, quantity=2), office.cancel(made["id"], BETA)):
        assert codes(await write) == [("NOT_FOUND", "id")]
    assert codes(await office.change("none", quantity=2)) == [("NOT_FOUND", "id")]
