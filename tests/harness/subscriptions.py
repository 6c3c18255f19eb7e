"""Plans and subscriptions as super admins write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from auth.caller import Caller
from tests.harness.callers import super_admin
from tests.harness.directory import ACME
from tests.harness.graph import Graph
from tests.harness.sql import run

__all__ = ["FIELDS", "Office", "ahead", "codes", "moment", "same", "usd"]

FIELDS = (
    "id status quantity billingPeriod price { amount currency } startAt trialEndAt endAt externalId"
    " plan { code }"
)
_ENTITLEMENT = (
    "id source isEnabled isCurrent config validFromAt validUntilAt feature { code }"
    " subscription { id }"
)
_QUOTA = (
    "id unit included used available overageLimit reset rolloverCap isActive periodStartAt"
    " periodEndAt feature { code } subscription { id }"
)
_PLAN = "id code name kind status limits features { code }"


def usd(amount: str, currency: str = "USD") -> dict[str, str]:
    """An amount of money."""
    return {"amount": amount, "currency": currency}


def ahead(days: float) -> str:
    """A moment from now."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def same(one: str | None, other: str | None) -> bool:
    """Whether two texts say the same moment."""
    return one is not None and other is not None and moment(one) == moment(other)


def moment(text: str) -> datetime:
    """The moment that a text says."""
    return datetime.fromisoformat(text)


def codes(answer: Any) -> list[tuple[str, str]]:
    """Codes of the user errors of a payload, each with the path below the input."""
    return [(error["code"], ".".join(error["path"][1:])) for error in answer["userErrors"]]


class Office:
    """A super admin at a desk."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    async def write(self, name: str, fields: str, /, **input: Any) -> Any:
        """The payload of a write."""
        type_ = name[0].upper() + name[1:]
        text = (
            f"mutation ($input: {type_}Input!) {{ {name}(input: $input)"
            f" {{ {fields} userErrors {{ code path message }} }} }}"
        )
        answer = await self.graph.ask(super_admin(), text, input=input)
        assert answer.errors == (), answer.errors
        assert answer.data is not None
        return answer.data[name]

    async def make_plan(self, fields: str = _PLAN, /, **input: Any) -> Any:
        """The payload of a new plan, on offer for 20 dollars a month."""
        given = {"code": "team", "name": "Team", "status": "ACTIVE", "monthlyPrice": usd("20")}
        return await self.write(
            "createSubscriptionPlan", f"plan {{ {fields} }}", **{**given, **input}
        )

    async def plan(self, **input: Any) -> str:
        """The id of a new plan."""
        made = await self.make_plan(**input)
        assert made["userErrors"] == []
        id: str = made["plan"]["id"]
        return id

    async def change_plan(self, id: str, fields: str = _PLAN, /, **input: Any) -> Any:
        """The payload of a changed plan."""
        return await self.write("updateSubscriptionPlan", f"plan {{ {fields} }}", id=id, **input)

    async def subscribe(self, plan_id: str, /, account: str = ACME, **given: Any) -> Any:
        """The payload of a new subscription."""
        key = {name: given.pop(name) for name in ("idempotencyKey",) if name in given}
        return await self.write(
            "createSubscription",
            f"subscription {{ {FIELDS} }}",
            accountId=account,
            subscription={"planId": plan_id, **given},
            **key,
        )

    async def subscribed(self, plan_id: str, /, **given: Any) -> Any:
        """A new subscription."""
        answer = await self.subscribe(plan_id, **given)
        assert answer["userErrors"] == []
        return answer["subscription"]

    async def change(self, id: str, /, account: str = ACME, **input: Any) -> Any:
        """The payload of a changed subscription."""
        fields = f"subscription {{ {FIELDS} }}"
        return await self.write("updateSubscription", fields, accountId=account, id=id, **input)

    async def account(self, fields: str, caller: Caller | None = None, /, **variables: Any) -> Any:
        """What is read of the account."""
        text = f'{{ account(id: "{ACME}") {{ {fields} }} }}'
        answer = await self.graph.ask(caller or super_admin(), text, **variables)
        assert answer.errors == (), answer.errors
        assert answer.data is not None
        return answer.data["account"]

    async def entitlements(self, arguments: str = "(filter: {includeExpired: true})") -> Any:
        """The account's entitlements by feature and source; what was had before included."""
        found = await self.account(f"entitlements{arguments} {{ nodes {{ {_ENTITLEMENT} }} }}")
        nodes = found["entitlements"]["nodes"]
        return {(node["feature"]["code"], node["source"]): node for node in nodes}

    async def quotas(self, arguments: str = "") -> Any:
        """The account's quotas, oldest first."""
        found = await self.account(
            f"quotas(orderBy: {{field: CREATED_AT}} {arguments}) {{ nodes {{ {_QUOTA} }} }}"
        )
        return found["quotas"]["nodes"]

    async def use(self, unit: str, amount: str) -> None:
        """Let the account have used some of a quota."""
        await run(
            self.graph.services.databases.as_caller(super_admin()),
            "UPDATE gateway.quotas SET used = $1::text::numeric WHERE unit = $2",
            amount,
            unit,
        )

    async def figures(self) -> dict[str, tuple[str, str, bool]]:
        """Of each unit what the newest quota includes, what was used, and whether it counts."""
        return {
            quota["unit"]: (quota["included"], quota["used"], quota["isActive"])
            for quota in await self.quotas()
        }

    async def has(self, code: str) -> bool:
        """Whether the account has a feature in the end."""
        scope = f'scope: {{type: ACCOUNT, id: "{ACME}"}}'
        fields = f'effectiveAccess({scope}) {{ feature(code: "{code}") {{ isEnabled }} }}'
        enabled: bool = (await self.account(fields))["effectiveAccess"]["feature"]["isEnabled"]
        return enabled

    async def cancel(self, id: str, /, account: str = ACME, **input: Any) -> Any:
        """The payload of a cancelled subscription."""
        fields = f"subscription {{ {FIELDS} }}"
        return await self.write("cancelSubscription", fields, accountId=account, id=id, **input)
