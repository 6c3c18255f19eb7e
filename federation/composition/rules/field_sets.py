"""`@key`, `@requires` and `@provides` must select fields that are there and fit the directive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphql import FieldNode, GraphQLError, InlineFragmentNode, SelectionSetNode

from federation.composition.field_sets import parse_field_set, selected
from federation.composition.subgraph import (
    Applied,
    Field,
    Kind,
    TypeDefinition,
    find_all,
)
from federation.composition.usage import Usage
from federation.composition.vocabulary import KEY, PROVIDES, REQUIRES
from federation.errors import CompositionMistake
from federation.join import named_type

__all__ = ["field_sets_are_valid"]

_COMPOSITE = frozenset({Kind.OBJECT, Kind.INTERFACE, Kind.UNION})


class _Place(NamedTuple):
    """One field set and where it stands."""

    usage: Usage
    directive: str
    coordinate: str
    applied: Applied
    type_name: str
    """Type the selection starts from."""

    @property
    def prefix(self) -> str:
        """First part of the codes: KEY, REQUIRES or PROVIDES."""
        return self.directive.upper()

    def mistake(self, code: str, reason: str) -> CompositionMistake:
        """A mistake at this place."""
        name = self.usage.subgraph.name
        text = self.applied.value("fields")
        return CompositionMistake(
            code,
            f'[{name}] On "{self.coordinate}", @{self.directive}(fields: "{text}"): {reason}',
            self.coordinate,
            (name,),
            self.applied.line,
        )


def field_sets_are_valid(usage: Usage) -> Iterator[CompositionMistake]:
    """Yield KEY_, REQUIRES_ and PROVIDES_ mistakes of one subgraph."""
    for definition in usage.subgraph.types.values():
        for applied in find_all(definition.directives, KEY):
            yield from _check(_Place(usage, "key", definition.name, applied, definition.name))
        for field in (definition.fields or {}).values():
            yield from _check_field(usage, definition, field)


def _check_field(
    usage: Usage, definition: TypeDefinition, field: Field
) -> Iterator[CompositionMistake]:
    coordinate = f"{definition.name}.{field.name}"
    for applied in find_all(field.directives, REQUIRES):
        yield from _check(_Place(usage, "requires", coordinate, applied, definition.name))
    for applied in find_all(field.directives, PROVIDES):
        returned = named_type(field.type)
        place = _Place(usage, "provides", coordinate, applied, returned)
        target = usage.subgraph.types.get(returned)
        if target is None or target.kind not in _COMPOSITE:
            yield place.mistake("PROVIDES_ON_NON_OBJECT_FIELD", f'"{returned}" has no fields.')
        else:
            yield from _check(place)


def _check(place: _Place) -> Iterator[CompositionMistake]:
    text = place.applied.value("fields")
    if not isinstance(text, str):
        yield place.mistake(f"{place.prefix}_INVALID_FIELDS_TYPE", "fields must be a string.")
        return
    try:
        selection = parse_field_set(text)
    except GraphQLError as error:
        yield place.mistake(f"{place.prefix}_INVALID_FIELDS", error.message)
        return
    found = list(_selection(place, place.type_name, selection))
    yield from found
    if not found and place.directive != "key" and not _reaches_external(place, selection):
        yield place.mistake(
            f"{place.prefix}_FIELDS_MISSING_EXTERNAL",
            "none of the fields is @external, so the directive does nothing.",
        )


def _selection(
    place: _Place, type_name: str, selection: SelectionSetNode
) -> Iterator[CompositionMistake]:
    for node in selection.selections:
        if isinstance(node, InlineFragmentNode):
            on = node.type_condition.name.value if node.type_condition else type_name
            if on in place.usage.subgraph.types:
                yield from _selection(place, on, node.selection_set)
            else:
                yield place.mistake(f"{place.prefix}_INVALID_FIELDS", f'there is no type "{on}".')
        elif isinstance(node, FieldNode):
            yield from _field(place, type_name, node)
        else:
            yield place.mistake(f"{place.prefix}_INVALID_FIELDS", "named fragments do not exist.")


def _field(place: _Place, type_name: str, node: FieldNode) -> Iterator[CompositionMistake]:
    name = node.name.value
    if node.alias is not None:
        yield place.mistake(f"{place.prefix}_INVALID_FIELDS", "aliases are not allowed.")
    if node.directives:
        yield place.mistake(
            f"{place.prefix}_HAS_DIRECTIVE_IN_FIELDS_ARG", "directives are not allowed."
        )
    if name == "__typename":
        return
    field = place.usage.subgraph.field(type_name, name)
    if field is None:
        yield place.mistake(
            f"{place.prefix}_INVALID_FIELDS", f'"{type_name}" has no field "{name}".'
        )
        return
    if field.arguments and place.directive != "requires":
        yield place.mistake(
            f"{place.prefix}_FIELDS_HAS_ARGS", f'"{type_name}.{name}" takes arguments.'
        )
    yield from _nested(place, field, f"{type_name}.{name}", node)


def _nested(
    place: _Place, field: Field, coordinate: str, node: FieldNode
) -> Iterator[CompositionMistake]:
    returned = named_type(field.type)
    target = place.usage.subgraph.types.get(returned)
    kind = None if target is None else target.kind
    if place.directive == "key" and kind in {Kind.INTERFACE, Kind.UNION}:
        yield place.mistake(
            "KEY_FIELDS_SELECT_INVALID_TYPE",
            f'"{coordinate}" is of {kind} "{returned}", which no key may select.',
        )
    elif kind in _COMPOSITE and node.selection_set is None:
        yield place.mistake(
            f"{place.prefix}_INVALID_FIELDS", f'"{coordinate}" needs a selection of its own.'
        )
    elif kind not in _COMPOSITE and node.selection_set is not None:
        yield place.mistake(
            f"{place.prefix}_INVALID_FIELDS", f'"{coordinate}" has nothing to select.'
        )
    elif node.selection_set is not None:
        yield from _selection(place, returned, node.selection_set)


def _reaches_external(place: _Place, selection: SelectionSetNode) -> bool:
    usage = place.usage
    return not usage.subgraph.is_federation_2 or any(
        entry.field is not None and usage.says_external(entry.type_name, entry.field)
        for entry in selected(usage.subgraph, place.type_name, selection)
    )
