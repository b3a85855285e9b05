"""Somebody is not on the staff any more: what they had is nobody's, and waits for the others as if it were new."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from conversations.complaint import Act, Level, Mark, Status
from conversations.effects import Revoke
from conversations.people import Role
from storage.complaint_tables import complaints
from tests.bot.counter import AGUS, BUDI, DEWI, RATNA, SITI, Counter, at, counter_on
from tests.databases import KINDS

MONDAY = 23
LEADER = SITI + 900
WAITS = "yang mengambilnya tidak bertugas lagi"


@pytest.fixture(params=KINDS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    """Two officers, an official, an admin and a leader; Siti is registered."""
    async with counter_on(request.param, tmp_path, at(MONDAY)) as here:
        await here.appoint(BUDI, Role.OFFICER, "Budi")
        await here.appoint(RATNA, Role.OFFICER, "Ratna")
        await here.appoint(DEWI, Role.OFFICIAL, "Dewi")
        await here.appoint(AGUS, Role.ADMIN, "Agus")
        await here.appoint(LEADER, Role.LEADER, "Nur")
        await here.register(SITI, "siti@example.go.id")
        yield here


async def revoke(counter: Counter, chat: int) -> None:
    """What `/petugas` does."""
    async with counter.store.reading() as tx:
        (row,) = await tx.staff.of(chat)
    counter.handed.clear()
    await counter.do(AGUS, Revoke(row.id))


async def revoke_alone(counter: Counter, chat: int) -> None:
    """The role ends, and nothing follows: as it was before, or when a complaint could not be read."""
    async with counter.store.transaction() as tx:
        (row,) = await tx.staff.of(chat)
        await tx.staff.revoke(row.id, counter.clock.now())
    counter.handed.clear()


def said(counter: Counter, chat: int, number: str) -> list[str]:
    """What a chat was told, without the cards on its screen that changed."""
    sent = zip(counter.told(chat), counter.methods(chat), strict=True)
    return [words for words, method in sent if method == "sendMessage" and number in words]


async def acts(counter: Counter, number: str) -> list[str]:
    return [line.act for line in await counter.history(number)]


# An official


async def test_the_other_official_gets_everything_at_once_and_each_working_morning(counter: Counter) -> None:
    filed = await counter.file(confidential=True, files=1)
    await counter.handle(DEWI, filed.number, Act.TAKE)
    await counter.appoint(SITI + 901, Role.OFFICIAL, "Wati")
    await counter.appoint(None, Role.OFFICIAL, "Rini", "rini@example.go.id")

    await revoke(counter, DEWI)

    now = await counter.now(filed.number)
    assert (now.status, now.level, now.holder) == (Status.ESCALATED, Level.OFFICIAL, None)
    assert counter.methods(SITI + 901) == ["sendMessage", "sendPhoto"]
    assert WAITS in counter.told(SITI + 901)[0]
    assert [mail["to"] for mail in counter.mails()] == [["rini@example.go.id"]]
    assert "/aduan/token" in counter.mails()[0]["text"], "with links to act"
    last = (await counter.history(filed.number))[-1]
    assert (last.act, last.side, last.internal, last.at) == (Mark.RELEASED, "clock", True, at(MONDAY))
    assert said(counter, DEWI, filed.number) == said(counter, AGUS, filed.number) == []

    for day in (1, 2, 3):
        await counter.goes_on_until(at(MONDAY + day, 9))
        assert len(said(counter, SITI + 901, filed.number)) == 1 + day
    assert Mark.PROMPTED not in await acts(counter, filed.number)
    assert (await counter.handle(SITI + 901, filed.number, Act.TAKE)).outcome == "done"


async def test_where_there_is_no_other_those_who_can_appoint_one_are_told_each_morning(counter: Counter) -> None:
    filed = await counter.file(confidential=True)
    await counter.handle(DEWI, filed.number, Act.TAKE)

    await revoke(counter, DEWI)

    for day in range(3):
        assert [len(said(counter, chat, filed.number)) for chat in (AGUS, LEADER)] == [1 + day] * 2
        await counter.goes_on_until(at(MONDAY + day + 1, 9))
    assert said(counter, BUDI, filed.number) == []


async def test_what_waited_for_the_employee_comes_back_to_whoever_is_there(counter: Counter) -> None:
    filed = await counter.file(confidential=True)
    await counter.handle(DEWI, filed.number, Act.ASK, "Sejak kapan?")
    await revoke(counter, DEWI)
    assert (await counter.now(filed.number)).status is Status.WAITING
    assert said(counter, AGUS, filed.number) == []

    await counter.handle(SITI, filed.number, Act.REPLY, "Sejak kemarin")

    assert (await counter.now(filed.number)).status is Status.ESCALATED
    assert len(said(counter, AGUS, filed.number)) == 1
    assert "kemarin" not in said(counter, AGUS, filed.number)[0]


async def test_a_role_that_ended_before_is_noticed_in_the_morning(counter: Counter) -> None:
    filed = await counter.file(confidential=True)
    await counter.handle(DEWI, filed.number, Act.TAKE)
    await revoke_alone(counter, DEWI)

    await counter.goes_on_until(at(MONDAY + 1, 9))
    await counter.goes_on_until(at(MONDAY + 2, 9))

    assert (await acts(counter, filed.number)).count(Mark.RELEASED) == 1
    assert len(said(counter, AGUS, filed.number)) == 2


# An officer


async def test_the_other_officers_are_told_and_it_rings_as_if_nobody_had_taken_it(counter: Counter) -> None:
    filed = await counter.file()
    await counter.handle(BUDI, filed.number, Act.TAKE)
    counter.clock.advance(at(MONDAY, 10) - at(MONDAY))

    await revoke(counter, BUDI)

    now = await counter.now(filed.number)
    assert (now.status, now.holder, now.due_at) == (Status.NEW, None, filed.due_at)
    assert (counter.methods(RATNA), WAITS in counter.told(RATNA)[0]) == (["sendMessage", "editMessageText"], True)
    assert "Ditangani oleh: petugas" in counter.told(RATNA)[1]
    assert said(counter, BUDI, filed.number) == said(counter, SITI, filed.number) == []
    await counter.goes_on_until(at(MONDAY, 13))
    assert (await acts(counter, filed.number))[-2:] == [Mark.RELEASED, Mark.UNTAKEN]


@pytest.mark.parametrize("act", [Act.ASK, Act.ANSWER])
async def test_while_it_is_the_employee_s_turn_nobody_is_told_until_she_writes(counter: Counter, act: Act) -> None:
    filed = await counter.file()
    await counter.handle(BUDI, filed.number, act, "Sudah bisa?")

    await revoke(counter, BUDI)

    assert said(counter, RATNA, filed.number) == []
    assert (await counter.now(filed.number)).holder is None
    await counter.handle(SITI, filed.number, Act.REPLY if act is Act.ASK else Act.DENY, "Belum")
    expected = Status.NEW if act is Act.ASK else Status.REOPENED
    assert (await counter.now(filed.number)).status is expected
    assert len(said(counter, RATNA, filed.number)) == 1
    assert (await counter.handle(RATNA, filed.number, Act.TAKE)).outcome == "done"


async def test_what_they_had_passed_on_does_not_come_back_to_them(counter: Counter) -> None:
    filed = await counter.file()
    await counter.handle(BUDI, filed.number, Act.ESCALATE, "Terlalu sulit")
    await revoke(counter, BUDI)
    assert [said(counter, chat, filed.number) for chat in (RATNA, DEWI, AGUS)] == [[], [], []]

    await counter.handle(DEWI, filed.number, Act.RETURN, "Silakan dicoba")

    now = await counter.now(filed.number)
    assert (now.status, now.level, now.holder) == (Status.NEW, Level.OFFICER, None)
    assert len(said(counter, RATNA, filed.number)) == 1


async def test_after_the_last_officer_all_goes_on_to_the_official(counter: Counter) -> None:
    taken, new = await counter.file(), await counter.file()
    await counter.handle(BUDI, taken.number, Act.TAKE)
    await revoke(counter, RATNA)
    assert await acts(counter, taken.number) == ["filed", "take"]

    await revoke(counter, BUDI)

    assert (await counter.now(taken.number)).level is Level.OFFICIAL
    assert await acts(counter, taken.number) == ["filed", "take", Mark.UNSTAFFED]
    assert "tidak ada petugas" in said(counter, DEWI, taken.number)[0]
    assert "diteruskan kepada pejabat pengaduan" in said(counter, SITI, taken.number)[0]
    await counter.goes_on_until(at(MONDAY, 11, 5))  # it rings, because nobody has taken it
    assert (await counter.now(new.number)).level is Level.OFFICIAL
    assert (await acts(counter, new.number)) == ["filed", Mark.UNSTAFFED]


async def test_what_has_ended_stays_as_it_is(counter: Counter) -> None:
    filed = await counter.file()
    await counter.handle(BUDI, filed.number, Act.ANSWER, "Sudah bisa")
    await counter.handle(SITI, filed.number, Act.CONFIRM)
    before = await counter.now(filed.number)

    await revoke(counter, BUDI)

    assert await counter.now(filed.number) == before
    assert before.holder_name == "Budi"


async def test_one_that_cannot_be_read_holds_up_no_other_and_no_revocation(counter: Counter) -> None:
    damaged, whole = await counter.file(), await counter.file()
    for one in (damaged, whole):
        await counter.handle(BUDI, one.number, Act.TAKE)
    async with counter.store.transaction() as tx:
        await tx._execute(sa.update(complaints).where(complaints.c.number == damaged.number).values(text=b"damaged"))

    await revoke(counter, BUDI)

    assert (await counter.now(whole.number)).status is Status.NEW
    async with counter.store.reading() as tx:
        assert await tx.staff.of(BUDI) == ()
