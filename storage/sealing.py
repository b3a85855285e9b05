"""Columns that nobody reads without the key: AES-GCM (NIST SP 800-38D), which also tells whether a value was changed.

A sealed value is `version (1) · key id (4) · nonce (12) · ciphertext · tag (16)`, in bytes. It names its key, so values
of an older key are read beside those of a newer one, and a rotation can be interrupted at any moment. The context is
authenticated as well, table and column: a value that was moved to another column does not open.

Nonces are random: one key is good for some four thousand million values, after which it should be rotated.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import SealBroken

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

KEY_BYTES: Final = 32
VERSION: Final = b"\x01"
NAMED: Final = 5  # version and key id
NONCE: Final = 12
HEAD: Final = NAMED + NONCE
EMPTY: Final = HEAD + 16  # bytes of an empty text that is sealed

OTHER_KEY: Final = (
    "The secret key is not the one of this database. Put back the key file, or the PANDU_SECRET_KEY, that it was "
    "written with: without it nobody can read what people wrote."
)
CHANGED: Final = "A sealed value was changed outside the program. Put back a copy with `pandu restore`."


class Ring:
    """Keys, the newest first: it seals, all of them open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"A secret key has {KEY_BYTES} bytes, and there is at least one.")
        self._ciphers = {VERSION + sha256(b"pandu key" + key).digest()[:4]: AESGCM(key) for key in keys}
        self._name, self._newest = next(iter(self._ciphers.items()))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read keys as `new_key` writes them, separated by commas, the newest first. `ValueError` says what is odd."""
        try:
            keys = [urlsafe_b64decode(part.strip().encode("ascii")) for part in text.split(",")]
            return cls(keys)
        except ValueError:  # the text itself stays out of the message
            raise ValueError(
                "A secret key is 44 letters of urlsafe base64 (32 bytes); several are separated by commas, the newest "
                "first."
            ) from None

    @staticmethod
    def new_key() -> str:
        """Make a key, as `parse` reads it."""
        return urlsafe_b64encode(os.urandom(KEY_BYTES)).decode("ascii")

    def seal(self, context: str, plain: str) -> bytes:
        """Seal any text at all, half surrogate pairs included."""
        nonce = os.urandom(NONCE)
        sealed = self._newest.encrypt(nonce, plain.encode("utf-8", "surrogatepass"), context.encode())
        return self._name + nonce + sealed

    def open(self, context: str, sealed: bytes) -> str:
        """Give back what was sealed. `SealBroken`: with another key, for another context, or it was changed."""
        cipher = self._ciphers.get(sealed[:NAMED])
        if cipher is None:
            raise SealBroken(OTHER_KEY)
        try:
            plain = cipher.decrypt(sealed[NAMED:HEAD], sealed[HEAD:], context.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: cut off within its head
            raise SealBroken(CHANGED) from error
        return plain.decode("utf-8", "surrogatepass")

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it was sealed with the newest key."""
        return sealed[:NAMED] == self._name
