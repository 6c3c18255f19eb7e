from __future__ import annotations

from pathlib import Path

import pytest

from federation.transport.answer import ErrorPolicy
from federation.transport.breaker import BreakerPolicy
from federation.transport.configuration import SubgraphConfig
from federation.transport.headers import Forward, Remove, Set
from federation.transport.pool import PoolLimits
from federation.transport.retry import RetryPolicy
from federation.transport.signing import HmacKey
from federation.transport.tls import Tls
from gateway.subgraph_config import SubgraphConfigError, read_subgraph_configs
from tests.federation.transport.certificates import Authority

ADDRESSES = {"reviews": "http://reviews.test/graphql", "stock": "http://stock.test/graphql"}
SECRET = "0123456789abcdef0123456789abcdef"


def read(folder: Path, text: str) -> dict[str, SubgraphConfig]:
    file = folder / "subgraphs.yaml"
    file.write_text(text)
    return read_subgraph_configs(file).of(ADDRESSES)


def test_a_subgraph_that_is_not_mentioned_has_the_defaults(tmp_path: Path) -> None:
    configs = read(tmp_path, "subgraphs: {}")
    assert configs == {name: SubgraphConfig(url=url) for name, url in ADDRESSES.items()}


def test_every_key_becomes_its_value(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.issue("gateway")
    (tmp_path / "reviews.key").write_text(SECRET + "\n")
    configs = read(
        tmp_path,
        """
        subgraphs:
          reviews:
            url: https://elsewhere.test/graphql
            timeout: 2.5
            max_bytes: 1000000
            errors: shown
            deduplicate: false
            pool: {connections_per_host: 5, keepalive_seconds: 1, connect_seconds: 0.5}
            retry: {attempts: 2, first_delay: 0.1, longest_delay: 1, budget_ratio: 0.2}
            breaker: {window: 5, minimum: 2, failure_rate: 0.9, open_seconds: 3}
            headers:
              - forward: X-Tenant
              - {forward: X-Trace, as: X-Span}
              - {set: X-Source, value: gateway}
              - remove: Authorization
            signing: {key_id: gateway-1, key_file: reviews.key}
            tls: {authority: authority.pem, certificate: gateway.pem}
        """,
    )
    assert configs["reviews"] == SubgraphConfig(
        url="https://elsewhere.test/graphql",
        timeout=2.5,
        max_bytes=1_000_000,
        errors=ErrorPolicy.SHOWN,
        deduplicate=False,
        pool=PoolLimits(5, 1, 0.5),
        retry=RetryPolicy(2, 0.1, 1, 0.2),
        breaker=BreakerPolicy(5, 2, 0.9, 3),
        headers=(
            Forward("X-Tenant"),
            Forward("X-Trace", "X-Span"),
            Set("X-Source", "gateway"),
            Remove("Authorization"),
        ),
        signing=HmacKey("gateway-1", SECRET.encode()),
        tls=Tls(authority=tmp_path / "authority.pem", certificate=tmp_path / "gateway.pem"),
    )


def test_what_is_said_of_all_holds_unless_one_says_otherwise(tmp_path: Path) -> None:
    configs = read(
        tmp_path,
        "all: {timeout: 3, retry: off, breaker: off}\nsubgraphs: {stock: {timeout: 7}}",
    )
    assert [configs[name].timeout for name in ("reviews", "stock")] == [3, 7]
    assert configs["stock"].retry is None
    assert configs["stock"].breaker is None


def test_a_url_may_stand_in_the_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "subgraphs.yaml"
    file.write_text("subgraphs: {stock: {url: 'http://here.test'}}")
    configs = read_subgraph_configs(file)
    assert configs.of({"stock": ""})["stock"].url == "http://here.test"
    with pytest.raises(SubgraphConfigError, match="Subgraph reviews has no URL"):
        configs.of({"stock": "", "reviews": ""})


WRONG = [
    ("{", "is not YAML"),
    ("[]", "must hold keys and values"),
    ("subgraph: {}", "unknown key subgraph"),
    ("all: {url: 'http://a.test'}", "A url belongs to one subgraph"),
    ("subgraphs: []", "`subgraphs` must hold keys and values"),
    ("subgraphs: {reviews: 7}", "Subgraph reviews must hold keys and values"),
    ("subgraphs: {films: {}}", "no subgraph films"),
    ("subgraphs: {reviews: {url: 7}}", "url: must be a text"),
    ("subgraphs: {reviews: {retry: on}}", "retry: must hold keys and values"),
    ("subgraphs: {reviews: {speed: 7}}", "Subgraph reviews has the unknown key speed"),
    ("subgraphs: {reviews: {url: 'ftp://x'}}", "reviews: url must begin with http"),
    ("subgraphs: {reviews: {timeout: '5'}}", "timeout: must be a number"),
    ("subgraphs: {reviews: {timeout: .inf}}", "timeout: must be a number"),
    ("subgraphs: {reviews: {timeout: 0}}", "timeout and max_bytes must be above 0"),
    ("subgraphs: {reviews: {max_bytes: 1.5}}", "max_bytes: must be a whole number"),
    ("subgraphs: {reviews: {errors: some}}", "errors: must be masked, stated, shown"),
    ("subgraphs: {reviews: {deduplicate: 1}}", "deduplicate: must be true or false"),
    ("subgraphs: {reviews: {retry: {tries: 1}}}", "retry: has the unknown key tries"),
    ("subgraphs: {reviews: {retry: {attempts: 0}}}", "retry: attempts must be 1 or more"),
    ("subgraphs: {reviews: {retry: {attempts: x}}}", "retry: attempts must be a whole number"),
    ("subgraphs: {reviews: {headers: {forward: X}}}", "headers: must be a list of rules"),
    ("subgraphs: {reviews: {headers: [{set: X-A}]}}", "headers: a rule is"),
    ("subgraphs: {reviews: {headers: [{remove: X-A, value: b}]}}", "headers: a rule is"),
    ("subgraphs: {reviews: {headers: [{remove: Host}]}}", "header Host belongs to the connection"),
    ("subgraphs: {reviews: {signing: {key_id: a}}}", "signing: needs key_id and key_file"),
    (
        "subgraphs: {reviews: {signing: {key_id: a, key_file: x}}}",
        "signing: a file cannot be read",
    ),
    ("subgraphs: {reviews: {tls: {authority: no.pem}}}", "tls: a file cannot be read"),
    ("subgraphs: {reviews: {tls: {}}}", "tls needs a url that begins with https"),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_a_mistake_is_one_sentence_that_says_where(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(SubgraphConfigError) as caught:
        read(tmp_path, text)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_file_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(SubgraphConfigError, match=r"none\.yaml, does not exist"):
        read_subgraph_configs(tmp_path / "none.yaml")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "subgraphs.yaml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SubgraphConfigError, match="cannot be read as UTF-8 text"):
        read_subgraph_configs(file)
