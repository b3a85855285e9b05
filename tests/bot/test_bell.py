"""What the clock does to complaints: in service hours, once, and whatever happens to one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.bell import LOOKS_AT_ONCE
from conversations.complaint import Act, Level, Mark, Status
from conversations.people import Role
from storage.complaint_tables import complaints
from tests.bot.counter import AGUS, BUDI, DEWI, RATNA, SITI, Counter, at, counter_on
from tests.databases import KINDS

MONDAY, TUESDAY, WEDNESDAY = 23, 24, 25


@pytest.fixture(params=KINDS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    async with counter_on(request.param, tmp_path, at(MONDAY)) as one:
        await one.appoint(BUDI, Role.OFFICER, "Budi")
        await one.appoint(DEWI, Role.OFFICIAL, "Dewi")
        yield one


async def acts(counter: Counter, number: str) -> list[str]:
    async with counter.store.reading() as tx:
        return [line.act for line in await tx.complaints.history(number)]


async def test_nobody_took_it_and_the_deputy_hears_of_it(counter: Counter) -> None:
    deputy = await counter.appoint(RATNA, Role.ADMIN, "Ratna")
    async with counter.store.transaction() as tx:
        await tx.staff.leave((await tx.staff.of(BUDI))[0].id, None, deputy)
    filed = await counter.file()

    await counter.goes_on_until(at(MONDAY, 11))

    assert await acts(counter, filed.number) == [Mark.FILED, Mark.UNTAKEN]
    assert len(counter.told(RATNA)) == 1
    assert filed.number in counter.told(RATNA)[0]


async def test_at_the_due_moment_it_escalates_by_itself_and_the_leader_is_told(counter: Counter) -> None:
    await counter.appoint(AGUS, Role.LEADER, "Agus")
    filed = await counter.file(files=1)
    await counter.goes_on_until(filed.due_at - timedelta(seconds=1))
    assert (await counter.now(filed.number)).level is Level.OFFICER

    await counter.goes_on_until(filed.due_at)

    now = await counter.now(filed.number)
    assert (now.status, now.level) == (Status.ESCALATED, Level.OFFICIAL)
    assert counter.methods(DEWI) == ["sendMessage", "sendPhoto"]
    assert counter.methods(AGUS) == ["sendMessage"]  # numbers and dates, and no files


async def test_what_is_due_rings_once_however_often_it_is_looked_at(counter: Counter) -> None:
    filed = await counter.file()
    await counter.ring(at(MONDAY, 11))
    told = len(counter.handed)
    for _ in range(3):
        await counter.ring(at(MONDAY, 11))

    assert len(counter.handed) == told
    assert await acts(counter, filed.number) == [Mark.FILED, Mark.UNTAKEN]


async def test_after_a_standstill_nobody_is_woken_at_night(counter: Counter) -> None:
    filed = await counter.file()
    await counter.ring(at(TUESDAY, 2))

    assert await acts(counter, filed.number) == [Mark.FILED]
    assert (await counter.now(filed.number)).next_at == at(TUESDAY, 8)


async def test_one_that_cannot_be_read_does_not_hold_up_the_others(counter: Counter) -> None:
    await counter.appoint(AGUS, Role.ADMIN, "Agus")
    broken, whole = await counter.file(), await counter.file(SITI + 900)
    async with counter.store.transaction() as tx:
        await tx._execute(
            sa.update(complaints).where(complaints.c.number == broken.number).values(status="no such status")
        )

    await counter.ring(at(MONDAY, 11))

    assert await acts(counter, whole.number) == [Mark.FILED, Mark.UNTAKEN]
    async with counter.store.reading() as tx:
        assert await tx.complaints.due(at(MONDAY, 11), 9) == []  # it is tried again later
        (letter,) = await tx.dead_letters(9)
    assert broken.number in letter.raw
    assert any(letter.reference in said for said in counter.told(AGUS))


async def test_an_employee_who_is_silent_is_reminded_twice_and_then_let_go(counter: Counter) -> None:
    filed = await counter.file()
    await counter.handle(BUDI, filed.number, Act.ASK, "Peramban apa?")
    await counter.goes_on_until(at(MONDAY) + timedelta(days=30))

    assert await acts(counter, filed.number) == [
        Mark.FILED, Act.ASK, Mark.REMINDED, Mark.REMINDED, Act.SILENCE,
    ]  # fmt: skip
    assert (await counter.now(filed.number)).status is Status.CLOSED
    assert await counter.next_ring() is None


async def test_staff_read_each_working_morning_once_what_is_open(counter: Counter) -> None:
    filed = await counter.file()
    await counter.handle(BUDI, filed.number, Act.TAKE)
    for _ in range(2):
        await counter.ring(at(TUESDAY, 8))
    morning = [said for said in counter.told(BUDI) if filed.number not in said]
    assert len(morning) == 1
    assert "1" in morning[0]
    assert counter.told(DEWI) == []  # nothing of it is hers

    await counter.handle(BUDI, filed.number, Act.ANSWER, "Sudah")
    await counter.handle(SITI, filed.number, Act.CONFIRM)
    await counter.ring(at(WEDNESDAY, 8))
    assert [said for said in counter.told(BUDI) if filed.number not in said] == morning


async def test_a_morning_looks_at_some_at_a_time_so_that_chats_do_not_wait(counter: Counter) -> None:
    for _ in range(2 * LOOKS_AT_ONCE + 1):
        await counter.file()
    more = []
    for _ in range(4):
        await counter.ring(at(TUESDAY, 8))
        more.append(await counter.next_ring() == at(TUESDAY, 8))
    assert more == [True, True, False, False]


async def test_who_files_in_the_morning_does_not_set_off_a_digest(counter: Counter) -> None:
    filed = await counter.file()
    await counter.ring(at(MONDAY, 9, 5))

    assert all(filed.number in said for said in counter.told(BUDI))


async def test_an_open_complaint_always_has_a_next_moment(counter: Counter) -> None:
    filed = await counter.file()
    for chat, act in ((BUDI, Act.TAKE), (BUDI, Act.ASK), (SITI, Act.REPLY), (BUDI, Act.ANSWER), (SITI, Act.DENY)):
        assert (await counter.handle(chat, filed.number, act, "…")).outcome == "done"
        assert (await counter.now(filed.number)).next_at is not None
        assert await counter.next_ring() is not None
