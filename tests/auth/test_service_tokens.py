from __future__ import annotations

from hashlib import sha256

import pytest

from auth.errors import Unauthenticated
from auth.service_tokens import is_service_token, new_token, token_hash


def test_a_token_is_found_by_its_hash_and_told_by_its_prefix() -> None:
    made = new_token()
    assert is_service_token(made.token)
    assert made.token.startswith(made.prefix + "_")
    assert token_hash(made.token) == made.token_hash == sha256(made.token.encode()).digest()


def test_tokens_never_repeat() -> None:
    assert len({new_token().token for _ in range(100)}) == 100
    assert len({new_token().prefix for _ in range(100)}) == 100


def test_every_single_mistyped_character_is_noticed() -> None:
    token = new_token().token
    for position in range(len("cpk_"), len(token)):
        other = "b" if token[position] == "a" else "a"
        with pytest.raises(Unauthenticated):
            token_hash(token[:position] + other + token[position + 1 :])


@pytest.mark.parametrize("cut", [1, 6, 40])
def test_a_token_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(Unauthenticated):
        token_hash(new_token().token[:-cut])


@pytest.mark.parametrize("text", ["cpk_", "cpk_é" + "a" * 46, "cpk_" + "a" * 47, "cpk_a" * 1000])
def test_what_only_looks_like_a_token_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated):
        token_hash(text)
