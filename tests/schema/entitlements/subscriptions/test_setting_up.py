"""Setting an account up: in one transaction, and again without changing anything."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from datasources.database import Pool
from tests.harness.access import ADMIN
from tests.harness.directory import ACME, BETA
from tests.harness.sql import look, run
from tests.harness.subscriptions import Office, ahead, codes, usd

ANSWER = (
    "account { id } subscription { id quantity plan { code } price { amount currency } startAt }"
    " entitlements { id feature { code } source config }"
    " quotas { id unit included used overageLimit }"
)
TABLES = ("subscriptions", "entitlements", "quotas", "account_limits")


async def set_up(office: Office, key: str = "", /, **input: Any) -> Any:
    """The payload of setting the account up, each time as an event of its own."""
    given = {"accountId": ACME, "idempotencyKey": key or str(uuid4()), **input}
    return await office.write("setUpAccount", ANSWER, **given)


async def stored(pool: Pool) -> Any:
    """All that an account may have, and how many events tell of it."""
    rows = [
        await look(pool, f"SELECT to_jsonb(own)::text FROM gateway.{name} AS own ORDER BY 1")
        for name in TABLES
    ]
    return [*rows, await look(pool, "SELECT count(*) FROM copilot.audit_log")]


async def whole(office: Office) -> dict[str, Any]:
    """What an account is to have, with a plan on offer."""
    plan = await office.plan(featureCodes=["sso"], limits={"GB": 5, "maxTeams": 4})
    return {
        "subscription": {"planId": plan, "quantity": 2, "payment": {"id": "pay"}},
        "entitlements": [
            {"featureCode": "agents", "config": {"seats": 9}},
            {"featureCode": "models", "source": "TRIAL", "validUntilAt": ahead(9)},
        ],
        "quotas": [{"unit": "calls", "included": "7", "overageLimit": "1"}],
    }


async def test_everything_is_put_in_place_at_once(office: Office) -> None:
    done = await set_up(office, **await whole(office))
    assert (done["userErrors"], done["account"]) == ([], {"id": ACME})
    subscription = done["subscription"]
    assert (subscription["quantity"], subscription["price"]) == (2, usd("40"))
    assert [(one["feature"]["code"], one["source"]) for one in done["entitlements"]] == [
        ("agents", "SUPER_ADMIN"),
        ("models", "TRIAL"),
    ]
    assert [(one["unit"], one["included"]) for one in done["quotas"]] == [("calls", "7")]
    assert {code for code, _ in await office.entitlements()} == {"agents", "models", "sso"}
    assert {quota["unit"] for quota in await office.quotas()} == {"GB", "calls"}
    assert (await office.account("limits { maxTeams }"))["limits"] == {"maxTeams": 4}


async def test_doing_it_again_changes_nothing(office: Office, pool: Pool) -> None:
    wanted = await whole(office)
    first = await set_up(office, **wanted)
    before = await stored(pool)
    assert await set_up(office, **wanted, removeOthers=True) == first
    assert await stored(pool) == before


async def test_a_repeated_event_is_answered_with_the_first_result(
    office: Office, pool: Pool
) -> None:
    wanted = await whole(office)
    first = await set_up(office, "event", **wanted)
    await office.cancel(first["subscription"]["id"])
    before = await stored(pool)
    again = await set_up(office, "event", **wanted)
    assert again["subscription"]["id"] == first["subscription"]["id"]
    assert await stored(pool) == before


async def test_what_runs_changes_and_keeps_id_dates_and_use(office: Office, pool: Pool) -> None:
    wanted = await whole(office)
    first = await set_up(office, **wanted)
    await run(pool, "UPDATE gateway.quotas SET used = 3")
    other = await office.plan(code="pro", monthlyPrice=usd("30"), limits={"GB": 8})
    done = await set_up(
        office,
        subscription={"planId": other, "startAt": ahead(100)},
        entitlements=[{"featureCode": "agents", "config": {"seats": 10}}],
        quotas=[{"unit": "calls", "included": "9"}],
    )
    old, new = first["subscription"], done["subscription"]
    assert (new["id"], new["startAt"]) == (old["id"], old["startAt"])
    assert (new["plan"], new["quantity"], new["price"]) == ({"code": "pro"}, 1, usd("30"))
    assert [one["id"] for one in done["entitlements"]] == [first["entitlements"][0]["id"]]
    assert done["entitlements"][0]["config"] == {"seats": 10}
    (calls,) = done["quotas"]
    assert (calls["id"], calls["included"], calls["used"], calls["overageLimit"]) == (
        first["quotas"][0]["id"],
        "9",
        "3",
        "0",
    )
    found = {quota["unit"]: (quota["included"], quota["used"]) for quota in await office.quotas()}
    assert found == {"GB": ("8", "3"), "calls": ("9", "3")}
    assert {code for code, _ in await office.entitlements("")} == {"agents", "models"}


async def test_an_addon_beside_it_is_had_once(office: Office, pool: Pool) -> None:
    await set_up(office, **await whole(office))
    addon = await office.plan(code="more", kind="ADDON")
    first = await set_up(office, subscription={"planId": addon})
    again = await set_up(office, subscription={"planId": addon, "quantity": 3})
    assert again["subscription"]["id"] == first["subscription"]["id"]
    assert await look(pool, "SELECT count(*) FROM gateway.subscriptions") == [(2,)]


async def test_others_are_removed_only_when_that_is_said(office: Office, pool: Pool) -> None:
    wanted = await whole(office)
    await set_up(office, **wanted)
    for unit in ("used", "unused"):
        quota = {"unit": unit, "included": "1"}
        await office.write("createQuota", "quota { id }", accountId=ACME, quota=quota)
    await run(pool, "UPDATE gateway.quotas SET used = 1 WHERE unit = 'used'")
    kept = {"entitlements": wanted["entitlements"][:1]}
    await set_up(office, **kept)
    assert len(await office.entitlements()) == 3
    await set_up(office, **kept, removeOthers=True)
    assert {code for code, _ in await office.entitlements()} == {"agents", "sso"}
    assert {quota["unit"]: quota["isActive"] for quota in await office.quotas()} == {
        "GB": True,
        "used": False,
    }


async def test_what_others_have_is_not_touched(office: Office, pool: Pool) -> None:
    plan = await office.plan(featureCodes=["sso"])
    await office.subscribe(plan, BETA)
    given = {"accountId": BETA, "entitlements": [{"featureCode": "agents"}]}
    await office.write("setEntitlements", "entitlements { id }", **given)
    theirs = "SELECT count(*) FROM gateway.entitlements WHERE account_id = $1"
    await set_up(office, removeOthers=True)
    assert await look(pool, theirs, BETA) == [(2,)]


async def test_a_trial_run_tells_what_would_be_and_changes_nothing(
    office: Office, pool: Pool
) -> None:
    wanted = await whole(office)
    before = await stored(pool)
    done = await set_up(office, "event", **wanted, dryRun=True)
    assert (done["userErrors"], done["subscription"]["price"]) == ([], usd("40"))
    assert [one["unit"] for one in done["quotas"]] == ["calls"]
    assert await stored(pool) == before
    assert (await set_up(office, "event", **wanted))["userErrors"] == []


@pytest.mark.parametrize(
    ("part", "change", "code", "path"),
    [
        ("subscription", {"planId": "none"}, "NOT_FOUND", "subscription.planId"),
        ("subscription", {"quantity": 0}, "INVALID", "subscription.quantity"),
        ("entitlements", {"featureCode": "nothing"}, "NOT_FOUND", "entitlements"),
        ("entitlements", {"subscriptionId": "none"}, "NOT_FOUND", "entitlements.subscriptionId"),
        ("quotas", {"included": "-1"}, "INVALID", "quotas.included"),
        ("quotas", {"unit": " "}, "INVALID", "quotas.unit"),
        ("quotas", {"featureCode": "nothing"}, "NOT_FOUND", "quotas.featureCode"),
        ("quotas", {"subscriptionId": "none"}, "NOT_FOUND", "quotas.subscriptionId"),
    ],
)
@pytest.mark.parametrize("is_there", [False, True])
async def test_what_makes_no_sense_leaves_all_of_it_undone(
    office: Office, pool: Pool, *, is_there: bool, part: str, change: Any, code: str, path: str
) -> None:
    wanted = await whole(office)
    if is_there:
        await set_up(office, **wanted)
    before = await stored(pool)
    wrong = wanted[part] | change if part == "subscription" else [wanted[part][0] | change]
    assert codes(await set_up(office, **{**wanted, part: wrong})) == [(code, path)]
    assert await stored(pool) == before


async def test_a_quota_is_named_once(office: Office) -> None:
    quotas = [{"unit": "calls", "included": "1"}, {"unit": " calls ", "included": "2"}]
    assert codes(await set_up(office, quotas=quotas)) == [("INVALID", "quotas")]
    many = [{"unit": f"unit {number}", "included": "1"} for number in range(101)]
    assert codes(await set_up(office, quotas=many)) == [("INVALID", "quotas")]


async def test_a_plan_that_is_no_longer_on_offer_is_kept_and_not_begun(office: Office) -> None:
    wanted = await whole(office)
    await set_up(office, **wanted)
    plan = wanted["subscription"]["planId"]
    await office.change_plan(plan, status="INACTIVE")
    assert codes(await set_up(office, subscription={"planId": plan, "quantity": 3})) == []
    refused = await office.write(
        "setUpAccount",
        ANSWER,
        accountId=BETA,
        idempotencyKey="k",
        subscription={"planId": plan},
    )
    assert codes(refused) == [("INVALID_STATE", "subscription.planId")]


async def test_an_account_s_people_set_nothing_up(office: Office) -> None:
    text = """mutation { setUpAccount(input: {accountId: "acme", idempotencyKey: "k"}) {
      account { id } } }"""
    answer = await office.graph.ask(ADMIN, text)
    assert [error.extensions["code"] for error in answer.errors] == ["FORBIDDEN"]
