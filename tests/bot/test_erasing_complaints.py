"""Whoever has everything erased withdraws what is open: staff hear of it, and their screens lose the words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from conversations.complaint import Act, Status
from conversations.effects import Erase
from conversations.people import Role
from storage.complaint_tables import complaints
from tests.bot.counter import AGUS, BUDI, DEWI, RATNA, SITI, Counter, at, counter_on
from tests.databases import KINDS

MONDAY = 23
WORDS = ("Siti", "Tombol", "Nomor saya 0812", "Bu Siti", "Rekaan")


@pytest.fixture(params=KINDS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    """Two officers, an official with a chat and one by mail; Siti is registered."""
    async with counter_on(request.param, tmp_path, at(MONDAY)) as here:
        await here.appoint(BUDI, Role.OFFICER, "Budi")
        await here.appoint(RATNA, Role.OFFICER, "Ratna")
        await here.appoint(DEWI, Role.OFFICIAL, "Dewi")
        await here.appoint(None, Role.OFFICIAL, "Wati", "wati@example.go.id")
        await here.register(SITI, "siti@example.go.id")
        yield here


async def test_it_is_withdrawn_as_an_act_and_nothing_personal_is_left_of_it(counter: Counter) -> None:
    filed = await counter.file()
    await counter.handle(BUDI, filed.number, Act.ASK, "Peramban apa, Bu Siti?")
    await counter.handle(SITI, filed.number, Act.REPLY, "Nomor saya 0812")
    counter.clock.advance(at(MONDAY, 10) - at(MONDAY))

    await counter.do(SITI, Erase())

    now, history = await counter.now(filed.number), await counter.history(filed.number)
    assert (now.status, now.person, now.name, now.text, now.next_at) == (Status.WITHDRAWN, None, "", "", None)
    assert now.since == at(MONDAY, 10)
    last = history[-1]
    assert (last.act, last.side, last.actor, last.text, last.at) == ("withdraw", "employee", "", "", at(MONDAY, 10))
    assert [line.act for line in history] == ["filed", "ask", "reply", "withdraw"]
    assert {line.text for line in history} == {""}


async def test_who_holds_it_is_told_and_no_card_shows_the_words_any_more(counter: Counter) -> None:
    filed = await counter.file(files=1)
    await counter.handle(BUDI, filed.number, Act.TAKE)
    await counter.handle(SITI, filed.number, Act.ADD, "Nomor saya 0812")
    cards = {chat: next(row.key for row in counter.rows(chat)) for chat in (BUDI, RATNA)}
    counter.handed.clear()

    await counter.do(SITI, Erase())

    assert {row.lane: row.edits for row in counter.handed if row.edits} == {
        f"telegram:{chat}": key for chat, key in cards.items()
    }
    asked = [said for said in counter.told(BUDI) if "meminta semua data pribadinya dihapus" in said]
    assert asked == counter.told(BUDI)[:1]
    assert counter.methods(RATNA) == ["editMessageText"]
    assert counter.told(SITI) == []
    assert not any(word in repr(row.payload) for row in counter.handed for word in WORDS)
    assert all("dicabut" in counter.told(chat)[-1] for chat in (BUDI, RATNA))


async def test_officers_on_duty_are_told_of_what_nobody_had_taken(counter: Counter) -> None:
    await counter.file()
    counter.handed.clear()
    await counter.do(SITI, Erase())
    for chat in (BUDI, RATNA):
        assert counter.methods(chat) == ["sendMessage", "editMessageText"]
    assert counter.told(DEWI) == []


async def test_of_a_confidential_one_the_officials_are_told_by_mail_too(counter: Counter) -> None:
    filed = await counter.file(confidential=True)
    counter.handed.clear()
    await counter.do(SITI, Erase())
    assert counter.told(BUDI) == []
    assert counter.methods(DEWI) == ["sendMessage", "editMessageText"]
    (mail,) = counter.mails()
    assert (mail["to"], filed.number in mail["text"]) == (["wati@example.go.id"], True)
    assert "/aduan/token" not in mail["text"], "there is nothing left to do"


async def test_of_what_had_ended_only_the_cards_change(counter: Counter) -> None:
    filed = await counter.file()
    await counter.handle(BUDI, filed.number, Act.ANSWER, "Silakan coba lagi, Bu Siti")
    await counter.handle(SITI, filed.number, Act.CONFIRM)
    counter.handed.clear()

    await counter.do(SITI, Erase())

    assert counter.methods(BUDI) == counter.methods(RATNA) == ["editMessageText"]
    assert not any(word in repr(row.payload) for row in counter.handed for word in WORDS)
    assert (await counter.now(filed.number)).status is Status.SOLVED
    assert (await counter.history(filed.number))[-1].act == "confirm"


async def test_one_that_cannot_be_read_is_erased_all_the_same(counter: Counter) -> None:
    broken, whole = await counter.file(), await counter.file()
    async with counter.store.transaction() as tx:
        damage = sa.update(complaints).where(complaints.c.number == broken.number).values(text=b"broken")
        await tx._execute(damage)
    counter.handed.clear()

    await counter.do(SITI, Erase())

    for filed in (broken, whole):
        now = await counter.now(filed.number)
        assert (now.status, now.person, now.text) == (Status.WITHDRAWN, None, "")
    assert all(whole.number in said for said in counter.told(BUDI))


async def test_who_has_a_role_keeps_the_own_complaint(counter: Counter) -> None:
    await counter.appoint(AGUS, Role.ADMIN, "Agus")
    filed = await counter.file(AGUS)
    counter.handed.clear()
    await counter.do(AGUS, Erase())
    assert (await counter.now(filed.number)).status is Status.NEW
    assert counter.handed == []
