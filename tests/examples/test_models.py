"""The models page, over the whole graph, for each role."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auth.caller import Caller, Role
from auth.policy import FEATURE_KEYS
from auth.scopes import scopes_of_roles
from federation.execution.response import Response
from tests.harness.budgets import machine
from tests.harness.callers import member, person, super_admin
from tests.harness.demo import Demo
from tests.harness.graph import Graph

PAGE = (Path(__file__).parent / "models.graphql").read_text()


def _reader(account_id: str, role: Role = Role.ACCOUNT_ADMIN) -> Caller:
    caller = person(account_id, role, scopes=scopes_of_roles([role]))
    return replace(caller, features=FEATURE_KEYS)


def _machine(demo: Demo, *scopes: str) -> Caller:
    return replace(machine(demo.first.id), scopes=frozenset(scopes))


async def _ask(demo: Demo, caller: Caller, **variables: Any) -> Response:
    return await Graph(demo.pool).ask(caller, PAGE, **variables)


async def _account(demo: Demo, caller: Caller, **variables: Any) -> Any:
    response = await _ask(demo, caller, **variables)
    assert response.errors == ()
    assert response.data is not None
    return response.data["account"]


def _scope(demo: Demo) -> dict[str, str]:
    return {"type": "ACCOUNT", "id": demo.first.id}


@pytest.mark.parametrize("role", [Role.ACCOUNT_ADMIN, Role.AUDITOR])
async def test_the_page_shows_what_is_granted_selected_and_left(demo: Demo, role: Role) -> None:
    account = await _account(demo, _reader(demo.first.id, role), scope=_scope(demo))
    nodes, selection = account["models"]["nodes"], account["modelSelection"]

    def those(fact: str) -> list[str]:
        return [node["model"]["name"] for node in nodes if node[fact]]

    assert account["models"]["totalCount"] == len(nodes) == 12
    assert len(those("isGranted")) == selection["grantedCount"] == 9
    assert len(those("isSelected")) == selection["selectedCount"] == 7
    assert len(those("isAvailable")) == selection["availableCount"] == 6
    assert those("isDefault") == [model["name"] for model in selection["defaultModels"]]
    assert selection["missingNames"] == ["gpt-4-retired"]
    assert selection["updatedBy"]["name"]
    assert {node["model"]["capability"] for node in nodes} >= {"CHAT", "EMBEDDING", "IMAGE"}
    assert all(node["pricing"]["creditsPer1kTokens"] for node in nodes)
    effective = account["effectiveAccess"]["models"]
    assert {model["displayName"] for model in effective["models"]} < {
        node["model"]["displayName"] for node in nodes if node["isAvailable"]
    }
    steps = effective["resolution"]["steps"]
    assert [step["source"] for step in steps] == ["DEFAULT", "ENTITLEMENT", "SELECTION", "POLICY"]
    assert steps[-1]["isDeciding"]


async def test_policies_tell_what_they_list_in_vain(demo: Demo) -> None:
    account = await _account(demo, _reader(demo.first.id), scope=_scope(demo))
    policies = account["modelPolicies"]["nodes"]
    assert {policy["mode"] for policy in policies} == {
        "ALLOWLIST",
        "INHERIT",
        "DENY_ALL",
        "ALL_AVAILABLE",
    }
    assert [policy["missingNames"] for policy in policies if policy["missingNames"]] == [
        ["gpt-4-retired"]
    ]


async def test_search_and_capabilities_narrow_the_page(demo: Demo) -> None:
    reader = _reader(demo.first.id)
    account = await _account(
        demo, reader, search="gpt", capabilities=["IMAGE", "CHAT"], scope=_scope(demo)
    )
    names = [node["model"]["name"] for node in account["models"]["nodes"]]
    assert names == ["gpt-4.1", "gpt-4.1-mini", "gpt-image-1"]


async def test_a_machine_reads_it_with_the_scopes_for_it(demo: Demo) -> None:
    able = _machine(demo, "models:read", "access:read")
    assert (await _account(demo, able, scope=_scope(demo)))["models"]["totalCount"] == 12
    response = await _ask(demo, _machine(demo, "usage:write"), scope=_scope(demo))
    assert {error.extensions["code"] for error in response.errors} == {"FORBIDDEN"}


async def test_members_see_neither_choices_nor_policies(demo: Demo) -> None:
    response = await _ask(demo, member(demo.first.id), scope=_scope(demo))
    refused = {str(error.path[1]) for error in response.errors if error.path}
    assert {"models", "modelSelection", "modelPolicies"} <= refused


async def test_a_super_admin_names_the_account(demo: Demo) -> None:
    response = await _ask(demo, super_admin(), scope=_scope(demo))
    assert {error.extensions["code"] for error in response.errors} == {"BAD_USER_INPUT"}


async def test_the_page_takes_a_fixed_number_of_statements(demo: Demo) -> None:
    before = demo.pool.statements
    await _account(demo, _reader(demo.first.id), scope=_scope(demo))
    assert demo.pool.statements - before <= 12
