"""Plans as super admins write them and accounts see them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datasources.database import Pool
from tests.harness.access import ADMIN, ANN
from tests.harness.callers import super_admin
from tests.harness.sql import look
from tests.harness.subscriptions import Office, codes, usd

WHOLE = (
    "code name description kind status monthlyPrice { amount currency }"
    " yearlyPrice { amount currency } trialDays features { code } limits subscriptionCount"
    " createdBy { name }"
)
OFFERED = "{ account { availablePlans { totalCount nodes { code } } } }"


async def listed(office: Office, arguments: str = "") -> list[str]:
    """The codes of all plans, in the order of the list."""
    text = f"{{ platform {{ subscriptionPlans{arguments} {{ nodes {{ code }} }} }} }}"
    answer = await office.graph.ask(super_admin(), text)
    assert answer.errors == ()
    assert answer.data is not None
    return [plan["code"] for plan in answer.data["platform"]["subscriptionPlans"]["nodes"]]


async def offered(office: Office) -> list[str]:
    answer = await office.graph.ask(ADMIN, OFFERED)
    assert answer.errors == ()
    assert answer.data is not None
    return [plan["code"] for plan in answer.data["account"]["availablePlans"]["nodes"]]


async def test_a_plan_is_stored_as_it_was_described_and_told(office: Office, pool: Pool) -> None:
    limits = {"maxTeams": 5, "GB": 20, "documents": {"included": "2.5", "featureCode": "agents"}}
    made = await office.make_plan(
        WHOLE,
        description="For teams.",
        kind="ADDON",
        yearlyPrice=usd("199.90"),
        trialDays=14,
        featureCodes=["sso", "agents", "sso"],
        limits=limits,
    )
    assert made["plan"] == {
        "code": "team",
        "name": "Team",
        "description": "For teams.",
        "kind": "ADDON",
        "status": "ACTIVE",
        "monthlyPrice": usd("20"),
        "yearlyPrice": usd("199.90"),
        "trialDays": 14,
        "features": [{"code": "agents"}, {"code": "sso"}],
        "limits": limits,
        "subscriptionCount": 0,
        "createdBy": {"name": super_admin().email},
    }
    told = await look(
        pool,
        "SELECT action, account_id, actor_email, details -> 'after' -> 'monthly_price'"
        " FROM copilot.audit_log WHERE event_type = 'copilot_subscription_plan'",
    )
    assert told == [("create", None, super_admin().email, "20")]


async def test_a_plan_that_says_little_is_coming_soon_and_base(office: Office) -> None:
    made = await office.write(
        "createSubscriptionPlan", f"plan {{ {WHOLE} }}", code="bare", name="Bare"
    )
    plan = made["plan"]
    assert (plan["kind"], plan["status"], plan["monthlyPrice"], plan["yearlyPrice"]) == (
        "BASE",
        "COMING_SOON",
        None,
        None,
    )
    assert (plan["trialDays"], plan["features"], plan["limits"]) == (0, [], {})


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({"code": "Team"}, "INVALID", "code"),
        ({"code": ""}, "INVALID", "code"),
        ({"code": "a" * 65}, "INVALID", "code"),
        ({"code": "taken"}, "TAKEN", "code"),
        ({"name": " "}, "REQUIRED", "name"),
        ({"monthlyPrice": usd("-1")}, "INVALID", "monthlyPrice.amount"),
        ({"monthlyPrice": usd("0.0000001")}, "INVALID", "monthlyPrice.amount"),
        ({"yearlyPrice": usd("1", "usd")}, "INVALID", "yearlyPrice.currency"),
        ({"yearlyPrice": usd("1", "EUR")}, "INVALID", "yearlyPrice.currency"),
        ({"trialDays": -1}, "INVALID", "trialDays"),
        ({"trialDays": 3651}, "INVALID", "trialDays"),
        ({"featureCodes": ["nothing"]}, "NOT_FOUND", "featureCodes"),
        ({"featureCodes": ["agents"] * 201}, "INVALID", "featureCodes"),
        ({"limits": [1]}, "INVALID", "limits"),
        ({"limits": {f"u{n}": 1 for n in range(51)}}, "INVALID", "limits"),
        ({"limits": {"maxTeams": -1}}, "INVALID", "limits.maxTeams"),
        ({"limits": {"maxTeams": 1.5}}, "INVALID", "limits.maxTeams"),
        ({"limits": {"maxKeys": "3"}}, "INVALID", "limits.maxKeys"),
        ({"limits": {"maxModels": True}}, "INVALID", "limits.maxModels"),
        ({"limits": {"maxModels": 2**31}}, "INVALID", "limits.maxModels"),
        ({"limits": {"": 1}}, "INVALID", "limits."),
        ({"limits": {" GB": 1}}, "INVALID", "limits. GB"),
        ({"limits": {"GB": True}}, "INVALID", "limits.GB"),
        ({"limits": {"GB": None}}, "INVALID", "limits.GB"),
        ({"limits": {"GB": -1}}, "INVALID", "limits.GB"),
        ({"limits": {"GB": "much"}}, "INVALID", "limits.GB"),
        ({"limits": {"GB": {}}}, "REQUIRED", "limits.GB.included"),
        ({"limits": {"GB": {"included": 1, "used": 1}}}, "INVALID", "limits.GB.used"),
        ({"limits": {"GB": {"included": -1}}}, "INVALID", "limits.GB.included"),
        (
            {"limits": {"GB": {"included": 1, "overageLimit": -1}}},
            "INVALID",
            "limits.GB.overageLimit",
        ),
        (
            {"limits": {"GB": {"included": 1, "rolloverCap": 1e-7}}},
            "INVALID",
            "limits.GB.rolloverCap",
        ),
        ({"limits": {"GB": {"included": 1, "reset": "DAILY"}}}, "INVALID", "limits.GB.reset"),
        ({"limits": {"GB": {"included": 1, "reset": [1]}}}, "INVALID", "limits.GB.reset"),
        (
            {"limits": {"GB": {"included": 1, "featureCode": 1}}},
            "INVALID",
            "limits.GB.featureCode",
        ),
        (
            {"limits": {"GB": {"included": 1, "featureCode": "nothing"}}},
            "NOT_FOUND",
            "limits.GB.featureCode",
        ),
    ],
)
async def test_what_a_plan_cannot_be(
    office: Office, pool: Pool, input: Any, code: str, path: str
) -> None:
    await office.plan(code="taken")
    assert codes(await office.make_plan(**input)) == [(code, path)]
    assert await look(pool, "SELECT count(*) FROM gateway.subscription_plans") == [(1,)]


async def test_of_two_who_take_a_code_at_once_one_gets_it(office: Office) -> None:
    answers = await asyncio.gather(*[office.make_plan(name=str(number)) for number in range(5)])
    assert sorted(len(codes(answer)) for answer in answers) == [0, 1, 1, 1, 1]


async def test_what_is_not_sent_stays_and_null_clears_what_may_be_empty(office: Office) -> None:
    id = await office.plan(
        description="Old", yearlyPrice=usd("200"), featureCodes=["sso"], limits={"GB": 1}
    )
    plan = (await office.change_plan(id, WHOLE, name="New"))["plan"]
    assert (plan["name"], plan["description"], plan["limits"]) == ("New", "Old", {"GB": 1})
    assert (plan["features"], plan["yearlyPrice"]) == ([{"code": "sso"}], usd("200"))
    plan = (await office.change_plan(id, WHOLE, description=None, monthlyPrice=None))["plan"]
    assert (plan["description"], plan["monthlyPrice"], plan["yearlyPrice"]) == (
        None,
        None,
        usd("200"),
    )
    plan = (await office.change_plan(id, WHOLE, featureCodes=["agents"], limits={}))["plan"]
    assert (plan["features"], plan["limits"]) == ([{"code": "agents"}], {})


@pytest.mark.parametrize("name", ["name", "status", "trialDays", "featureCodes", "limits"])
async def test_what_cannot_be_empty_is_not_cleared(office: Office, name: str) -> None:
    id = await office.plan()
    assert codes(await office.change_plan(id, **{name: None})) == [("REQUIRED", name)]


async def test_both_prices_have_one_currency_after_a_change_too(office: Office) -> None:
    id = await office.plan(yearlyPrice=usd("200"))
    refused = await office.change_plan(id, monthlyPrice=usd("18", "EUR"))
    assert codes(refused) == [("INVALID", "monthlyPrice.currency")]
    both = {"monthlyPrice": usd("18", "EUR"), "yearlyPrice": usd("180", "EUR")}
    plan = (await office.change_plan(id, WHOLE, **both))["plan"]
    assert (plan["monthlyPrice"], plan["yearlyPrice"]) == (usd("18", "EUR"), usd("180", "EUR"))
    only = {"monthlyPrice": usd("20"), "yearlyPrice": None}
    assert (await office.change_plan(id, WHOLE, **only))["plan"]["monthlyPrice"] == usd("20")


async def test_a_plan_that_is_not_there_is_not_changed(office: Office) -> None:
    for id in ("none", "99999999-9999-4999-8999-999999999999"):
        assert codes(await office.change_plan(id, name="N")) == [("NOT_FOUND", "id")]


async def test_what_changes_nothing_is_not_told(office: Office, pool: Pool) -> None:
    id = await office.plan(limits={"GB": 1}, featureCodes=["sso"])
    same = {"name": "Team", "monthlyPrice": usd("20.00"), "limits": {"GB": 1}}
    assert codes(await office.change_plan(id, **same, featureCodes=["sso"])) == []
    assert codes(await office.change_plan(id, status="INACTIVE")) == []
    told = await look(
        pool,
        "SELECT action, severity FROM copilot.audit_log"
        " WHERE event_type = 'copilot_subscription_plan' ORDER BY created_at",
    )
    assert told == [("create", "info"), ("update", "warning")]


async def test_accounts_see_what_is_on_offer_by_price_then_name(office: Office) -> None:
    await office.plan(code="late", status="COMING_SOON")
    await office.plan(code="yearly", monthlyPrice=None, yearlyPrice=usd("5"))
    await office.plan(code="b", name="b", monthlyPrice=usd("9"))
    await office.plan(code="a", name="A", monthlyPrice=usd("9"))
    gone = await office.plan(code="gone", monthlyPrice=usd("10"))
    assert await offered(office) == ["a", "b", "gone", "yearly"]
    await office.change_plan(gone, status="INACTIVE")
    assert await offered(office) == ["a", "b", "yearly"]
    assert await listed(office) == ["a", "b", "gone", "late", "yearly"]


async def test_plans_are_found_by_text_kind_state_and_feature(office: Office) -> None:
    await office.plan(code="basic", featureCodes=["agents"])
    await office.plan(code="extra", name="More", kind="ADDON", featureCodes=["sso"])
    await office.plan(code="old", status="INACTIVE", name="Basic once")
    for condition, found in (
        ('search: "BASIC"', ["old", "basic"]),
        ("kinds: [ADDON]", ["extra"]),
        ("statuses: [INACTIVE, COMING_SOON]", ["old"]),
        ('featureCode: "sso"', ["extra"]),
        ('featureCode: "models"', []),
    ):
        assert await listed(office, f"(filter: {{ {condition} }})") == found
    newest = "(orderBy: { field: CREATED_AT, direction: DESC })"
    assert await listed(office, newest) == ["old", "extra", "basic"]
    assert await listed(office, "(orderBy: { field: NAME })") == ["old", "extra", "basic"]


async def test_pages_of_plans_go_on_where_they_ended(office: Office) -> None:
    for code in ("a", "b", "c"):
        await office.plan(code=code, monthlyPrice=None)
    text = """query ($after: String) { platform { subscriptionPlans(first: 2, after: $after) {
      nodes { code } pageInfo { endCursor } } } }"""
    seen: list[str] = []
    after = None
    for _ in range(2):
        answer = await office.graph.ask(super_admin(), text, after=after)
        assert answer.data is not None
        page = answer.data["platform"]["subscriptionPlans"]
        seen += [plan["code"] for plan in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert sorted(seen) == ["a", "b", "c"]


async def test_nobody_but_super_admins_writes_plans_or_sees_how_many_run(office: Office) -> None:
    id = await office.plan()
    for text in (
        'mutation { createSubscriptionPlan(input: {code: "x", name: "X"}) { plan { id } } }',
        f'mutation {{ updateSubscriptionPlan(input: {{id: "{id}"}}) {{ plan {{ id }} }} }}',
        "{ platform { subscriptionPlans { nodes { id } } } }",
        "{ account { availablePlans { nodes { subscriptionCount } } } }",
    ):
        answer = await office.graph.ask(ADMIN, text)
        assert [error.extensions["code"] for error in answer.errors] == ["FORBIDDEN"]
    answer = await office.graph.ask(ANN, OFFERED)
    assert [error.extensions["code"] for error in answer.errors] == ["FORBIDDEN"]


async def test_a_feature_that_a_plan_includes_stays_in_the_catalogue(office: Office) -> None:
    for code in ("one", "two"):
        entry = {"code": code, "level": "MODULE", "name": code}
        await office.write("createFeature", "feature { code }", **entry)
    await office.plan(featureCodes=["one"], limits={"GB": {"included": 1, "featureCode": "two"}})
    for code in ("one", "two"):
        refused = await office.write("deleteFeature", "deletedId", code=code)
        assert codes(refused) == [("IN_USE", "code")]
