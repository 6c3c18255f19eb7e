"""Completing lists of values (specification section 6.4.3, CompleteValue, for many at once)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, Protocol, TypeAlias

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLLeafType,
    GraphQLObjectType,
    default_type_resolver,
)
from graphql.pyutils import inspect, is_iterable
from orjson import Fragment

from federation.compiled.awaiting import awaited, holds_awaitables
from federation.compiled.column import Column, Present, holds, present, put_back
from federation.compiled.leaves import LeafWriter, leaf_writer, write_leaf
from federation.compiled.places import ItemPlace, PickedPlace, Place
from federation.compiled.plain import Plain, PlainLeaves, PlainObjects, PlainRows, is_special
from federation.compiled.run import Run
from federation.compiled.site import Site

__all__ = ["AbstractValues", "LeafValues", "ListValues", "ObjectValues", "Position", "Values"]

CompleteLeaves: TypeAlias = Callable[[Run, Sequence[Any], Place], Column]

_NULL = type(None)
_LISTS = frozenset({list, tuple})


class Values(Protocol):
    """Completes values of one type, null allowed; failures are left to the position."""

    waits: bool
    """Whether completing may have to wait for something."""

    async def complete(self, run: Run, values: Sequence[Any], place: Place) -> Column:
        """Complete a list of values: nulls stay null, exceptions become failures."""

    def plain(self, *, is_required: bool) -> Plain | None:
        """The same where nothing is special about any value, if that can be."""


class Objects(Protocol):
    """Answers objects of one type."""

    waits: bool
    plain: PlainRows | None

    async def answer(self, run: Run, rows: Sequence[Any], place: Place) -> Column:
        """One dictionary a row."""


class Position:
    """A field's value or a list's item: where errors are caught, or handed on to what holds it."""

    __slots__ = ("_is_required", "_site", "_values", "waits")

    def __init__(self, values: Values, site: Site, *, is_required: bool) -> None:
        self._values = values
        self._site = site
        self._is_required = is_required
        self.waits = values.waits

    async def complete(self, run: Run, values: Sequence[Any], place: Place) -> Column:
        """Complete values; failures are left only where null is not allowed."""
        return self._caught(run, await self._values.complete(run, values, place), place)

    def listed(self) -> AbstractValues | None:
        """What completes items, where the value is a list of objects that may be null."""
        values = self._values
        return values.item.optional_objects() if isinstance(values, ListValues) else None

    def optional_objects(self) -> AbstractValues | None:
        """What completes the value, where it is an object of some type or null."""
        values = None if self._is_required else self._values
        return values if isinstance(values, AbstractValues) else None

    def plain(self) -> Plain | None:
        """The same where nothing is special about any value, if that can be."""
        return self._values.plain(is_required=self._is_required)

    def leaves(self) -> CompleteLeaves | None:
        """The same without waiting, where the values are leaves."""
        return self._complete_leaves if isinstance(self._values, LeafValues) else None

    def _complete_leaves(self, run: Run, values: Sequence[Any], place: Place) -> Column:
        written: LeafValues = self._values  # type: ignore[assignment] # as `leaves` has seen
        return self._caught(run, written.written(values, place), place)

    def _caught(self, run: Run, column: Column, place: Place) -> Column:
        if self._is_required:
            return self._required(column, place) if column.has_null else column
        if not column.failures:
            return column
        for index, error in column.failures.items():
            run.catch(error, place, index)
        return Column(column.values)

    def _required(self, column: Column, place: Place) -> Column:
        failures = {
            index: column.failures.get(index) or self._site.null_error(place, index)
            for index, value in enumerate(column.values)
            if value is None
        }
        return Column(column.values, failures)


class LeafValues:
    """Scalars and enums."""

    waits = False

    def __init__(self, type_: GraphQLLeafType, site: Site) -> None:
        self._type = type_
        self._site = site
        self._plain, self._write = leaf_writer(type_)

    async def complete(self, _run: Run, values: Sequence[Any], place: Place) -> Column:
        """Write them."""
        return self.written(values, place)

    def plain(self, *, is_required: bool) -> Plain:
        """The same where all are of types that are written as they are."""
        return PlainLeaves(LeafWriter(self._plain, self._write), is_required=is_required)

    def written(self, values: Sequence[Any], place: Place) -> Column:
        """Write the whole list if it is plain, and each value by itself otherwise."""
        kinds = set(map(type, values))
        has_null = _NULL in kinds
        kinds.discard(_NULL)
        if kinds <= self._plain:
            if self._write is None:
                return Column(values, has_null=has_null)
            with suppress(Exception):  # told value by value below
                return Column(self._write(values), has_null=has_null)
        there = present(values, place, self._site)
        return there.spread(self._one_by_one(there))

    def _one_by_one(self, there: Present) -> Column:
        written: list[Any] = []
        failures: dict[int, GraphQLError] = {}
        for index, value in enumerate(there.values):
            try:
                written.append(write_leaf(self._type, value))
            except Exception as error:  # noqa: BLE001 - whatever the type raises is the value's error
                written.append(None)
                failures[index] = self._site.located(error, there.place, index)
        return Column(written, failures, has_null=bool(failures))


class ListValues:
    """Lists: their items are completed as one list, whichever list they are in."""

    def __init__(self, item: Position, site: Site) -> None:
        self.item = item
        self._site = site
        self.waits = item.waits

    def plain(self, *, is_required: bool) -> None:
        """There is a place for every item."""
        return

    async def complete(self, run: Run, values: Sequence[Any], place: Place) -> Column:
        """Complete the items of all lists at once."""
        if len(values) == 1 and type(values[0]) in _LISTS and not holds_awaitables(values[0]):
            column = await self.item.complete(run, values[0], ItemPlace(place, values))
            return _regrouped(column, values)
        if not set(map(type, values)) <= _LISTS:
            values = await self._as_lists(values)
        there = present(values, place, self._site)
        lists = there.values
        items: Sequence[Any]
        items = lists[0] if len(lists) == 1 else list(chain.from_iterable(lists))
        if holds_awaitables(items):
            items = await awaited(items)
        column = await self.item.complete(run, items, ItemPlace(there.place, lists))
        return there.spread(_regrouped(column, lists))

    async def _as_lists(self, values: Sequence[Any]) -> list[Any]:
        """Each value that can be walked through as a list; an exception for each that cannot."""
        lists = [self._as_list(value) for value in values]
        return await awaited(lists) if holds_awaitables(lists) else lists

    def _as_list(self, value: Any) -> Any:
        if value is None or isinstance(value, (list, tuple, Exception)):
            return value
        if hasattr(value, "__aiter__"):
            return _collected(value)
        if not is_iterable(value):
            return GraphQLError(
                f"Expected Iterable, but did not find one for field '{self._site.coordinate}'."
            )
        try:
            return list(value)
        except Exception as error:  # noqa: BLE001 - whatever the iterator raises is the field's error
            return error


async def _collected(value: Any) -> list[Any]:
    return [item async for item in value]


def _regrouped(column: Column, lists: Sequence[Sequence[Any]]) -> Column:
    """Completed items as the lists they come from; an item that may not be null ends its list."""
    values = column.values if isinstance(column.values, list) else list(column.values)
    if not column.failures:
        if len(lists) == 1:
            return Column([values], has_null=False)
        return Column(_sliced(values, lists), has_null=False)
    grouped: list[Any] = _sliced(values, lists)
    failures: dict[int, GraphQLError] = {}
    start = 0
    for number, items in enumerate(lists):
        end = start + len(items)
        first = next((at for at in range(start, end) if at in column.failures), None)
        if first is not None:
            grouped[number] = None
            failures[number] = column.failures[first]
        start = end
    return Column(grouped, failures)


def _sliced(values: list[Any], lists: Sequence[Sequence[Any]]) -> list[list[Any]]:
    sliced: list[list[Any]] = []
    start = 0
    for items in lists:
        end = start + len(items)
        sliced.append(values[start:end])
        start = end
    return sliced


class ObjectValues:
    """Objects of a type that is known beforehand.

    Where they reach the client as they are answered, some or all may be written already.
    """

    def __init__(
        self, type_: GraphQLObjectType, objects: Objects, site: Site, *, may_be_written: bool
    ) -> None:
        self._may_be_written = may_be_written
        self._type = type_
        self._objects = objects
        self._site = site
        self._is_plain = type_.is_type_of is None
        self.waits = objects.waits or type_.is_type_of is not None

    def plain(self, *, is_required: bool) -> Plain | None:
        """The same where all are there and hold nothing but columns."""
        rows = self._objects.plain
        return PlainObjects(rows) if self._is_plain and rows is not None else None

    async def complete(self, run: Run, values: Sequence[Any], place: Place) -> Column:
        """Answer all that are there at once."""
        if self._is_plain and not holds(is_special, values):
            return await self._objects.answer(run, values, place)
        if self._may_be_written and Fragment in set(map(type, values)):
            return await self._unwritten(run, values, place)
        if self._type.is_type_of is not None:
            there = present(values, place, self._site)
            checked = await checked_types(self._type, self._site, run, there)
            values = there.spread(Column(checked, there.failures)).values
            values = [there.failures.get(at, value) for at, value in enumerate(values)]
        there = present(values, place, self._site)
        if not there.values:
            return there.spread(Column([]))
        return there.spread(await self._objects.answer(run, there.values, there.place))

    async def _unwritten(self, run: Run, values: Sequence[Any], place: Place) -> Column:
        """Answer those that are not written yet."""
        picked = [index for index, value in enumerate(values) if type(value) is not Fragment]
        if not picked:
            return Column(values, has_null=False)
        rows = [values[index] for index in picked]
        column = await self.complete(run, rows, PickedPlace(place, picked))
        return put_back(values, picked, column)


async def checked_types(
    type_: GraphQLObjectType, site: Site, run: Run, there: Present
) -> Sequence[Any]:
    """The values that the type takes for its own; an exception in place of the others."""
    is_type_of = type_.is_type_of
    if is_type_of is None:
        return there.values
    found: list[Any] = []
    for index, value in enumerate(there.values):
        try:
            found.append(is_type_of(value, site.info(run, there.place, index)))
        except Exception as error:  # noqa: BLE001 - whatever the host's code raises
            found.append(error)
    if holds_awaitables(found):
        found = await awaited(found)
    return [
        verdict
        if isinstance(verdict, Exception)
        else value
        if verdict
        else GraphQLError(
            f"Expected value of type '{type_}' but got: {inspect(value)}.", site.nodes
        )
        for value, verdict in zip(there.values, found, strict=True)
    ]


class AbstractValues:
    """Objects of an interface or union: grouped by their types, each group answered at once.

    A host may attach `type_of` to the type's `extensions`: a function from a value to the name of
    its type, or None.
    """

    waits = True

    def __init__(
        self,
        type_: GraphQLAbstractType,
        values_of: Callable[[GraphQLObjectType], ObjectValues],
        site: Site,
    ) -> None:
        self._type = type_
        self._values_of = values_of
        self._site = site
        self._known: dict[str, ObjectValues] = {}
        self._type_of = (type_.extensions or {}).get("type_of")

    def plain(self, *, is_required: bool) -> None:
        """Types are found out."""
        return

    async def complete(self, run: Run, values: Sequence[Any], place: Place) -> Column:
        """Find each value's type, and answer type by type."""
        known = self.known_type(values)
        if known is not None:
            return await known.complete(run, values, place)
        there = present(values, place, self._site)
        names = await self._names(run, there)
        groups: dict[str, list[int]] = defaultdict(list)
        failures: dict[int, GraphQLError] = {}
        for index, name in enumerate(names):
            try:
                groups[self._checked(name, there.values[index])].append(index)
            except Exception as error:  # noqa: BLE001 - located and kept
                failures[index] = self._site.located(error, there.place, index)
        answers: list[Any] = [None] * len(names)
        for name, members in groups.items():
            column = await self._known[name].complete(
                run,
                [there.values[index] for index in members],
                PickedPlace(there.place, members),
            )
            for index, answer in zip(members, column.values, strict=True):
                answers[index] = answer
            failures.update({members[at]: error for at, error in column.failures.items()})
        return there.spread(Column(answers, failures, has_null=bool(failures)))

    def known_type(self, values: Sequence[Any]) -> ObjectValues | None:
        """What completes the only value, where it is there and its type was met before.

        PERF: bench/access; mostly one entity is asked for.
        """
        if len(values) != 1 or self._type_of is None or holds(is_special, values):
            return None
        return self._known.get(self._type_of(values[0]))

    async def _names(self, run: Run, there: Present) -> Sequence[Any]:
        if self._type_of is not None:
            return list(map(self._type_of, there.values))
        resolve = self._type.resolve_type or default_type_resolver
        names: list[Any] = []
        for index, value in enumerate(there.values):
            try:
                info = self._site.info(run, there.place, index)
                names.append(resolve(value, info, self._type))
            except Exception as error:  # noqa: BLE001 - whatever the host's code raises
                names.append(error)
        return await awaited(names) if holds_awaitables(names) else names

    def _checked(self, name: Any, value: Any) -> str:
        """The name, if it is that of a possible type. Raises what is wrong with it."""
        if isinstance(name, str) and name in self._known:
            return name
        if isinstance(name, Exception):
            raise name
        runtime = self._runtime_type(name, value)
        self._known[runtime.name] = self._values_of(runtime)
        return runtime.name

    def _runtime_type(self, name: Any, value: Any) -> GraphQLObjectType:
        abstract, schema, nodes = self._type, self._site.operation.schema, self._site.nodes
        must = f"Abstract type '{abstract}' must resolve to an Object type at runtime"
        at = f"for field '{self._site.coordinate}'"
        if name is None:
            raise GraphQLError(
                f"{must} {at}. Either the '{abstract}' type should provide a 'resolve_type' "
                "function or each possible type should provide an 'is_type_of' function.",
                nodes,
            )
        if not isinstance(name, str):
            raise GraphQLError(
                f"{must} {at} with value {inspect(value)}, received '{inspect(name)}', which is "
                "not a valid Object type name.",
                nodes,
            )
        runtime = schema.get_type(name)
        resolved = f"Abstract type '{abstract}' was resolved to a"
        if runtime is None:
            raise GraphQLError(
                f"{resolved} type '{name}' that does not exist inside the schema.", nodes
            )
        if not isinstance(runtime, GraphQLObjectType):
            raise GraphQLError(f"{resolved} non-object type '{name}'.", nodes)
        if not schema.is_sub_type(abstract, runtime):
            raise GraphQLError(
                f"Runtime Object type '{runtime}' is not a possible type for '{abstract}'.", nodes
            )
        return runtime
