"""What a request has read is gone when it ends, and does not wait for the garbage collector."""

from __future__ import annotations

import gc

import pytest

from datasources.database import Pool
from resolvers.base import RequestContext
from tests.harness.access import ADMIN, fill_access, place
from tests.harness.graph import Graph

DIRECTORY = """query ($scope: ScopeInput) { account {
  directory { users(first: 5) { nodes { id name memberships(first: 2) { nodes { role } } } } }
  of: effectiveAccess(scope: $scope) { id } } }"""
ACCESS = """query ($scope: ScopeInput) { account { effectiveAccess(scope: $scope) {
  chain { type id } features { isEnabled config feature { code } }
  models { isEnabled models { name } } budget { available budget { id } } } } }"""


def alive() -> int:
    """How many requests there are."""
    return sum(type(one) is RequestContext for one in gc.get_objects())


@pytest.mark.parametrize("operation", [DIRECTORY, ACCESS], ids=["directory", "effective access"])
async def test_nothing_of_a_request_outlives_it(pool: Pool, operation: str) -> None:
    await fill_access(pool)
    graph = Graph(pool)
    # What is remembered for all requests is read by the first, a key at a time.
    await graph.ask(ADMIN, operation, scope=place("Ann"))
    gc.collect()
    before = alive()
    gc.disable()
    try:
        for _ in range(3):
            response = await graph.ask(ADMIN, operation, scope=place("Ann"))
            assert response.errors == ()
            del response
        assert alive() == before
    finally:
        gc.enable()
