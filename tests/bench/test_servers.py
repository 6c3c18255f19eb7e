from __future__ import annotations

import asyncio
import subprocess
from typing import Any

import pytest

from bench.answers import DifferingAnswersError, answer_of, check_answers
from bench.data import Account, grown
from bench.load import Job, Tally, run
from bench.processes import SERVERS, serving
from bench.queries import GROWING, QUERIES
from bench.queries.access import ACCESS
from bench.queries.dashboard import DASHBOARD
from bench.queries.listing import LIST
from bench.queries.nested import NESTED
from bench.queries.wide import WIDE


@pytest.mark.timeout(240)
async def test_every_server_answers_what_the_floor_answers(
    filled_database_url: str, tenants: list[Account]
) -> None:
    servers = list(SERVERS)
    await asyncio.to_thread(check_answers, servers, QUERIES, filled_database_url, tenants[0])


async def test_servers_that_answer_differently_are_not_compared(
    filled_database_url: str, tenants: list[Account]
) -> None:
    shorter = LIST._replace(text=LIST.text.replace("first: 50", "first: 49"))
    with pytest.raises(DifferingAnswersError, match="plain and floor answer list differently"):
        await asyncio.to_thread(
            check_answers, ["floor", "plain"], [shorter], filled_database_url, tenants[0]
        )


async def test_the_floor_answers_the_whole_of_each_query(
    filled_database_url: str, tenants: list[Account]
) -> None:
    def ask() -> list[Any]:
        with serving("floor", filled_database_url) as server:
            answers = [answer_of(server, query, tenants[1]) for query in QUERIES]
        return [answer["data"]["account"] for answer in answers]

    assert QUERIES == (LIST, NESTED, DASHBOARD, WIDE, ACCESS)
    listed, nested, dashboard, wide, access = await asyncio.to_thread(ask)
    people = listed["directory"]["users"]["nodes"]
    groups = nested["directory"]["groups"]["nodes"]
    teams = [team for group in groups for team in group["teams"]["nodes"]]
    members = [member for team in teams for member in team["members"]["nodes"]]
    assert (len(people), len(groups), len(teams), len(members)) == (50, 20, 40, 200)
    assert {len(person) for person in people} == {6}
    assert all(group["budget"]["remaining"] > 0 for group in groups)
    assert dashboard["directory"]["users"] == {"totalCount": 100, "nodes": people}
    assert [len(dashboard["budgets"]["nodes"]), dashboard["name"]] == [20, "Account 2"]
    assert_access(access["effectiveAccess"])
    lines = wide["usage"]["nodes"]
    assert len(lines) == 200
    assert max(map(_scalars, lines)) == 25
    assert all(member["user"]["email"].endswith("@account-2.test") for member in members)


def assert_access(access: Any) -> None:
    assert [scope["type"] for scope in access["chain"]] == [
        "USER",
        "TEAM",
        "TEAM",
        "GROUP",
        "GROUP",
        "ACCOUNT",
    ]
    off = [one["feature"]["key"] for one in access["features"] if not one["isEnabled"]]
    assert off == ["GENERATE_IMAGES"]
    assert len(access["models"]["models"]) == 20
    assert access["budget"]["available"] > 0


def _scalars(value: Any) -> int:
    """Scalar values of a line; a JSON value is one."""
    if not isinstance(value, dict):
        return 1
    return sum(1 if name == "metadata" else _scalars(part) for name, part in value.items())


@pytest.mark.timeout(240)
async def test_every_server_answers_the_same_however_many_rows(
    filled_database_url: str,
) -> None:
    queries = [query for rows, query in GROWING.items() if rows <= 1_000]
    servers = list(SERVERS)
    await asyncio.to_thread(check_answers, servers, queries, filled_database_url, grown())


async def test_load_counts_what_a_server_answered(
    filled_database_url: str, tenants: list[Account]
) -> None:
    def load() -> tuple[Tally, float]:
        with serving("floor", filled_database_url) as server:
            tokens = [tenant.token for tenant in tenants]
            job = Job(server.port, [(server.path_of("list"), LIST.text)], tokens, 4, 0.2, 1)
            return run(job), server.cpu_seconds

    tally, cpu_seconds = await asyncio.to_thread(load)
    assert tally.requests >= 4
    assert tally.seconds >= 0.2
    assert 0 < tally.p50 <= tally.p99
    assert cpu_seconds > 0


async def test_load_fails_on_a_server_that_refuses(filled_database_url: str) -> None:
    def load() -> Tally:
        with serving("gateway", filled_database_url) as server:
            return run(Job(server.port, [("/graphql", LIST.text)], ["forged"], 1, 0.2, 1))

    with pytest.raises(subprocess.CalledProcessError):
        await asyncio.to_thread(load)
