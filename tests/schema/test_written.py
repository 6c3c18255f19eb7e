"""What PostgreSQL writes of the demo data is what graphql-core answers, field by field.

Every object that a declaration leads to is asked for by all its columns, and by each of its other
declared fields. The lists that PostgreSQL writes are named, so that none falls back to rows
unknowingly.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
)

from auth.caller import Caller
from federation.compiled.operation import CompiledOperation
from schema.base.fields import Column, Found, Made, Many, One, PageOf, Reference
from schema.base.trees import BOUND
from schema.subgraphs import subgraphs
from tests.federation.compiled.comparing import EVERYTHING, as_read, reference
from tests.harness.callers import person, super_admin
from tests.harness.demo import Demo, demo, loaded
from tests.harness.services import context_of

__all__ = ["ASKED", "MODULES", "Asked", "demo", "loaded", "written_of"]

MODULES = {module.name: module.schema for module in subgraphs()}
DECLARED = (Found, Made, One, Many, PageOf, Reference)
MOMENTARY = frozenset({"checkedAt", "computedAt", "observedAt"})
"""Worked out for the moment."""


WRITTEN = {
    "budgets: Account.budgetCycles",
    "budgets: Account.budgetPlans",
    "budgets: AccountAllocation.account",
    "connectors: Account.connectorPolicies",
    "connectors: AccountIntegration.account",
    "connectors: ConnectorPolicy.account",
    "directory: Account.directory",
    "directory: Directory.groups",
    "directory: Directory.health",
    "directory: Directory.memberships",
    "directory: Directory.teams",
    "directory: Directory.users",
    "directory: Group.owner",
    "directory: Group.teams",
    "directory: Invite.team",
    "directory: Platform.directoryHealth",
    "directory: Team.group",
    "directory: Team.members",
    "directory: Team.owner",
    "entitlements: Account.featurePolicies",
    "entitlements: Account.limits",
    "entitlements: AccountLimits.account",
    "entitlements: EffectiveAccess.account",
    "entitlements: FeaturePolicy.account",
    "guardrails: Account.guardrailPatterns",
    "guardrails: GuardrailConfig.account",
    "guardrails: GuardrailPattern.account",
    "guardrails: Platform.guardrailPatterns",
}
"""Fields of whose objects PostgreSQL writes at least one form, whatever others it writes."""


class Asked(NamedTuple):
    """One field, by its way from the root, with a selection of its objects."""

    module: str
    coordinate: str
    way: tuple[str, ...]
    selection: str

    @property
    def text(self) -> str:
        """The operation."""
        return f"{{ {' { '.join(self.way)} {{ {self.selection} }} {'} ' * len(self.way)}"


def _asked(module: str) -> Iterator[Asked]:
    schema = MODULES[module]
    seen: set[str] = set()
    waiting: deque[tuple[GraphQLObjectType, tuple[str, ...]]] = deque()
    if schema.query_type is not None:
        waiting.append((schema.query_type, ()))
    while waiting:
        type_, way = waiting.popleft()
        if type_.name in seen:
            continue
        seen.add(type_.name)
        for name, field in type_.fields.items():
            target = get_named_type(field.type)
            if not isinstance(target, GraphQLObjectType) or not _is_asked_plainly(field):
                continue
            further = (*way, name)
            if _is_declared(field):
                coordinate = f"{module}: {type_.name}.{name}"
                for selection in _selections(schema, target):
                    yield Asked(module, coordinate, further, selection)
            waiting.append((target, further))


def _is_asked_plainly(field: GraphQLField) -> bool:
    """Whether a field needs no arguments."""
    return not any(map(is_required_argument, field.args.values()))


def _bound(field: GraphQLField) -> Any:
    return (field.extensions or {}).get(BOUND)


def _is_declared(field: GraphQLField) -> bool:
    bound = _bound(field)
    return bound is not None and isinstance(bound.declaration, DECLARED)


def _selections(schema: GraphQLSchema, type_: GraphQLObjectType) -> Iterator[str]:
    """Its columns, and them with each of its other fields."""
    columns = _columns(type_)
    if "nodes" in type_.fields:
        node = get_named_type(type_.fields["nodes"].type)
        for number, selection in enumerate(_selections(schema, node)):
            if not number:
                yield f"edges {{ node {{ {selection} }} cursor }} pageInfo {{ endCursor }}"
            yield f"kind: __typename nodes {{ {selection} }} totalCount"
        return
    if columns:
        yield f"kind: __typename {columns}"
    for name, field in type_.fields.items():
        target = get_named_type(field.type)
        if not isinstance(target, GraphQLObjectType) or not _is_asked_plainly(field):
            continue
        if not _is_declared(field):
            continue
        nodes = target.fields.get("nodes")
        below = _columns(get_named_type(nodes.type) if nodes else target)
        if below:
            inner = f"nodes {{ {below} }} totalCount" if nodes else below
            yield f"{columns} other: {name} {{ {inner} }}"


def _columns(type_: Any) -> str:
    names = [
        name
        for name, field in type_.fields.items()
        if is_leaf_type(get_named_type(field.type))
        and (bound := _bound(field)) is not None
        and isinstance(bound.declaration, Column)
        and name not in MOMENTARY
    ]
    return " ".join(names)


ASKED = [asked for module in sorted(MODULES) for asked in _asked(module)]


async def written_of(asked: Asked, caller: Caller, demo: Demo) -> int:
    """Compare, and answer how many objects PostgreSQL wrote."""
    schema, document = MODULES[asked.module], parse(asked.text)
    expected = await reference(schema, document, {}, context_of(caller, demo.pool))
    operation = CompiledOperation(schema, document, EVERYTHING)
    found = await operation.execute({}, context_of(caller, demo.pool))
    told = (asked.text, found.errors, expected.errors)
    assert orjson.dumps(as_read(found.data)) == orjson.dumps(as_read(expected.data)), told
    assert {e.message for e in found.errors or ()} == {e.message for e in expected.errors or ()}
    return _fragments(found.data)


def _fragments(value: Any) -> int:
    if isinstance(value, orjson.Fragment):
        return 1
    if isinstance(value, dict):
        return sum(map(_fragments, value.values()))
    return sum(map(_fragments, value)) if isinstance(value, list) else 0


@pytest.mark.timeout(300)
async def test_what_postgresql_writes_is_what_graphql_core_answers(demo: Demo) -> None:
    written: set[str] = set()
    for asked in ASKED:
        for caller in (person(demo.first.id), super_admin()):
            if await written_of(asked, caller, demo):
                written.add(asked.coordinate)
    assert written >= WRITTEN
