"""Fields of objects and interfaces, and the `@join__field` that says who resolves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import TypeNode

from federation.composition.merge.applications import merge_applied
from federation.composition.merge.context import MergeContext
from federation.composition.merge.contexts import context_arguments, filled_arguments
from federation.composition.merge.descriptions import merge_description
from federation.composition.merge.inputs import merge_arguments
from federation.composition.merge.joins import join_field
from federation.composition.merge.overrides import Overridden, overridden_sources
from federation.composition.merge.references import strictest, type_text, widest
from federation.composition.subgraph import (
    Applied,
    Field,
    InputValue,
    Source,
    TypeDefinition,
    find_all,
    has,
)
from federation.composition.vocabulary import OVERRIDE, PROVIDES, REQUIRES

__all__ = ["merge_fields"]


def merge_fields(
    context: MergeContext, name: str, owners: Sequence[Source[TypeDefinition]]
) -> dict[str, Field]:
    """Fields that any subgraph defines for the type.

    Args:
        context: where mistakes go.
        name: of the type.
        owners: its definitions, in the order of the subgraphs.
    """
    names = dict.fromkeys(field for owner in owners for field in (owner.definition.fields or {}))
    merged: dict[str, Field] = {}
    for field in names:
        sources = _sources(context, name, field, owners)
        if sources:
            filled = filled_arguments(context, f"{name}.{field}", sources)
            merged[field] = _Merge(context, name, field, owners, sources, filled).merge()
    return merged


def _sources(
    context: MergeContext, name: str, field: str, owners: Sequence[Source[TypeDefinition]]
) -> list[Source[Field]]:
    found = (
        Source(owner.subgraph, (owner.definition.fields or {})[field])
        for owner in owners
        if field in (owner.definition.fields or {})
    )
    return [source for source in found if not _is_left_over(context, name, source)]


def _is_left_over(context: MergeContext, name: str, source: Source[Field]) -> bool:
    """Federation 1 documents mention fields as external that nothing in them refers to."""
    return (
        not source.subgraph.is_federation_2
        and context.is_external(name, source)
        and not context.usages[source.subgraph.name].is_needed(name, source.definition)
    )


@dataclass(frozen=True, slots=True)
class _Merge:
    """One field."""

    context: MergeContext
    type_name: str
    name: str
    owners: Sequence[Source[TypeDefinition]]
    sources: Sequence[Source[Field]]
    filled: frozenset[str]
    """Arguments that are filled in from contexts."""

    @property
    def _coordinate(self) -> str:
        return f"{self.type_name}.{self.name}"

    def merge(self) -> Field:
        resolving = [
            source
            for source in self.sources
            if not self.context.is_external(self.type_name, source)
        ]
        if not resolving:
            self._report_no_base()
            resolving = list(self.sources)
        type_ = self._type()
        arguments = merge_arguments(
            self.context,
            self._coordinate,
            [Source(source.subgraph, self._given(source)) for source in resolving],
        )
        self._check_external(arguments)
        directives = merge_applied(self.context, self._coordinate, resolving)
        return Field(
            name=self.name,
            description=merge_description(self.context, self._coordinate, resolving),
            arguments=arguments,
            type=type_,
            directives=(*directives, *self._joins(type_)),
            line=self.sources[0].definition.line,
        )

    def _given(self, source: Source[Field]) -> Mapping[str, InputValue]:
        """Arguments that clients give: none that any subgraph fills in from a context."""
        return {
            name: argument
            for name, argument in source.definition.arguments.items()
            if name not in self.filled
        }

    def _report_no_base(self) -> None:
        self.context.report.mistake(
            "EXTERNAL_MISSING_ON_BASE",
            f'"{self._coordinate}" is @external wherever it stands; some subgraph must resolve it.',
            self._coordinate,
            [source.subgraph for source in self.sources],
            self.sources[0].definition.line,
        )

    def _type(self) -> TypeNode:
        types = [source.definition.type for source in self.sources]
        found = widest(types, self.context.possible)
        if found is not None:
            return found
        texts = ", ".join(
            f'"{type_text(source.definition.type)}" in {source.subgraph.name}'
            for source in self.sources
        )
        self.context.report.mistake(
            "FIELD_TYPE_MISMATCH",
            f'"{self._coordinate}" has types of which none covers the others: {texts}.',
            self._coordinate,
            [source.subgraph for source in self.sources],
            self.sources[0].definition.line,
        )
        return types[0]

    def _check_external(self, arguments: Mapping[str, InputValue]) -> None:
        """An external field is asked for elsewhere, so it must take what the field takes."""
        for source in self.sources:
            if not self.context.is_external(self.type_name, source):
                continue
            for name, argument in arguments.items():
                own = source.definition.arguments.get(name)
                if own is None:
                    self._mistake(
                        "EXTERNAL_ARGUMENT_MISSING",
                        f'is external in {source.subgraph.name} without the argument "{name}".',
                        source,
                    )
                elif strictest((argument.type, own.type)) is None:
                    self._mistake(
                        "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
                        f"is external in {source.subgraph.name} with another type of the argument "
                        f'"{name}" ("{type_text(own.type)}").',
                        source,
                    )

    def _mistake(self, code: str, rest: str, source: Source[Field]) -> None:
        self.context.report.mistake(
            code,
            f'"{self._coordinate}" {rest}',
            self._coordinate,
            [source.subgraph],
            source.definition.line,
        )

    def _joins(self, type_: TypeNode) -> list[Applied]:
        taken = overridden_sources(self.context, self.type_name, self.name, self.sources)
        same_type = len({type_text(source.definition.type) for source in self.sources}) == 1
        if same_type and not taken and not self._is_special():
            return []
        return [
            self._join(source, taken.get(source.subgraph.name), same_type=same_type)
            for source in self.sources
            if _stays(taken.get(source.subgraph.name))
        ]

    def _is_special(self) -> bool:
        """Whether the type's `@join__type` alone would not tell who resolves the field."""
        return len(self.sources) < len(self.owners) or any(
            self.context.is_external(self.type_name, source)
            or any(
                has(source.definition.directives, directive)
                for directive in (REQUIRES, PROVIDES, OVERRIDE)
            )
            or self.filled
            for source in self.sources
        )

    def _join(self, source: Source[Field], taken: Overridden | None, *, same_type: bool) -> Applied:
        external = self.context.is_external(self.type_name, source)
        return join_field(
            source.subgraph,
            requires=_argument(source, REQUIRES, "fields"),
            provides=_argument(source, PROVIDES, "fields"),
            type=None if same_type else type_text(source.definition.type),
            external=True if external else None,
            override=_argument(source, OVERRIDE, "from"),
            usedOverridden=True if taken is not None and taken.label is None else None,
            overrideLabel=_argument(source, OVERRIDE, "label"),
            contextArguments=context_arguments(source),
        )


def _stays(taken: Overridden | None) -> bool:
    return taken is None or taken.is_used or taken.label is not None


def _argument(source: Source[Field], directive: str, argument: str) -> str | None:
    for applied in find_all(source.definition.directives, directive):
        value = applied.value(argument)
        return None if value is None else str(value)
    return None
