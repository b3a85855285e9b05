"""What stands behind the links of mails: storage for looking, the turn for acting. See `bot.web.links.Desk`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.mail.packet import label_of
from bot.web.links import PURPOSE, Offer, Outcome

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.turn import Turn
    from conversations.facts import Book
    from storage import Store

FORM = "web form"
"""The purpose of the fingerprint that a form carries."""


@dataclass(frozen=True, slots=True)
class LinkDesk:
    """Looks in a transaction that only reads; acts in a turn, like everybody who writes in a chat."""

    store: Store
    turn: Turn
    book: Book
    clock: Clock

    async def look(self, token: str) -> Offer | None:
        async with self.store.reading() as tx:
            link = await tx.links.look(tx.fingerprint(PURPOSE, token))
            if link is None or link.used_at is not None or link.until <= self.clock.now():
                return None
            complaint = await tx.complaints.get(link.number, lock=False)
        category = "" if complaint is None else label_of(complaint.category, self.book)
        return Offer(link.number, category, link.act, link.until)

    async def act(self, token: str, text: str) -> Outcome:
        return await self.turn.act_by_link(token, text, self.clock.now())

    def sign(self, token: str) -> str:
        return self.store.fingerprint(FORM, token)
