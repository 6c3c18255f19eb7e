"""Cancelling subscriptions: when they end, and what ends with them."""

from __future__ import annotations

import pytest

from datasources.database import Pool
from tests.harness.directory import ACME
from tests.harness.sql import look, run
from tests.harness.subscriptions import Office, ahead, codes, same


async def test_cancelling_ends_it_with_all_it_grants(office: Office) -> None:
    plan = await office.plan(featureCodes=["sso"], limits={"GB": 1, "maxTeams": 2})
    made = await office.subscribed(plan)
    gone = (await office.cancel(made["id"]))["subscription"]
    assert gone["status"] == "CANCELLED"
    assert same((await office.entitlements())["sso", "PLAN"]["validUntilAt"], gone["endAt"])
    assert await office.entitlements("") == {}
    assert await office.figures() == {"GB": ("1", "0", False)}
    check = await office.account('quotaCheck(amount: "1", unit: "GB") { isAvailable }')
    assert check["quotaCheck"] == {"isAvailable": False}
    assert (await office.account("limits { maxTeams }"))["limits"] == {"maxTeams": 2}


async def test_until_its_end_a_cancelled_one_counts_as_it_did(office: Office, pool: Pool) -> None:
    made = await office.subscribed(await office.plan(featureCodes=["sso"], limits={"GB": 1}))
    end = ahead(30)
    gone = (await office.cancel(made["id"], endAt=end))["subscription"]
    assert (gone["status"], same(gone["endAt"], end)) == ("ACTIVE", True)
    assert (await office.entitlements())["sso", "PLAN"]["isCurrent"]
    assert await office.figures() == {"GB": ("1", "0", True)}
    await run(
        pool,
        "UPDATE gateway.subscriptions SET start_at = start_at - interval '40 days',"
        " end_at = end_at - interval '40 days'",
    )
    fields = f'subscription(id: "{made["id"]}") {{ status }}'
    assert (await office.account(fields))["subscription"] == {"status": "CANCELLED"}


async def test_an_end_that_is_moved_takes_a_cancellation_back(office: Office, pool: Pool) -> None:
    made = await office.subscribed(await office.plan(featureCodes=["sso"]))
    await office.cancel(made["id"], endAt=ahead(5))
    assert codes(await office.change(made["id"], endAt=None)) == []
    assert await look(pool, "SELECT end_at, cancelled_at FROM gateway.subscriptions") == [
        (None, None)
    ]
    assert (await office.entitlements())["sso", "PLAN"]["validUntilAt"] is None


async def test_one_that_has_not_begun_never_does(office: Office) -> None:
    start = ahead(5)
    plan = await office.plan(featureCodes=["sso"], limits={"GB": 1})
    made = await office.subscribed(plan, startAt=start)
    gone = (await office.cancel(made["id"]))["subscription"]
    assert (gone["status"], same(gone["endAt"], start)) == ("CANCELLED", True)
    assert await office.entitlements() == {}
    assert await office.figures() == {"GB": ("1", "0", False)}
    await office.subscribed(plan, startAt=start)


@pytest.mark.parametrize("days", [-1, 40])
async def test_it_ends_neither_in_the_past_nor_after_its_end(office: Office, days: int) -> None:
    made = await office.subscribed(await office.plan(), startAt=ahead(-9), endAt=ahead(30))
    assert codes(await office.cancel(made["id"], endAt=ahead(days))) == [("INVALID", "endAt")]


async def test_it_does_not_end_before_it_begins(office: Office) -> None:
    made = await office.subscribed(await office.plan(), startAt=ahead(9))
    assert codes(await office.cancel(made["id"], endAt=ahead(8))) == [("INVALID", "endAt")]


async def test_cancelling_again_changes_nothing(office: Office, pool: Pool) -> None:
    plan = await office.plan(kind="ADDON")
    made = await office.subscribed(plan)
    gone = await office.cancel(made["id"])
    assert await office.cancel(made["id"]) == gone
    over = await office.subscribed(plan, startAt=ahead(-9), endAt=ahead(-1))
    assert (await office.cancel(over["id"]))["subscription"] == over
    later = await office.subscribed(plan)
    end = ahead(3)
    assert await office.cancel(later["id"], endAt=end) == await office.cancel(
        later["id"], endAt=end
    )
    told = "SELECT count(*) FROM copilot.audit_log WHERE action = 'cancel'"
    assert await look(pool, told) == [(2,)]


async def test_what_a_quota_of_it_used_stays_known(office: Office, pool: Pool) -> None:
    made = await office.subscribed(await office.plan(limits={"GB": 4}))
    await office.use("GB", "3")
    await office.cancel(made["id"])
    assert await look(pool, "SELECT used FROM gateway.quotas") == [(3,)]
    (quota,) = await office.quotas()
    again = {"accountId": ACME, "id": quota["id"], "isActive": True}
    refused = await office.write("updateQuota", "quota { id }", **again)
    assert codes(refused) == [("INVALID_STATE", "isActive")]
