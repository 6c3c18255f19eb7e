from __future__ import annotations

import pytest

from auth.csrf import GUARD_HEADERS, refusal_of_cookie

OWN = {"host": "api.cockpit.test", "sec-fetch-site": "same-origin"}
JSON = {"content-type": "application/json"}
ALLOWED = ["https://ui.cockpit.test"]


@pytest.mark.parametrize("name", GUARD_HEADERS)
def test_a_guard_header_shows_that_a_page_of_ours_asks(name: str) -> None:
    assert refusal_of_cookie({**OWN, name: "1"}, ALLOWED) is None


@pytest.mark.parametrize("media_type", ["application/json", "application/JSON; charset=utf-8"])
def test_a_content_type_that_needs_a_preflight_does_as_well(media_type: str) -> None:
    assert refusal_of_cookie({**OWN, "content-type": media_type}, ALLOWED) is None


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "TEXT/PLAIN;x=application/json", "multipart/form-data; boundary=x", ""],
)
def test_a_simple_request_is_refused_even_from_our_own_page(media_type: str) -> None:
    refusal = refusal_of_cookie({**OWN, "content-type": media_type}, ALLOWED)
    assert refusal is not None
    assert GUARD_HEADERS[0] in refusal


def test_an_empty_guard_header_is_none() -> None:
    assert refusal_of_cookie({**OWN, GUARD_HEADERS[0]: ""}, ALLOWED) is not None


@pytest.mark.parametrize("origin", ["https://ui.cockpit.test", "https://UI.cockpit.test"])
def test_an_allowed_origin_may_use_the_session(origin: str) -> None:
    assert (
        refusal_of_cookie({**JSON, "host": "api.cockpit.test", "origin": origin}, ALLOWED) is None
    )


def test_our_own_origin_may_use_the_session() -> None:
    headers = {**JSON, "host": "localhost:4000", "origin": "http://localhost:4000"}
    assert refusal_of_cookie(headers, []) is None


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "null",
        "https://ui.cockpit.test.evil.test",
        "https://evil.test/api.cockpit.test",
        "http://ui.cockpit.test",
    ],
)
def test_any_other_origin_may_not_whatever_else_the_browser_says(origin: str) -> None:
    assert refusal_of_cookie({**OWN, **JSON, "origin": origin}, ALLOWED) is not None


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
def test_without_origin_the_browsers_word_on_the_site_counts(site: str) -> None:
    assert refusal_of_cookie({**JSON, "sec-fetch-site": site}, ALLOWED) is None


@pytest.mark.parametrize("headers", [JSON, {**JSON, "sec-fetch-site": "cross-site"}])
def test_without_any_word_on_the_site_it_is_foreign(headers: dict[str, str]) -> None:
    assert refusal_of_cookie(headers, ALLOWED) is not None
