"""A selection on one object type, answered for many rows at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeGuard

from graphql import GraphQLError

from federation.compiled.column import NO_FAILURES, Column
from federation.compiled.places import FieldPlace, Place
from federation.compiled.plain import PlainColumn, PlainRows
from federation.compiled.run import Run
from federation.compiled.site import Site
from federation.compiled.sources import Columns, Raw, Source
from federation.compiled.whole_value import Completing

__all__ = ["CompiledField", "Selection"]


class CompiledField:
    """One response key: where its values come from and how they are completed."""

    __slots__ = ("_position", "_source", "key", "listed", "now", "plain", "site", "waits")

    def __init__(self, site: Site, source: Source, position: Completing) -> None:
        self.site = site
        self.key = site.key
        self._source = source
        self._position = position
        self.waits = position.waits or not isinstance(source, Columns)
        self.now = position.leaves() if isinstance(source, Columns) else None
        """Completes the values at once, where they are columns of leaves. PERF: bench/access."""
        self.listed = position.listed()
        """What completes the items, where the value is a list of objects that may be null."""
        self.plain = _plain(source, position)
        """The same where nothing is special about any value, if that can be."""

    def start(self, run: Run, rows: Sequence[Any], place: Place) -> Raw:
        """Ask for the values of all rows; never raises."""
        return self._source.values(run, rows, place)

    async def finish(self, run: Run, raw: Raw, place: Place) -> Column:
        """Wait for the values, and complete them."""
        return await self.completed(run, await raw if _is_awaitable(raw) else raw, place)

    async def values(self, run: Run, rows: Sequence[Any], place: Place) -> Any:
        """The values of all rows, waited for."""
        raw = self._source.values(run, rows, place)
        return await raw if _is_awaitable(raw) else raw

    def completed(self, run: Run, values: Any, place: Place) -> Awaitable[Column]:
        """Complete values that were waited for."""
        return self._position.complete(run, values, self.place(place))

    def has_to_wait(self, raw: Raw) -> bool:
        """Whether other fields could use the time that this one takes."""
        return self.now is None and (self._position.waits or _is_awaitable(raw))

    def place(self, place: Place) -> FieldPlace:
        """Where its values stand, of objects that stand at a place."""
        return FieldPlace(place, self.key, self.site.parent.name)


def _plain(source: Source, position: Completing) -> PlainColumn | None:
    if not isinstance(source, Columns):
        return None
    plain = position.plain()
    return None if plain is None else PlainColumn(source.name, plain)


class Selection:
    """The fields asked of objects of one type, in the order of the response."""

    def __init__(
        self,
        keys: Mapping[str, str | None],
        fields: Sequence[CompiledField],
        *,
        serially: bool = False,
    ) -> None:
        """Prepare to answer.

        Args:
            keys: Response keys in their order; those that are the same for every object, as
                `__typename` is, with their value.
            fields: The fields of the others, in the same order.
            serially: Whether each field is done before the next begins, as in mutations.
        """
        self._fields = tuple(fields)
        self._serially = serially
        self._build = row_builder(keys)
        columns = [field.plain for field in fields if field.plain is not None]
        is_plain = fields and len(columns) == len(fields)
        self.plain = PlainRows(columns, self._build) if is_plain else None
        """What answers where nothing is special about any value, if that can be."""
        self.waits = any(field.waits for field in fields)
        self.only = fields[0] if len(fields) == len(keys) == 1 and not serially else None
        """The field, where there is one and nothing else."""

    async def answer(self, run: Run, rows: Sequence[Any], place: Place) -> Column:
        """One dictionary a row; a row fails with the first of its fields that may not be null."""
        plain = None if self.plain is None else self.plain.written(rows)
        if plain is not None:
            return Column(plain, has_null=False)
        ask = self._one_by_one if self._serially else self._at_once
        columns = await ask(run, rows, place)
        failures = _failures(columns)
        if failures and len(columns) < len(self._fields):
            return Column([None] * len(rows), failures)
        answers = self._build([column.values for column in columns], len(rows))
        for index in failures:
            answers[index] = None
        return Column(answers, failures, has_null=bool(failures))

    async def _at_once(self, run: Run, rows: Sequence[Any], place: Place) -> list[Column]:
        """Start all fields, then finish them; together where more than one has to wait."""
        if len(self._fields) == 1:
            (only,) = self._fields
            return [await only.finish(run, only.start(run, rows, place), place)]
        started: list[tuple[CompiledField, Any]]
        started = [(field, field.start(run, rows, place)) for field in self._fields]
        waiting = [field for field, raw in started if field.has_to_wait(raw)]
        if len(waiting) < 2:
            return [
                await field.finish(run, raw, place)
                if field.now is None
                else field.now(run, raw, field.place(place))
                for field, raw in started
            ]
        async with asyncio.TaskGroup() as group:
            tasks = {
                field.key: group.create_task(field.finish(run, raw, place))
                for field, raw in started
                if field in waiting
            }
        return [
            tasks[field.key].result() if field.key in tasks else await field.finish(run, raw, place)
            for field, raw in started
        ]

    async def _one_by_one(self, run: Run, rows: Sequence[Any], place: Place) -> list[Column]:
        """One field after the other, until one fails that may not be null."""
        columns: list[Column] = []
        for field in self._fields:
            column = await field.finish(run, field.start(run, rows, place), place)
            columns.append(column)
            if column.failures:
                break
        return columns


def _is_awaitable(raw: Raw) -> TypeGuard[Awaitable[Sequence[Any]]]:
    """PERF: bench/access; asking the abstract class takes five times as long."""
    return hasattr(raw, "__await__")


def _failures(columns: Sequence[Column]) -> Mapping[int, GraphQLError]:
    failing = [column.failures for column in columns if column.failures]
    if not failing:
        return NO_FAILURES
    failures: dict[int, GraphQLError] = {}
    for of_field in failing:
        for index, error in of_field.items():
            failures.setdefault(index, error)
    return failures


Build = Callable[[Sequence[Sequence[Any]], int], list[Any]]


def row_builder(keys: Mapping[str, str | None]) -> Build:
    """Generated code that makes one dictionary a row of lists of values.

    PERF: bench/list; a dictionary display in a comprehension costs a third of filling a copy. Of
    what the client wrote, the text holds only response keys, as literals.
    """
    names = {key: f"value_{number}" for number, key in enumerate(keys) if keys[key] is None}
    entries = ", ".join(f"{key!r}: {names.get(key, repr(keys[key]))}" for key in keys)
    rows = f"for {', '.join(names.values())}, in zip(*columns)" if names else "for _ in range(size)"
    text = f"lambda columns, size: [{{{entries}}} {rows}]"
    build: Build = eval(compile(text, "<rows>", "eval"))  # noqa: S307 - the text is our own
    return build
