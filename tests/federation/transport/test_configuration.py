"""All layers together, over real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from federation.subgraph import Subgraph
from federation.transport.breaker import BreakerPolicy
from federation.transport.client_request import ClientRequest
from federation.transport.configuration import SubgraphConfig, http_subgraph
from federation.transport.deadline import DEADLINE_HEADER
from federation.transport.headers import Forward, Remove, Set
from federation.transport.pool import PoolLimits
from federation.transport.retry import RetryPolicy
from federation.transport.signing import HmacKey, Signer
from federation.transport.tls import Tls
from tests.federation.transport.doubles import (
    MUTATION,
    Clock,
    Handler,
    context_of,
    request,
    server,
    settled,
)

AT_ONCE = RetryPolicy(first_delay=0)


class Service:
    """Counts what arrives, and answers once `door` is open."""

    def __init__(self, *statuses: int) -> None:
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.peers: set[object] = set()
        self.most_at_once = 0
        self.door = asyncio.Event()
        self.door.set()
        self._at_once = 0
        self._statuses = list(statuses)

    async def __call__(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        self.peers.add(request.transport.get_extra_info("peername"))
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.bodies.append(await request.read())
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self.door.wait()
        finally:
            self._at_once -= 1
        if self._statuses and (status := self._statuses.pop(0)) != 200:
            return web.Response(status=status, text="secret")
        return web.json_response({"data": {"me": {"id": "1"}}})


@asynccontextmanager
async def asking(
    handler: Handler, clock: Clock | None = None, **values: Any
) -> AsyncIterator[Subgraph]:
    async with server(handler) as url:
        config = SubgraphConfig(url=url, **values)
        subgraph = http_subgraph("users", config, context_of, clock or Clock())
        try:
            yield subgraph
        finally:
            await subgraph.aclose()


async def test_fifty_identical_queries_are_one_request() -> None:
    service = Service()
    async with asking(service) as subgraph:
        fetches = [subgraph.execute(request(id="1")) for _ in range(50)]
        answers = await asyncio.gather(*fetches)
    assert len(service.bodies) == 1
    assert [answer.data for answer in answers] == [{"me": {"id": "1"}}] * 50


async def test_callers_and_mutations_are_never_shared() -> None:
    service = Service()
    contexts = [ClientRequest({"authorization": f"Bearer {n}"}) for n in range(10)]
    async with asking(service) as subgraph:
        reads = [subgraph.execute(request(context=context)) for context in contexts]
        writes = [subgraph.execute(request(MUTATION)) for _ in range(10)]
        await asyncio.gather(*reads, *writes)
    assert len(service.bodies) == 20
    seen = {headers["authorization"] for headers in service.headers if "authorization" in headers}
    assert len(seen) == 10


async def test_a_pool_opens_no_more_connections_than_it_may() -> None:
    service = Service()
    limits = PoolLimits(connections_per_host=3)
    async with asking(service, deduplicate=False, pool=limits) as subgraph:
        await asyncio.gather(*[subgraph.execute(request(id=n)) for n in range(30)])
    assert len(service.bodies) == 30
    assert len(service.peers) <= 3
    assert service.most_at_once <= 3


async def test_a_query_survives_a_server_that_is_away_for_a_moment() -> None:
    service = Service(503, 502)
    async with asking(service, retry=AT_ONCE) as subgraph:
        answer = await subgraph.execute(request())
    assert answer.data == {"me": {"id": "1"}}
    assert len(service.bodies) == 3


async def test_a_mutation_is_sent_once_whatever_comes_back() -> None:
    service = Service(503)
    async with asking(service, retry=AT_ONCE) as subgraph:
        answer = await subgraph.execute(request(MUTATION))
    assert len(service.bodies) == 1
    assert answer.errors[0].message == "Subgraph 'users' answered with status 503."


async def test_a_failing_service_is_left_alone_and_probed_later() -> None:
    service, clock = Service(*[500] * 5), Clock()
    policy = BreakerPolicy(window=5, minimum=5, open_seconds=10)
    async with asking(service, clock, retry=None, breaker=policy) as subgraph:
        for _ in range(20):
            refused = await subgraph.execute(request())
        assert len(service.bodies) == 5
        assert "left alone" in refused.errors[0].message
        clock.now += 10
        assert (await subgraph.execute(request())).data == {"me": {"id": "1"}}


async def test_a_hanging_service_opens_its_circuit_too() -> None:
    service = Service()
    service.door.clear()
    policy = BreakerPolicy(window=2, minimum=2)
    async with asking(service, timeout=0.05, breaker=policy) as subgraph:
        messages = [(await subgraph.execute(request())).errors[0].message for _ in range(3)]
        service.door.set()
    assert len(service.bodies) == 2
    assert messages[0] == messages[1] == "Subgraph 'users' did not answer in time."
    assert "left alone" in messages[2]


async def test_a_client_in_a_hurry_opens_no_circuit() -> None:
    service, clock = Service(), Clock()
    service.door.clear()
    policy = BreakerPolicy(window=1, minimum=1)
    async with asking(service, clock, breaker=policy) as subgraph:
        hurried = ClientRequest(deadline=clock.now + 0.05)
        cut = await subgraph.execute(request(context=hurried))
        service.door.set()
        assert cut.errors[0].message == "Subgraph 'users' did not answer in time."
        assert (await subgraph.execute(request())).data == {"me": {"id": "1"}}


async def test_the_deadline_travels_on_as_what_is_left() -> None:
    service, clock = Service(), Clock()
    async with asking(service, clock, timeout=7) as subgraph:
        await subgraph.execute(request(context=ClientRequest(deadline=clock.now + 2.5)))
        await subgraph.execute(request())
    assert [headers[DEADLINE_HEADER] for headers in service.headers] == ["2500", "7000"]


async def test_header_rules_decide_what_is_sent() -> None:
    service = Service()
    client = ClientRequest(
        headers={"authorization": "Bearer t", "x-request-id": "r-1"},
        received={"x-tenant": "acme", "cookie": "session=s"},
    )
    rules = (Forward("X-Tenant", "x-account"), Set("x-source", "gateway"), Remove("authorization"))
    async with asking(service, headers=rules) as subgraph:
        await subgraph.execute(request(context=client))
    [sent] = service.headers
    assert (sent["x-account"], sent["x-source"], sent["x-request-id"]) == ("acme", "gateway", "r-1")
    assert not {"authorization", "cookie", "x-tenant"} & sent.keys()


async def test_a_server_can_verify_what_was_signed() -> None:
    service = Service()
    key = HmacKey("gateway-1", b"k" * 32)
    client = ClientRequest({"authorization": "Bearer t"})
    urls: list[str] = []

    async def verify(request: web.Request) -> web.Response:
        urls.append(str(request.url))
        return await service(request)

    async with asking(verify, signing=key) as subgraph:
        await subgraph.execute(request(context=client, id="1"))
    [sent], [body] = service.headers, service.bodies
    created = float(sent["signature-input"].split("created=")[1].split(";")[0])
    covered = {"content-type": sent["content-type"], "authorization": "Bearer t"}
    expected = Signer(key, lambda: created).sign("POST", urls[0], covered, body)
    assert expected.items() <= sent.items()


async def test_compressed_answers_are_asked_for_and_read() -> None:
    accepted: list[str] = []

    async def compress(request: web.Request) -> web.Response:
        accepted.append(request.headers["Accept-Encoding"])
        response = web.json_response({"data": {"me": "x" * 100_000}})
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with asking(compress) as subgraph:
        answer = await subgraph.execute(request())
    assert "gzip" in accepted[0]
    assert answer.data == {"me": "x" * 100_000}


async def test_a_service_that_is_away_is_one_masked_error() -> None:
    config = SubgraphConfig(url=f"http://127.0.0.1:{unused_port()}/graphql", retry=AT_ONCE)
    subgraph = http_subgraph("users", config)
    answer = await subgraph.execute(request())
    await subgraph.aclose()
    assert [error.message for error in answer.errors] == ["Subgraph 'users' could not be reached."]


async def test_a_slow_drip_ends_with_the_timeout() -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"data": {"me": "')
        await asyncio.Event().wait()
        return response

    async with asking(drip, timeout=0.05) as subgraph:
        answer = await subgraph.execute(request())
    assert answer.errors[0].message == "Subgraph 'users' did not answer in time."


async def test_a_client_that_goes_away_takes_its_request_along() -> None:
    service = Service()
    service.door.clear()
    gone = asyncio.Event()

    async def notice(request: web.Request) -> web.Response:
        try:
            return await service(request)
        finally:
            gone.set()

    async with server(notice) as url:
        subgraph = http_subgraph("users", SubgraphConfig(url=url))
        fetch = asyncio.create_task(subgraph.execute(request()))
        while not service.bodies:
            await settled()
        fetch.cancel()
        await asyncio.wait_for(gone.wait(), 5)
        await subgraph.aclose()
    assert fetch.cancelled()


async def test_what_a_subgraph_shall_do_without_is_left_out() -> None:
    service = Service(*[503] * 30)
    async with asking(service, retry=None, breaker=None) as subgraph:
        answers = [await subgraph.execute(request()) for _ in range(30)]
    assert len(service.bodies) == 30
    assert {answer.errors[0].message for answer in answers} == {
        "Subgraph 'users' answered with status 503."
    }


@pytest.mark.parametrize(
    "values",
    [{"connections_per_host": 0}, {"keepalive_seconds": -1}, {"connect_seconds": 0}],
)
def test_a_pool_without_sense_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        PoolLimits(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"url": "ftp://a.test"},
        {"url": "http://a.test", "timeout": 0},
        {"url": "http://a.test", "max_bytes": 0},
        {"url": "http://a.test", "tls": Tls()},
    ],
)
def test_a_configuration_without_sense_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must|needs"):
        SubgraphConfig(**values)
