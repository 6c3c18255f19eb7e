"""Fields that show a part of what is decided about their row's scope.

What is shown of a decision follows from the decision alone, so that its JSON can be remembered
beside it: whoever asks in the same form again is answered with that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar

from datasources.scopes import ScopeRow
from resolvers.decisions import Decide, Decided
from resolvers.errors import NotFound

if TYPE_CHECKING:
    from resolvers.base import RequestContext

__all__ = ["Part", "Showing", "no_scope"]

ValueT = TypeVar("ValueT")
Form: TypeAlias = "tuple[Part[Any], str]"

_FORMS = 4
"""Forms in which one decision is remembered; clients choose them, so there must be an end."""


def no_scope() -> NotFound:
    """The error where nothing is decided, because there is no such scope."""
    return NotFound("There is no such scope in this account.")


class Showing(NamedTuple):
    """A part about to be shown in some form; what it is written as is kept with the decision."""

    value: Any
    form: Form
    shown: dict[Any, Any]

    def keep_written(self, written: Any) -> None:
        """Remember it for whoever asks in the same form."""
        if len(self.shown) >= _FORMS:
            self.shown.clear()
        self.shown[self.form] = written


class Part(Generic[ValueT]):
    """Takes a part out of what is decided: a resolver `(context, row, **arguments)`.

    PERF: bench/access; what is remembered is answered at once, with no task of the event loop.
    """

    def __init__(
        self,
        decide: Decide[ValueT | None],
        pick: Callable[..., Any],
        *,
        beyond: Callable[..., Any] | None = None,
    ) -> None:
        """Describe a part.

        Args:
            decide: The decision.
            pick: Takes the part out of the value: `(value, **arguments)`.
            beyond: Answers instead where an argument asks for more than was decided:
                `(context, row, **arguments)`.
        """
        self._decide = decide
        self._pick = pick
        self._beyond = beyond

    def __call__(self, context: RequestContext, row: Any, **arguments: Any) -> Any:
        """The part, at once where the decision is remembered."""
        beyond = self._more(arguments)
        if beyond is not None:
            return beyond(context, row, **arguments)
        known = context.deciding.known(self._decide, row.scope)
        if known is None:
            return self._later(context, row.scope, arguments)
        return self._picked(known.value, arguments)

    def shown(
        self, form: str, arguments: Mapping[str, Any], context: RequestContext, row: Any
    ) -> Any:
        """What was kept for this form; else the value to be shown, with where to keep it."""
        beyond = self._more(arguments)
        if beyond is not None:
            return beyond(context, row, **arguments)
        known = context.deciding.known(self._decide, row.scope)
        if known is None:
            return self._shown_later(form, arguments, context, row.scope)
        return known.shown.get((self, form)) or self._showing(form, arguments, known)

    def _more(self, arguments: Mapping[str, Any]) -> Callable[..., Any] | None:
        """What answers instead, if an argument asks for more than was decided."""
        if not arguments:
            return None
        return self._beyond if any(value is not None for value in arguments.values()) else None

    async def _later(
        self, context: RequestContext, scope: ScopeRow, arguments: Mapping[str, Any]
    ) -> Any:
        return self._picked(await context.decide(self._decide, scope), arguments)

    async def _shown_later(
        self, form: str, arguments: Mapping[str, Any], context: RequestContext, scope: ScopeRow
    ) -> Any:
        made = await context.deciding.made(self._decide, scope)
        return made.shown.get((self, form)) or self._showing(form, arguments, made)

    def _showing(
        self, form: str, arguments: Mapping[str, Any], made: Decided[ValueT | None]
    ) -> Showing:
        return Showing(self._picked(made.value, arguments), (self, form), made.shown)

    def _picked(self, value: ValueT | None, arguments: Mapping[str, Any]) -> Any:
        if value is None:
            raise no_scope()
        return self._pick(value, **arguments)
