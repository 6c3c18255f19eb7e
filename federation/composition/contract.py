"""Contracts: a graph for some of its clients, cut out by tags.

What a contract leaves out becomes `@inaccessible` in the supergraph, so that routers still resolve
keys and requirements by it and clients never see it.
https://www.apollographql.com/docs/graphos/platform/schema-management/delivery/contracts/reference
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from federation.composition.merged import MergedSchema
from federation.composition.reachable import reachable_types
from federation.composition.source import Contract, Hint
from federation.composition.subgraph import (
    Applied,
    EnumValue,
    Field,
    InputValue,
    Kind,
    TypeDefinition,
    find_all,
    has,
)
from federation.composition.vocabulary import INACCESSIBLE, TAG
from federation.join import named_type

__all__ = ["apply_contract", "unused_tags"]

_MemberT = TypeVar("_MemberT", Field, InputValue, EnumValue)
_HIDDEN = Applied(INACCESSIBLE, {})


def apply_contract(merged: MergedSchema, contract: Contract) -> MergedSchema:
    """Hide what the contract leaves out, and all that is of no use without it.

    Excluding beats including. A tag on an object or interface counts for each of its fields. Types
    that only hidden elements refer to are hidden, as are types that have nothing visible in them.
    """
    if not contract.include and not contract.exclude:
        return merged
    filtered = _Filter(contract)
    types = {name: filtered.type(definition) for name, definition in merged.types.items()}
    settled = _settle(types)
    reached = reachable_types(replace(merged, types=settled))
    return replace(
        merged,
        types={
            name: definition if name in reached else _hide_type(definition)
            for name, definition in settled.items()
        },
    )


def unused_tags(merged: MergedSchema, contract: Contract) -> Iterator[Hint]:
    """Yield CONTRACT_TAG_UNUSED for each tag of the contract that the graph does not have."""
    used = {tag for definition in merged.types.values() for tag in _tags_within(definition)}
    for tag in sorted((contract.include | contract.exclude) - used):
        yield Hint("CONTRACT_TAG_UNUSED", f'The contract names the tag "{tag}", which is nowhere.')


@dataclass(frozen=True, slots=True)
class _Filter:
    """One pass over the types, judging each element by its own tags."""

    contract: Contract

    def type(self, definition: TypeDefinition) -> TypeDefinition:
        tags = _tags(definition.directives)
        if tags & self.contract.exclude or self._is_left_out_union(definition, tags):
            definition = _hide_type(definition)
        return replace(
            definition,
            fields=_mapped(definition.fields, lambda field: self._field(field, tags)),
            inputs=_mapped(definition.inputs, self._excluded),
            values=_mapped(definition.values, self._excluded),
        )

    def _is_left_out_union(self, definition: TypeDefinition, tags: frozenset[str]) -> bool:
        return definition.kind is Kind.UNION and not self._is_included(tags)

    def _field(self, field: Field, inherited: frozenset[str]) -> Field:
        tags = _tags(field.directives) | inherited
        arguments = {name: self._excluded(entry) for name, entry in field.arguments.items()}
        field = field._replace(arguments=arguments)
        is_kept = self._is_included(tags) and not tags & self.contract.exclude
        return field if is_kept else _hide(field)

    def _excluded(self, member: _MemberT) -> _MemberT:
        return _hide(member) if _tags(member.directives) & self.contract.exclude else member

    def _is_included(self, tags: frozenset[str]) -> bool:
        return not self.contract.include or bool(tags & self.contract.include)


def _settle(types: Mapping[str, TypeDefinition]) -> dict[str, TypeDefinition]:
    """Hide what refers to hidden types, and types left empty by that, until nothing changes."""
    hidden: frozenset[str] = frozenset()
    while True:
        types = {
            name: _without(definition, hidden) if hidden else definition
            for name, definition in types.items()
        }
        types = {
            name: _hide_type(definition) if _is_empty(definition, hidden) else definition
            for name, definition in types.items()
        }
        now = frozenset(
            name for name, entry in types.items() if has(entry.directives, INACCESSIBLE)
        )
        if now == hidden:
            return types
        hidden = now


def _without(definition: TypeDefinition, hidden: frozenset[str]) -> TypeDefinition:
    def judge(value: InputValue) -> InputValue:
        return _hide(value) if named_type(value.type) in hidden else value

    def judge_field(field: Field) -> Field:
        arguments = {name: judge(entry) for name, entry in field.arguments.items()}
        field = field._replace(arguments=arguments)
        return _hide(field) if named_type(field.type) in hidden else field

    return replace(
        definition,
        fields=_mapped(definition.fields, judge_field),
        inputs=_mapped(definition.inputs, judge),
    )


def _is_empty(definition: TypeDefinition, hidden: frozenset[str]) -> bool:
    if definition.kind is Kind.UNION:
        return hidden.issuperset(definition.members)
    members = list(_members(definition))
    return bool(members) and all(has(member.directives, INACCESSIBLE) for member in members)


def _members(definition: TypeDefinition) -> Iterator[Field | InputValue | EnumValue]:
    yield from (definition.fields or {}).values()
    yield from (definition.inputs or {}).values()
    yield from (definition.values or {}).values()


def _mapped(
    members: Mapping[str, _MemberT] | None, change: Callable[[_MemberT], _MemberT]
) -> dict[str, _MemberT] | None:
    return None if members is None else {name: change(entry) for name, entry in members.items()}


def _hide(member: _MemberT) -> _MemberT:
    if has(member.directives, INACCESSIBLE):
        return member
    return member._replace(directives=(_HIDDEN, *member.directives))


def _hide_type(definition: TypeDefinition) -> TypeDefinition:
    if has(definition.directives, INACCESSIBLE):
        return definition
    return replace(definition, directives=(_HIDDEN, *definition.directives))


def _tags(directives: Iterable[Applied]) -> frozenset[str]:
    found = (str(applied.value("name")) for applied in find_all(directives, TAG))
    return frozenset(found)


def _tags_within(definition: TypeDefinition) -> Iterator[str]:
    yield from _tags(definition.directives)
    for member in _members(definition):
        yield from _tags(member.directives)
        if isinstance(member, Field):
            for argument in member.arguments.values():
                yield from _tags(argument.directives)
