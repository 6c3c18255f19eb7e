from __future__ import annotations

import pytest
from starlette.types import Message

from gateway.errors import BadRequest, ContentTooLarge
from gateway.protocol.body import check_length, read_body


async def read(*messages: Message, most: int = 10) -> bytes:
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0)

    body = await read_body(receive, most)
    assert waiting == []
    return body


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_in_one_part() -> None:
    assert await read(part(b"0123456789")) == b"0123456789"


async def test_a_body_in_several_parts() -> None:
    parts = (part(b"0123", more=True), part(b"", more=True), part(b"456789"))
    assert await read(*parts) == b"0123456789"


async def test_a_request_without_a_body() -> None:
    assert await read({"type": "http.request"}) == b""


async def test_a_body_is_read_no_further_than_it_is_allowed() -> None:
    with pytest.raises(ContentTooLarge, match="larger than 3 bytes"):
        await read(part(b"0123"), most=3)
    with pytest.raises(ContentTooLarge):
        await read(part(b"01", more=True), part(b"23", more=True), most=3)


@pytest.mark.parametrize("parts", [(), (part(b"01", more=True),)])
async def test_a_client_that_goes_has_sent_no_body(parts: tuple[Message, ...]) -> None:
    with pytest.raises(BadRequest, match="ended before"):
        await read(*parts, {"type": "http.disconnect"})


@pytest.mark.parametrize("announced", ["3", "", "x", "-1", "+9"])
def test_a_length_within_the_limit_or_of_no_meaning_passes(announced: str) -> None:
    check_length({"content-length": announced}, 3)


def test_a_length_above_the_limit_is_believed() -> None:
    with pytest.raises(ContentTooLarge):
        check_length({"content-length": "4"}, 3)
