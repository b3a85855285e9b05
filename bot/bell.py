"""What the clock does to complaints, and what follows when a message about one did not arrive.

Each in a transaction of its own: one that fails does not hold up the others.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from bot.commands.complaints import clock, digest, losses
from bot.commands.complaints.matter import Matter
from bot.scene import Outcome, Post
from storage import Overtaken, Unavailable, WrongSchema

if TYPE_CHECKING:
    from bot.burial import Burial
    from bot.catalogs import Catalog
    from bot.commands import Office
    from bot.outlet import Outlet
    from conversations.facts import Book
    from storage import Store, Transaction

log = logging.getLogger(__name__)

ESCAPES = (Unavailable, Overtaken, WrongSchema)
"""What no single complaint is to blame for: the caller has to wait, or to end."""

AT_ONCE = 100
LOOKS_AT_ONCE = 20
"""Complaints that are looked at before chats have their turn again: each is a transaction of its own."""
TRY_AGAIN = timedelta(hours=1)
"""When a complaint rings again that could not be rung."""


class Bell:
    """Rings complaints that are due or of which something was lost, and says good morning to staff."""

    def __init__(  # the parts of the turn
        self,
        store: Store,
        book: Book,
        catalogs: Mapping[str, Catalog],
        office: Office,
        burial: Burial,
        outlet: Outlet,
    ) -> None:
        self._store, self._book, self._catalogs, self._office, self._burial = store, book, catalogs, office, burial
        self._outlet = outlet
        self._unlooked: list[str] = []
        """Complaints that are still to be looked at this morning. A process that ends before leaves it to the next
        morning, or to the ring of each."""

    async def ring(self, at: datetime) -> None:
        """Ring what is due at this moment, and look at some that are not. Raises StorageError, to be rung again."""
        async with self._store.reading() as tx:
            numbers = await tx.complaints.due(at, AT_ONCE)
            lost = await tx.lost(AT_ONCE)
        for word in lost:
            await self._report(word, at)
        for number in numbers:
            await self._guarded(number, at, clock.ring)
        async with self._store.reading() as tx:
            some = await tx.complaints.next_ring()  # each that is open has a moment at which it rings
        if some is not None and await self._good_morning(at):
            async with self._store.reading() as tx:
                self._unlooked = (await tx.complaints.open_numbers())[::-1]
        for _ in range(min(LOOKS_AT_ONCE, len(self._unlooked))):
            await self._guarded(self._unlooked[-1], at, clock.look)
            self._unlooked.pop()

    async def _good_morning(self, at: datetime) -> bool:
        """Say it once a day; a morning on which it cannot be said is let be, and the bot goes on."""
        try:
            async with self.matter(f"digest:{secrets.token_hex(12)}", at, "bot") as matter:
                return await digest.send(matter)
        except ESCAPES:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort, as below
            log.error("no digest this morning (%s)", type(error).__name__)  # noqa: TRY400 - a trace may quote people
            async with self.matter(f"digest:{secrets.token_hex(12)}", at, "bot") as matter:
                await matter.tx.remember([digest.marker(matter)], at)
            return True

    async def next_at(self, tx: Transaction, at: datetime) -> datetime | None:
        """When there is something to do next, at once if not all were looked at; None while no complaint is open."""
        if self._unlooked:
            return at
        next_ring = await tx.complaints.next_ring()
        return next_ring and min(next_ring, digest.next_digest(at, self._book))

    @asynccontextmanager
    async def matter(self, origin: str, at: datetime, channel: Literal["web", "mail", "bot"]) -> AsyncIterator[Matter]:
        """One transaction of what nobody wrote in a chat; its messages are handed over once it is committed."""
        try:
            async with self._store.transaction() as tx:
                await tx.confirm(self._store.epoch)
                outcome = Outcome({}, self._outlet.claim(), outage=await tx.outage())
                yield Matter(tx, Post(origin, at, self._catalogs, outcome), self._office, self._book, at, channel)
                if outcome.rows:
                    await tx.enqueue(outcome.rows)
        except BaseException:
            self._outlet.look()  # it may have been committed all the same, and only the word of it got lost
            raise
        self._outlet.take(outcome.rows)

    async def _guarded(self, number: str, at: datetime, do: Callable[[Matter, str], Awaitable[None]]) -> None:
        try:
            # What makes it ring once is its next alarm, which the same transaction moves: the key says nothing.
            async with self.matter(f"ring:{secrets.token_hex(12)}", at, "bot") as matter:
                await do(matter, number)
        except ESCAPES:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort: one bad complaint must not hold up the others
            log.warning("%s could not be rung (%s), it is tried again later", number, type(error).__name__)
            await self._put_off(number, error, at)

    async def _report(self, word: str, at: datetime) -> None:
        """Say once of messages that did not arrive that they did not; admins are told of what cannot be said."""
        origin = f"lost:{secrets.token_hex(12)}"
        try:
            async with self.matter(origin, at, "bot") as matter:
                await losses.report(matter, word)
        except ESCAPES:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort, as above
            log.warning("what was lost of %s could not be told (%s)", word, type(error).__name__)
            async with self._store.transaction() as tx:
                await tx.confirm(self._store.epoch)
                await tx.take_lost(word)
            await self._burial.bury(origin, None, {"lost": word}, error, at)

    async def _put_off(self, number: str, error: Exception, at: datetime) -> None:
        """Try it again later; admins are told each time, because nothing else will remember it."""
        async with self._store.transaction() as tx:
            await tx.confirm(self._store.epoch)
            await tx.complaints.postpone(number, at + TRY_AGAIN)
        await self._burial.bury(f"ring:{secrets.token_hex(12)}", None, {"complaint": number}, error, at)
