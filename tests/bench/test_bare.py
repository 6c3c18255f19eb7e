from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import database
from bench.bare import bare
from bench.data import DIRECTORY, accounts
from bench.rounds import postmaster


@pytest.fixture
def filled() -> Iterator[tuple[str, Path]]:
    """A server of its own, whose processes can be watched."""
    with database(4, (*DIRECTORY, "budgets", "access")) as made:
        yield made


async def test_access_is_measured_against_its_bare_statements(filled: tuple[str, Path]) -> None:
    url, home = filled
    statements, remembered, anew = await bare(url, accounts(4), postmaster(home), number=1)
    assert (statements.ratio, statements.statements) == (1.0, 4.0)
    assert (remembered.statements, anew.statements) == (1.0, 1.0)
    assert 0 < remembered.ratio < anew.ratio
    assert all(one.cpu > 0 for one in (statements, remembered, anew))
