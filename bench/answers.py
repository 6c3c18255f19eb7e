"""Servers are only compared when they answer the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.request import Request, urlopen

import orjson

from bench.data import Account
from bench.processes import ServerProcess, serving
from bench.queries import Query

__all__ = ["answer_of", "check_answers"]


class DifferingAnswersError(Exception):
    """Two servers do not answer the same to the same caller."""


def check_answers(
    servers: Sequence[str], queries: Sequence[Query], database_url: str, account: Account
) -> None:
    """Ask every server every query. Raises `DifferingAnswersError`."""
    expected: dict[str, Any] = {}
    for name in servers:
        with serving(name, database_url) as server:
            for query in filter(server.answers, queries):
                answer = answer_of(server, query, account)
                if answer != expected.setdefault(query.name, answer):
                    raise DifferingAnswersError(
                        f"{name} and {servers[0]} answer {query.name} differently."
                    )


def answer_of(server: ServerProcess, query: Query, account: Account) -> Any:
    """What one server answers; times in the one form that all mean."""
    request = Request(
        f"http://127.0.0.1:{server.port}{server.path_of(query.name)}",
        data=orjson.dumps({"query": query.text}),
        headers={
            "Authorization": f"Bearer {account.token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
    )
    with urlopen(request) as response:
        return orjson.loads(response.read().replace(b"+00:00", b"Z"))
