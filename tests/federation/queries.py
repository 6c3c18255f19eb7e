"""Valid operations on a schema, made at random."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple, TypeAlias, TypeVar

from graphql import (
    GraphQLCompositeType,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_input_object_type,
)
from hypothesis import strategies as st

__all__ = ["RandomOperation", "operations", "random_operation"]

T = TypeVar("T")

VALUES: Mapping[str, Sequence[str]] = {
    "Int": ["0", "1", "2"],
    "ID": ['"u1"', '"p2"', '"b1"', '"x"'],
    "String": ['"upc-1"', '"upc-3"', '"x"'],
    "Boolean": ["true", "false"],
    "Even": ["0", "2", "3", "null"],
}


Weigh: TypeAlias = Callable[[str, str, GraphQLField], int]
"""How likely a field is to be asked for, by its type's name and its own."""


def _alike(_type: str, _name: str, _field: GraphQLField) -> int:
    return 1


class RandomOperation(NamedTuple):
    text: str
    variables: dict[str, Any]


class _Writer:
    """Writes one operation from choices made at random."""

    def __init__(
        self,
        schema: GraphQLSchema,
        random: Random,
        max_depth: int,
        *,
        values: Mapping[str, Sequence[str]],
        weigh: Weigh,
        crossing: float,
    ) -> None:
        self._schema = schema
        self._crossing = crossing
        self._values = values
        self._weigh = weigh
        self._random = random
        self._max_depth = max_depth
        self._aliases = 0
        self.fragments: list[str] = []
        self.uses_variables: set[str] = set()

    def selection(self, type_: GraphQLCompositeType, depth: int) -> str:
        taken: set[str] = set()
        parts = [self._part(type_, depth, taken) for _ in range(self._random.randint(1, 4))]
        return "{ " + " ".join(parts) + " }"

    def _part(self, type_: GraphQLCompositeType, depth: int, taken: set[str]) -> str:
        kinds = ["field"] * 6 + ["typename", "inline", "named"]
        kind = self._random.choice(kinds)
        if kind == "inline" and depth < self._max_depth:
            return self._inline(type_, depth)
        if kind == "named" and depth < self._max_depth:
            return self._named(type_, depth)
        fields = {} if isinstance(type_, GraphQLUnionType) else type_.fields
        names = [
            name
            for name, field in fields.items()
            if depth < self._max_depth or not is_composite_type(get_named_type(field.type))
        ]
        if kind == "typename" or not names:
            return "__typename"
        weights = [self._weigh(type_.name, name, fields[name]) for name in names]
        (name,) = self._random.choices(names, weights)
        again = name in taken and is_composite_type(get_named_type(fields[name].type))
        taken.add(name)
        return self._field(name, fields[name], depth, fields, is_again=again)

    def _field(
        self, name: str, field: GraphQLField, depth: int, names: Iterable[str], *, is_again: bool
    ) -> str:
        arguments = [
            f"{argument}: {self._value(definition.type)}"
            for argument, definition in field.args.items()
            if isinstance(definition.type, GraphQLNonNull) or self._random.random() < 0.5
        ]
        alias = ""
        kind = self._random.randint(0, 9)
        if kind < 2 or (field.args and kind < 7) or is_again:
            # Equal keys must ask for equal things: most of what has arguments gets its own.
            self._aliases += 1
            alias = f"a{self._aliases}: "
        elif self._random.random() < self._crossing:
            alias = f"{self._pick(sorted(names))}: "
        call = f"({', '.join(arguments)})" if arguments else ""
        answer = get_named_type(field.type)
        below = self.selection(answer, depth + 1) if is_composite_type(answer) else ""
        return f"{alias}{name}{call}{self._directive()} {below}".strip()

    def _inline(self, type_: GraphQLCompositeType, depth: int) -> str:
        condition = self._condition(type_)
        return f"... on {condition.name}{self._directive()} {self.selection(condition, depth + 1)}"

    def _named(self, type_: GraphQLCompositeType, depth: int) -> str:
        condition = self._condition(type_)
        body = self.selection(condition, depth + 1)
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {condition.name} {body}")
        return f"...{name}{self._directive()}"

    def _condition(self, type_: GraphQLCompositeType) -> GraphQLCompositeType:
        if isinstance(type_, GraphQLObjectType):
            names: list[GraphQLCompositeType] = [type_, *type_.interfaces]
            return self._pick(names)
        possible = self._schema.get_possible_types(type_)
        interfaces = {entry.name: entry for member in possible for entry in member.interfaces}
        choices: list[GraphQLCompositeType] = [type_, *possible, *interfaces.values()]
        return self._pick(choices)

    def _directive(self) -> str:
        kind = self._random.randint(0, 9)
        if kind > 1:
            return ""
        name = "include" if kind else "skip"
        value = self._random.choice(["$yes", "$no", "true", "false"])
        if value.startswith("$"):
            self.uses_variables.add(value[1:])
        return f" @{name}(if: {value})"

    def _value(self, type_: Any) -> str:
        if isinstance(type_, GraphQLNonNull):
            return self._present_value(type_.of_type)
        return "null" if self._random.randint(0, 7) == 0 else self._present_value(type_)

    def _present_value(self, named: Any) -> str:
        if isinstance(named, GraphQLList):
            items = [self._value(named.of_type) for _ in range(self._random.randint(0, 2))]
            return "[" + ", ".join(items) + "]"
        if is_input_object_type(named):
            return "{" + ", ".join(self._input_fields(named)) + "}"
        if isinstance(named, GraphQLEnumType):
            return self._pick([str(name) for name in sorted(named.values)])
        return self._pick(self._values[named.name])

    def _input_fields(self, type_: GraphQLInputObjectType) -> Iterator[str]:
        for name, field in type_.fields.items():
            if isinstance(field.type, GraphQLNonNull) or self._random.randint(0, 2) == 0:
                yield f"{name}: {self._value(field.type)}"

    def _pick(self, choices: Sequence[T]) -> T:
        return self._random.choice(choices)


def random_operation(
    schema: GraphQLSchema,
    random: Random,
    max_depth: int = 4,
    *,
    values: Mapping[str, Sequence[str]] = VALUES,
    mutations: float = 0.2,
    weigh: Weigh = _alike,
    crossing: float = 0.1,
) -> RandomOperation:
    """An operation with aliases, fragments, arguments and conditions; nearly always a valid one.

    `values` are literals for each scalar, `weigh` says which fields to prefer, `crossing` is the
    share of fields under another one's name, and of schemas with mutations this share of the
    operations is one.
    """
    writer = _Writer(schema, random, max_depth, values=values, weigh=weigh, crossing=crossing)
    is_mutation = schema.mutation_type is not None and random.random() < mutations
    root = schema.mutation_type if is_mutation else schema.query_type
    assert root is not None
    body = writer.selection(root, 0)
    declared = ", ".join(f"${name}: Boolean!" for name in sorted(writer.uses_variables))
    kind = "mutation" if is_mutation else "query"
    head = f"{kind}({declared}) " if declared else f"{kind} "
    variables = {"yes": True, "no": False}
    return RandomOperation(
        head + body + " " + " ".join(writer.fragments),
        {name: variables[name] for name in writer.uses_variables},
    )


def operations(
    schema: GraphQLSchema, max_depth: int = 4, **options: Any
) -> st.SearchStrategy[RandomOperation]:
    """The same with choices that hypothesis makes, so that failures shrink."""
    return st.randoms(use_true_random=False).map(
        lambda random: random_operation(schema, random, max_depth, **options)
    )
