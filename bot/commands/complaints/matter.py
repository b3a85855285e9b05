"""What everything that is done about complaints has at hand, whoever began it: a chat, a link of a mail, the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime

    from bot.commands.office import Errand, Office
    from bot.scene import Post
    from conversations.facts import Book
    from storage import Transaction


@dataclass(frozen=True, slots=True)
class Matter:
    """One transaction, what leaves because of it, and the moment.

    `chat_id` is the chat that began it, which reads the answer there and is told nothing twice; None for a link or the
    clock.
    """

    tx: Transaction
    post: Post
    office: Office
    book: Book
    at: datetime
    channel: Literal["telegram", "mail", "web", "bot"]
    chat_id: int | None = None

    @classmethod
    def of(cls, errand: Errand) -> Matter:
        return cls(errand.tx, errand.scene, errand.office, errand.book, errand.at, "telegram", errand.chat_id)

    @property
    def today(self) -> date:
        return self.book.calendar.today(self.at)
