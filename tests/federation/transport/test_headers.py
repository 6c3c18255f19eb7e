from __future__ import annotations

import pytest

from federation.transport.client_request import ClientRequest
from federation.transport.headers import Forward, HeaderRule, Remove, Set, outgoing_headers

CLIENT = ClientRequest(
    headers={"authorization": "Bearer t", "x-request-id": "r"},
    received={"authorization": "Bearer t", "x-tenant": "acme", "cookie": "a=b"},
)


def test_without_rules_a_subgraph_receives_what_the_host_sends_to_all() -> None:
    assert outgoing_headers(CLIENT, ()) == CLIENT.headers


RULES: list[tuple[tuple[HeaderRule, ...], dict[str, str]]] = [
    ((Forward("X-Tenant"),), {**CLIENT.headers, "x-tenant": "acme"}),
    ((Forward("x-tenant", "X-Account"),), {**CLIENT.headers, "x-account": "acme"}),
    ((Forward("x-absent"),), {**CLIENT.headers}),
    ((Set("X-Source", "gateway"),), {**CLIENT.headers, "x-source": "gateway"}),
    ((Set("Authorization", "Basic z"),), {"authorization": "Basic z", "x-request-id": "r"}),
    ((Remove("Authorization"), Remove("x-request-id")), {}),
    ((Remove("authorization"), Forward("authorization")), {**CLIENT.headers}),
    ((Forward("authorization"), Remove("authorization")), {"x-request-id": "r"}),
    ((Remove("x-absent"),), {**CLIENT.headers}),
]


@pytest.mark.parametrize(("rules", "sent"), RULES)
def test_rules_apply_in_order(rules: tuple[HeaderRule, ...], sent: dict[str, str]) -> None:
    assert outgoing_headers(CLIENT, rules) == sent
    assert CLIENT.headers == {"authorization": "Bearer t", "x-request-id": "r"}


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Transfer-Encoding", "accept-encoding", "connection"]
)
def test_headers_of_the_connection_follow_no_rule(name: str) -> None:
    for rule in (Forward, Remove):
        with pytest.raises(ValueError, match="belongs to the connection"):
            rule(name)
    with pytest.raises(ValueError, match="belongs to the connection"):
        Forward("x-tenant", name)
    with pytest.raises(ValueError, match="belongs to the connection"):
        Set(name, "x")


@pytest.mark.parametrize("name", ["", "x y", "x:y", "x\r\ny", "né"])
def test_a_header_needs_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a header"):
        Remove(name)


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\x00", "né"])
def test_a_fixed_value_cannot_break_out_of_its_header(value: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        Set("x-a", value)
