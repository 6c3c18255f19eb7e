"""`@cacheTag` must be a text that can be filled in from what a cached answer is found by.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives#cachetag
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from federation.composition.field_sets import selected, selection_of
from federation.composition.subgraph import Applied, Field, Subgraph, TypeDefinition, find_all
from federation.composition.usage import Usage
from federation.composition.vocabulary import CACHE_TAG, KEY
from federation.errors import CompositionMistake

__all__ = ["cache_tags_are_valid"]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_REFERENCE = re.compile(r"\$(\w+)((?:\.\w+)*)")


def cache_tags_are_valid(usage: Usage) -> Iterator[CompositionMistake]:
    """Yield CACHE_TAG_* mistakes of one subgraph."""
    subgraph = usage.subgraph
    for definition in subgraph.types.values():
        for applied in find_all(definition.directives, CACHE_TAG):
            yield from _of_entity(subgraph, definition, applied)
        for field in (definition.fields or {}).values():
            for applied in find_all(field.directives, CACHE_TAG):
                coordinate = f"{definition.name}.{field.name}"
                if definition.name == "Query":
                    yield from _of_root_field(subgraph, coordinate, applied, field)
                else:
                    yield _mistake(
                        subgraph,
                        coordinate,
                        applied,
                        "CACHE_TAG_APPLIED_TO_NON_ROOT_FIELD",
                        "only fields of Query and entities are cached",
                    )


def _of_root_field(
    subgraph: Subgraph, coordinate: str, applied: Applied, field: Field
) -> Iterator[CompositionMistake]:
    references = _references(applied)
    if references is None:
        yield _bad_format(subgraph, coordinate, applied)
        return
    for source, path in references:
        if source != "args" or not path or path[0] not in field.arguments:
            yield _mistake(
                subgraph,
                coordinate,
                applied,
                "CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ROOT_FIELD",
                "a field of Query can name its arguments only, as {$args.id}",
            )


def _of_entity(
    subgraph: Subgraph, definition: TypeDefinition, applied: Applied
) -> Iterator[CompositionMistake]:
    references = _references(applied)
    keys = _keys(subgraph, definition)
    if references is None:
        yield _bad_format(subgraph, definition.name, applied)
    elif not keys:
        yield _mistake(
            subgraph,
            definition.name,
            applied,
            "CACHE_TAG_ENTITY_NOT_RESOLVABLE",
            "the type has no resolvable @key, so it is never cached by itself",
        )
    elif any(
        source != "key" or not path or any(path[0] not in key for key in keys)
        for source, path in references
    ):
        yield _mistake(
            subgraph,
            definition.name,
            applied,
            "CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ENTITY",
            "an entity can name only fields that are part of all its keys, as {$key.id}",
        )


def _keys(subgraph: Subgraph, definition: TypeDefinition) -> list[frozenset[str]]:
    """Outermost fields of each resolvable key."""
    return [
        frozenset(
            entry.name
            for entry in selected(subgraph, definition.name, selection)
            if entry.depth == 0
        )
        for key in find_all(definition.directives, KEY)
        if key.value("resolvable") is not False
        if (selection := selection_of(key)) is not None
    ]


def _references(applied: Applied) -> Sequence[tuple[str, tuple[str, ...]]] | None:
    """What the format names, such as ("key", ("id",)); None if it cannot be read."""
    text = str(applied.value("format"))
    rest = _PLACEHOLDER.sub("", text)
    found = [_REFERENCE.fullmatch(inner.strip()) for inner in _PLACEHOLDER.findall(text)]
    if "{" in rest or "}" in rest:
        return None
    matches = [match for match in found if match is not None]
    if len(matches) < len(found):
        return None
    return [(match[1], tuple(match[2].split(".")[1:])) for match in matches]


def _bad_format(subgraph: Subgraph, coordinate: str, applied: Applied) -> CompositionMistake:
    return _mistake(
        subgraph,
        coordinate,
        applied,
        "CACHE_TAG_INVALID_FORMAT",
        "braces hold a reference that begins with $args or $key",
    )


def _mistake(
    subgraph: Subgraph, coordinate: str, applied: Applied, code: str, reason: str
) -> CompositionMistake:
    return CompositionMistake(
        code,
        f'[{subgraph.name}] On "{coordinate}", @cacheTag(format: "{applied.value("format")}"): '
        f"{reason}.",
        coordinate,
        (subgraph.name,),
        applied.line,
    )
