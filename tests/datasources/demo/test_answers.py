"""The graph answers over all of the demo data, whatever is wrong with a row."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from auth.caller import Role
from tests.harness.callers import person, super_admin
from tests.harness.demo import Demo
from tests.harness.graph import Graph, supergraph

_PAGE, _MOST_PAGES = 200, 5
_LISTS = ("users", "groups", "teams", "memberships", "invites")


def _object(name: str) -> GraphQLObjectType:
    found = supergraph().api_schema.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def _selection(type_: GraphQLObjectType, depth: int) -> str:
    """Every field that needs no argument, down to a depth; lists of lists are cut short."""
    fields = [_field(name, field, depth) for name, field in type_.fields.items()]
    return "{ " + " ".join(text for text in fields if text) + " }"


def _field(name: str, field: GraphQLField, depth: int) -> str:
    if any(is_required_argument(argument) for argument in field.args.values()):
        return ""
    type_ = get_named_type(field.type)
    arguments = "(first: 3)" if "first" in field.args else ""
    if is_leaf_type(type_):
        return name
    if not isinstance(type_, GraphQLObjectType) or depth == 0:
        return ""
    return f"{name}{arguments} {_selection(type_, depth - 1)}"


def _page_of(name: str, source: str) -> str:
    connection = get_named_type(_object("Directory").fields[name].type)
    assert isinstance(connection, GraphQLObjectType)
    node = get_named_type(connection.fields["nodes"].type)
    assert isinstance(node, GraphQLObjectType)
    return f"""
    query ($id: ID!, $after: String) {{ account(id: $id) {{ directory(source: {source}) {{
        {name}(first: {_PAGE}, after: $after) {{
            nodes {_selection(node, 1)} totalCount pageInfo {{ hasNextPage endCursor }}
        }}
    }} }} }}
    """


async def _ask(graph: Graph, operation: str, **variables: Any) -> dict[str, Any]:
    response = await graph.ask(super_admin(), operation, **variables)
    assert [error.formatted() for error in response.errors] == []
    assert response.data is not None
    account: dict[str, Any] = response.data["account"]
    return account


@pytest.mark.parametrize("source", ["COPILOT", "IDENTITY"])
@pytest.mark.parametrize("name", _LISTS)
async def test_every_page_of_both_directories_is_answered(
    demo: Demo, name: str, source: str
) -> None:
    graph, operation = Graph(demo.pool), _page_of(name, source)
    for account_id in demo.ids:
        ids: list[str] = []
        after, has_more = None, True
        while has_more and len(ids) < _PAGE * _MOST_PAGES:
            account = await _ask(graph, operation, id=account_id, after=after)
            page = account["directory"][name]
            ids += [node["id"] for node in page["nodes"]]
            after, has_more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert len(set(ids)) == min(page["totalCount"], _PAGE * _MOST_PAGES)


async def test_every_account_is_answered_whole(demo: Demo) -> None:
    graph = Graph(demo.pool)
    operation = f"query ($id: ID!) {{ account(id: $id) {_selection(_object('Account'), 2)} }}"
    for account in demo.summary.accounts:
        answer = await _ask(graph, operation, id=account.id)
        assert (answer["id"], answer["name"]) == (account.id, account.name)


@pytest.mark.parametrize("role", [Role.ACCOUNT_ADMIN, Role.AUDITOR])
async def test_the_health_of_the_first_tenant_shows_every_kind_of_issue(
    demo: Demo, role: Role
) -> None:
    operation = "{ account { directory(source: IDENTITY) { health { issues { kind count } } } } }"
    response = await Graph(demo.pool).ask(
        person(demo.first.id, role, scopes=["directory:read"]), operation
    )
    assert response.data is not None
    issues = response.data["account"]["directory"]["health"]["issues"]
    assert len(issues) == 6
    assert all(issue["count"] > 0 for issue in issues)
