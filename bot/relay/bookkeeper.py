"""The relay and its store: writes what became of messages, and finds those that wait there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.relay.books import Books, Page
from bot.relay.judge import LONGEST_WAIT
from bot.waiting import until
from storage.errors import Unavailable
from storage.records import Outgoing, Settled

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.relay.lanes import Lanes
    from storage.store import Store
    from storage.transaction import Transaction

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
WINDOW = 1000  # rows claimed and not yet sent; at the pace of campaigns they leave well within their lease
SMALL_CLAIM = 100  # claimed even when the window is full: answers must pass a campaign
STORE_WAIT = 1.0  # seconds until an unavailable store is tried again, doubled each time
LONGEST_STORE_WAIT = 30.0
FULL_WAIT = timedelta(seconds=1)  # until the store is looked into again although it gave nothing
TICK = 0.001  # seconds added to every wait, so that a moment has surely come after it


@dataclass(frozen=True, slots=True)
class Found:
    """What a look into the store gave, and when there will be more."""

    rows: list[Outgoing]
    all_of_them: bool
    next_due: datetime | None


class Bookkeeper:
    """Keeps the books of the relay `owner`, and fills its lanes; `filled` is called when there is more in them.

    Everything that has ended is written together: in a turn's transaction if one is under way, and else in one of its
    own as soon as the store is free. Its own also claim what waits. `lost` is called when it is stored that messages
    did not arrive of which somebody wants to know.
    """

    def __init__(
        self,
        owner: str,
        store: Store,
        clock: Clock,
        lanes: Lanes,
        *,
        filled: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self._owner, self._store, self._clock, self._lanes = owner, store, clock, lanes
        self._filled, self._lost = filled, lost
        self._books = Books()
        self.stalled = False  # the store does not take results at the moment
        self._dirty = asyncio.Event()  # the books have to be written, or the store looked into
        self._look_at = clock.now()
        self._released = False  # claims left over from before the start are void
        self._carriers = 0  # transactions of others that will take along what they can
        self._carried = 0  # those of them that have
        self._overlapped = False  # one has while the store was looked into
        self._closing = False
        self._over = asyncio.Event()  # the books are to be closed

    def look(self, at: datetime) -> None:
        """Look into the store at that moment, or earlier."""
        if at < self._look_at:
            self._look_at = at
            self._dirty.set()

    def in_store(self, lane: str) -> bool:
        """Whether earlier rows of that lane may wait in the store."""
        return self._books.in_store(lane)

    def settle(self, settled: Settled, *, wanted: bool) -> None:
        """Write the end of a row; `wanted`: somebody wants to know if it is a bad one."""
        self._books.settle(settled, wanted=wanted)
        self._dirty.set()

    def mark_unreachable(self, chat_id: int, at: datetime) -> None:
        """Write that nothing reaches this person since `at`."""
        self._books.mark_unreachable(chat_id, at)
        self._dirty.set()

    def hand_back(self, rows: Sequence[Outgoing], now: datetime) -> None:
        """Give rows up to the store, which gives them out again when they are due."""
        for row in rows:
            self._books.hand_back(row, now)
            self.look(row.due_at)
        self._dirty.set()

    def look_no_more(self) -> None:
        """Claim nothing from here on."""
        self._closing = True

    def close(self) -> None:
        """Write what is known, then come to an end."""
        self._over.set()
        self._dirty.set()

    @contextmanager
    def results(self) -> Iterator[Callable[[Transaction], Awaitable[None]]]:
        """Let results go along with a transaction of somebody else, given to what this yields just before its end.

        That spares a commit; so until the block ends, none is begun for them alone. If it raises, they wait again. What
        does not go along is written after it.
        """
        page: Page | None = None

        async def write(tx: Transaction) -> None:
            nonlocal page
            if self._books.only_ends():
                page = self._books.open()
                self._carried += 1
                self._overlapped = True
                await self._write_page(tx, page)

        self._carriers += 1
        try:
            yield write
        except BaseException:
            if page is not None:
                self._books.reopen(page)
            raise
        else:
            if page is not None and page.lost:
                self._lost()
        finally:
            self._carriers -= 1
            self._carried -= page is not None
            if self._books or self._over.is_set():
                self._dirty.set()

    async def run(self) -> None:
        """Keep the books until `close`. Raises `Overtaken` if another process leads, `WrongSchema`."""
        wait = STORE_WAIT
        while True:
            await until(self._dirty, self._clock, self._until_look())
            self._dirty.clear()
            last = self._over.is_set() and not self._carriers
            try:
                await self._write()
            except Unavailable as error:
                if not self.stalled:
                    log.error("Results are kept until they can be stored: %s", error)  # noqa: TRY400 - it says it all
                self.stalled = True
                if not last:
                    await (self._clock.sleep(wait) if self._over.is_set() else until(self._over, self._clock, wait))
                self._dirty.set()
                wait = min(2 * wait, LONGEST_STORE_WAIT)
            else:
                if self.stalled:
                    log.info("Results are stored again")
                self.stalled = False
                wait = STORE_WAIT
            if last:
                return  # what could not be written is sent again after the next start

    def _until_look(self) -> float | None:
        if self._closing:
            return None
        left = (self._look_at - self._clock.now()).total_seconds()
        return left + TICK if left > 0 else 0.0

    async def _write(self) -> None:
        """Write all results that wait, and claim what may be sent, in one transaction."""
        now = self._clock.now()
        limit = self._claim_limit(now)
        if not limit and not self._books:
            return
        if not limit and self._carriers and self._books.only_ends() and not self.stalled:
            return  # they will take them along
        page = self._books.open()
        done = {lane for lane in self._books.unsure() if lane not in self._lanes}
        if limit:
            # From here on, an earlier moment comes from whoever needs one. This one is for rows that nobody knows of:
            # their turn was committed, and never heard of it.
            self._look_at = now + LEASE
        try:
            async with self._store.transaction() as tx:
                await tx.confirm(self._store.epoch)
                if not self._released:
                    await tx.release()  # whoever could have sent them is gone: a store has one relay at a time
                await self._write_page(tx, page)
                self._overlapped = self._carried > 0
                found = await self._find(tx, now, limit) if limit else None
        except BaseException:
            self._books.reopen(page)
            self.look(now)
            raise
        self._released = True
        if page.lost:
            self._lost()
        if found is not None:
            self._receive(found, done, now)

    def _claim_limit(self, now: datetime) -> int:
        """How many rows to claim; 0: do not look into the store."""
        due = self._look_at <= now
        if self._closing or not (due or (self._books and self._books.follows())):
            return 0
        limit = max(WINDOW - len(self._lanes), SMALL_CLAIM if self._books.follows() else 0)
        if limit <= 0:
            self._look_at = now + FULL_WAIT  # the window is full
            return 0
        return limit

    async def _write_page(self, tx: Transaction, page: Page) -> None:
        if page.settled:
            await tx.settle(page.settled)
        for at, chats in page.unreachable.items():
            await tx.mark_unreachable(chats, at)

    async def _find(self, tx: Transaction, now: datetime, limit: int) -> Found:
        # At the start, also what waits for its next attempt: new rows must not pass it.
        horizon = now if self._books.loaded else now + LONGEST_WAIT
        rows = await tx.claim(horizon, now + LEASE, limit, self._owner)
        return Found(rows, all_of_them=len(rows) < limit, next_due=await tx.next_due(now))

    def _receive(self, found: Found, done: set[str], now: datetime) -> None:
        """Put claimed rows into their lanes, and say when to look again."""
        for row in found.rows:
            self._books.came(row)
            self._lanes.add_first(row)
        if not found.all_of_them:
            self.look(now)
        else:
            self._books.seen_all(done - {row.lane for row in found.rows})
            if found.next_due is not None:
                # Never at once: what is due and was not given is locked by somebody for a moment.
                moment = max(found.next_due, now + FULL_WAIT) if not found.rows else found.next_due
                # An end that somebody else was about to commit still hid what comes after it.
                self.look(min(moment, now + FULL_WAIT) if self._overlapped else moment)
            elif not self._books:
                self._books.nothing_left()
        self._filled()
