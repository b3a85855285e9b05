"""Reads the mailbox: each minute what lies there, one mail after the other, marked only once it is committed.

A kill between the commit and the mark does no harm: the mail is known again by its key. Whatever the server does, it
can hold up nothing but mail: what blocks is aside, and a visit has an end. A mail that makes trouble holds up no other:
it comes last the next time, and after some times it is given up, which somebody is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from bot.errors import DeliveryError
from bot.mail.aside import aside
from bot.mail.incoming import LARGEST
from bot.mail.mailbox import Lying, Mailbox, Place
from bot.mail.server import Amiss
from storage import Unavailable

if TYPE_CHECKING:
    import ssl

    from bot.clock import Clock

log = logging.getLogger(__name__)

EACH = 60.0  # seconds between visits
LONGEST_PAUSE = 900.0  # seconds between visits to a server that does not serve
STEP = 20.0  # seconds for one answer of the server
VISIT = 180.0  # seconds for all of a visit
ONE_MAIL = 60.0  # seconds for one of them
AT_ONCE = 20  # mails a visit
ATTEMPTS = 3  # how often a mail is tried that the server does not give, or that takes too long


class Desk(Protocol):
    """Where mails are handled. Raises `StorageError`, having done nothing, when that is not possible now."""

    async def seen(self, keys: Sequence[str]) -> set[str]:
        """Which of these mails were handled already."""
        ...

    async def take(self, key: str, raw: bytes) -> str:
        """Handle a mail; answers why it is none of ours, in words that tell nothing of it, empty if it is."""
        ...

    async def give_up(self, key: str, error: Exception) -> None:
        """Note that a mail could not be handled."""
        ...


class MailIntake:
    """Visits one mailbox at `url` (imaps://, with user and password); what the operator has to mend is logged once."""

    def __init__(
        self, url: str, desk: Desk, clock: Clock, *, tls_context: ssl.SSLContext | None = None, step: float = STEP
    ) -> None:
        self._place, self._desk, self._clock, self._step = Place.at(url, tls_context), desk, clock, step
        self._failed: defaultdict[str, list[Exception]] = defaultdict(list)
        self._trouble = ""  # what the operator was told
        self.foreign: Counter[str] = Counter()

    async def run(self) -> None:
        """Until it is cancelled."""
        pause = EACH
        while True:
            try:
                async with asyncio.timeout(VISIT):
                    more = await self._visit()
            except (DeliveryError, TimeoutError) as error:
                level = logging.ERROR if isinstance(error, Amiss) else logging.WARNING
                self._tell(level, f"No mail is read for now: {str(error) or 'it takes too long'}")
            except Unavailable as error:
                self._tell(logging.WARNING, f"No mail is read for now: {error}")
            else:
                if self._trouble:
                    self._trouble = ""
                    log.info("Mail is read again")
                pause = EACH
                await self._clock.sleep(0 if more else EACH)
                continue
            await self._clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _visit(self) -> bool:
        """Handle what lies there, some of it; answers whether there is more."""
        mailbox = Mailbox(self._place, self._step)
        try:
            await aside(mailbox.open)
            mails, more = await aside(lambda: mailbox.lying(self._clock.now(), AT_ONCE))
            seen = await self._desk.seen([mail.key for mail in mails])
            for mail in sorted(mails, key=self._failures):
                try:
                    async with asyncio.timeout(ONE_MAIL):
                        await self._handle(mailbox, mail, known=mail.key in seen)
                except (DeliveryError, TimeoutError) as error:
                    self._failed[mail.key].append(error)
                    raise
                self._failed.pop(mail.key, None)
            await aside(mailbox.close)
        finally:
            mailbox.abort()
        return more

    def _failures(self, mail: Lying) -> int:
        return len(self._failed[mail.key]) if mail.key in self._failed else 0

    async def _handle(self, mailbox: Mailbox, mail: Lying, *, known: bool) -> None:
        if not known:
            if self._failures(mail) >= ATTEMPTS:
                await self._desk.give_up(mail.key, self._failed[mail.key][-1])
            elif mail.size > LARGEST:
                self._leave("too large")
            else:
                raw = await aside(lambda: mailbox.content(mail))
                if why := "taken away" if raw is None else await self._desk.take(mail.key, raw):
                    self._leave(why)
        await aside(lambda: mailbox.mark(mail))

    def _leave(self, why: str) -> None:
        self.foreign[why] += 1
        log.info("a mail is none of ours: %s", why)

    def _tell(self, level: int, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            log.log(level, "%s", trouble)
