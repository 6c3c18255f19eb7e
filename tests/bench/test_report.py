from __future__ import annotations

from bench.costs import Cost
from bench.load import Tally
from bench.report import costs_table, servers_table, shares_table
from bench.rounds import Round, summarise
from bench.shares import Profile


def _round(server: str, requests: int) -> Round:
    return Round("list", server, Tally(requests, 2.0, 1.0, 4.0), requests * 0.001, 0.0, 2**20)


def _cells(table: str) -> list[list[str]]:
    """The cells of a table below its head."""
    rows = table.splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_ratios_are_medians_over_rounds_of_the_same_moment() -> None:
    rounds = [
        _round("floor", 100),
        _round("gateway", 50),
        _round("floor", 10),
        _round("gateway", 1),
        _round("floor", 200),
        _round("gateway", 20),
    ]
    floor, gateway = summarise(rounds)
    assert (floor.server, floor.ratio, floor.rate) == ("floor", 1.0, 50.0)
    assert (gateway.server, gateway.ratio, gateway.rate) == ("gateway", 0.1, 10.0)
    assert (gateway.cpu, gateway.memory, gateway.requests) == (1.0, 1.0, 71)


def test_servers_are_told_by_what_they_are() -> None:
    table = servers_table(summarise([_round("floor", 100)]), {"list": 1})
    assert _cells(table)[0][1:3] == ["raw ASGI handler, no GraphQL", "1.000"]


def test_costs_are_told_in_the_unit_that_fits() -> None:
    table = costs_table([Cost("slow", 0.0123, 3), Cost("fast", 0.0000045, 200)])
    assert [cells[1] for cells in _cells(table)] == ["12.3 ms", "4.5 µs"]


def test_shares_begin_with_the_largest_and_leave_out_the_smallest() -> None:
    table = shares_table(
        [
            Profile("list", {"graphql": 0.3, "asyncpg": 0.695, "uuid": 0.005}),
            Profile("nested", {"graphql": 1.0}),
        ]
    )
    assert _cells(table) == [["graphql", "30 %", "100 %"], ["asyncpg", "70 %", "0 %"]]
