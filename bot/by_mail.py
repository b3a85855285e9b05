"""What stands behind the mailbox: storage to know mails again, the turn to act. See `bot.mail.intake.Desk`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.commands.complaints.correspondence import correspondents
from bot.mail import thread
from bot.mail.aside import aside
from bot.mail.incoming import Answer, Automatic, Bounced, Foreign, Incoming, Unread, head, sort
from bot.turn import ATTEMPTS, ESCAPES

if TYPE_CHECKING:
    from bot.mail.incoming import Head
    from bot.turn import Turn
    from storage import Store


@dataclass(frozen=True, slots=True)
class MailDesk:
    """Sorts mails beside the loop, since a large one takes a while; acts in a turn, like everybody who writes."""

    store: Store
    turn: Turn

    async def seen(self, keys: Sequence[str]) -> set[str]:
        async with self.store.reading() as tx:
            return await tx.seen(keys)

    async def take(self, key: str, raw: bytes) -> str:
        for left in reversed(range(ATTEMPTS)):
            try:
                return await self._take(key, raw)
            except ESCAPES:
                raise
            except Exception as error:  # noqa: BLE001 - the last resort: one bad mail must not hold up the others
                if not left:
                    await self.turn.bury_mail(key, error)
        return "buried"

    async def give_up(self, key: str, error: Exception) -> None:
        await self.turn.bury_mail(key, error)

    async def _take(self, key: str, raw: bytes) -> str:
        seen = await aside(lambda: head(raw, self._sign))
        written = await self._written_to(seen.number)
        mail: Incoming = await aside(
            lambda: sort(raw, self._sign, lambda number: written if number == seen.number else ())
        )
        match mail:
            case Foreign(why):
                return why
            case Automatic(None) | Bounced(None):
                return "about a letter of another kind"
            case Answer() | Automatic() | Bounced() | Unread():
                await self.turn.take_mail(self._keys(key, seen), mail)
                return ""

    def _sign(self, number: str) -> str:
        return self.store.fingerprint(thread.PURPOSE, number)

    def _keys(self, key: str, seen: Head) -> list[str]:
        """A mail that came twice, or whose folder was made anew, is known again by its own id."""
        own = f"mail:id:{self.store.fingerprint('mail id', seen.message_id)}"
        return [key, own] if seen.message_id else [key]

    async def _written_to(self, number: str | None) -> Collection[str]:
        if number is None:
            return ()
        async with self.store.reading() as tx:
            complaint = await tx.complaints.get(number, lock=False)
            return () if complaint is None else (await correspondents(tx, complaint)).keys()
