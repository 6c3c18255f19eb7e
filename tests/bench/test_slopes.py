from __future__ import annotations

import asyncio

import pytest

from bench.concurrency import concurrency_tables
from bench.data import Account
from bench.growth import growth_tables
from bench.lines import exponent, slope
from bench.load import Tally
from bench.queries import GROWING, QUERIES
from bench.rounds import Round, summarise
from bench.soak import Soak, soak, soak_tables

_TALLY = Tally(100, 1.0, 1.0, 4.0)


def _round(query: str, server: str, requests: int, p50: float) -> Round:
    return Round(query, server, Tally(requests, 1.0, p50, 2 * p50), 0.1, 0.1, 2**20)


def test_lines_tell_how_something_grows() -> None:
    assert slope([(1, 5), (3, 9)]) == pytest.approx(2)
    assert exponent([(10, 3), (100, 30), (1000, 300)]) == pytest.approx(1)
    assert exponent([(2, 4), (3, 9)]) == pytest.approx(2)


def test_growth_is_told_a_row_and_a_power() -> None:
    rounds = [_round(query.name, "floor", 10, rows / 1000) for rows, query in GROWING.items()]
    last = growth_tables(summarise(rounds)).splitlines()[-1]
    assert [cell.strip() for cell in last.strip("|").split("|")[1:]] == ["1.0", "1.00"]


def test_concurrency_is_told_by_its_powers_where_there_is_a_line() -> None:
    one = summarise([_round("list", "floor", 100, 1.0)])
    many = summarise([_round("list", "floor", 100, 16.0)])
    assert "power" not in concurrency_tables({1: one})
    last = concurrency_tables({1: one, 16: many}).splitlines()[-1]
    assert [cell.strip() for cell in last.strip("|").split("|")[2:]] == ["0.00", "1.00"]


def test_memory_is_flat_when_the_second_half_gains_next_to_nothing() -> None:
    filled = [(0.0, 100.0), (60.0, 150.0), (120.0, 150.0), (180.0, 150.5), (240.0, 150.0)]
    leaking = [(60.0 * minute, 100.0 + 5 * minute) for minute in range(5)]
    flat, growing = Soak("gateway", _TALLY, filled), Soak("floor", _TALLY, leaking)
    assert (flat.is_flat, growing.is_flat) == (True, False)
    assert growing.growth == pytest.approx(10 / 120)
    table = soak_tables([flat, growing])
    assert "150 150 150" in table
    assert "+8.3 %" in table


async def test_a_server_is_watched_while_it_answers_all_queries(
    filled_database_url: str, tenants: list[Account]
) -> None:
    def watch() -> list[Soak]:
        found = soak(["floor"], QUERIES, tenants, filled_database_url, connections=2, seconds=1.0)
        return list(found)

    (soaked,) = await asyncio.to_thread(watch)
    times = [seconds for seconds, _ in soaked.memory]
    assert times == sorted(times)
    assert len(times) >= 5
    assert soaked.tally.requests >= len(QUERIES)
    assert all(megabytes > 10 for _, megabytes in soaked.memory)
