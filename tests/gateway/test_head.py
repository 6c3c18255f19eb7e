from __future__ import annotations

from typing import Any

import pytest

from gateway.protocol.head import head_of


def scope(*headers: tuple[str, str]) -> dict[str, Any]:
    raw = [(name.encode(), text.encode("latin-1")) for name, text in headers]
    return {"method": "POST", "headers": raw, "state": {}}


def test_of_headers_with_one_name_the_first_counts() -> None:
    head = head_of(scope(("authorization", "a"), ("accept", "ü"), ("authorization", "b")))
    assert head.headers == {"authorization": "a", "accept": "ü"}
    assert head.cookies == {}


def test_cookies_of_several_headers_are_one_set() -> None:
    head = head_of(scope(("cookie", 'token=1; a="b c"'), ("cookie", "token=2; d=")))
    assert head.cookies == {"token": "2", "a": "b c", "d": ""}


def test_a_harmless_id_is_taken_over() -> None:
    assert head_of(scope(("x-request-id", "trace-0001"))).request_id == "trace-0001"


@pytest.mark.parametrize("given", ["", "short", "a\nb-and-more", "x" * 129, "-eading-dash"])
def test_any_other_id_is_made_anew(given: str) -> None:
    made = head_of(scope(("x-request-id", given))).request_id
    assert made != given
    assert len(made) == 32


def test_the_id_of_a_request_stays() -> None:
    asked = scope()
    assert head_of(asked).request_id == head_of(asked).request_id
