"""No complaint is lost, doubled or forgotten, whatever the process and the deliveries of Telegram do meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from conversations.complaint import Act, Level, Mark, Status
from conversations.people import Role
from storage import Store
from storage.records import Memory
from tests.chat import WIB
from tests.clocks import FakeClock
from tests.databases import RING
from tests.whole.desk import Desk, Raw, said

BUDI, AGUS, DEWI = 710_000_901, 710_000_902, 710_000_903
CHATS = range(710_000_101, 710_000_106)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=WIB).astimezone(UTC)
COMPLAINS = ("/aduan", "Kendala pembaruan", "Petugas boleh melihat", "Tombol tidak dapat ditekan", "Ya, kirim")


class City:
    """Processes come and go on one database."""

    def __init__(self, url: str) -> None:
        self._url, self.clock, self.updates = url, FakeClock(MONDAY), 0

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Desk]:
        async with await Store.open(self._url, ring=RING) as store:
            yield Desk(store, self.clock)

    async def appoint(self) -> None:
        async with self.process() as desk, desk.store.transaction() as tx:
            for chat, role in ((BUDI, Role.OFFICER), (AGUS, Role.LEADER), (DEWI, Role.OFFICIAL)):
                await tx.save([Memory(chat, language="id")], self.clock.now())
                await tx.staff.appoint(role, "Contoh", "", chat, self.clock.now())

    def said(self, chat: int, text: str) -> Raw:
        self.updates += 1
        return said(self.updates, chat, text=text)


async def test_each_complaint_is_one_whatever_is_delivered_twice(url: str) -> None:
    city = City(url)
    await city.appoint()
    for text in COMPLAINS:
        batch = [city.said(chat, text) for chat in CHATS]
        for _ in range(2):  # the process ended before Telegram heard that it had taken them
            async with city.process() as desk:
                await desk.take(batch)
    async with city.process() as desk, desk.store.reading() as tx:
        filed = [one for chat in CHATS for one in await tx.complaints.by_person(chat)]

    assert [one.number for one in filed] == [f"ADU-2026-{n:05}" for n in range(1, len(CHATS) + 1)]
    assert all(one.status is Status.NEW and one.next_at is not None for one in filed)


async def test_the_clock_goes_on_where_the_last_process_ended(url: str) -> None:
    city = City(url)
    await city.appoint()
    async with city.process() as desk:
        for text in COMPLAINS:
            await desk.take([city.said(CHATS[0], text)])
    told: list[str] = []
    for _ in range(33):  # looked at every three hours of four days, each time by another process
        async with city.process() as desk:
            await desk.turn.ring()
            told += [str(row.payload) for row in desk.handed if row.lane == f"telegram:{AGUS}"]
        city.clock.advance(timedelta(hours=3))
    async with city.process() as desk, desk.store.reading() as tx:
        (one,) = await tx.complaints.by_person(CHATS[0])
        acts = [line.act for line in await tx.complaints.history(one.number)]

    assert (one.status, one.level) == (Status.ESCALATED, Level.OFFICIAL)
    assert acts == [Mark.FILED, Mark.UNTAKEN, Mark.HALF, Act.OVERDUE, Mark.PACKET, Mark.PACKET]
    assert len(told) == 1


async def test_two_officers_at_once_and_one_of_them_has_it(url: str) -> None:
    city = City(url)
    await city.appoint()
    async with city.process() as desk:
        async with desk.store.transaction() as tx:
            await tx.save([Memory(CHATS[1], language="id")], city.clock.now())
            await tx.staff.appoint(Role.OFFICER, "Lain", "", CHATS[1], city.clock.now())
        for text in COMPLAINS:
            await desk.take([city.said(CHATS[0], text)])
        desk.handed.clear()
        await desk.take([city.said(BUDI, "/tiket 1 ambil"), city.said(CHATS[1], "/tiket 1 ambil")])
        told = [str(row.payload) for row in desk.handed if row.lane == f"telegram:{CHATS[1]}"]
        async with desk.store.reading() as tx:
            history = await tx.complaints.history("ADU-2026-00001")

    assert [(line.act, line.actor) for line in history[1:]] == [(Act.TAKE, "Contoh")]
    assert "Contoh" in told[-1]
