"""Subscribing an account: what is checked, stored and granted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from datasources.access_versions import access_versions
from datasources.database import Pool
from tests.harness.access import ADMIN
from tests.harness.directory import ACME
from tests.harness.sql import look
from tests.harness.subscriptions import Office, ahead, codes, moment, same, usd

SECRET = "pay_5ecret"
LIMITS = {
    "maxTeams": 7,
    "maxKeys": 0,
    "documents": {"included": 100, "overageLimit": 10, "reset": "YEARLY", "rolloverCap": 5,
        "featureCode": "agents"},
    "GB": 2.5,
}  # fmt: skip


async def test_an_account_gets_what_the_plan_includes(office: Office) -> None:
    await office.write(
        "updateFeature", "feature { code }", code="sso", planConfig={"team": {"domains": 3}}
    )
    plan = await office.plan(featureCodes=["agents", "sso"], limits=LIMITS)
    end = ahead(90)
    made = await office.subscribed(plan, quantity=3, endAt=end, externalId=" sub_1 ")
    assert (made["status"], made["quantity"], made["billingPeriod"]) == ("ACTIVE", 3, "MONTHLY")
    assert (made["price"], made["externalId"]) == (usd("60"), "sub_1")
    assert (made["plan"], made["trialEndAt"]) == ({"code": "team"}, None)
    found = await office.entitlements()
    assert set(found) == {("agents", "PLAN"), ("sso", "PLAN")}
    for entitlement in found.values():
        assert (entitlement["isEnabled"], entitlement["isCurrent"]) == (True, True)
        assert entitlement["subscription"] == {"id": made["id"]}
        assert same(entitlement["validFromAt"], made["startAt"])
        assert same(entitlement["validUntilAt"], end)
    assert found["sso", "PLAN"]["config"] == {"domains": 3}
    assert found["agents", "PLAN"]["config"] == {}
    documents, gigabytes = sorted(await office.quotas(), key=lambda quota: quota["unit"] == "GB")
    assert documents | {"id": "", "periodStartAt": "", "periodEndAt": ""} == {
        "id": "",
        "unit": "documents",
        "included": "300",
        "used": "0",
        "available": "300",
        "overageLimit": "10",
        "reset": "YEARLY",
        "rolloverCap": "5",
        "isActive": True,
        "periodStartAt": "",
        "periodEndAt": "",
        "feature": {"code": "agents"},
        "subscription": {"id": made["id"]},
    }
    assert (gigabytes["included"], gigabytes["reset"], gigabytes["feature"]) == (
        "7.5",
        "MONTHLY",
        None,
    )
    limits = await office.account("limits { maxTeams maxKeys maxModels }")
    assert limits["limits"] == {"maxTeams": 7, "maxKeys": 0, "maxModels": None}


async def test_everything_granted_is_told_and_nothing_of_the_payment(
    office: Office, pool: Pool
) -> None:
    plan = await office.plan(featureCodes=["sso"], limits=LIMITS)
    await office.subscribed(plan, payment={"id": SECRET})
    told = await look(
        pool,
        "SELECT event_type, action, account_id FROM copilot.audit_log WHERE account_id IS NOT NULL"
        " ORDER BY 1, 2",
    )
    assert told == [
        ("copilot_entitlement", "set", ACME),
        ("copilot_entitlement", "update", ACME),
        ("copilot_quota", "create", ACME),
        ("copilot_quota", "create", ACME),
        ("copilot_subscription", "create", ACME),
    ]
    leaks = "SELECT count(*) FROM copilot.audit_log WHERE audit_log::text LIKE $1"
    assert await look(pool, leaks, f"%{SECRET}%") == [(0,)]
    kept = "SELECT count(*) FROM gateway.idempotency_keys AS kept WHERE kept::text LIKE $1"
    await office.subscribed(
        await office.plan(code="more", kind="ADDON"), payment={"id": SECRET}, idempotencyKey="k"
    )
    assert await look(pool, kept, f"%{SECRET}%") == [(0,)]


async def test_the_payment_is_the_super_admins(office: Office) -> None:
    made = await office.subscribed(await office.plan(), payment={"id": SECRET})
    fields = f'subscription(id: "{made["id"]}") {{ payment }}'
    assert (await office.account(fields))["subscription"] == {"payment": {"id": SECRET}}
    answer = await office.graph.ask(ADMIN, f"{{ account {{ {fields} }} }}")
    assert [error.extensions["code"] for error in answer.errors] == ["FORBIDDEN"]
    assert SECRET not in str(answer)


async def test_a_refused_payment_is_not_told(office: Office) -> None:
    answer = await office.subscribe(await office.plan(), payment=[SECRET])
    assert codes(answer) == [("INVALID", "subscription.payment")]
    assert SECRET not in str(answer)


async def test_an_addon_grants_beside_the_plan(office: Office) -> None:
    base = await office.plan(featureCodes=["sso"])
    addon = await office.plan(code="more", kind="ADDON", featureCodes=["sso", "agents"])
    await office.subscribed(base)
    first = await office.subscribed(addon)
    second = await office.subscribed(addon)
    assert first["id"] != second["id"]
    assert set(await office.entitlements()) == {
        ("sso", "PLAN"),
        ("sso", "ADDON"),
        ("agents", "ADDON"),
    }
    found = await office.account("entitlements { totalCount }")
    assert found["entitlements"]["totalCount"] == 5


async def test_effective_access_follows_at_once_and_when_it_ends(office: Office) -> None:
    await office.write(
        "createFeature", "feature { code }", code="reports", level="MODULE", name="Reports"
    )
    plan = await office.plan(featureCodes=["reports"])
    assert not await office.has("reports")
    made = await office.subscribed(plan, startAt=ahead(-1))
    assert await office.has("reports")
    await office.cancel(made["id"])
    assert not await office.has("reports")


async def test_what_begins_later_is_not_there_yet(office: Office) -> None:
    await office.write(
        "createFeature", "feature { code }", code="reports", level="MODULE", name="Reports"
    )
    plan = await office.plan(featureCodes=["reports"], limits={"GB": 5}, trialDays=3)
    start = ahead(10)
    made = await office.subscribed(plan, startAt=start)
    assert made["status"] == "SCHEDULED"
    assert moment(made["trialEndAt"]) == moment(start) + timedelta(days=3)
    assert not await office.has("reports")
    (entitlement,) = (await office.entitlements()).values()
    assert entitlement["isCurrent"] is False
    check = await office.account('quotaCheck(amount: "1", unit: "GB") { isAvailable }')
    assert check["quotaCheck"] == {"isAvailable": False}


async def test_what_is_known_of_access_holds_until_something_granted_begins(
    office: Office, pool: Pool
) -> None:
    start = ahead(0.5)
    await office.subscribed(await office.plan(featureCodes=["sso"]), startAt=start)
    (stand,) = await access_versions(pool, ADMIN, [ACME])
    assert stand is not None
    assert stand.holds_until == moment(start)


async def test_a_trial_runs_until_its_days_are_over(office: Office) -> None:
    plan = await office.plan(trialDays=14, kind="ADDON")
    made = await office.subscribed(plan)
    assert made["status"] == "TRIAL"
    assert moment(made["trialEndAt"]) == moment(made["startAt"]) + timedelta(days=14)
    past = await office.subscribed(plan, startAt=ahead(-15))
    assert past["status"] == "ACTIVE"


async def test_a_yearly_subscription_has_the_yearly_price(office: Office) -> None:
    plan = await office.plan(yearlyPrice=usd("199.9"))
    made = await office.subscribed(plan, billingPeriod="YEARLY", quantity=2)
    assert (made["billingPeriod"], made["price"]) == ("YEARLY", usd("399.8"))


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"quantity": 0}, "INVALID", "quantity"),
        ({"quantity": -1}, "INVALID", "quantity"),
        ({"quantity": 1_000_001}, "INVALID", "quantity"),
        ({"billingPeriod": "YEARLY"}, "INVALID", "billingPeriod"),
        ({"startAt": "1999-12-31T00:00:00Z"}, "INVALID", "startAt"),
        ({"startAt": "9001-01-01T00:00:00Z"}, "INVALID", "startAt"),
        ({"endAt": "2020-01-01T00:00:00Z"}, "INVALID", "endAt"),
        (
            {"startAt": "2030-01-01T00:00:00Z", "endAt": "2030-01-01T00:00:00Z"},
            "INVALID",
            "endAt",
        ),
        ({"externalId": "x" * 256}, "INVALID", "externalId"),
        ({"payment": {"a": "x" * 20_000}}, "INVALID", "payment"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_grants_nothing(
    office: Office, pool: Pool, given: Any, code: str, path: str
) -> None:
    plan = await office.plan(featureCodes=["sso"], limits=LIMITS)
    assert codes(await office.subscribe(plan, **given)) == [(code, f"subscription.{path}")]
    for table in ("subscriptions", "entitlements", "quotas", "account_limits"):
        assert await look(pool, f"SELECT count(*) FROM gateway.{table}") == [(0,)]


async def test_only_a_plan_on_offer_can_be_had(office: Office) -> None:
    path = "subscription.planId"
    for id in ("none", "99999999-9999-4999-8999-999999999999"):
        assert codes(await office.subscribe(id)) == [("NOT_FOUND", path)]
    for status in ("COMING_SOON", "INACTIVE"):
        plan = await office.plan(code=status.lower(), status=status)
        assert codes(await office.subscribe(plan)) == [("INVALID_STATE", path)]


async def test_running_subscriptions_keep_price_and_grants(office: Office) -> None:
    plan = await office.plan(featureCodes=["sso"], limits={"GB": 5, "maxTeams": 2})
    made = await office.subscribed(plan, quantity=2)
    changed = {"featureCodes": [], "limits": {"maxTeams": 9}, "status": "INACTIVE"}
    assert codes(await office.change_plan(plan, monthlyPrice=usd("99", "EUR"), **changed)) == []
    fields = f'subscription(id: "{made["id"]}") {{ status price {{ amount currency }} }}'
    found = await office.account(f"{fields} limits {{ maxTeams }}")
    assert found["subscription"] == {"status": "ACTIVE", "price": usd("40")}
    assert found["limits"] == {"maxTeams": 2}
    assert set(await office.entitlements()) == {("sso", "PLAN")}
    assert [(quota["included"], quota["isActive"]) for quota in await office.quotas()] == [
        ("10", True)
    ]
