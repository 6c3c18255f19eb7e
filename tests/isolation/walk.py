"""Operations made from the schema: every field is asked for, also one added tomorrow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
)

from federation.prepared import MAX_SELECTIONS

__all__ = [
    "Document",
    "Extra",
    "InputPath",
    "Selected",
    "Walk",
    "input_paths",
    "is_wrapper",
]

_MOST = MAX_SELECTIONS - 100
"""Of an operation, the way from the root left out."""

Step = tuple[str, str]
"""Names of a type and of one of its fields."""


class Extra(NamedTuple):
    """An argument given beside those a field cannot do without."""

    step: Step
    argument: str


@dataclass(frozen=True, slots=True)
class Selected:
    """One field of an operation."""

    key: str
    step: Step
    arguments: tuple[str, ...]
    """Names of those given, each by a variable."""
    on: str | None = None
    """Type condition it stands under."""
    below: tuple[Selected, ...] = ()

    @property
    def coordinate(self) -> str:
        """`Type.field`."""
        return ".".join(self.step)


@dataclass(frozen=True, slots=True)
class Document:
    """An operation, and the argument coordinate each of its variables stands for."""

    text: str
    variables: Mapping[str, str]
    root: Selected

    def chain(self) -> tuple[Selected, ...]:
        """The fields from the root down to where the operation branches."""
        fields = [self.root]
        while len(fields[-1].below) == 1:
            fields.append(fields[-1].below[0])
        return tuple(fields)

    def coordinates(self, selected: Selected | None = None) -> set[str]:
        """Every `Type.field` asked for."""
        field = selected or self.root
        return {field.coordinate}.union(*[self.coordinates(child) for child in field.below])

    def answered(self, data: Any) -> set[str]:
        """Every `Type.field` that some object of an answer has a value for, lists not empty."""
        found: set[str] = set()
        if isinstance(data, dict):
            _gather(self.root, data, found)
        return found


def _gather(field: Selected, parent: dict[str, Any], found: set[str]) -> None:
    value = parent.get(field.key)
    if value is None or value in ([], {}):
        return
    found.add(field.coordinate)
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            for child in field.below:
                _gather(child, item, found)


class InputPath(NamedTuple):
    """Where in an input something is said."""

    names: tuple[str, ...]
    type: GraphQLNamedType
    is_list: bool


def input_paths(name: str, type_: GraphQLInputType) -> Iterator[InputPath]:
    """Every leaf below an argument or input field; lists of objects are entered once."""
    yield from _input_paths((name,), type_, frozenset())


def _input_paths(
    names: tuple[str, ...], type_: GraphQLInputType, seen: frozenset[str]
) -> Iterator[InputPath]:
    named = get_named_type(type_)
    if not isinstance(named, GraphQLInputObjectType):
        yield InputPath(names, named, isinstance(get_nullable_type(type_), GraphQLList))
        return
    if named.name in seen:
        return
    for child, field in named.fields.items():
        yield from _input_paths((*names, child), field.type, seen | {named.name})


def is_wrapper(type_: GraphQLNamedType) -> bool:
    """Whether a type only pages through another."""
    return type_.name.endswith(("Connection", "Edge"))


class Walk:
    """The fields of a schema, and how each is reached from `Query`."""

    def __init__(self, schema: GraphQLSchema, given: frozenset[str]) -> None:
        """Take the coordinates (`Type.field.argument`) of optional arguments to give as well."""
        self.schema = schema
        self._given = given
        self._paths = self._shortest_paths()

    def documents(self, depth: int) -> Iterator[tuple[str, Document]]:
        """Operations that ask for everything to a depth, each of a size that is accepted."""
        for name in self._paths:
            if is_wrapper(self.schema.type_map[name]):
                continue
            if name != "Query":
                yield name, self.to_type(name, 0)
            for field_name, field in self._object(name).fields.items():
                if not is_leaf_type(get_named_type(field.type)):
                    for document in self._to_field_in_parts((name, field_name), depth - 1):
                        yield f"{name}.{field_name}", document

    def fields(self) -> Iterator[tuple[Step, GraphQLField]]:
        """Every field a query can reach."""
        for name in self._paths:
            for field_name, field in self._object(name).fields.items():
                yield (name, field_name), field

    def path(self, name: str) -> tuple[Step, ...]:
        """The way from the root to a type, through the caller's account where there is one."""
        return self._paths[name]

    def to_type(self, name: str, depth: int) -> Document:
        """Ask for everything of a type, and for what lies below to a depth."""
        return self._document("query", self._paths[name], self._below(name, depth), ())

    def to_field(self, step: Step, depth: int, *extras: str) -> Document:
        """Ask for one field with these arguments as well."""
        answer = get_named_type(self._field(step).type)
        below = () if is_leaf_type(answer) else self._below(answer.name, depth)
        path = (*self._paths[step[0]], step)
        return self._document("query", path, below, [Extra(step, name) for name in extras])

    def _to_field_in_parts(self, step: Step, depth: int) -> Iterator[Document]:
        """Ask for one field, in as many operations as it takes for each to be accepted."""
        answer = get_named_type(self._field(step).type)
        waiting = [self._below(answer.name, depth)]
        while waiting:
            below = waiting.pop()
            if sum(map(_size, below)) > _MOST and len(below) > 1:
                half = len(below) // 2
                waiting += [below[half:], below[:half]]
            else:
                yield self._document("query", (*self._paths[step[0]], step), below, ())

    def to_coordinate(self, step: Step) -> Document:
        """Ask for one field and nothing beside or below it."""
        answer = get_named_type(self._field(step).type)
        typename = Selected("__typename", (answer.name, "__typename"), ())
        below = () if is_leaf_type(answer) else (typename,)
        return self._document("query", (*self._paths[step[0]], step), below, ())

    def to_mutation(self, name: str, depth: int) -> Document:
        """Ask for a mutation, and everything of its payload to a depth."""
        payload = get_named_type(self._field(("Mutation", name)).type)
        return self._document(
            "mutation", (("Mutation", name),), self._below(payload.name, depth), ()
        )

    def to_subscription(self, name: str, depth: int, *extras: str) -> Document:
        """Ask for a subscription, and everything of its events to a depth."""
        step = ("Subscription", name)
        answer = get_named_type(self._field(step).type)
        below = self._below(answer.name, depth)
        return self._document(
            "subscription", (step,), below, [Extra(step, extra) for extra in extras]
        )

    def subscriptions(self) -> list[str]:
        """Every subscription."""
        return list(self._object("Subscription").fields)

    def mutations(self) -> list[str]:
        """Every mutation."""
        return list(self._object("Mutation").fields)

    def _object(self, name: str) -> GraphQLObjectType:
        type_ = self.schema.type_map[name]
        if not isinstance(type_, GraphQLObjectType):
            raise TypeError(f"{name} is no object type.")
        return type_

    def _field(self, step: Step) -> GraphQLField:
        fields: Mapping[str, GraphQLField] = self._object(step[0]).fields
        return fields[step[1]]

    def _possible(self, type_: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
        if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
            return list(self.schema.get_possible_types(type_))
        return [type_] if isinstance(type_, GraphQLObjectType) else []

    def _shortest_paths(self) -> dict[str, tuple[Step, ...]]:
        """Breadth first: all that an account leads to, then what only other roots lead to."""
        paths: dict[str, tuple[Step, ...]] = {"Query": ()}
        roots = list(self._object("Query").fields)
        for root in sorted(roots, key=lambda name: name != "account"):
            waiting = deque([("Query", root)])
            while waiting:
                step = waiting.popleft()
                for answer in self._possible(get_named_type(self._field(step).type)):
                    if answer.name not in paths:
                        paths[answer.name] = (*paths[step[0]], step)
                        waiting.extend((answer.name, field) for field in answer.fields)
        return paths

    def _below(self, name: str, depth: int, on: str | None = None) -> tuple[Selected, ...]:
        type_ = self.schema.type_map[name]
        if not isinstance(type_, GraphQLObjectType):
            kinds = [self._below(kind.name, depth, kind.name) for kind in self._possible(type_)]
            return tuple(field for kind in kinds for field in kind)
        fields = [self._select((name, field), depth, on) for field in type_.fields]
        typename = Selected(f"{on or name}__typename", (name, "__typename"), (), on)
        return (typename, *[field for field in fields if field is not None])

    def _select(self, step: Step, depth: int, on: str | None) -> Selected | None:
        answer = get_named_type(self._field(step).type)
        below: tuple[Selected, ...] = ()
        if not is_leaf_type(answer):
            if depth == 0 and not is_wrapper(self.schema.type_map[step[0]]):
                return None
            is_free = is_wrapper(answer) or is_wrapper(self.schema.type_map[step[0]])
            if self._is_page_of_its_own_kind(step[0], answer):
                is_free = False
            below = self._below(answer.name, depth if is_free else depth - 1)
            if step[1] == "edges":
                below = self._edge(answer.name)
        return Selected(self._key(step, on), step, self._arguments(step), on, below)

    def _is_page_of_its_own_kind(self, name: str, answer: GraphQLNamedType) -> bool:
        """Whether an object pages through objects like itself, which would never end."""
        if not answer.name.endswith("Connection"):
            return False
        return get_named_type(self._field((answer.name, "nodes")).type).name == name

    def _edge(self, name: str) -> tuple[Selected, ...]:
        """Of an edge its cursor and what its node is: the nodes stand beside it in full."""
        node = Selected(
            "node", (name, "node"), (), below=(Selected("__typename", ("Node", "__typename"), ()),)
        )
        return Selected("cursor", (name, "cursor"), ()), node

    def _key(self, step: Step, on: str | None) -> str:
        return step[1] if on is None else f"{on}_{step[1]}"

    def _arguments(self, step: Step, extras: Sequence[Extra] = ()) -> tuple[str, ...]:
        extra = {name for at, name in extras if at == step}
        return tuple(
            name
            for name, argument in self._field(step).args.items()
            if is_required_argument(argument)
            or name in extra
            or name == "first"
            or f"{step[0]}.{step[1]}.{name}" in self._given
        )

    def _document(
        self,
        kind: str,
        path: Sequence[Step],
        below: tuple[Selected, ...],
        extras: Sequence[Extra],
    ) -> Document:
        for number in range(len(path) - 1, -1, -1):
            step, above = path[number], path[number - 1] if number else None
            on = None
            if above is not None and get_named_type(self._field(above).type).name != step[0]:
                on = step[0]
            field = Selected(self._key(step, on), step, self._arguments(step, extras), on, below)
            below = (field,)
        (root,) = below
        variables = {_variable(step, name): (step, name) for step, name in _arguments_in(root)}
        declared = ", ".join(
            f"${variable}: {self._field(step).args[name].type}"
            for variable, (step, name) in variables.items()
        )
        text = f"{kind}{f'({declared})' if declared else ''} {{ {_render(root)} }}"
        named = {variable: ".".join((*step, name)) for variable, (step, name) in variables.items()}
        return Document(text, named, root)


def _size(field: Selected) -> int:
    """Fields, arguments and fragments, as the engine counts them."""
    own = 1 + len(field.arguments) + (field.on is not None)
    return own + sum(map(_size, field.below))


def _arguments_in(field: Selected) -> Iterator[tuple[Step, str]]:
    for name in field.arguments:
        yield field.step, name
    for child in field.below:
        yield from _arguments_in(child)


def _variable(step: Step, argument: str) -> str:
    return "_".join((*step, argument))


def _render(field: Selected) -> str:
    given = ", ".join(f"{name}: ${_variable(field.step, name)}" for name in field.arguments)
    name = field.step[1]
    alias = "" if field.key == name else f"{field.key}: "
    below = " ".join(_render(child) for child in field.below)
    text = f"{alias}{name}{f'({given})' if given else ''}{f' {{ {below} }}' if below else ''}"
    return text if field.on is None else f"... on {field.on} {{ {text} }}"
