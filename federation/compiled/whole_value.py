"""A field whose value reaches the client as it is answered: written already, or to be kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from federation.compiled.column import Column, holds, put_back
from federation.compiled.places import PickedPlace, Place
from federation.compiled.plain import Plain
from federation.compiled.run import Run
from federation.written import Written, is_unwritten

if TYPE_CHECKING:
    from federation.compiled.values import AbstractValues

__all__ = ["Completing", "WholeValue"]


def _is_ours(kind: type) -> bool:
    return kind is Written or is_unwritten(kind)


class Completing(Protocol):
    """Completes the values of one field."""

    waits: bool
    """Whether completing may have to wait for something."""

    async def complete(self, run: Run, values: Sequence[Any], place: Place) -> Column:
        """Complete values; failures are left only where null is not allowed."""

    def listed(self) -> AbstractValues | None:
        """What completes items, where the value is a list of objects that may be null."""

    def plain(self) -> Plain | None:
        """The same where nothing is special about any value, if that can be."""

    def leaves(self) -> Callable[[Run, Sequence[Any], Place], Column] | None:
        """The same without waiting, where that can be."""


class WholeValue:
    """Passes on what is written, and hands back the JSON of what its host wants to keep."""

    __slots__ = ("_inner", "waits")

    def __init__(self, inner: Completing) -> None:
        self._inner = inner
        self.waits = inner.waits

    def listed(self) -> None:
        """The list itself may be written."""
        return

    def plain(self) -> None:
        """What is written has to be looked for."""
        return

    def leaves(self) -> None:
        """What is written has to be looked for."""
        return

    async def complete(self, run: Run, values: Sequence[Any], place: Place) -> Column:
        """Complete what is not written yet."""
        if len(values) == 1 and type(values[0]) is Written:
            return Column(values, has_null=False)
        if not holds(_is_ours, values):
            return await self._inner.complete(run, values, place)
        picked = [index for index, value in enumerate(values) if type(value) is not Written]
        if not picked:
            return Column(values, has_null=False)
        column = await self._unwritten(run, [values[i] for i in picked], PickedPlace(place, picked))
        return put_back(values, picked, column)

    async def _unwritten(self, run: Run, values: Sequence[Any], place: Place) -> Column:
        """Complete values, and hand over those to be kept if nothing failed."""
        plain = [value.value if is_unwritten(type(value)) else value for value in values]
        before = run.failures
        column = await self._inner.complete(run, plain, place)
        if not column.failures and run.failures == before:
            for value, answer in zip(values, column.values, strict=True):
                if is_unwritten(type(value)) and answer is not None:
                    value.keep_written(Written(orjson.dumps(answer)))
        return column
