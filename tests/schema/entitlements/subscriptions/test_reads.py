"""Subscriptions as accounts and super admins read them, and how they stand as time passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from auth.caller import ActorKind, Caller, Role
from datasources.database import Pool
from tests.harness.access import ADMIN, ANN, with_rights
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.sql import look, run
from tests.harness.subscriptions import Office, ahead, codes

AUDITOR = with_rights(ACME, Role.AUDITOR, id_of("Ada"))
MACHINE = replace(
    with_rights(ACME, Role.SERVICE, id_of("machine")),
    kind=ActorKind.SERVICE,
    scopes=frozenset({"entitlements:read", "entitlements:write"}),
)
_MOVE = """
UPDATE gateway.subscriptions SET start_at = start_at + $1::text::interval,
    end_at = end_at + $1::text::interval, trial_end_at = trial_end_at + $1::text::interval
WHERE id = $2::text::uuid
"""


async def status(office: Office, id: str) -> str:
    found = await office.account(f'subscription(id: "{id}") {{ status }}')
    text: str = found["subscription"]["status"]
    return text


async def listed(office: Office, arguments: str, caller: Caller | None = None) -> list[str]:
    """The ids of all accounts' subscriptions, in the order of the list."""
    text = f"{{ platform {{ subscriptions{arguments} {{ nodes {{ id }} }} }} }}"
    answer = await office.graph.ask(caller or super_admin(), text)
    assert answer.errors == ()
    assert answer.data is not None
    return [row["id"] for row in answer.data["platform"]["subscriptions"]["nodes"]]


async def test_it_stands_as_time_says_without_anything_running(office: Office, pool: Pool) -> None:
    plan = await office.plan(trialDays=10)
    made = await office.subscribed(plan, startAt=ahead(5), endAt=ahead(35))
    assert made["status"] == "SCHEDULED"
    for days, stands in ((-6, "TRIAL"), (-10, "ACTIVE"), (-20, "EXPIRED")):
        await run(pool, _MOVE, f"{days} days", made["id"])
        assert await status(office, made["id"]) == stands


async def test_the_account_reads_its_own_newest_first(office: Office) -> None:
    plan = await office.plan(kind="ADDON")
    first, second = await office.subscribed(plan), await office.subscribed(plan)
    theirs = (await office.subscribe(plan, BETA))["subscription"]
    for caller in (ADMIN, AUDITOR):
        found = await office.account(
            "subscriptions { totalCount nodes { id accountId createdBy { kind } } }", caller
        )
        rows = found["subscriptions"]["nodes"]
        assert [row["id"] for row in rows] == [second["id"], first["id"]]
        assert found["subscriptions"]["totalCount"] == 2
        other = await office.account(f'subscription(id: "{theirs["id"]}") {{ id }}', caller)
        assert other["subscription"] is None
    assert (await office.account('subscription(id: "none") { id }'))["subscription"] is None


async def test_members_and_machines_read_none(office: Office) -> None:
    for caller in (ANN, MACHINE):
        for field in ("subscriptions { totalCount }", "availablePlans { totalCount }"):
            answer = await office.graph.ask(caller, f"{{ account {{ {field} }} }}")
            assert [error.extensions["code"] for error in answer.errors] == ["FORBIDDEN"]


async def test_subscriptions_of_all_accounts_are_found_and_sorted(office: Office) -> None:
    addon, base = await office.plan(code="more", kind="ADDON"), await office.plan()
    late = (await office.subscribed(base, startAt=ahead(5)))["id"]
    over = (await office.subscribed(addon, startAt=ahead(-9), endAt=ahead(-2)))["id"]
    theirs = (await office.subscribe(addon, BETA, endAt=ahead(9)))["subscription"]["id"]
    for arguments, found in (
        ("", [theirs, over, late]),
        (f'(filter: {{planIds: ["{base}", "none"]}})', [late]),
        ("(filter: {statuses: [SCHEDULED, EXPIRED]})", [over, late]),
        (f'(filter: {{accountIds: ["{BETA}"]}})', [theirs]),
        ("(orderBy: {field: START_AT})", [over, theirs, late]),
        ("(orderBy: {field: END_AT})", [over, theirs, late]),
        ("(orderBy: {field: END_AT, direction: DESC})", [late, theirs, over]),
    ):
        assert await listed(office, arguments) == found
    answer = await office.graph.ask(ADMIN, "{ platform { subscriptions { totalCount } } }")
    assert [error.extensions["code"] for error in answer.errors] == ["FORBIDDEN"]


async def test_pages_sorted_by_an_open_end_go_on(office: Office) -> None:
    plan = await office.plan(kind="ADDON")
    ids = {(await office.subscribed(plan))["id"] for _ in range(3)}
    seen: list[str] = []
    after: str | None = None
    text = """query ($after: String) { account { subscriptions(first: 2, after: $after,
      orderBy: {field: END_AT}) { nodes { id } pageInfo { endCursor } } } }"""
    for _ in range(2):
        answer = await office.graph.ask(ADMIN, text, after=after)
        assert answer.data is not None
        page = answer.data["account"]["subscriptions"]
        seen += [row["id"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert (set(seen), len(seen)) == (ids, 3)


async def test_running_subscriptions_are_counted(office: Office) -> None:
    addon = await office.plan(kind="ADDON", trialDays=3)
    await office.subscribed(addon)
    await office.subscribe(addon, BETA)
    await office.subscribed(addon, startAt=ahead(1))
    await office.subscribed(addon, startAt=ahead(-9), endAt=ahead(-1))
    await office.cancel((await office.subscribed(addon))["id"])
    await office.cancel((await office.subscribed(addon))["id"], endAt=ahead(1))
    text = f'{{ platform {{ subscriptionPlan(id: "{addon}") {{ subscriptionCount }} }} }}'
    answer = await office.graph.ask(super_admin(), text)
    assert answer.data == {"platform": {"subscriptionPlan": {"subscriptionCount": 3}}}


@pytest.mark.parametrize("id", ["none", "99999999-9999-4999-8999-999999999999"])
async def test_a_plan_that_is_not_there_reads_as_none(office: Office, id: str) -> None:
    text = f'{{ platform {{ subscriptionPlan(id: "{id}") {{ id }} }} }}'
    answer = await office.graph.ask(super_admin(), text)
    assert answer.data == {"platform": {"subscriptionPlan": None}}


# --- links --------------------------------------------------------------------------------------


async def set_entitlements(office: Office, account: str = ACME, /, **one: Any) -> Any:
    given = {"featureCode": "sso", **one}
    return await office.write(
        "setEntitlements",
        "entitlements { id subscription { id } validUntilAt }",
        accountId=account,
        entitlements=[given],
    )


async def test_an_entitlement_is_found_again_by_its_subscription_too(office: Office) -> None:
    made = await office.subscribed(await office.plan(), endAt=ahead(9))
    alone = (await set_entitlements(office))["entitlements"][0]
    of = (await set_entitlements(office, subscriptionId=made["id"]))["entitlements"][0]
    again = (await set_entitlements(office, subscriptionId=made["id"]))["entitlements"][0]
    assert alone["id"] != of["id"] == again["id"]
    assert (alone["subscription"], of["subscription"]) == (None, {"id": made["id"]})
    assert (alone["validUntilAt"], of["validUntilAt"]) == (None, made["endAt"])
    await office.cancel(made["id"])
    assert [row["isCurrent"] for row in await rows(office)] == [True, False]


async def rows(office: Office) -> Any:
    fields = "entitlements(filter: {includeExpired: true}, orderBy: {field: CREATED_AT})"
    found = await office.account(f"{fields} {{ nodes {{ isCurrent }} }}")
    return found["entitlements"]["nodes"]


async def test_a_subscription_of_another_account_is_not_there(office: Office) -> None:
    plan = await office.plan()
    theirs = (await office.subscribe(plan, BETA))["subscription"]["id"]
    for id in (theirs, "none", "99999999-9999-4999-8999-999999999999"):
        refused = await set_entitlements(office, subscriptionId=id)
        assert codes(refused) == [("NOT_FOUND", "entitlements.subscriptionId")]
        quota = {"included": "1", "subscriptionId": id}
        refused = await office.write("createQuota", "quota { id }", accountId=ACME, quota=quota)
        assert codes(refused) == [("NOT_FOUND", "quota.subscriptionId")]
        for accounts in ([ACME], [ACME, BETA]):
            refused = await office.write(
                "bulkSetEntitlements",
                "operation { id }",
                accountIds=accounts,
                entitlements=[{"featureCode": "sso", "subscriptionId": id}],
            )
            assert codes(refused) == [("NOT_FOUND", "entitlements.subscriptionId")]


async def test_of_many_accounts_one_subscription_is_one_accounts(office: Office) -> None:
    theirs = (await office.subscribe(await office.plan(), BETA))["subscription"]["id"]
    done = await office.write(
        "bulkSetEntitlements",
        "operation { changedCount }",
        accountIds=[BETA],
        entitlements=[{"featureCode": "sso", "subscriptionId": theirs}],
    )
    assert done["operation"] == {"changedCount": 1}


async def test_nothing_is_added_to_a_subscription_that_is_over(office: Office) -> None:
    made = await office.subscribed(await office.plan())
    await office.cancel(made["id"])
    refused = await set_entitlements(office, subscriptionId=made["id"])
    assert codes(refused) == [("INVALID_STATE", "entitlements.subscriptionId")]
    quota = {"included": "1", "subscriptionId": made["id"]}
    refused = await office.write("createQuota", "quota { id }", accountId=ACME, quota=quota)
    assert codes(refused) == [("INVALID_STATE", "quota.subscriptionId")]


async def test_a_quota_given_for_a_subscription_ends_with_it(office: Office, pool: Pool) -> None:
    made = await office.subscribed(await office.plan(), endAt=ahead(9))
    quota = {"included": "1", "subscriptionId": made["id"]}
    answer = await office.write(
        "createQuota", "quota { subscription { id } }", accountId=ACME, quota=quota
    )
    assert answer["quota"] == {"subscription": {"id": made["id"]}}
    await office.cancel(made["id"])
    assert [quota["isActive"] for quota in await office.quotas()] == [False]
    ended = "SELECT valid_until = end_at FROM gateway.quotas, gateway.subscriptions"
    assert await look(pool, ended) == [(True,)]


async def test_machines_read_entitlements_and_not_the_subscription(office: Office) -> None:
    await office.subscribed(await office.plan(featureCodes=["sso"], limits={"GB": 1}))
    for field in ("entitlements", "quotas"):
        text = f"{{ account {{ {field} {{ nodes {{ id subscription {{ id }} }} }} }} }}"
        answer = await office.graph.ask(MACHINE, text)
        assert [error.extensions["code"] for error in answer.errors] == ["FORBIDDEN"]
        assert answer.data is not None
        assert answer.data["account"][field]["nodes"][0]["subscription"] is None


async def test_a_quota_that_ended_by_itself_neither_shows_as_active_nor_pays(
    office: Office, pool: Pool
) -> None:
    made = await office.subscribed(await office.plan(limits={"GB": 5}), endAt=ahead(5))
    (quota,) = await office.quotas()
    await run(pool, "UPDATE gateway.quotas SET valid_until = now() - interval '1 second'")
    assert [one["isActive"] for one in await office.quotas()] == [False]
    assert await office.quotas(", filter: {isActive: true}") == []
    check = await office.account('quotaCheck(amount: "1", unit: "GB") { remaining quota { id } }')
    assert check["quotaCheck"] == {"remaining": "0", "quota": None}
    text = """mutation ($input: ConsumeQuotaInput!) { consumeQuota(input: $input) {
      userErrors { code path } } }"""
    for named, refusal in (
        ({}, ("NOT_FOUND", "unit")),
        ({"quotaId": quota["id"]}, ("INVALID_STATE", "quotaId")),
    ):
        given = {"unit": "GB", "amount": "1", "idempotencyKey": refusal[0], **named}
        answer = await office.graph.ask(MACHINE, text, input=given)
        assert answer.data is not None
        assert codes(answer.data["consumeQuota"]) == [refusal]
    following = {"included": "2", "unit": "GB"}
    await office.write("createQuota", "quota { id }", accountId=ACME, quota=following)
    assert [one["isActive"] for one in await office.quotas()] == [False, True]
    assert made["status"] == "ACTIVE"
