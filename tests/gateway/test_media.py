from __future__ import annotations

import pytest

from gateway.protocol.media import MediaType, accepted, parse_media_type

GRAPHQL, JSON = MediaType.GRAPHQL_RESPONSE, MediaType.JSON


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, GRAPHQL),
        ("", GRAPHQL),
        ("*/*", GRAPHQL),
        ("application/*", GRAPHQL),
        ("application/json", JSON),
        ("application/graphql-response+json", GRAPHQL),
        ("APPLICATION/JSON", JSON),
        ("application/json; charset=utf-8", JSON),
        ('application/json; charset="UTF-8"', JSON),
        ("application/json, application/graphql-response+json", GRAPHQL),
        ("application/graphql-response+json;q=0.5, application/json", JSON),
        ("application/graphql-response+json; charset=utf-8, application/json;q=0.9", GRAPHQL),
        ("text/html, application/json;q=0.1", JSON),
        ("application/graphql-response+json;q=0, */*", JSON),
        ("text/html", None),
        ("text/html, image/png", None),
        ("application/json;q=0", None),
        ("application/json; charset=iso-8859-1", None),
        ("application/json;q=high", None),
        ("nonsense", None),
        (",,,", None),
    ],
)
def test_the_accept_header_chooses_the_media_type(
    header: str | None, expected: MediaType | None
) -> None:
    assert accepted(header) is expected


def test_names_and_parameters_are_compared_in_lower_case() -> None:
    parsed = parse_media_type('Application/JSON; Charset="UTF-8"')
    assert (parsed.name, parsed.parameters) == ("application/json", {"charset": "utf-8"})
