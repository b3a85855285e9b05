"""What commands need of the world beside their transaction and their chat."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.tokens import RandomTokens, Tokens

if TYPE_CHECKING:
    from bot.scene import Scene
    from conversations.facts import Book
    from storage import Transaction


@dataclass(slots=True)
class Office:
    """The installation: whether it sends mail, and under which name Telegram knows the bot, once it was asked.

    `public_url` is where the web edge is reached; empty where there is none: then mails carry no links to act.
    `reads_mail`: answers to letters are read, so letters say where these go.
    """

    sends_mail: bool
    reads_mail: bool = False
    username: str = ""
    public_url: str = ""
    tokens: Tokens = field(default_factory=RandomTokens)

    @property
    def chat(self) -> str:
        """The address of the chat with the bot; while its name is not known yet, where that is."""
        return f"https://t.me/{self.username}" if self.username else "Telegram"

    def link(self, token: str) -> str:
        """A link that opens the chat with the bot; only a tap on *Start* uses the token, opening it does not."""
        return f"https://t.me/{self.username}?start={token}"


@dataclass(frozen=True, slots=True)
class Errand:
    """One command being done: its transaction, the chat that gave it, and the moment."""

    tx: Transaction
    scene: Scene
    office: Office
    book: Book
    at: datetime

    @property
    def chat_id(self) -> int:
        return self.scene.chat_id

    @property
    def today(self) -> date:
        """The day in the city."""
        return self.at.astimezone(self.scene.catalog.zone).date()

    def fingerprint(self, purpose: str, value: object) -> str:
        """What a secret is stored and looked up as."""
        return self.tx.fingerprint(purpose, str(value))
