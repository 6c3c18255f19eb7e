"""An operation executed over several schemas of this process as over one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphql.execution.values import VariableValues, VariableValueSource

from federation.coercion import Variables
from federation.compiled.places import RootPlace
from federation.compiled.run import Run
from federation.compiled.selection import Selection

__all__ = ["Together"]

_ROOT = RootPlace()


class Together:
    """One operation's data, or nothing at all where anything of it fails."""

    def __init__(self, selection: Selection, variables: Sequence[Variables]) -> None:
        """Take what is selected at the root, and the variables as each schema reads its own."""
        self._selection = selection
        self._variables = variables

    async def data(self, variables: Mapping[str, Any], context: Any) -> dict[str, Any] | None:
        """The whole data of a response; None where the plan must be run this time."""
        values = self._coerced(variables)
        if values is None:
            return None
        run = Run(values, context, None)
        try:
            column = await self._selection.answer(run, [None], _ROOT)
        except Exception:  # noqa: BLE001 - whatever is wrong, the plan says it better
            return None
        await run.settle()
        data: dict[str, Any] | None = column.values[0]
        return None if column.failures or run.failures else data

    def _coerced(self, given: Mapping[str, Any]) -> VariableValues | None:
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for some in self._variables:
            values = some.coerce(given)
            if isinstance(values, list):
                return None
            sources |= values.sources
            coerced |= values.coerced
        return VariableValues(sources, coerced)
