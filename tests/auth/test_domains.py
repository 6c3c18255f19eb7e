from __future__ import annotations

import pytest

from auth.domains import domain_of, normal_domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.test", "acme.test"),
        (" ACME.Test. ", "acme.test"),
        ("Bücher.Example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("\uff46\uff55\uff4c\uff4c.example", "full.example"),
        ("a-b.c-d.test", "a-b.c-d.test"),
        ("localhost", None),
        ("", None),
        (".", None),
        ("a..b", None),
        ("-a.test", None),
        ("a_b.test", None),
        ("a@b.test", None),
        ("a b.test", None),
        ("10.0.0.1", None),
        ("[::1]", None),
        ("xn--a.test", None),
        ("a" * 64 + ".test", None),
        ("a." * 130 + "test", None),
    ],
)
def test_domains_have_one_form_or_none(text: str, domain: str | None) -> None:
    assert normal_domain(text) == domain


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ada@acme.test", "acme.test"),
        ("ada@Bücher.example", "xn--bcher-kva.example"),
        ('"a@b"@acme.test', "acme.test"),
        ("ada@LOCALHOST ", "localhost"),
        ("nobody", "nobody"),
    ],
)
def test_an_address_has_a_domain_in_that_form(email: str, domain: str) -> None:
    assert domain_of(email) == domain
