"""One-time links of an official who has e-mail only: what they offer, what became of one, and how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from conversations.complaint import Act, Status
from conversations.text import Words

LIFETIME = timedelta(days=7)
PURPOSE = "web link"
"""The purpose of the fingerprint under which a token is stored."""

ACTS = (Act.TAKE, Act.DIRECT, Act.RETURN, Act.ANSWER)
"""What can be done by a link, in this order."""

NEED_WORDS = frozenset({Act.DIRECT, Act.RETURN, Act.ANSWER})
LONGEST_WORDS = 2_000  # characters

PATH = "/aduan/"
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


def link_to(public_url: str, token: str) -> str:
    """The address that a mail carries."""
    return f"{public_url.rstrip('/')}{PATH}{token}"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers: nothing more of the complaint than the subject of the mail says."""

    number: str
    category: Words | str
    act: Act
    until: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a link. `refused`: not possible as the complaint stands now; `spent`: used, expired or unknown."""

    what: Literal["done", "refused", "spent"]
    status: Status | None = None


class Desk(Protocol):
    """Who knows what the tokens are for. Both raise StorageError."""

    async def look(self, token: str) -> Offer | None:
        """What a link offers; None: it was used, has expired or never was. Changes nothing, however often."""
        ...

    async def act(self, token: str, text: str) -> Outcome:
        """Do it, once."""
        ...

    def sign(self, token: str) -> str:
        """What the form carries, which only who has seen the page of this link knows."""
        ...
