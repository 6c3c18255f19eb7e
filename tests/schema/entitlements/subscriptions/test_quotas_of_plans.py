"""Quotas of plans: one counts for a unit at a time, and what begins later follows."""

from __future__ import annotations

from datasources.database import Pool
from tests.harness.directory import ACME
from tests.harness.sql import look
from tests.harness.subscriptions import Office, ahead, codes, moment, same


async def test_a_quota_of_the_plan_replaces_the_active_one(office: Office) -> None:
    given = {"included": "1", "unit": "GB"}
    await office.write("createQuota", "quota { id }", accountId=ACME, quota=given)
    await office.subscribed(await office.plan(limits={"GB": 5}))
    found = [(quota["included"], quota["isActive"]) for quota in await office.quotas()]
    assert found == [("1", False), ("5", True)]


async def test_what_runs_is_replaced_only_when_the_next_begins(office: Office) -> None:
    given = {"included": "1", "unit": "GB"}
    await office.write("createQuota", "quota { id }", accountId=ACME, quota=given)
    await office.subscribed(await office.plan(limits={"GB": 5}), startAt=ahead(5))
    check = await office.account('quotaCheck(amount: "1", unit: "GB") { isAvailable remaining }')
    assert check["quotaCheck"] == {"isAvailable": True, "remaining": "1"}


async def test_one_given_now_ends_when_a_later_one_begins(office: Office, pool: Pool) -> None:
    start = ahead(5)
    addon = await office.plan(kind="ADDON", limits={"GB": 5})
    await office.subscribed(addon, startAt=start)
    await office.subscribed(addon)
    spans = await look(
        pool, "SELECT valid_until FROM gateway.quotas WHERE is_active ORDER BY period_start"
    )
    assert spans == [(moment(start),), (None,)]


async def test_a_subscription_that_is_over_is_kept_and_changes_nothing(office: Office) -> None:
    given = {"included": "1", "unit": "GB"}
    await office.write("createQuota", "quota { id }", accountId=ACME, quota=given)
    plan = await office.plan(limits={"GB": 5, "maxTeams": 1}, featureCodes=["sso"])
    made = await office.subscribed(plan, startAt=ahead(-60), endAt=ahead(-30))
    assert made["status"] == "EXPIRED"
    assert [(q["included"], q["isActive"]) for q in await office.quotas()] == [
        ("1", True),
        ("5", False),
    ]
    assert (await office.account("limits { maxTeams }"))["limits"] == {"maxTeams": None}
    assert [one["isCurrent"] for one in (await office.entitlements()).values()] == [False]


async def test_a_quota_that_never_starts_afresh_lasts_as_long_as_the_subscription(
    office: Office,
) -> None:
    pack = {"credits": {"included": 100, "reset": "NEVER"}}
    end = ahead(50)
    await office.subscribed(await office.plan(limits=pack), endAt=end)
    await office.subscribed(
        await office.plan(code="open", kind="ADDON", limits={"more": pack["credits"]})
    )
    found = {quota["unit"]: quota for quota in await office.quotas()}
    assert same(found["credits"]["periodEndAt"], end)
    assert moment(found["more"]["periodEndAt"]).year > 2100


async def test_those_that_begin_one_after_the_other_stay_when_one_is_changed(
    office: Office, pool: Pool
) -> None:
    plan = await office.plan(kind="ADDON", limits={"GB": 1})
    starts = [ahead(10), ahead(20)]
    made = [await office.subscribed(plan, startAt=start) for start in starts]
    for one in made:
        assert codes(await office.change(one["id"], quantity=2)) == []
    spans = "SELECT is_active, included, valid_until FROM gateway.quotas ORDER BY period_start"
    assert await look(pool, spans) == [(True, 2, moment(starts[1])), (True, 2, None)]
