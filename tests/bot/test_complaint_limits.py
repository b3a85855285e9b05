"""Long texts, lists that are answered, and a complaint that cannot be read hold up nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.envelope import Envelope
from bot.telegram.decode import decode
from conversations import case
from conversations.events import Said
from conversations.people import Role
from storage import Store
from storage.complaint_tables import complaints
from storage.records import Memory
from tests.chat import WIB
from tests.clocks import FakeClock
from tests.databases import RING, fresh_url
from tests.whole.desk import Desk, said

SITI, BUDI, RATNA = 710_000_101, 710_000_102, 710_000_103
MONDAY = datetime(2026, 11, 23, 9, 30, 30, tzinfo=WIB).astimezone(UTC)
LONGEST = 4096  # Telegram: characters of a message
LIST = "Antrean\n1. ADU-2026-00001 – baru\n2. ADU-2026-00002 – baru"
CARD = "Pengaduan ADU-2026-00001\n\nKategori: Kendala pembaruan"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with fresh_url("sqlite", tmp_path) as url, await Store.open(url, ring=RING) as store:
        desk = Desk(store, FakeClock(MONDAY))
        async with store.transaction() as tx:
            for chat, role in ((BUDI, Role.OFFICER), (RATNA, Role.OFFICIAL), (BUDI, Role.ADMIN)):
                await tx.save([Memory(chat, language="id")], desk.clock.now())
                await tx.staff.appoint(role, "Contoh", "", chat, desk.clock.now())
        yield desk


async def files(desk: Desk, first: int, text: str) -> None:
    for number, word in enumerate(("/aduan", "Kendala pembaruan", "Petugas boleh melihat", text, "Ya, kirim")):
        await desk.take([said(first + number, SITI, text=word)])


@pytest.mark.parametrize(("text", "about"), [(LIST, ""), (CARD, "ADU-2026-00001"), ("Halo\nADU-2026-00001", "")])
def test_an_answer_to_a_list_is_about_none_of_its_complaints(text: str, about: str) -> None:
    update = said(1, BUDI, text="Kita bahas besok ya", reply_to_message={"from": {"is_bot": True}, "text": text})
    decoded = decode(update, MONDAY, "pandu_bot")
    assert isinstance(decoded, Envelope)
    assert isinstance(decoded.event, Said)
    assert decoded.event.about == about


async def test_no_message_is_longer_than_telegram_takes(desk: Desk) -> None:
    await files(desk, 1, "Kata " * 399)
    await desk.take([said(20, BUDI, text="/tiket 1 eskalasi")])
    await desk.take([said(21, BUDI, text="alasan " * 284)])
    texts = [str(row.payload["params"]["text"]) for row in desk.handed if "text" in row.payload.get("params", {})]  # type: ignore[index,operator]
    assert any("alasan" in text for text in texts)
    assert max(map(len, texts)) <= LONGEST


async def test_a_complaint_that_cannot_be_read_stops_neither_list_nor_outage(desk: Desk) -> None:
    await files(desk, 1, "Tombol tidak dapat ditekan")
    await files(desk, 11, "E-mail tidak datang sama sekali")
    damage = sa.update(complaints).where(complaints.c.number == "ADU-2026-00001").values(text=b"\x00\x11")
    async with desk.store.transaction() as tx:
        await tx._execute(damage)
    await desk.take([said(30, BUDI, text="/antrean")])
    assert "ADU-2026-00002" in str(desk.handed[-1].payload)
    await desk.take([said(31, BUDI, text="/gangguan"), said(32, BUDI, text="AMS sedang diperbaiki")])
    await desk.take([said(33, BUDI, text="Ya, umumkan")])
    assert desk.turn.buried == 0


async def test_a_pause_with_odd_seconds_does_not_seem_to_move_the_due_moment(desk: Desk) -> None:
    await files(desk, 1, "Tombol tidak dapat ditekan")
    await desk.take([said(20, BUDI, text="/tiket 1 tanya"), said(21, BUDI, text="Peramban apa?")])
    desk.clock.advance(timedelta(minutes=20, seconds=13))
    reply = {"from": {"is_bot": True}, "text": "Pertanyaan tentang ADU-2026-00001"}
    await desk.take([said(22, SITI, text="Firefox", reply_to_message=reply)])
    async with desk.store.reading() as tx:
        complaint = await tx.complaints.get("ADU-2026-00001", lock=False)
    assert complaint is not None
    assert complaint.stopped_at is None
    book = desk.turn._guide.book
    assert case.recomputed(complaint, desk.clock.now(), book).due_at == complaint.due_at
