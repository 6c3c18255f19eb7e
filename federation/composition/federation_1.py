"""What Federation 1 documents may say without meaning anything by it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/moving-to-federation-2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from federation.composition.subgraph import Applied, Field, Kind, TypeDefinition
from federation.composition.vocabulary import KEY, PROVIDES
from federation.join import named_type

__all__ = ["without_moot_directives"]

_COMPOSITE = frozenset({Kind.OBJECT, Kind.INTERFACE, Kind.UNION})


def without_moot_directives(types: Mapping[str, TypeDefinition]) -> dict[str, TypeDefinition]:
    """Leave out `@key` on interfaces and `@provides` on fields that return no object.

    Federation 1 looks no interface up by key, and there is nothing to provide below a scalar.
    """
    return {name: _cleared(definition, types) for name, definition in types.items()}


def _cleared(definition: TypeDefinition, types: Mapping[str, TypeDefinition]) -> TypeDefinition:
    fields = definition.fields
    directives = definition.directives
    if definition.kind is Kind.INTERFACE:
        directives = _without(directives, KEY)
    if fields is not None:
        fields = {name: _provides_something(field, types) for name, field in fields.items()}
    return replace(definition, directives=directives, fields=fields)


def _provides_something(field: Field, types: Mapping[str, TypeDefinition]) -> Field:
    returned = types.get(named_type(field.type))
    if returned is not None and returned.kind in _COMPOSITE:
        return field
    return field._replace(directives=_without(field.directives, PROVIDES))


def _without(directives: tuple[Applied, ...], name: str) -> tuple[Applied, ...]:
    return tuple(applied for applied in directives if applied.name != name)
