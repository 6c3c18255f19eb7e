"""How PostgreSQL reads every list of the graph, for the large demo tenant among many others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import asyncpg
import pytest

from datasources.paging import PageRequest, Sorting
from tests.datasources.plans.explaining import Explaining, Node, nodes_of
from tests.datasources.plans.lists import LISTS, ListField, value_of
from tests.datasources.plans.parents import Parent, parents_in
from tests.harness.callers import person, super_admin

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

OVER_ALL_ACCOUNTS = {
    "Query.accounts": "every account may be on the page",
    "Platform.auditEvents": "filters meet the events of all accounts; pages walk two indexes",
    "Platform.budgetAlerts": "the budgets of all accounts are compared",
    "Platform.bulkOperations": "filters meet the operations of all accounts; pages walk an index",
    "Platform.overrides": "filters meet the overrides of all accounts; pages walk an index",
    "Platform.resourcePrices": "prices of all accounts are one list; pages walk an index",
    "Platform.subscriptions": "filters meet those of all accounts; pages walk an index",
    "Platform.directoryHealth": "the quality of every account is worked out",
}
"""Lists for super admins that may read whole tables, and why."""

SORTED = {
    **OVER_ALL_ACCOUNTS,
    "Account.availablePlans": "the platform has a few",
    "Account.budgetAlerts": "how close a budget is to its limit is worked out",
    "Account.budgetCycles": "an account has some twelve a year",
    "Account.budgetPlans": "an account has a few",
    "Account.connectorPolicies": "levels are written in lower case, and read in upper case",
    "Account.entitlements": "an account has a few a feature",
    "Account.featurePolicies": "levels are written in lower case, and read in upper case",
    "Account.guardrailAlerts": "three tables are one list, of a week unless a span is asked for",
    "Account.guardrailPatterns": "an account's and the platform's are one list",
    "Account.integrations": "the platform has some hundred",
    "Account.models": "the platform has some hundred",
    "Account.modelPolicies": "levels are written in lower case, and read in upper case",
    "Account.quotas": "an account has a few a feature",
    "Account.resourcePrices": "an account's and the platform's are one list",
    "Budget.children": "a budget's own parent may be implied",
    "Directory.groups": "the default comes first; an account has some hundred",
    "Directory.teams": "the default comes first; an account has some hundred",
    "Group.teams": "a group has a few",
    "User.memberships": "a person has a few",
    "Platform.features": "the platform has a few dozen",
    "Platform.guardrailPatterns": "the platform has a few",
    "Platform.integrations": "the platform has some hundred",
    "Platform.modelProviders": "the platform has a few",
    "Platform.subscriptionPlans": "the platform has a few",
    "Platform.models": "the platform has some hundred",
}
"""Lists whose default order no index has, and why: what is on no page is read as well, and sorted.

The identity provider's directory is worked out of its documents, whatever the list.
"""


class Reader:
    """Reads lists as their callers do, and keeps the plans."""

    def __init__(self, connection: asyncpg.Connection, account: str, field: ListField) -> None:
        self._database = Explaining(connection)
        self._field = field
        is_global = field.type_name in {"Query", "Platform"}
        self._caller = super_admin() if is_global else person(account)

    async def read(self, parent: Parent, request: PageRequest) -> tuple[list[Node], str | None]:
        """The plans of a page, and the cursor of its last row."""
        self._database.plans.clear()
        key = self._field.key_of(parent.row)
        (page,) = await self._field.pages.read(self._database, self._caller, request, [key])
        return list(self._database.plans), page.cursors[-1] if page.cursors else None

    async def count(self, parent: Parent, request: PageRequest) -> list[Node]:
        """The plans of the length of a list."""
        self._database.plans.clear()
        key = self._field.key_of(parent.row)
        await self._field.pages.count(self._database, self._caller, request.filters, [key])
        return list(self._database.plans)


def requests_of(field: ListField, id: str) -> Iterator[tuple[str, PageRequest]]:
    """A page in each order, and with each filter alone."""
    yield "as it is", PageRequest(25)
    for name in field.pages.orders:
        for descending in (False, True):
            yield f"ordered by {name}", PageRequest(25, sorting=Sorting(name, descending))
    for name, condition in field.pages.conditions.items():
        yield (
            f"filtered by {name}",
            PageRequest(25, filters=((name, value_of(condition.type, id)),)),
        )


def read_whole(plans: list[Node], tables: frozenset[str]) -> set[str]:
    """Tables of tenants that a plan reads without a key: row by row, or along a whole index."""
    return {
        node["Relation Name"]
        for plan in plans
        for node in nodes_of(plan)
        if node.get("Relation Name") in tables
        and (
            node["Node Type"] == "Seq Scan"
            or (node["Node Type"].startswith("Index") and "Index Cond" not in node)
        )
    }


@pytest.fixture
async def tenant_tables(crowded: asyncpg.Connection) -> frozenset[str]:
    """Names of the tables whose rows belong to accounts."""
    rows = await crowded.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind = 'r' AND a.attname = 'account_id'"
    )
    return frozenset(name for (name,) in rows)


@pytest.mark.parametrize("coordinate", LISTS)
async def test_no_list_reads_the_whole_table_of_all_tenants(
    coordinate: str, crowded: asyncpg.Connection, large: str, tenant_tables: frozenset[str]
) -> None:
    field = LISTS[coordinate]
    reader = Reader(crowded, large, field)
    whole = {}
    for parent in await parents_in(crowded, large, field.type_name):
        for name, request in requests_of(field, str(parent.row.get("id", ""))):
            plans, _ = await reader.read(parent, request)
            plans += await reader.count(parent, request)
            if found := read_whole(plans, tenant_tables):
                whole[f"{parent.name} {name}".strip()] = found
    if coordinate in OVER_ALL_ACCOUNTS:
        assert whole, f"{coordinate} reads no whole table: strike it from OVER_ALL_ACCOUNTS."
    else:
        assert whole == {}


@pytest.mark.parametrize("coordinate", LISTS)
async def test_a_page_continues_where_its_cursor_stands_in_an_index(
    coordinate: str, crowded: asyncpg.Connection, large: str
) -> None:
    field = LISTS[coordinate]
    reader = Reader(crowded, large, field)
    parent = (await parents_in(crowded, large, field.type_name))[0]
    request = PageRequest(1)
    _, cursor = await reader.read(parent, request)
    assert cursor is not None, f"{coordinate} is empty: add rows to filling.sql."
    plans, _ = await reader.read(parent, replace(request, size=25, cursor=cursor))
    conditions = [node.get("Index Cond", "") for plan in plans for node in nodes_of(plan)]
    walks = any("ROW(" in condition for condition in conditions)
    assert walks or coordinate in SORTED, f"No index has {coordinate}'s order, SORTED no reason."
