"""An operation that asks for entities and nothing else, as every fetch that follows another does.

Its one field is a list of one list of objects, mostly of a type that was met before: these are
answered without what stands between an operation and the objects. Whatever else is found takes the
general way. PERF: bench/access; of a fetch of one entity that is remembered a third of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLScalarType, print_ast
from graphql.execution.values import VariableValues

from federation.coercion import takes_anything
from federation.compiled.column import Column
from federation.compiled.places import ItemPlace, RootPlace
from federation.compiled.run import Run
from federation.compiled.selection import CompiledField, Selection
from federation.compiled.site import Operation
from federation.compiled.values import AbstractValues

__all__ = ["REPRESENTATIONS", "Entities", "represented", "takes_representations"]

REPRESENTATIONS = "representations"
"""The variable that holds them."""

_ROOT = RootPlace()


def takes_representations(operation: Operation) -> bool:
    """Whether representations, which may be any objects, are an operation's only variable."""
    declared = operation.definition.variable_definitions or ()
    names = [node.variable.name.value for node in declared]
    any_type = operation.schema.get_type("_Any")
    is_any = isinstance(any_type, GraphQLScalarType) and takes_anything(any_type)
    return is_any and names == [REPRESENTATIONS] and print_ast(declared[0].type) == "[_Any!]!"


def represented(variables: Mapping[str, Any]) -> VariableValues | None:
    """Its variables as they are coerced; None where that takes a closer look."""
    given = variables.get(REPRESENTATIONS)
    if type(given) is not list or not {dict}.issuperset(map(type, given)):
        return None
    return VariableValues({}, {REPRESENTATIONS: given})


class Entities:
    """The field that asks for entities."""

    def __init__(self, field: CompiledField, objects: AbstractValues) -> None:
        self._field = field
        self._objects = objects

    @classmethod
    def of(cls, selection: Selection) -> Entities | None:
        """The field of an operation's selection, if it asks for nothing else."""
        field = selection.only
        objects = None if field is None else field.listed
        return None if field is None or objects is None else cls(field, objects)

    async def answer(self, run: Run) -> dict[str, Any] | None:
        """The data of the operation; failures are caught."""
        values = await self._field.values(run, [run.root_value], _ROOT)
        column = await self._completed(run, values)
        for index, failure in column.failures.items():
            run.catch(failure, _ROOT, index)
        return None if column.failures else {self._field.key: column.values[0]}

    async def _completed(self, run: Run, values: Any) -> Column:
        known = self._objects.known_type(values[0]) if type(values[0]) is list else None
        if known is None:
            return await self._field.completed(run, values, _ROOT)
        place = ItemPlace(self._field.place(_ROOT), values)
        column = await known.complete(run, values[0], place)
        for index, failure in column.failures.items():
            run.catch(failure, place, index)
        return Column([list(column.values)], has_null=False)
