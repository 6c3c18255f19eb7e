"""Objects that a host answers with JSON that is written already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest
from graphql import build_schema, parse

from federation.compiled.declared import Wanted
from federation.compiled.operation import CompiledOperation

SDL = """
    type Query { pets(first: Int = 2): [Pet]  needed: [Pet!]  best: Pet  any: Named }
    interface Named { name: String }
    type Pet implements Named { name: String!  owner(of: Int! = 1): Person  age: Int }
    type Person { name: String }
"""
WHOLE = frozenset({("pets",), ("best",), ("needed",)})
ADA = orjson.Fragment('{"name":"Ada"}')

Answer = Callable[[Any, Sequence[Any]], list[Any]]


class Pet:
    """A row of the schema's."""

    def __init__(self, name: str | None) -> None:
        self.name = name


class Asked:
    """Answers one field with one value, and keeps what was wanted of it."""

    def __init__(self, field: str, value: Any) -> None:
        self.value = value
        self.wanted: Wanted | None = None
        self._schema = build_schema(SDL)
        types: Any = self._schema.type_map
        for name, declared in types["Pet"].fields.items():
            declared.extensions = {"column": name}
        types["Query"].fields[field].extensions = {"batch": self.prepare}

    def prepare(self, wanted: Wanted) -> Callable[[Any], Answer]:
        self.wanted = wanted
        return lambda _arguments: lambda _context, _rows: [self.value]

    async def answer(self, text: str, whole: frozenset[tuple[str, ...]] = WHOLE) -> Any:
        operation = CompiledOperation(self._schema, parse(text), whole)
        result = await operation.execute({"of": 2}, None)
        return orjson.loads(orjson.dumps(result.data)), result.errors


async def test_written_objects_are_answered_as_they_are() -> None:
    pets = Asked("pets", [ADA, ADA])
    assert await pets.answer("{ pets { name } }") == (
        {"pets": [{"name": "Ada"}, {"name": "Ada"}]},
        None,
    )


async def test_a_list_may_be_written_as_a_whole() -> None:
    pets = Asked("pets", orjson.Fragment('[{"name":"Ada"},null]'))
    assert await pets.answer("{ pets { name } }") == ({"pets": [{"name": "Ada"}, None]}, None)


async def test_a_written_list_that_is_not_whole_is_no_list() -> None:
    pets = Asked("pets", orjson.Fragment("[]"))
    data, errors = await pets.answer("{ pets { name } }", frozenset())
    assert data == {"pets": None}
    assert [error.message for error in errors] == [
        "Expected Iterable, but did not find one for field 'Query.pets'."
    ]


async def test_rows_among_them_are_answered_as_rows() -> None:
    pets = Asked("pets", [Pet("Tom"), ADA, None, Pet("Kit")])
    data, errors = await pets.answer("{ pets { name } }")
    assert data == {"pets": [{"name": "Tom"}, {"name": "Ada"}, None, {"name": "Kit"}]}
    assert errors is None


async def test_what_fails_among_them_fails_at_its_own_place() -> None:
    pets = Asked("pets", [ADA, Pet(None), ADA, ValueError("no pet")])
    data, errors = await pets.answer("{ pets { name } }")
    assert data == {"pets": [{"name": "Ada"}, None, {"name": "Ada"}, None]}
    assert [(error.message, error.path) for error in errors] == [
        ("no pet", ["pets", 3]),
        ("Cannot return null for non-nullable field Pet.name.", ["pets", 1, "name"]),
    ]


async def test_what_may_not_be_null_takes_its_list_with_it() -> None:
    needed = Asked("needed", [ADA, None])
    data, errors = await needed.answer("{ needed { name } }")
    assert data == {"needed": None}
    assert [error.path for error in errors] == [["needed", 1]]


async def test_one_object_may_be_written() -> None:
    assert await Asked("best", ADA).answer("{ best { name } }") == ({"best": {"name": "Ada"}}, None)


@pytest.mark.parametrize(
    ("whole", "is_whole"),
    [
        (frozenset(), False),
        (frozenset({("pets",)}), False),
        (frozenset({("best", "owner")}), False),
        (frozenset({("best",)}), True),
        (frozenset({()}), True),
    ],
)
async def test_a_host_is_told_what_is_whole(
    whole: frozenset[tuple[str, ...]], is_whole: bool
) -> None:
    best = Asked("best", None)
    await best.answer("{ best { name } }", whole)
    assert best.wanted is not None
    assert best.wanted.is_whole is is_whole


async def test_a_host_is_told_what_is_asked_for_in_the_order_of_the_response() -> None:
    best = Asked("best", None)
    await best.answer(
        "query($of: Int!) { best { kind: __typename age ...More name } }"
        " fragment More on Pet { one: owner(of: 3) { name } two: owner(of: $of) { name }"
        " owner { name } }"
    )
    assert best.wanted is not None
    fields = best.wanted.fields
    assert [(asked.key, asked.name, asked.type_name) for asked in fields] == [
        ("kind", "__typename", "Pet"),
        ("age", "age", "Pet"),
        ("one", "owner", "Pet"),
        ("two", "owner", "Pet"),
        ("owner", "owner", "Pet"),
        ("name", "name", "Pet"),
    ]
    assert [asked.arguments for asked in fields[2:5]] == [{"of": 3}, None, {"of": 1}]
    assert [asked.key for asked in fields[2].wanted.fields] == ["name"]
    assert fields[2].wanted.is_whole


async def test_arguments_that_are_refused_are_not_told() -> None:
    best = Asked("best", None)
    await best.answer('{ best { owner(of: "three") { name } } }')
    assert best.wanted is not None
    assert best.wanted.fields[0].arguments is None


async def test_of_an_abstract_type_no_fields_are_told() -> None:
    anything = Asked("any", None)
    await anything.answer("{ any { name } }")
    assert anything.wanted is not None
    assert list(anything.wanted.fields) == []


class Keeping:
    """A value whose JSON is kept."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.kept: list[Any] = []

    def keep_written(self, written: orjson.Fragment) -> None:
        self.kept.append(orjson.loads(orjson.dumps(written)))


async def test_a_whole_value_is_handed_back_as_json() -> None:
    tom = Keeping(Pet("Tom"))
    assert await Asked("best", tom).answer("{ best { name } }") == ({"best": {"name": "Tom"}}, None)
    assert tom.kept == [{"name": "Tom"}]


async def test_a_whole_list_is_kept_and_answered_as_it_was_written() -> None:
    pets = Keeping([Pet("Tom"), ADA])
    both = {"pets": [{"name": "Tom"}, {"name": "Ada"}]}
    assert await Asked("pets", pets).answer("{ pets { name } }") == (both, None)
    assert pets.kept == [both["pets"]]
    again = orjson.Fragment(orjson.dumps(both["pets"]))
    assert await Asked("pets", again).answer("{ pets { name } }") == (both, None)


@pytest.mark.parametrize(
    ("field", "value"), [("pets", [Pet("Tom"), Pet(None)]), ("needed", [None]), ("best", None)]
)
async def test_what_failed_or_is_not_there_is_not_kept(field: str, value: Any) -> None:
    keeping = Keeping(value)
    await Asked(field, keeping).answer(f"{{ {field} {{ name }} }}")
    assert keeping.kept == []


async def test_written_values_stand_beside_values_to_be_kept() -> None:
    schema = build_schema("type Query { pets: [Pet]!  } type Pet { tags: [String] }")
    types: Any = schema.type_map
    kept = Keeping(["b"])
    values = {1: orjson.Fragment('["a"]'), 2: kept, 3: ["c"], 4: ValueError("no tags")}
    types["Query"].fields["pets"].extensions = {
        "batch": lambda _wanted: lambda _arguments: lambda _context, _rows: [list(values)]
    }
    types["Pet"].fields["tags"].extensions = {
        "each": lambda _wanted: lambda _arguments: lambda _context, row: values[row]
    }
    operation = CompiledOperation(schema, parse("{ pets { tags } }"), frozenset({("pets",)}))
    result = await operation.execute({}, None)
    assert orjson.loads(orjson.dumps(result.data)) == {
        "pets": [{"tags": ["a"]}, {"tags": ["b"]}, {"tags": ["c"]}, {"tags": None}]
    }
    assert [error.path for error in result.errors or ()] == [["pets", 3, "tags"]]
    assert kept.kept == []


async def test_what_one_key_means_in_objects_asked_together_is_told_of_each() -> None:
    best = Asked("best", None)
    await best.answer("{ best { a: owner { x: __typename } b: owner { x: name } name: age } }")
    assert best.wanted is not None
    owner = best.wanted.below("owner")
    assert owner is not None
    assert owner.below("name") is not None
    assert owner.columns is None or "name" in owner.columns
