"""What happened: every event with its cause, its bulk operation and its place in a chain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from auth.caller import Caller, Role
from datasources.audit_verification import Verified, verify_chain
from datasources.database import Pool
from datasources.tables import audit_log
from resolvers.base import Origin
from tests.harness.access import ADMIN, fill_access, with_rights
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look

ASK = """ { totalCount nodes { id accountId source module type action severity resourceType
  resourceId resourceName actor { kind id } message changes { field before after } details
  operation { id kind } requestId occurredAt hash } }"""
IN_ACCOUNT = "query ($id: ID, $of: AuditEventFilter) { account(id: $id) { auditEvents(filter: $of)"
OF_ALL = "query ($of: AuditEventFilter) { platform { auditEvents(filter: $of)"
FLAT = {"featureCode": "agents", "source": "ADDON", "config": {"seats": 5}}


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    return Graph(pool, Origin("192.0.2.7", "Firefox"))


async def ask(graph: Graph, text: str, caller: Caller = ADMIN, **variables: Any) -> Any:
    answer = await graph.ask(caller, text, **variables)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data


async def events(graph: Graph, caller: Caller = ADMIN, id: str | None = None, **of: Any) -> Any:
    found = await ask(graph, f"{IN_ACCOUNT}{ASK} }} }}", caller, id=id, of=of)
    return _nodes(found["account"]["auditEvents"])


async def all_events(graph: Graph, **of: Any) -> Any:
    found = await ask(graph, f"{OF_ALL}{ASK} }} }}", super_admin(), of=of)
    return _nodes(found["platform"]["auditEvents"])


def _nodes(page: Any) -> Any:
    assert page["totalCount"] == len(page["nodes"])
    return page["nodes"]


async def write(graph: Graph, mutation: str, caller: Caller = ADMIN, **input: Any) -> Any:
    type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
    text = f"mutation ($of: {type_}!) {{ {mutation}(input: $of) {{ userErrors {{ code }} }} }}"
    answer = await ask(graph, text, caller, of=input)
    assert answer[mutation]["userErrors"] == []


def types(nodes: Sequence[Any]) -> list[tuple[str, str | None]]:
    return sorted((node["type"], node["accountId"]) for node in nodes)


async def test_an_event_says_who_what_why_and_where_it_stands_in_its_chain(
    graph: Graph, pool: Pool
) -> None:
    await write(graph, "createGroup", name="West")
    (group,) = await events(graph)
    assert (group["source"], group["module"]) == ("COCKPIT", "DIRECTORY")
    assert (group["type"], group["action"], group["severity"]) == (
        "copilot_directory",
        "create",
        "INFO",
    )
    assert group["actor"] == {"kind": "USER", "id": ADMIN.id}
    assert {"field": "name", "before": None, "after": "West"} in group["changes"]
    assert (group["requestId"], group["operation"]) == ("test", None)
    end = await verify_chain(pool, ACME)
    assert end == Verified(ACME, 1, bytes.fromhex(group["hash"]))
    found = await ask(
        graph,
        "query ($id: ID!) { account { auditEvent(id: $id) { message ipAddress userAgent } } }",
        id=group["id"],
    )
    assert found["account"]["auditEvent"] == {
        "message": group["message"],
        "ipAddress": "192.0.2.7",
        "userAgent": "Firefox",
    }


async def test_every_way_of_writing_is_chained(graph: Graph, pool: Pool) -> None:
    await write(graph, "setGuardrail", guard="PII", isEnabled=True)
    await write(
        graph, "bulkSetEntitlements", super_admin(), accountIds=[ACME, BETA], entitlements=[FLAT]
    )
    await write(graph, "createFeature", super_admin(), code="x", level="MODULE", name="X")
    for chain, count in {ACME: 3, BETA: 1, "": 1}.items():
        end = await verify_chain(pool, chain)
        assert isinstance(end, Verified)
        assert end.position == count, chain
    assert await look(pool, "SELECT DISTINCT request_id FROM gateway.audit_links") == [("test",)]
    unchained = (
        "SELECT id FROM copilot.audit_log UNION ALL SELECT id FROM copilot.guardrails_audit_log"
        " EXCEPT SELECT event_id FROM gateway.audit_links"
    )
    assert await look(pool, unchained) == []


async def test_events_of_a_bulk_operation_name_it_to_who_may_see_it(graph: Graph) -> None:
    await write(graph, "createGroup", name="West")
    await write(graph, "bulkUpdateUsers", ids=[id_of("Ann")], isActive=False)
    (bulk,) = await events(graph, actions=["bulk_update"])
    operation = bulk["operation"]["id"]
    assert bulk["operation"]["kind"] == "UPDATE_USERS"
    assert [one["id"] for one in await events(graph, operationId=operation)] == [bulk["id"]]
    assert await events(graph, operationId=str(uuid4())) == []
    assert await events(graph, operationId="no uuid") == []

    await write(
        graph, "bulkSetEntitlements", super_admin(), accountIds=[ACME, BETA], entitlements=[FLAT]
    )
    (seen,) = await events(graph, types=["copilot_entitlement"])
    assert (seen["accountId"], seen["operation"]) == (ACME, None)
    both = await all_events(graph, types=["copilot_entitlement"])
    assert {one["accountId"] for one in both} == {ACME, BETA}
    (id,) = {one["operation"]["id"] for one in both}
    assert types(await all_events(graph, operationId=id)) == types(both)


async def test_both_logs_are_one_list_newest_first_that_can_be_narrowed(graph: Graph) -> None:
    await write(graph, "setGuardrail", guard="PII", isEnabled=True)
    await write(graph, "createGroup", name="West")
    found = await events(graph)
    assert [one["source"] for one in found][:1] == ["COCKPIT"]
    assert {one["source"] for one in found[1:]} == {"COCKPIT", "GUARDRAILS"}
    (line,) = await events(graph, sources=["GUARDRAILS"])
    assert (line["requestId"], len(line["hash"])) == ("test", 64)
    assert len(await events(graph, modules=["DIRECTORY"])) == 1
    assert len(await events(graph, search="west")) == 1
    assert len(await events(graph, actorId=ADMIN.id)) == 3
    assert await events(graph, severities=["ERROR"]) == []
    changes = await ask(
        graph,
        "query ($of: AuditEventFilter) { account { guardrailChanges(filter: $of) { nodes"
        " { id requestId hash operation { id } } } } }",
        of={"includePlatform": True, "accountIds": [ACME]},
    )
    (same,) = changes["account"]["guardrailChanges"]["nodes"]
    assert (same["id"], same["hash"]) == (line["id"], line["hash"])


async def test_pages_follow_one_another_over_both_logs(graph: Graph) -> None:
    for number in (1, 2, 3):
        await write(graph, "setGuardrail", guard="PII", executionOrder=number)
    seen: list[str] = []
    after = None
    for _ in range(6):
        found = await ask(
            graph,
            "query ($after: String) { account { auditEvents(first: 1, after: $after,"
            " orderBy: {field: SEVERITY}) { nodes { id } pageInfo { endCursor } } } }",
            after=after,
        )
        (node,) = found["account"]["auditEvents"]["nodes"]
        seen.append(node["id"])
        after = found["account"]["auditEvents"]["pageInfo"]["endCursor"]
    assert len(set(seen)) == 6


async def test_another_account_s_events_are_seen_by_no_filter(graph: Graph) -> None:
    outsider = with_rights(BETA, Role.ACCOUNT_ADMIN, id_of("Zoe"))
    await write(graph, "createGroup", outsider, name="Theirs")
    (theirs,) = await events(graph, outsider)
    for of in (
        {"accountIds": [BETA]},
        {"accountIds": [BETA], "includePlatform": True},
        {"includePlatform": True},
        {"actorId": outsider.id},
        {"search": "Theirs"},
        {},
    ):
        assert await events(graph, **of) == [], of
    found = await ask(
        graph,
        "query ($id: ID!) { account { auditEvent(id: $id) { id } } }",
        id=theirs["id"],
    )
    assert found["account"]["auditEvent"] is None
    assert len(await events(graph, super_admin(), BETA)) == 1
    assert await events(graph, super_admin(), ACME) == []


async def test_what_operators_do_to_everybody_is_seen_on_request_without_its_values(
    graph: Graph,
) -> None:
    operator = super_admin()
    await write(
        graph,
        "createFeature",
        operator,
        code="x",
        level="MODULE",
        name="X",
        planConfig={"gold": {"seats": 9}},
    )
    await write(
        graph,
        "createServiceCredential",
        operator,
        name="Of the platform",
        scopes=["usage:write"],
        expiresAt=(datetime.now(UTC) + timedelta(days=30)).isoformat(),
    )
    await write(graph, "createGroup", name="West")
    assert types(await events(graph)) == [("copilot_directory", ACME)]
    without_filter = await ask(graph, "{ account { auditEvents { nodes { accountId } } } }")
    assert without_filter["account"]["auditEvents"]["nodes"] == [{"accountId": ACME}]
    seen = await events(graph, includePlatform=True)
    assert types(seen) == [("copilot_directory", ACME), ("copilot_feature_catalog", None)]
    (told,) = [one for one in seen if one["accountId"] is None]
    assert (told["resourceId"], told["message"]) == ("x", "Feature x was added.")
    assert (told["actor"], told["changes"], told["details"]) == (None, [], {})
    assert (told["requestId"], told["operation"], told["hash"]) == (None, None, None)
    assert "gold" not in str(seen)
    from_where = await ask(
        graph,
        "query ($of: AuditEventFilter) { account { auditEvents(filter: $of) { nodes"
        " { accountId ipAddress userAgent } } } }",
        of={"includePlatform": True},
    )
    nodes = from_where["account"]["auditEvents"]["nodes"]
    assert {"accountId": None, "ipAddress": None, "userAgent": None} in nodes
    assert types(await events(graph, includePlatform=True, accountIds=[ACME])) == types(seen)


async def test_operators_choose_accounts_and_what_touched_them(graph: Graph) -> None:
    await write(graph, "createFeature", super_admin(), code="x", level="MODULE", name="X")
    await write(graph, "createGroup", name="West")
    outsider = with_rights(BETA, Role.ACCOUNT_ADMIN, id_of("Zoe"))
    await write(graph, "createGroup", outsider, name="Theirs")
    everything = await all_events(graph)
    assert {one["accountId"] for one in everything} == {ACME, BETA, None}
    assert await all_events(graph, includePlatform=True) == everything
    assert types(await all_events(graph, accountIds=[ACME])) == [("copilot_directory", ACME)]
    assert await all_events(graph, accountIds=[]) == []
    touched = await all_events(graph, accountIds=[ACME], includePlatform=True)
    assert types(touched) == [("copilot_directory", ACME), ("copilot_feature_catalog", None)]
    (feature,) = [one for one in touched if one["accountId"] is None]
    assert {"field": "name", "before": None, "after": "X"} in feature["changes"]


async def test_events_of_the_past_are_read_without_what_they_lack_and_without_secrets(
    graph: Graph, pool: Pool
) -> None:
    await add(
        pool,
        audit_log,
        account_id=ACME,
        event_type="copilot_marketplace_assignment",
        severity="warning",
        details={
            "assignments": list(range(30)),
            "sso_secret": "hidden-value",
            "before": {"api_key": "hidden-value", "scope_id": 1},
            "after": {"api_key": "other-value", "scope_id": 2},
        },
    )
    (old,) = await events(graph)
    assert (old["module"], old["severity"]) == ("MARKETPLACE", "WARNING")
    assert (old["action"], old["message"]) == (old["type"], old["type"])
    assert old["details"] == {"assignments": {"count": 30}, "ssoSecret": "***"}
    assert old["changes"] == [{"field": "scopeId", "before": 1, "after": 2}]
    unknown = ("actor", "operation", "requestId", "hash", "resourceType", "resourceName")
    assert [old[name] for name in unknown] == [None] * len(unknown)
