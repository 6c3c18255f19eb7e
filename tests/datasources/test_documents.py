"""Objects inside documents, whatever their writers made of them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from datasources.database import Pool
from tests.harness.sql import as_json, look

_THEME = {"theme": {"logo": "a"}}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (as_json(_THEME), _THEME),
        (as_json(as_json(_THEME)), _THEME),
        (as_json(as_json(as_json(_THEME))), _THEME),
        (as_json(as_json(as_json(as_json(_THEME)))), {}),
        (as_json("{broken"), {}),
        (as_json(as_json("{broken")), {}),
        ("[1]", {}),
        ("3", {}),
        ("null", {}),
        (None, {}),
        ("{}", {}),
    ],
)
async def test_an_object_is_found_however_often_it_was_written_as_text(
    pool: Pool, document: str | None, found: Any
) -> None:
    rows = await look(pool, "SELECT gateway.object_of($1::text::jsonb)::text", document)
    assert [orjson.loads(value) for (value,) in rows] == [found]
