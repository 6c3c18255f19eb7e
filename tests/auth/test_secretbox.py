from __future__ import annotations

import os

import pytest

from auth.secretbox import KEY_BYTES, KeyRing, SealBroken

OLD, NEW = bytes([1]) * KEY_BYTES, bytes([2]) * KEY_BYTES


@pytest.mark.parametrize("plain", [b"", b"sesame", os.urandom(10_000)])
def test_what_was_sealed_opens_for_its_purpose(plain: bytes) -> None:
    ring = KeyRing([NEW])

    key_id, ciphertext = ring.seal(plain, purpose="mail")

    assert ring.open(key_id, ciphertext, purpose="mail") == plain
    assert len(plain) < 6 or plain not in ciphertext


def test_the_same_secret_is_never_sealed_alike() -> None:
    ring = KeyRing([NEW])

    assert ring.seal(b"sesame", purpose="mail") != ring.seal(b"sesame", purpose="mail")


def test_a_secret_moved_to_another_purpose_does_not_open() -> None:
    ring = KeyRing([NEW])
    key_id, ciphertext = ring.seal(b"sesame", purpose="mail")

    with pytest.raises(SealBroken):
        ring.open(key_id, ciphertext, purpose="sign-in")


@pytest.mark.parametrize("at", [0, 11, 12, -1])
def test_a_changed_secret_does_not_open(at: int) -> None:
    ring = KeyRing([NEW])
    key_id, ciphertext = ring.seal(b"sesame", purpose="mail")
    changed = bytearray(ciphertext)
    changed[at] ^= 1

    with pytest.raises(SealBroken):
        ring.open(key_id, bytes(changed), purpose="mail")


@pytest.mark.parametrize("ciphertext", [b"", b"short", bytes(27)])
def test_what_was_never_sealed_does_not_open(ciphertext: bytes) -> None:
    ring = KeyRing([NEW])
    key_id, _ = ring.seal(b"", purpose="mail")

    with pytest.raises(SealBroken):
        ring.open(key_id, ciphertext, purpose="mail")


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before, rotated, after = KeyRing([OLD]), KeyRing([NEW, OLD]), KeyRing([NEW])
    old = before.seal(b"sesame", purpose="mail")

    new = rotated.seal(b"sesame", purpose="mail")

    assert rotated.open(*old, purpose="mail") == b"sesame"
    assert after.open(*new, purpose="mail") == b"sesame"
    with pytest.raises(SealBroken, match="put it back"):
        after.open(*old, purpose="mail")


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, NEW], [NEW + b"x"]])
def test_a_ring_of_unusable_keys_is_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        KeyRing(keys)


def test_a_ring_shows_no_key() -> None:
    shown = repr(KeyRing([NEW, OLD]))

    assert NEW.hex() not in shown
    assert repr(NEW) not in shown
