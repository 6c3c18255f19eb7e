"""Encryption of what is stored and must not be readable there: AES-256-GCM under a ring of keys.

The first key seals; every key of the ring opens what it sealed, so a key is replaced by putting a
new one in front and removing the old one once nothing names it any more. The purpose a secret was
sealed for is bound to it: a ciphertext moved to another place does not open there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash

__all__ = ["KEY_BYTES", "KeyRing", "SealBroken"]

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_ID_LABEL = b"cockpit secret key id:"


class SealBroken(Exception):  # noqa: N818 - named for what happened
    """A ciphertext that none of our keys opens: its key is gone, or it was changed or moved."""


class KeyRing:
    """Seals with the first key, opens with any."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take 32-byte keys, the one to seal with first.

        Raises `ValueError` for no key, a key of another length, or the same key twice.
        """
        if not keys:
            raise ValueError("Secrets need at least one key.")
        if any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"A key of secrets is {KEY_BYTES} bytes long.")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        if len(self._ciphers) != len(keys):
            raise ValueError("A key of secrets is given twice.")
        self._sealing = next(iter(self._ciphers))

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._ciphers)})"

    def seal(self, plain: bytes, *, purpose: str) -> tuple[str, bytes]:
        """Encrypt; answers the key's id and the ciphertext, which is bound to the purpose."""
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self._ciphers[self._sealing]
        return self._sealing, nonce + cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, key_id: str, ciphertext: bytes, *, purpose: str) -> bytes:
        """Decrypt what `seal` made for the same purpose. Raises `SealBroken`."""
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SealBroken(f"There is no key {key_id}; put it back into the ring.")
        if len(ciphertext) < _NONCE_BYTES + _TAG_BYTES:
            raise SealBroken("This is no sealed secret.")
        nonce, sealed = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, sealed, purpose.encode())
        except InvalidTag:
            raise SealBroken("The secret was changed, or sealed for another purpose.") from None


def _key_id(key: bytes) -> str:
    """A name for a key that says nothing about it."""
    digest = Hash(SHA256())
    digest.update(_ID_LABEL + key)
    return digest.finalize()[:8].hex()
