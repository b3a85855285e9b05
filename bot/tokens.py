"""What nobody may guess: tokens of links, and codes that are typed from a mail."""

from __future__ import annotations

import secrets
from typing import Protocol

_CODES = 1_000_000


class Tokens(Protocol):
    """Makes a new one each time; tests give their own."""

    def token(self) -> str:
        """192 bits, in the letters that Telegram lets a start link carry."""
        ...

    def code(self) -> str:
        """Six digits."""
        ...


class RandomTokens:
    """From the machine's own randomness."""

    def token(self) -> str:
        return secrets.token_urlsafe(24)

    def code(self) -> str:
        return f"{secrets.randbelow(_CODES):06d}"
