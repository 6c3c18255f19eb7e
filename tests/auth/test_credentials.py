from __future__ import annotations

import pytest

from auth.credentials import Credentials, credentials_of


def test_the_cookie_wins_over_both_headers() -> None:
    found = credentials_of(
        {"authorization": "Bearer header", "x-litellm-api-key": "key"}, {"token": "cookie"}
    )
    assert found == Credentials("cookie", is_cookie=True)


def test_authorization_wins_over_the_api_key_header() -> None:
    found = credentials_of({"authorization": "Bearer header", "x-litellm-api-key": "key"})
    assert found == Credentials("header", is_cookie=False)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_bearer_scheme_is_read_in_any_case(scheme: str) -> None:
    assert credentials_of({"authorization": f"{scheme} secret"}) == Credentials("secret")


def test_a_value_without_scheme_is_the_token() -> None:
    assert credentials_of({"authorization": "secret"}) == Credentials("secret")


def test_a_scheme_without_token_does_not_fall_through_to_the_next_source() -> None:
    found = credentials_of({"authorization": "Bearer ", "x-litellm-api-key": "key"})
    assert found == Credentials("")


def test_the_api_key_header_is_used_as_it_is() -> None:
    assert credentials_of({"x-litellm-api-key": "key"}) == Credentials("key")


@pytest.mark.parametrize("headers", [{}, {"authorization": " "}, {"x-litellm-api-key": ""}])
def test_nothing_to_find_is_none(headers: dict[str, str]) -> None:
    assert credentials_of(headers, {"token": "", "other": "x"}) is None


def test_the_token_does_not_show_in_its_repr() -> None:
    assert "secret" not in repr(Credentials("secret"))
