from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest

from federation.transport.signing import HmacKey, Signer, signature_base, signature_parameters

KEY = HmacKey("gateway-1", b"0123456789abcdef0123456789abcdef")


def test_the_signature_base_is_that_of_the_specifications_example() -> None:
    """RFC 9421, appendix B.2.5."""
    secret = b64decode(
        "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
    )
    headers = {"date": "Tue, 20 Apr 2021 02:07:55 GMT", "content-type": "application/json"}
    components = ("date", "@authority", "content-type")
    parameters = signature_parameters(components, 1618884473, "test-shared-secret")
    url = "https://example.com/foo?param=Value&Pet=dog"
    base = signature_base("POST", url, headers, components, parameters)
    code = hmac.new(secret, base.encode(), sha256).digest()
    assert b64encode(code).decode() == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="


def test_body_address_and_caller_are_signed() -> None:
    signer = Signer(KEY, clock=lambda: 1618884473.9)
    headers = {"content-type": "application/json", "authorization": "Bearer t", "x-other": "1"}
    signed = signer.sign("POST", "https://reviews.test", headers, b"{}")
    assert signed["content-digest"] == ("sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:")
    assert signed["signature-input"] == (
        'gateway=("@method" "@target-uri" "content-type" "content-digest" "authorization")'
        ';created=1618884473;keyid="gateway-1"'
    )
    base = (
        '"@method": POST\n"@target-uri": https://reviews.test/\n'
        '"content-type": application/json\n'
        f'"content-digest": {signed["content-digest"]}\n"authorization": Bearer t\n'
        f'"@signature-params": {signed["signature-input"].removeprefix("gateway=")}'
    )
    code = hmac.new(KEY.secret, base.encode(), sha256).digest()
    assert signed["signature"] == f"gateway=:{b64encode(code).decode()}:"


def test_any_change_changes_the_signature() -> None:
    signer = Signer(KEY, clock=lambda: 1.0)
    plain = {"content-type": "application/json"}
    signatures = {
        signer.sign(method, url, headers, body)["signature"]
        for method, url, headers, body in [
            ("POST", "https://a.test/graphql", plain, b"{}"),
            ("GET", "https://a.test/graphql", plain, b"{}"),
            ("POST", "https://b.test/graphql", plain, b"{}"),
            ("POST", "https://a.test/graphql", {**plain, "authorization": "t"}, b"{}"),
            ("POST", "https://a.test/graphql", plain, b"{ }"),
        ]
    }
    assert len(signatures) == 5


def test_a_secret_does_not_show_itself() -> None:
    assert "0123456789" not in repr(KEY)


@pytest.mark.parametrize(("key_id", "secret"), [("a b", b"x" * 32), ('"', b"x" * 32), ("a", b"x")])
def test_a_weak_or_unnamed_key_is_refused(key_id: str, secret: bytes) -> None:
    with pytest.raises(ValueError, match="signing key"):
        HmacKey(key_id, secret)
