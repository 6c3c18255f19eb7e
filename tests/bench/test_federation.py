from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator

import orjson
import pytest

from bench.federation.composing import large_graph
from bench.federation.load import Job, run
from bench.federation.processes import GATEWAYS, Shop, gateway, shop
from bench.federation.report import gateways_table, stages_table
from bench.federation.rounds import Plan, Round, answer_of, rounds, summarise
from bench.federation.stages import http_stage, stages
from bench.load import Tally
from federation.composition import compose


@pytest.fixture
def subgraphs() -> Iterator[Shop]:
    with shop() as started:
        yield started


def test_the_floor_answers_the_whole_query(subgraphs: Shop) -> None:
    with gateway("floor", subgraphs) as floor:
        body = answer_of(floor)
    data = orjson.loads(body)["data"]
    said = [review for user in data["users"] for review in user["reviews"]]
    assert 80_000 < len(body) < 95_000
    assert (len(data["users"]), len(data["topProducts"]), len(said)) == (5, 5, 27)
    assert set(said[0]["product"]) == {
        *("inStock", "name", "price", "shippingEstimate", "upc", "weight", "reviews")
    }


def test_every_gateway_answers_what_the_floor_answers_under_load(subgraphs: Shop) -> None:
    done = list(rounds(Plan(list(GATEWAYS), 1, 0.3, 2), subgraphs))
    floor, router, sharing = summarise(done, ["floor"])
    assert floor.ratios == {"floor": 1.0}
    assert all(one.rate > 0 and 0 < one.p50 <= one.p99 for one in (floor, router, sharing))
    assert floor.calls == router.calls == 7
    assert sharing.calls < router.calls


def test_load_fails_on_a_gateway_that_answers_errors(subgraphs: Shop) -> None:
    with (
        gateway("router", subgraphs) as router,
        pytest.raises(subprocess.CalledProcessError),
    ):
        run(Job(router.port, router.path, "{ nothing }", 1, 0.1))


def test_every_stage_takes_time(subgraphs: Shop) -> None:
    measured = [http_stage(subgraphs, 1.0), *asyncio.run(stages(subgraphs, 15))]
    assert len({stage.what for stage in measured}) == len(measured)
    assert all(stage.seconds > 0 for stage in measured)
    assert "fetch client" in stages_table(measured)


def test_ratios_are_medians_over_rounds_of_the_same_moment() -> None:
    def round_of(name: str, requests: int) -> Round:
        return Round(name, Tally(requests, 2.0, 1.0, 4.0), requests * 0.001, requests * 7)

    done = [round_of("floor", 100), round_of("router", 50), round_of("floor", 10)]
    floor, router = summarise([*done, round_of("router", 1)], ["floor"])
    assert router.ratios["floor"] == pytest.approx(0.3)
    assert (router.cpu, router.calls) == (1.0, 7.0)
    assert "| cockpit router " in gateways_table([floor, router])


def test_the_large_graph_composes() -> None:
    sdl = compose(large_graph(10, 4)).sdl
    assert "type Type9" in sdl
    assert len(large_graph()) == 20
