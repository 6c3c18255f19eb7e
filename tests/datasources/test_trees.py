"""An object that PostgreSQL writes is NULL, not JSON, when anything in it is not sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Integer, Subquery, Text, and_, column, func, literal_column, select

from auth.caller import SYSTEM
from datasources.base import Statement
from datasources.database import Pool
from datasources.json_text import integer_text, one_of, string_text
from datasources.trees import (
    Fixed,
    Here,
    Key,
    Leaf,
    Linked,
    Listed,
    Made,
    Node,
    Paged,
    Part,
    Reached,
    Related,
    Tree,
    object_text,
)

Rows = Sequence[tuple[str | None, int | None]]
COLOURS = one_of(frozenset({"RED", "BLUE"}))
NAME: Tree = (("name", Leaf("name", string_text, is_required=True)),)


def source(rows: Rows, name: str) -> Subquery:
    """Rows of a name and a number."""
    given = func.json_to_recordset(literal_column(_as_json(rows))).table_valued(
        column("name", Text()), column("number", Integer()), name=f"given_{name}"
    )
    return select(given.render_derived(with_types=True)).subquery(name)


def _as_json(rows: Rows) -> str:
    said = ",".join(
        f'{{"name":{"null" if name is None else chr(34) + name + chr(34)},'
        f'"number":{"null" if number is None else number}}}'
        for name, number in rows
    )
    return f"'[{said}]'"


class Below(NamedTuple):
    """Rows that belong to a row of the same number."""

    rows: Rows

    def related(self, keys: Sequence[Key], *_request: Any) -> Related:
        below = source(self.rows, "below")
        condition = and_(*[below.c.number == key.column for key in keys])
        return Related(below, condition, None, (below.c.name,))


class Page(NamedTuple):
    """How many rows a page has."""

    size: int


async def written(pool: Pool, tree: Tree, rows: Rows = (("a", 1),)) -> list[str | None]:
    above = source(rows, "above")
    text = object_text(tree, Here(above, SYSTEM))
    return [record[0] for record in await pool.fetch(Statement(select(text).select_from(above)))]


def leaf(name: str, *, is_required: bool) -> Leaf:
    return Leaf(name, integer_text if name == "number" else string_text, is_required)


@pytest.mark.parametrize(
    ("rows", "is_required", "expected"),
    [
        ([("a", 1)], True, '{"key":"a"}'),
        ([(None, 1)], True, None),
        ([(None, 1)], False, '{"key":null}'),
    ],
)
async def test_a_column(pool: Pool, rows: Rows, is_required: bool, expected: str | None) -> None:
    assert await written(pool, (("key", leaf("name", is_required=is_required)),), rows) == [
        expected
    ]


@pytest.mark.parametrize(
    ("word", "is_required", "expected"),
    [
        ("RED", True, '{"colour":"RED"}'),
        ("PINK", True, None),
        ("PINK", False, None),
        ("red", True, None),
        (None, False, '{"colour":null}'),
    ],
)
async def test_a_word_of_an_enum(
    pool: Pool, word: str | None, is_required: bool, expected: str | None
) -> None:
    tree = (("colour", Leaf("name", COLOURS, is_required)),)
    assert await written(pool, tree, [(word, 1)]) == [expected]


@pytest.mark.parametrize(
    ("is_required", "expected"), [(True, ['{"part":{"name":"a"}}', None]),
                                  (False, ['{"part":{"name":"a"}}', '{"part":null}'])]
)  # fmt: skip
async def test_an_object_made_of_columns(
    pool: Pool, is_required: bool, expected: list[str | None]
) -> None:
    tree = (("part", Part(NAME, ("name",), is_required)),)
    assert await written(pool, tree, [("a", 1), (None, 2)]) == expected


@pytest.mark.parametrize(
    ("below", "is_required", "expected"),
    [
        ([("b", 1)], True, '{"one":{"name":"b"}}'),
        ([], True, None),
        ([], False, '{"one":null}'),
        ([(None, 1)], False, None),
        ([("b", 1), ("c", 1)], False, None),
    ],
)
async def test_one_row_of_another_read(
    pool: Pool, below: Rows, is_required: bool, expected: str | None
) -> None:
    tree = (("one", Linked(Below(below), ("number",), NAME, is_required)),)
    assert await written(pool, tree) == [expected]


@pytest.mark.parametrize(
    ("below", "first", "expected"),
    [
        ([], None, '{"many":[]}'),
        ([("b", 1), ("c", 1), ("d", 2)], None, '{"many":[{"name":"b"},{"name":"c"}]}'),
        ([("b", 1), ("c", 1)], 1, '{"many":[{"name":"b"}]}'),
        ([("b", 1), (None, 1)], None, None),
        ([("b", 1)], 0, '{"many":[]}'),
    ],
)
async def test_rows_of_another_read(
    pool: Pool, below: Rows, first: int | None, expected: str | None
) -> None:
    tree = (("many", Listed(Below(below), ("number",), NAME, first)),)
    assert await written(pool, tree) == [expected]


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ([("b", 1), ("c", 1)], '{"page":{"kind":"Page","total":2,"nodes":[{"name":"b"}]}}'),
        ([], '{"page":{"kind":"Page","total":0,"nodes":[]}}'),
        ([(None, 1)], None),
    ],
)
async def test_a_page(pool: Pool, below: Rows, expected: str | None) -> None:
    keys = (("kind", Fixed('"Page"')), ("total", None), ("nodes", NAME))
    tree = (("page", Paged(Below(below), ("number",), Page(1), keys)),)
    assert await written(pool, tree) == [expected]


async def test_an_object_of_columns_and_constants(pool: Pool) -> None:
    tree: Tree = (*NAME, ("kind", leaf("kind", is_required=True)))
    made = Made((("name", "name"),), (("kind", "it's"),), tree)
    found = await written(pool, (("made", made),), [("a", 1), (None, 2)])
    assert found == ['{"made":{"name":"a","kind":"it\'s"}}', None]


async def test_rows_that_belong_to_an_object_of_constants(pool: Pool) -> None:
    below = Listed(Below([("b", 1), ("c", 2)]), ("number",), NAME)
    tree = (("made", Made((("number", "number"),), (), (("many", below),))),)
    found = await written(pool, tree, [("a", 1), ("a", 3)])
    assert found == ['{"made":{"many":[{"name":"b"}]}}', '{"made":{"many":[]}}']


@pytest.mark.parametrize(
    ("below", "node", "expected"),
    [
        ([("b", 1)], NAME[0][1], '{"there":"b"}'),
        ([("b", 1)], Fixed('"X"'), '{"there":"X"}'),
        ([(None, 1)], leaf("name", is_required=False), '{"there":null}'),
        ([(None, 1)], NAME[0][1], None),
        ([], NAME[0][1], None),
        ([], Fixed('"X"'), None),
        ([("b", 1), ("c", 1)], NAME[0][1], None),
    ],
)
async def test_a_value_of_the_same_object_s_other_row(
    pool: Pool, below: Rows, node: Node, expected: str | None
) -> None:
    tree = (("there", Reached(Below(below), ("number",), node)),)
    assert await written(pool, tree) == [expected]


async def test_what_is_not_sound_far_below_makes_the_whole_null(pool: Pool) -> None:
    deep: Tree = (("many", Listed(Below([(None, 1)]), ("number",), NAME)), *NAME)
    tree = (("one", Linked(Below([("b", 1)]), ("number",), deep, is_required=False)),)
    assert await written(pool, tree) == [None]
