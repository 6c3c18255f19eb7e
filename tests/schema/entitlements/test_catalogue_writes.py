"""The feature catalogue as super admins write it, and what that means for accounts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from auth.store import PrincipalQuery
from datasources.database import Pool
from datasources.features import features_of_accounts
from datasources.identity import StoredPrincipals
from tests.harness.access import ADMIN, fill_access, place
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, BETA
from tests.harness.graph import Graph
from tests.harness.sql import look, run

ASK = """
query ($code: String!) { account { effectiveAccess(scope: {type: ACCOUNT, id: "acme"}) {
  feature(code: $code) { isEnabled config
    feature { isActive defaultConfig createdBy { name } } resolution { decidedBy { effect } } }
  models { isEnabled resolution { decidedBy { effect } } } } } }
"""
FIELDS = "code key level parent { code } name category isEnabledByDefault defaultConfig planConfig"
MODULE = {"code": "reports", "level": "MODULE", "name": "Reports"}
FEATURE = {"code": "reports.pdf", "level": "FEATURE", "parentCode": "reports", "name": "PDF"}


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    return Graph(pool)


async def write(graph: Graph, name: str, fields: str, /, **input: Any) -> Any:
    """What a super admin's write answers."""
    type_ = name[0].upper() + name[1:]
    text = (
        f"mutation ($input: {type_}Input!) {{ {name}(input: $input)"
        f" {{ {fields} userErrors {{ code path }} }} }}"
    )
    answer = await graph.ask(super_admin(), text, input=input)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data[name]


async def codes(graph: Graph, name: str, fields: str, /, **input: Any) -> list[str]:
    """The codes of the user errors of a write."""
    answer = await write(graph, name, fields, **input)
    return [error["code"] for error in answer["userErrors"]]


async def create(graph: Graph, **input: Any) -> list[str]:
    return await codes(graph, "createFeature", "feature { code }", **input)


async def update(graph: Graph, **input: Any) -> list[str]:
    return await codes(graph, "updateFeature", "feature { code }", **input)


async def remove(graph: Graph, code: str) -> list[str]:
    return await codes(graph, "deleteFeature", "deletedId", code=code)


async def entitle(graph: Graph, code: str, **given: Any) -> list[str]:
    wishes = [{"featureCode": code, **given}]
    fields = "entitlements { id }"
    return await codes(graph, "setEntitlements", fields, accountId=ACME, entitlements=wishes)


async def access(graph: Graph, code: str) -> Any:
    answer = await graph.ask(ADMIN, ASK, code=code)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["account"]["effectiveAccess"]


async def is_on(graph: Graph, code: str) -> bool:
    enabled: bool = (await access(graph, code))["feature"]["isEnabled"]
    return enabled


async def test_an_entry_is_stored_as_it_was_described_and_told(graph: Graph, pool: Pool) -> None:
    assert await create(graph, **MODULE) == []
    given = {"category": "Output", "planConfig": {"gold": {"pages": 9}}, "displayOrder": 4}
    config = {"defaultConfig": {"pages": 5}}
    answer = await write(
        graph, "createFeature", f"feature {{ {FIELDS} }}", **FEATURE, **given, **config
    )
    assert answer["feature"] == {
        "code": "reports.pdf",
        "key": None,
        "level": "FEATURE",
        "parent": {"code": "reports"},
        "name": "PDF",
        "category": "Output",
        "isEnabledByDefault": False,
        "defaultConfig": {"pages": 5},
        "planConfig": {"gold": {"pages": 9}},
    }
    told = await look(
        pool,
        "SELECT action, resource_id, account_id, actor_email FROM copilot.audit_log"
        " WHERE event_type = 'copilot_feature_catalog' ORDER BY created_at",
    )
    root = super_admin().email
    assert told == [("create", "reports", None, root), ("create", "reports.pdf", None, root)]


@pytest.mark.parametrize(
    ("input", "code"),
    [
        ({**MODULE, "code": "agents"}, "TAKEN"),
        ({**MODULE, "code": "Reports"}, "INVALID"),
        ({**MODULE, "code": "a" * 101}, "INVALID"),
        ({**MODULE, "code": ""}, "INVALID"),
        ({**MODULE, "name": " "}, "REQUIRED"),
        ({**MODULE, "code": "agents.more"}, "INVALID"),
        ({**MODULE, "parentCode": "agents"}, "INVALID"),
        ({**MODULE, "displayOrder": 10**9}, "INVALID"),
        ({**MODULE, "defaultConfig": [1]}, "INVALID"),
        ({**MODULE, "planConfig": {"a": "x" * 20_000}}, "INVALID"),
        ({**FEATURE, "parentCode": None}, "REQUIRED"),
        (FEATURE, "NOT_FOUND"),
        ({**FEATURE, "code": "agents.pdf", "parentCode": "models"}, "INVALID"),
        ({**FEATURE, "code": "agents.a.b", "parentCode": "agents.a"}, "INVALID"),
    ],
)
async def test_what_an_entry_cannot_be(pool: Pool, input: Any, code: str) -> None:
    before = await look(pool, "SELECT count(*) FROM gateway.features")
    assert await create(Graph(pool), **input) == [code]
    assert await look(pool, "SELECT count(*) FROM gateway.features") == before


async def test_a_new_feature_is_off_until_it_is_granted_and_configured_by_default(
    graph: Graph,
) -> None:
    await create(graph, **MODULE, isEnabledByDefault=True)
    await create(graph, **FEATURE, defaultConfig={"pages": 5, "color": False})
    assert await is_on(graph, "reports")
    assert not await is_on(graph, "reports.pdf")
    assert await entitle(graph, "reports.pdf", config={"pages": 9}) == []
    found = (await access(graph, "reports.pdf"))["feature"]
    assert (found["isEnabled"], found["config"]) == (True, {"pages": 9, "color": False})


async def test_policies_decide_about_new_features_as_about_any(graph: Graph, pool: Pool) -> None:
    await create(graph, **MODULE, isEnabledByDefault=True)
    text = """mutation ($input: SetFeaturePolicyInput!) { setFeaturePolicy(input: $input) {
      policy { flags { isEnabled feature { code } } } userErrors { code } } }"""
    flags = [{"featureCode": "reports", "isEnabled": False}]
    answer = await graph.ask(ADMIN, text, input={"scope": place(ACME), "flags": flags})
    assert answer.data is not None
    written = answer.data["setFeaturePolicy"]
    assert written["policy"] == {"flags": [{"isEnabled": False, "feature": {"code": "reports"}}]}
    assert not await is_on(graph, "reports")
    stored = await look(pool, "SELECT flags FROM copilot.feature_flag_policies")
    assert stored == [({"reports": False},)]


async def test_what_is_out_of_use_takes_what_is_below_along_for_every_account(
    graph: Graph, pool: Pool
) -> None:
    assert await update(graph, code="agents", isActive=False) == []
    found = (await access(graph, "agents.create"))["feature"]
    assert (found["isEnabled"], found["feature"]["isActive"]) == (False, False)
    assert "out of use" in found["resolution"]["decidedBy"]["effect"]
    for features in await features_of_accounts(pool, super_admin(), [ACME, BETA]):
        assert {"AGENTS", "CREATE_AGENTS"}.isdisjoint(features)
    assert await update(graph, code="agents.create", name="Making agents") == []
    assert await update(graph, code="agents", isActive=True) == []
    assert await is_on(graph, "agents.create")
    severities = await look(
        pool,
        "SELECT severity FROM copilot.audit_log WHERE resource_id = 'agents' ORDER BY created_at",
    )
    assert severities == [("warning",), ("info",)]


async def test_null_clears_what_may_be_empty_and_nothing_else(graph: Graph) -> None:
    await create(graph, **MODULE, category="C", planConfig={"gold": 1})
    answer = await write(
        graph,
        "updateFeature",
        "feature { category planConfig }",
        code="reports",
        category=None,
        planConfig=None,
    )
    assert answer["feature"] == {"category": None, "planConfig": None}
    for name in ("name", "isActive", "isEnabledByDefault", "displayOrder"):
        assert await update(graph, code="reports", **{name: None}) == ["REQUIRED"]
    assert await update(graph, code="nothing", name="N") == ["NOT_FOUND"]


async def test_categories_are_a_filter(graph: Graph) -> None:
    await create(graph, **MODULE, category="Output")
    text = """query ($filter: FeatureFilter) { platform { features(filter: $filter) {
      nodes { code } } } }"""
    found = await graph.ask(super_admin(), text, filter={"categories": ["Output"]})
    assert found.data == {"platform": {"features": {"nodes": [{"code": "reports"}]}}}


async def test_only_what_nobody_refers_to_goes_and_never_what_the_platform_knows(
    graph: Graph, pool: Pool
) -> None:
    assert await remove(graph, "sso") == ["PROTECTED"]
    await create(graph, **MODULE, isEnabledByDefault=True)
    await create(graph, **FEATURE)
    assert await remove(graph, "reports") == ["IN_USE"]
    references = {
        "gateway.entitlements": "(account_id, feature_code, source)"
        " VALUES ('acme', 'reports.pdf', 'PLAN')",
        "gateway.quotas": "(account_id, feature_code, unit, included, reset, period_start,"
        " period_end) VALUES ('acme', 'reports.pdf', 'page', 1, 'NEVER', now(), now())",
        "gateway.access_overrides": "(account_id, scope_type, scope_id, feature_code, effect,"
        " reason) VALUES ('acme', 'ACCOUNT', 'acme', 'reports.pdf', 'DENY', 'why')",
        "copilot.feature_flag_policies": "(account_id, scope_type, scope_id, flags)"
        """ VALUES ('acme', 'account', 'acme', '{"reports.pdf": true}')""",
    }
    for table, row in references.items():
        await run(pool, f"INSERT INTO {table} {row}")
        assert await remove(graph, "reports.pdf") == ["IN_USE"], table
        await run(pool, f"DELETE FROM {table}")
    assert await remove(graph, "reports.pdf") == []
    assert await remove(graph, "reports.pdf") == []
    assert (await access(graph, "reports.pdf"))["feature"] is None
    assert await entitle(graph, "reports.pdf") == ["NOT_FOUND"]


async def test_what_is_removed_at_once_with_being_referred_to_is_only_one_of_both(
    graph: Graph, pool: Pool
) -> None:
    await create(graph, **MODULE)
    for _ in range(4):
        await create(graph, **FEATURE)
        removed, granted = await asyncio.gather(
            remove(graph, "reports.pdf"), entitle(graph, "reports.pdf")
        )
        assert (removed, granted) in (([], ["NOT_FOUND"]), (["IN_USE"], []))
        await run(pool, "DELETE FROM gateway.entitlements")


async def test_a_feature_the_platform_asks_for_and_the_catalogue_lost_is_denied(
    graph: Graph, pool: Pool
) -> None:
    await run(pool, "DELETE FROM gateway.features WHERE code IN ('models.access', 'sso')")
    (features,) = await features_of_accounts(pool, ADMIN, [ACME])
    assert {"SSO", "ACCESS_MODELS"}.isdisjoint(features)
    assert "BUDGETS" in features
    models = (await access(graph, "models.access"))["models"]
    assert models["isEnabled"] is False
    assert "no feature" in models["resolution"]["decidedBy"]["effect"]
    assert (await access(graph, "sso"))["feature"] is None


async def test_what_is_out_of_use_is_refused_where_it_is_demanded(graph: Graph, pool: Pool) -> None:
    await update(graph, code="sso", isActive=False)
    text = "mutation ($input: SetSsoConfigInput!) { setSsoConfig(input: $input) { __typename } }"
    told = await features_of(pool)
    caller = ADMIN.bound_to(ACME, told)
    refused = await graph.ask(caller, text, input={"provider": "GENERIC", "clientId": "c"})
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]


async def features_of(pool: Pool) -> frozenset[str]:
    """The features that authentication finds for a person of the account."""
    found = await StoredPrincipals(pool).dossier(
        PrincipalQuery("nobody", "ann@acme.test", None, ("nobody",))
    )
    return found.accounts[ACME].features
