"""Staff see how far the employee is with the renewal: with the words of the complaint, and while it is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from conversations import session as sessions
from conversations.complaint import Act
from conversations.effects import Erase, FindComplaint, HandOver, RecordIssue, RecordSubmission
from conversations.events import ComplaintFound
from conversations.people import Role
from conversations.progress import Progress
from storage import Store, tables
from storage.records import Memory
from tests.bot.counter import BUDI, DEWI, RATNA, SITI, Counter, at
from tests.clocks import FakeClock
from tests.conversations.talk import TO_THE_CHECK, at_question
from tests.databases import KINDS, RING, Kind, fresh_url
from tests.whole.desk import Desk, said

MONDAY = 23
STEP, REQUEST = "Langkah 3 dari 6: memeriksa data", "Penerbitan diminta Senin, 23 November 2026"
KNOWN = ("Pembaruan", "Langkah", "habis Jumat, 20 November", "Penerbitan")


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    kind: Kind = request.param
    async with fresh_url(kind, tmp_path) as url, await Store.open(url, ring=RING) as opened:
        yield opened


@pytest.fixture
async def counter(store: Store) -> Counter:
    """Budi is an officer, Dewi an official with a chat, Wati one by mail; Siti is at step 3."""
    here = Counter(store, FakeClock(at(MONDAY)))
    await here.appoint(BUDI, Role.OFFICER, "Budi")
    await here.appoint(DEWI, Role.OFFICIAL, "Dewi")
    await here.appoint(None, Role.OFFICIAL, "Wati", "wati@example.go.id")
    session = sessions.dump(at_question("check", TO_THE_CHECK).session)
    async with store.transaction() as tx:
        await tx.save([Memory(SITI, "id", session=session, expires_on=date(2026, 11, 20))], at(MONDAY))
    return here


async def seen(counter: Counter, chat: int, number: str) -> Progress | None:
    answer = await counter.do(chat, FindComplaint(number, "tiket"))
    assert isinstance(answer, ComplaintFound)
    return answer.progress


async def test_it_is_as_it_stands_when_it_is_shown(counter: Counter) -> None:
    filed = await counter.file()
    assert STEP in counter.told(BUDI)[0]
    assert "habis Jumat, 20 November 2026" in counter.told(BUDI)[0]
    await counter.do(SITI, RecordSubmission(at(MONDAY, 10), at(24, 16)))
    await counter.handle(BUDI, filed.number, Act.TAKE)
    assert f"{REQUEST}, tenggat Selasa, 24 November 2026 pukul 16.00 WIB; belum terbit" in counter.told(BUDI)[-1]
    await counter.do(SITI, RecordIssue())
    await counter.handle(BUDI, filed.number, Act.NOTE, "Sudah terbit?")
    assert REQUEST not in counter.told(BUDI)[-1]
    assert "Pembaruan sebelumnya: 1, yang terakhir terbit Senin, 23 November 2026" in counter.told(BUDI)[-1]


async def test_the_officials_read_it_in_the_chat_and_in_the_letter(counter: Counter) -> None:
    filed = await counter.file()
    await counter.handle(BUDI, filed.number, Act.ESCALATE, "Tidak dapat kami selesaikan")
    (letter,) = counter.mails()
    assert STEP in counter.told(DEWI)[0]
    assert STEP in letter["text"]


async def test_an_official_who_is_appointed_later_reads_it_too(counter: Counter) -> None:
    filed = await counter.file(confidential=True)
    await counter.appoint(RATNA, Role.OFFICIAL, "Ratna")
    await counter.do(RATNA, HandOver())
    (packet,) = counter.told(RATNA)
    assert f"{filed.number} menunggu" in packet
    assert STEP in packet


async def test_who_does_not_read_the_complaint_does_not_read_this(counter: Counter) -> None:
    await counter.appoint(RATNA, Role.LEADER, "Ratna")
    confidential, usual = await counter.file(confidential=True), await counter.file()
    assert not any(usual.number not in said for said in counter.told(BUDI))
    assert await seen(counter, BUDI, confidential.number) is None
    await counter.handle(BUDI, usual.number, Act.ESCALATE, "Tidak dapat kami selesaikan")
    assert not any(word in counter.told(BUDI)[-1] for word in KNOWN)  # it is with others now
    assert await seen(counter, BUDI, usual.number) is None
    assert await seen(counter, DEWI, confidential.number) is not None
    await counter.goes_on_until(at(27, 16))
    assert not any(word in said for chat in (RATNA, SITI) for said in counter.told(chat) for word in KNOWN)


async def test_what_has_ended_does_not_say_it_any_more(counter: Counter) -> None:
    filed = await counter.file()
    await counter.handle(SITI, filed.number, Act.WITHDRAW)
    assert counter.methods(BUDI)[-1] == "editMessageText"
    assert not any(word in counter.told(BUDI)[-1] for word in KNOWN)
    assert await seen(counter, BUDI, filed.number) is None


async def test_nothing_is_said_of_who_was_erased(counter: Counter) -> None:
    filed = await counter.file()
    counter.handed.clear()
    await counter.do(SITI, Erase())
    assert counter.methods(BUDI) == ["sendMessage", "editMessageText"]
    assert not any(word in repr(row.payload) for row in counter.handed for word in KNOWN)
    assert await seen(counter, BUDI, filed.number) is None


async def test_a_damaged_session_keeps_no_complaint_from_staff(counter: Counter) -> None:
    filed = await counter.file()
    async with counter.store.transaction() as tx:
        await tx._execute(sa.update(tables.sessions).where(tables.sessions.c.chat_id == SITI).values(body=b"damaged"))
    known = await seen(counter, BUDI, filed.number)
    assert known is not None
    assert (known.step, known.expires_on) == (None, date(2026, 11, 20))


async def test_what_the_same_batch_has_moved_counts(store: Store, counter: Counter) -> None:
    await counter.file()
    desk = Desk(store, counter.clock)
    counter.clock.advance(timedelta(minutes=5))
    await desk.take([said(900, SITI, text="Semua sudah benar"), said(901, BUDI, text="/tiket 1")])
    (card,) = (str(row.payload) for row in desk.handed if row.lane == f"telegram:{BUDI}")
    assert "Langkah 5 dari 6: permohonan penerbitan" in card


async def test_no_update_of_the_guide_asks_for_it(store: Store, counter: Counter) -> None:
    await counter.file()
    desk, asked = Desk(store, counter.clock), list[str]()
    engine = store._database.writer.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    for number, text in enumerate(["Semua sudah benar", "/status", "/aduan 1", "/menu", "/lanjut"], 900):
        await desk.take([said(number, SITI, text=text)])
    assert asked
    assert not [statement for statement in asked if "renewals" in statement]
    await desk.take([said(910, BUDI, text="/tiket 1")])
    assert len([statement for statement in asked if "renewals" in statement]) == 1
