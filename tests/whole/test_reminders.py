"""A reminder rings once for each moment that was set, whatever the clock and the process do meanwhile (G8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage import Store, tables
from storage.records import Kind
from tests.clocks import FakeClock
from tests.databases import RING
from tests.databases import Kind as Database
from tests.whole.conftest import Figure
from tests.whole.desk import Desk, said

CHATS = range(1, 11)
RESTARTS = 100
DAYS_AWAY, A_MOMENT = timedelta(days=3), timedelta(minutes=1)
TO_THE_LETTER = ("/perbarui", "Mulai", "Sudah", "Sudah masuk", "Semua sudah benar")
NOT_YET = "Belum"
"""To "Do you have the letter now?": it is asked again on the next working morning, and on the one after."""


class Waiting:
    """People who wait for a letter; the process that reminds them of it comes and goes."""

    def __init__(self, url: str) -> None:
        self._url, self.clock, self._updates = url, FakeClock(), 0

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Desk]:
        async with await Store.open(self._url, ring=RING) as store:
            yield Desk(store, self.clock)

    async def say(self, desk: Desk, text: str) -> None:
        for chat in CHATS:
            self._updates += 1
            await desk.take([said(self._updates, chat, text=text)])


async def next_alarm(desk: Desk) -> datetime:
    async with desk.store.reading() as tx:
        due_at = await tx.next_alarm()
    assert due_at is not None
    return due_at


async def reminders(desk: Desk) -> list[int]:
    """How many reminders each chat was ever sent."""
    outbox = tables.outbox
    query = sa.select(outbox.c.lane).where(outbox.c.kind == Kind.NOTICE, outbox.c.edits.is_(None))
    async with desk.store.reading() as tx:
        counted = Counter((await tx._execute(query)).scalars())
    return [counted[f"telegram:{chat}"] for chat in CHATS]


async def test_a_reminder_rings_once_whatever_the_clock_does(url: str, kind: Database, figure: Figure) -> None:
    waiting = Waiting(url)
    clock, missed, double = waiting.clock, 0, 0

    async def rings(expected: int) -> None:
        """The process is started anew, looks twice, and every chat has had so many reminders in all."""
        nonlocal missed, double
        async with waiting.process() as desk:
            await desk.turn.ring()
            await desk.turn.ring()
            had = await reminders(desk)
        missed += sum(max(0, expected - count) for count in had)
        double += sum(max(0, count - expected) for count in had)

    async with waiting.process() as desk:
        for text in (*TO_THE_LETTER, NOT_YET):
            await waiting.say(desk, text)
        first = await next_alarm(desk)
    await rings(0)
    clock.advance(DAYS_AWAY)
    for _ in range(RESTARTS):
        await rings(1)
    clock.advance(-DAYS_AWAY)
    await rings(1)
    async with waiting.process() as desk:
        await waiting.say(desk, NOT_YET)
        again = await next_alarm(desk)
    assert again == first, "the moment at which it rang before is to come once more"
    clock.advance(again + A_MOMENT - clock.now())
    await rings(2)
    clock.advance(DAYS_AWAY)
    await rings(3)
    assert (missed, double) == (0, 0)
    figure(f"G8: {len(CHATS)} people, {DAYS_AWAY.days} days away, clock forward and back, {RESTARTS} restarts; "
           f"missed {missed}, double {double} ({kind})")  # fmt: skip
