"""How a field is answered, declared in one line beside its type.

A field is a column of its row, one or many rows of a batch read, a page of a list, a reference to
another module's object, or a write. The declaration is a value kept with the field: `binding` turns
it into a resolver for graphql-core, and whoever executes differently reads the same value.

    class Team(Node, AccountScoped):
        name: str = column("Name, unique in the group ignoring case.")
        group: Group = one(directory.groups_by_id, "Group it belongs to.", by="group_id")
        members: Connection[Membership] | None = page(
            directory.team_members, "People of the team.", by="id", filter=MembershipFilter, …
        )
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, cast

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from datasources.paging import Listing
from resolvers.base import BatchRead
from resolvers.writing import Reach, Writer
from schema.base.guards import Guard, feature_of

__all__ = [
    "DECLARATION",
    "Column",
    "Computed",
    "Declaration",
    "Events",
    "Found",
    "Made",
    "Many",
    "One",
    "Outcome",
    "PageOf",
    "Reference",
    "Write",
    "absent",
    "argument",
    "column",
    "computed",
    "declaration_of",
    "found",
    "given",
    "made",
    "many",
    "mutation",
    "one",
    "outcome",
    "page",
    "reference",
    "subscription",
]

DECLARATION = "declaration"
"""Key of a declaration in a Strawberry field's metadata."""

By: TypeAlias = tuple[str, ...]


InSql: TypeAlias = str | Mapping[str, str] | None
"""Columns of the rows' source that say the same as what Python works out of a row: one column, or
for an object the columns that its own are, by their names; it is null where the first of them is.
None where only Python can tell."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the field's own row."""

    name: str | None = None
    """Name of the column; None for the field's own."""
    in_sql: InSql = None


@dataclass(frozen=True, slots=True)
class One:
    """One row of a batch read, by columns of the field's own row."""

    read: BatchRead[Any]
    by: By


@dataclass(frozen=True, slots=True)
class Found:
    """One row of a batch read whose key is worked out: `(context, row, **arguments) -> key`.

    The function may be awaitable; None leads nowhere.
    """

    read: BatchRead[Any]
    key: Callable[..., Any]
    needs: By
    """Columns of the row that `key` reads."""


@dataclass(frozen=True, slots=True)
class Many:
    """A short list of rows of a batch read, by columns of the field's own row."""

    read: BatchRead[Any]
    by: By
    limited: bool = False
    """Whether the field takes `first` and shows no more than that."""


@dataclass(frozen=True, slots=True)
class PageOf:
    """A page of a list that hangs off columns of the field's own row; () for a list of its own."""

    pages: Listing
    by: By


@dataclass(frozen=True, slots=True)
class Reference:
    """An object of another module by its id, or of this module by its batch read."""

    by: By


@dataclass(frozen=True, slots=True)
class Made:
    """An object whose row is made of columns of the field's own row and of its arguments."""

    row: type[NamedTuple]
    columns: Mapping[str, str]
    """Where each part of the row comes from that is no argument."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A field with real logic: `(context, row, **arguments) -> value`."""

    resolve: Callable[..., Any]
    needs: By | None = None
    """Columns of the row that `resolve` reads; None for all."""
    together: Callable[..., Any] | None = None
    """The same for all rows at once: `(context, rows) -> values`; for fields without arguments."""
    in_sql: InSql = None


@dataclass(frozen=True, slots=True)
class Write:
    """A mutation: the resolver that decides and writes, and how far it reaches."""

    writer: Writer
    reach: Reach
    keeps_dry_runs: bool = False
    feature: str | None = None
    """Feature the account acted in must have; the same that the guard names."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A part of a mutation's result, or `otherwise` when user errors kept it from happening."""

    otherwise: Any = None


@dataclass(frozen=True, slots=True)
class Events:
    """A subscription: `(context, **arguments) -> rows`, one row an event."""

    source: Callable[..., AsyncIterator[Any]]


Declaration: TypeAlias = (
    Column | One | Found | Many | PageOf | Reference | Made | Computed | Write | Outcome | Events
)


def declaration_of(field: Any) -> Declaration | None:
    """The declaration kept with a Strawberry field, if it has one."""
    return cast("Declaration | None", field.metadata.get(DECLARATION))


def _names(by: str | By) -> By:
    return (by,) if isinstance(by, str) else by


def _declared(
    declaration: Declaration,
    description: str,
    *,
    guard: Guard = (),
    arguments: Sequence[StrawberryArgument] = (),
    deprecated: str | None = None,
    shareable: bool = False,
    external: bool = False,
    requires: Sequence[str] = (),
    name: str | None = None,
) -> Any:
    field: Any = strawberry.federation.field(
        name=name,
        description=description,
        directives=list(guard),
        deprecation_reason=deprecated,
        shareable=shareable,
        external=external,
        requires=requires,
        metadata={DECLARATION: declaration},
    )
    field.arguments = list(arguments)
    return field


def column(
    description: str,
    *,
    of: str | None = None,
    guard: Guard = (),
    deprecated: str | None = None,
    shareable: bool = False,
    external: bool = False,
    name: str | None = None,
    in_sql: InSql = None,
) -> Any:
    """A column of the row, named as the field unless `of` says otherwise; see `InSql`."""
    return _declared(
        Column(of, in_sql),
        description,
        guard=guard,
        deprecated=deprecated,
        shareable=shareable,
        external=external,
        name=name,
    )


def one(
    read: BatchRead[Any],
    description: str,
    *,
    by: str | By,
    guard: Guard = (),
    requires: Sequence[str] = (),
    shareable: bool = False,
) -> Any:
    """One row of a batch read whose key is in the columns `by`; null when any of them is null."""
    return _declared(
        One(read, _names(by)), description, guard=guard, requires=requires, shareable=shareable
    )


def found(
    read: BatchRead[Any],
    key: Callable[..., Any],
    description: str,
    *,
    needs: By = (),
    guard: Guard = (),
    arguments: Sequence[StrawberryArgument] = (),
    shareable: bool = False,
) -> Any:
    """One row of a batch read by a key that a function works out; see `Found`."""
    return _declared(
        Found(read, key, needs),
        description,
        guard=guard,
        arguments=arguments,
        shareable=shareable,
    )


def many(
    read: BatchRead[Any],
    description: str,
    *,
    by: str | By,
    guard: Guard = (),
    arguments: Sequence[StrawberryArgument] = (),
) -> Any:
    """A list of rows of a batch read, for lists the domain bounds."""
    limited = any(argument.python_name == "first" for argument in arguments)
    return _declared(Many(read, _names(by), limited), description, guard=guard, arguments=arguments)


def page(
    pages: Listing,
    description: str,
    *,
    by: str | By = (),
    filter: type | None = None,
    order: type | None = None,
    order_default: str = "newest first",
    conditions: Sequence[StrawberryArgument] = (),
    guard: Guard = (),
) -> Any:
    """A Relay connection over a list; `filter` and `order` are the input types it takes.

    `conditions` are arguments of their own that say what could stand in the filter as well.
    """
    arguments = [
        *conditions,
        argument(
            "first",
            int | None,
            "Page size from the start: 25 when neither first nor last is given, 200 at most.",
        ),
        argument("after", str | None, "Cursor to continue after."),
        argument("last", int | None, "Page size from the end, 200 at most."),
        argument("before", str | None, "Cursor to continue before."),
    ]
    if filter is not None:
        arguments.append(argument("filter", filter | None, "Conditions, all of which must hold."))
    if order is not None:
        described = f"Sort order; {order_default} when absent."
        arguments.append(argument("order_by", order | None, described))
    return _declared(PageOf(pages, _names(by)), description, guard=guard, arguments=arguments)


def reference(description: str, *, by: str | By, guard: Guard = ()) -> Any:
    """An object by its id, whichever module owns it; null when the id is null."""
    return _declared(Reference(_names(by)), description, guard=guard)


def made(
    row: type[NamedTuple],
    description: str,
    *,
    columns: Mapping[str, str],
    guard: Guard = (),
    arguments: Sequence[StrawberryArgument] = (),
) -> Any:
    """An object that no table holds: its row has `columns` of the field's own row, and arguments.

    All of the row's values are text.
    """
    return _declared(Made(row, columns), description, guard=guard, arguments=arguments)


def computed(
    resolve: Callable[..., Any],
    description: str,
    *,
    guard: Guard = (),
    arguments: Sequence[StrawberryArgument] = (),
    shareable: bool = False,
    requires: Sequence[str] = (),
    needs: By | None = None,
    together: Callable[..., Any] | None = None,
    in_sql: InSql = None,
) -> Any:
    """A field with real logic: a function `(context, row, **arguments)`, plain or awaitable.

    Args:
        resolve: The function.
        description: For the reader of the graph.
        guard: What it demands of the caller.
        arguments: What the client may say.
        shareable: Whether other modules answer the same.
        requires: Fields of other modules that must be there first.
        needs: Columns of the row that it reads, so that no others are read; None for all.
        together: The same for all rows at once, `(context, rows) -> values`, where that is faster.
        in_sql: Columns of the rows' source that say the same; see `InSql`.
    """
    return _declared(
        Computed(resolve, needs, together, in_sql),
        description,
        guard=guard,
        arguments=arguments,
        shareable=shareable,
        requires=requires,
    )


def outcome(description: str, *, otherwise: Any = None, guard: Guard = ()) -> Any:
    """A field of a payload: the same-named part of the writer's result."""
    return _declared(Outcome(otherwise), description, guard=guard)


def mutation(
    writer: Writer,
    input: type,
    description: str,
    *,
    guard: Guard,
    reach: Reach = Reach.ACCOUNT,
    keeps_dry_runs: bool = False,
) -> Any:
    """A mutation: the input's given fields become the writer's keyword arguments."""
    return _declared(
        Write(writer, reach, keeps_dry_runs, feature_of(guard)),
        description,
        guard=guard,
        arguments=[argument("input", input, "What to do.")],
    )


def subscription(
    source: Callable[..., AsyncIterator[Any]],
    description: str,
    *,
    guard: Guard,
    arguments: Sequence[StrawberryArgument] = (),
) -> Any:
    """A subscription: a function `(context, **arguments)` that yields the row of each event.

    It is closed when the client goes or loses a right, and the next event is asked for only when
    the one before has been sent.
    """
    return _declared(Events(source), description, guard=guard, arguments=arguments)


def argument(
    name: str,
    type_: Any,
    description: str,
    default: Any = strawberry.UNSET,
    *,
    sensitive: Guard = (),
) -> StrawberryArgument:
    """An argument of a field; `name` in snake_case."""
    optional = default is strawberry.UNSET and _is_optional(type_)
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(type_),
        description=description,
        default=strawberry.UNSET if optional else default,
        directives=sensitive,
    )


def _is_optional(type_: Any) -> bool:
    return type(None) in getattr(type_, "__args__", ())


def given(description: str, *, sensitive: Guard = (), default: Any = strawberry.UNSET) -> Any:
    """A field of an input that must be given, or has a default."""
    return strawberry.field(
        description=description,
        directives=list(sensitive),
        **({} if default is strawberry.UNSET else {"default": default}),
    )


def absent(description: str, *, sensitive: Guard = ()) -> Any:
    """A field of an input that may be left out, which is not the same as null."""
    return strawberry.field(
        description=description, directives=list(sensitive), default=strawberry.UNSET
    )
