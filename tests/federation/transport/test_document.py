"""docs/subgraphs.md says what the code does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from federation.transport.breaker import BreakerPolicy
from federation.transport.configuration import SubgraphConfig
from federation.transport.pool import PoolLimits
from federation.transport.retry import RetryPolicy
from federation.transport.signing import HmacKey, Signer
from federation.transport.subscriptions import SubscriptionPolicy

DOCUMENT = (Path(__file__).parents[3] / "docs" / "subgraphs.md").read_text()
SECRET = b"0123456789abcdef0123456789abcdef"
URL = "https://reviews.test/graphql"
BODY = b'{"query": "{ me }"}'


@pytest.mark.parametrize(
    "kind", [SubgraphConfig, RetryPolicy, BreakerPolicy, PoolLimits, SubscriptionPolicy]
)
def test_every_key_is_documented(kind: type[Any]) -> None:
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `.*?\|", DOCUMENT, re.MULTILINE))))
    assert {field.name for field in fields(kind)} <= named


def verifier() -> Callable[..., bool]:
    [snippet] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    names: dict[str, Any] = {}
    exec(snippet, names)  # noqa: S102 - the documented snippet is what is tested
    is_ours: Callable[..., bool] = names["is_ours"]
    return is_ours


def signed() -> dict[str, str]:
    headers = {"content-type": "application/json", "authorization": "Bearer t"}
    signer = Signer(HmacKey("gateway-1", SECRET), lambda: 1.0)
    return {**headers, **signer.sign("POST", URL, headers, BODY)}


def test_the_documented_check_accepts_what_was_signed() -> None:
    assert verifier()("POST", URL, signed(), BODY, SECRET)


def test_the_documented_check_refuses_whatever_was_changed() -> None:
    is_ours = verifier()
    assert not is_ours("GET", URL, signed(), BODY, SECRET)
    assert not is_ours("POST", URL + "?x", signed(), BODY, SECRET)
    assert not is_ours("POST", URL, {**signed(), "authorization": "Bearer u"}, BODY, SECRET)
    assert not is_ours("POST", URL, signed(), BODY + b" ", SECRET)
    assert not is_ours("POST", URL, signed(), BODY, SECRET[::-1])
