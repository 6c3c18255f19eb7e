"""The form of one operation's response, for each combination of its conditions' values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import GraphQLSchema

from federation.bounded_cache import BoundedCache
from federation.execution.conditions import condition_variables
from federation.execution.direct import DirectAnswer, DirectAnswers
from federation.execution.project import Projection
from federation.execution.selections import Selections
from federation.execution.sharing import Sharing
from federation.execution.whole import Exactness, Whole, WholeParts
from federation.operation import Operation
from federation.plan import PlanNode

__all__ = ["Form", "Forms"]

_HOT = 10
"""Uses of an operation after which code is generated for its projection."""

_KEPT = 16
"""Forms kept of one operation."""


class Form(NamedTuple):
    """What a response looks like where conditions have certain values."""

    truth: Mapping[str, bool]
    """The values, by variable."""
    projection: Projection
    whole: Whole
    """What needs no projection."""
    direct: DirectAnswer | None = None
    """How it is answered without the plan, where it may be."""


class Forms:
    """Makes the forms of one operation when they are first met."""

    def __init__(
        self,
        operation: Operation,
        node: PlanNode | None,
        schema: GraphQLSchema,
        sharing: Sharing,
        exactness: Exactness,
        *,
        denied: frozenset[str],
        direct: DirectAnswers | None = None,
    ) -> None:
        """Take what decides them; see `Executor`."""
        self._operation = operation
        self._schema = schema
        self._sharing = sharing
        self._denied = denied
        self._node = node
        self._direct = None if denied else direct
        self._whole_parts = WholeParts(operation, node, schema, exactness)
        self._conditions = condition_variables(operation)
        self._uses = 0
        self._forms: BoundedCache[tuple[bool, ...], Form] = BoundedCache(_KEPT)

    def of(self, variables: Mapping[str, Any]) -> Form:
        """The form of a response to a request with these values."""
        self._uses += 1
        if self._uses == _HOT:
            self._forms.clear()
        truth = {name: variables.get(name) is True for name in self._conditions}
        key = tuple(truth.values())
        form = self._forms.get(key)
        if form is None:
            form = self._made(truth)
            self._forms.put(key, form)
        return form

    def _made(self, truth: dict[str, bool]) -> Form:
        operation, schema = self._operation, self._schema
        selections = Selections(operation, schema, denied=self._denied, truth=truth)
        whole = self._whole_parts.find(selections, truth)
        projection = Projection(
            operation,
            schema,
            denied=self._denied,
            truth=truth,
            sharing=self._sharing if self._uses >= _HOT else None,
            whole=whole.places,
        )
        direct = self._direct
        answer = None if direct is None else direct.prepare(operation, self._node, selections)
        return Form(truth, projection, whole, answer)
