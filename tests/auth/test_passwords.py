from __future__ import annotations

from hashlib import sha256

import pytest

from auth.passwords import hash_password, is_password, problem_with_password

GOOD = "correct horse battery"


def test_a_long_varied_password_is_acceptable() -> None:
    assert problem_with_password(GOOD, email="ada@acme.test") is None


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "at least 12"),
        ("", "at least 12"),
        ("abababababababab", "different"),
        ("x" * 2000, "at most"),
        ("my name is countess", "e-mail"),
    ],
)
def test_a_bad_password_is_told_what_is_wrong_with_it(password: str, word: str) -> None:
    problem = problem_with_password(password, email="Countess@acme.test")
    assert problem is not None
    assert word in problem


def test_a_password_is_recognised_by_its_hash() -> None:
    stored = hash_password(GOOD)
    assert stored.startswith("$argon2id$")
    assert is_password(GOOD, stored)
    assert not is_password(GOOD + "!", stored)


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password(GOOD) != hash_password(GOOD)


def test_a_hash_of_the_former_system_opens_nothing() -> None:
    unsalted = sha256(GOOD.encode()).hexdigest()
    assert not is_password(GOOD, unsalted)
    assert not is_password(unsalted, unsalted)


def test_the_stored_hash_is_no_password() -> None:
    stored = hash_password(GOOD)
    assert not is_password(stored, stored)
