"""The rounds: every gateway in turn, again and again, so that all meet the same machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import orjson

from bench.federation.load import Job, run
from bench.federation.processes import Gateway, Shop, gateway
from bench.federation.shop import QUERY
from bench.load import Tally

__all__ = ["DifferingAnswersError", "Plan", "Round", "Summary", "answer_of", "rounds", "summarise"]

_WARM_UP_SECONDS = 2.0


class DifferingAnswersError(Exception):
    """Two gateways do not answer the same."""


class Plan(NamedTuple):
    """What is compared, and for how long."""

    gateways: Sequence[str]
    number: int
    seconds: float
    """Length of one round of one gateway."""
    connections: int
    rivals: Path | None = None
    """Where the rivals are installed."""


class Round(NamedTuple):
    """One gateway under load once."""

    gateway: str
    tally: Tally
    cpu_seconds: float
    calls: int
    """Requests the subgraphs had."""


class Summary(NamedTuple):
    """A gateway over all rounds: medians, times in milliseconds."""

    gateway: str
    rate: float
    ratios: Mapping[str, float]
    """Rate relative to another gateway's in the same round, by the other's name."""
    p50: float
    p99: float
    cpu: float
    calls: float
    """Subgraph calls a request."""


def rounds(plan: Plan, shop: Shop) -> Iterator[Round]:
    """Run the plan, telling each round as it ends. Raises `DifferingAnswersError`."""
    with ExitStack() as stack:
        gateways = [stack.enter_context(gateway(name, shop, plan.rivals)) for name in plan.gateways]
        _compare(gateways)
        for one in gateways:
            run(_job(plan, one, _WARM_UP_SECONDS))
        for _ in range(plan.number):
            for one in gateways:
                yield _round(plan, one, shop)


def answer_of(one: Gateway, query: str = QUERY) -> bytes:
    """What a gateway answers."""
    request = Request(
        f"http://127.0.0.1:{one.port}{one.path}",
        data=orjson.dumps({"query": query}),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
    )
    body: bytes = urlopen(request).read()
    return body


def _compare(gateways: Sequence[Gateway]) -> None:
    answers: list[Any] = [orjson.loads(answer_of(one)) for one in gateways]
    for one, answer in zip(gateways, answers, strict=True):
        if answer != answers[0]:
            raise DifferingAnswersError(f"{one.name} and {gateways[0].name} answer differently.")


def _round(plan: Plan, one: Gateway, shop: Shop) -> Round:
    cpu, calls = one.cpu_seconds, shop.asked()
    tally = run(_job(plan, one, plan.seconds))
    return Round(one.name, tally, one.cpu_seconds - cpu, shop.asked() - calls)


def _job(plan: Plan, one: Gateway, seconds: float) -> Job:
    return Job(one.port, one.path, QUERY, plan.connections, seconds)


def summarise(all_rounds: Sequence[Round], against: Sequence[str]) -> list[Summary]:
    """The rounds by gateway; `against` names those that rates are divided by."""
    by_gateway: dict[str, list[Round]] = {}
    for one in all_rounds:
        by_gateway.setdefault(one.gateway, []).append(one)
    return [
        Summary(
            name,
            median(map(_rate, own)),
            {other: _ratio(own, by_gateway[other]) for other in against},
            median(one.tally.p50 for one in own),
            median(one.tally.p99 for one in own),
            median(1000 * one.cpu_seconds / one.tally.requests for one in own),
            median(one.calls / one.tally.requests for one in own),
        )
        for name, own in by_gateway.items()
    ]


def _ratio(own: Sequence[Round], other: Sequence[Round]) -> float:
    return median(_rate(one) / _rate(base) for one, base in zip(own, other, strict=True))


def _rate(one: Round) -> float:
    return one.tally.requests / one.tally.seconds
