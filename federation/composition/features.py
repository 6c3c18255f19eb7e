"""Specifications that a supergraph links when their directives are applied in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from federation.composition.subgraph import Applied, TypeDefinition
from federation.composition.vocabulary import DIRECTIVES
from federation.directives import APOLLO

__all__ = ["Feature", "used_features"]


class Feature(NamedTuple):
    """A linked specification."""

    url: str
    purpose: str | None
    directives: tuple[str, ...]
    scalar: tuple[str, str] | None = None
    """Name of its scalar in Federation, and in the supergraph."""
    prefixed: tuple[str, ...] = ()
    """Further directives, which bear the specification's name as a prefix."""

    @property
    def imports(self) -> tuple[str, ...]:
        """Directives that do not bear the specification's own name."""
        return tuple(f"@{name}" for name in self.directives if f"/{name}/" not in self.url)

    @property
    def definitions(self) -> str:
        """Its directives and scalars as a document."""
        texts = [f"directive @{name}{DIRECTIVES[name]}" for name in self.directives]
        texts += [
            f"directive @{self.directives[0]}__{name}{DIRECTIVES[name]}" for name in self.prefixed
        ]
        if self.scalar is None:
            return "\n".join(texts)
        texts = [re.sub(rf"\b{self.scalar[0]}\b", self.scalar[1], text) for text in texts]
        return "\n".join([*texts, f"scalar {self.scalar[1]}"])


_FEATURES = (
    Feature(f"{APOLLO}tag/v0.3", None, ("tag",)),
    Feature(f"{APOLLO}inaccessible/v0.2", "SECURITY", ("inaccessible",)),
    Feature(f"{APOLLO}authenticated/v0.1", "SECURITY", ("authenticated",)),
    Feature(
        f"{APOLLO}requiresScopes/v0.1",
        "SECURITY",
        ("requiresScopes",),
        ("Scope", "requiresScopes__Scope"),
    ),
    Feature(f"{APOLLO}policy/v0.1", "SECURITY", ("policy",), ("Policy", "policy__Policy")),
    Feature(
        f"{APOLLO}context/v0.1",
        "SECURITY",
        ("context",),
        ("ContextFieldValue", "context__ContextFieldValue"),
        ("fromContext",),
    ),
    Feature(f"{APOLLO}cost/v0.1", None, ("cost", "listSize")),
)


def used_features(types: Iterable[TypeDefinition]) -> tuple[Feature, ...]:
    """Specifications whose directives the types carry, in a fixed order."""
    used = {applied.name for definition in types for applied in _applied(definition)}
    return tuple(
        feature
        for feature in _FEATURES
        if any(f"federation__{name}" in used for name in feature.directives)
    )


def _applied(definition: TypeDefinition) -> Iterator[Applied]:
    yield from definition.directives
    for field in (definition.fields or {}).values():
        yield from field.directives
        for argument in field.arguments.values():
            yield from argument.directives
    for value in (definition.inputs or {}).values():
        yield from value.directives
    for entry in (definition.values or {}).values():
        yield from entry.directives
