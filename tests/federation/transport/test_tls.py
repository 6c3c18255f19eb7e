from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from aiohttp import web

from federation.subgraph import SubgraphResponse
from federation.transport.configuration import SubgraphConfig, http_subgraph
from federation.transport.errors import UnreachableError
from federation.transport.tls import Tls
from tests.federation.transport.certificates import Authority
from tests.federation.transport.doubles import request, server


async def answer(_request: web.Request) -> web.Response:
    return web.json_response({"data": {"me": {"id": "1"}}})


async def ask(context: ssl.SSLContext, tls: Tls | None) -> SubgraphResponse:
    async with server(answer, ssl=context) as url:
        subgraph = http_subgraph("users", SubgraphConfig(url=url, tls=tls, retry=None))
        try:
            return await subgraph.execute(request())
        finally:
            await subgraph.aclose()


async def test_a_server_of_a_known_authority_is_trusted(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    response = await ask(authority.server(asks_client=False), Tls(authority=authority.file))
    assert response.data == {"me": {"id": "1"}}


async def test_a_server_of_an_unknown_authority_is_not_asked(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    response = await ask(authority.server(asks_client=False), None)
    assert isinstance(response.failure, UnreachableError)
    assert response.errors[0].message == "Subgraph 'users' could not be reached."


async def test_a_client_certificate_opens_a_server_that_asks_for_one(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    known = Tls(authority=authority.file, certificate=authority.issue("gateway"))
    assert (await ask(authority.server(asks_client=True), known)).data == {"me": {"id": "1"}}
    unknown = Tls(authority=authority.file)
    refused = await ask(authority.server(asks_client=True), unknown)
    assert isinstance(refused.failure, UnreachableError)


def test_certificates_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for tls in (
        Tls(authority=tmp_path / "absent.pem"),
        Tls(certificate=tmp_path / "absent.pem"),
        Tls(certificate=tmp_path / "empty.pem"),
    ):
        with pytest.raises(OSError):  # noqa: PT011 - the sentence is OpenSSL's
            tls.context()


def test_a_key_needs_its_certificate(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs its certificate"):
        Tls(key=tmp_path / "key.pem")
