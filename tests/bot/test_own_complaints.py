"""Who works here and complains is the employee of the own complaint, and nothing else; others work on it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversations.complaint import SIDES, Act, Level, Status
from conversations.people import Role
from tests.bot.counter import AGUS, BUDI, DEWI, RATNA, Counter, at, counter_on
from tests.databases import KINDS

MONDAY = 23
OF_STAFF = sorted(act for act in Act if SIDES[act] & {"officer", "official"} and "employee" not in SIDES[act])


@pytest.fixture(params=KINDS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    """Budi is an officer, Dewi the official; the others come when they are needed."""
    async with counter_on(request.param, tmp_path, at(MONDAY)) as here:
        await here.appoint(BUDI, Role.OFFICER, "Budi")
        await here.appoint(DEWI, Role.OFFICIAL, "Dewi")
        yield here


async def test_the_other_officer_works_on_it_and_this_one_sees_what_an_employee_sees(counter: Counter) -> None:
    await counter.appoint(RATNA, Role.OFFICER, "Ratna")
    filed = await counter.file(BUDI)
    assert (filed.status, filed.level) == (Status.NEW, Level.OFFICER)
    assert counter.told(BUDI) == []
    assert counter.methods(RATNA) == ["sendMessage"]

    await counter.handle(RATNA, filed.number, Act.NOTE, "Budi mengeluh terus")
    await counter.handle(RATNA, filed.number, Act.ASK, "Sejak kapan?")
    assert (await counter.handle(BUDI, filed.number, Act.REPLY, "Sejak kemarin")).outcome == "done"
    await counter.handle(RATNA, filed.number, Act.ANSWER, "Sudah kami perbaiki")

    seen = await counter.found(BUDI, filed.number)
    assert seen.mine
    assert (seen.similar, "mengeluh" in repr(seen.history)) == ((), False)
    assert not any("mengeluh" in said for said in counter.told(BUDI))
    assert (await counter.handle(BUDI, filed.number, Act.CONFIRM)).outcome == "done"
    assert (await counter.handle(BUDI, filed.number, Act.REOPEN, "Muncul lagi")).outcome == "done"
    assert (await counter.handle(BUDI, filed.number, Act.WITHDRAW)).outcome == "done"
    assert {line.side for line in await counter.history(filed.number) if line.act != "note"} == {"employee", "officer"}


@pytest.mark.parametrize("act", OF_STAFF)
async def test_nobody_does_with_the_own_complaint_what_staff_do(counter: Counter, act: Act) -> None:
    await counter.appoint(RATNA, Role.OFFICER, "Ratna")
    await counter.appoint(BUDI, Role.OFFICIAL, "Budi")
    filed = await counter.file(BUDI)
    before = await counter.now(filed.number)

    done = await counter.handle(BUDI, filed.number, act, "Saya jawab sendiri", category="service")

    assert (done.outcome, done.why) == ("refused", "own")
    assert await counter.now(filed.number) == before


async def test_the_own_complaint_is_in_nobodys_queue_or_morning(counter: Counter) -> None:
    await counter.appoint(RATNA, Role.OFFICER, "Ratna")
    await counter.appoint(AGUS, Role.ADMIN, "Agus")
    await counter.file(BUDI)
    await counter.file(AGUS)

    assert await counter.queue(BUDI) == ["ADU-2026-00002"]
    assert await counter.queue(AGUS) == ["ADU-2026-00001"]
    assert len(await counter.queue(RATNA)) == 2

    counter.handed.clear()
    await counter.goes_on_until(at(MONDAY + 1, 8, 5))
    assert [open_ones(counter, chat) for chat in (BUDI, AGUS, RATNA)] == [1, 1, 2]


async def test_the_only_officer_s_goes_straight_to_the_official_and_cannot_come_back(counter: Counter) -> None:
    filed = await counter.file(BUDI)

    assert (filed.status, filed.level, filed.confidential) == (Status.ESCALATED, Level.OFFICIAL, False)
    assert counter.told(BUDI) == []
    assert "langsung kepada Bapak/Ibu" in counter.told(DEWI)[0]
    assert (await counter.handle(DEWI, filed.number, Act.TAKE)).outcome == "done"
    assert (await counter.found(DEWI, filed.number)).alone
    assert not {"arahkan", "kembalikan"} & offered(counter, DEWI)
    for act in (Act.RETURN, Act.DIRECT):
        refused = await counter.handle(DEWI, filed.number, act, "Silakan")
        assert (refused.outcome, refused.why) == ("refused", "no_officer")

    await counter.appoint(RATNA, Role.OFFICER, "Ratna")  # now there is somebody
    assert not (await counter.found(DEWI, filed.number)).alone
    await counter.handle(DEWI, filed.number, Act.NOTE, "Ratna mulai bertugas")
    assert {"arahkan", "kembalikan"} <= offered(counter, DEWI)
    assert (await counter.handle(DEWI, filed.number, Act.RETURN, "Silakan")).outcome == "done"
    assert not any("Silakan" in said for said in counter.told(BUDI))


async def test_the_only_official_s_is_told_to_those_who_can_appoint_another(counter: Counter) -> None:
    await counter.appoint(AGUS, Role.ADMIN, "Agus")
    await counter.appoint(RATNA, Role.LEADER, "Ratna")
    filed = await counter.file(DEWI, confidential=True)

    assert counter.told(DEWI) == []
    for chat in (AGUS, RATNA):
        (said,) = counter.told(chat)
        assert filed.number in said
        assert "Tombol" not in said
    assert await counter.queue(DEWI) == []
    await counter.goes_on_until(at(MONDAY + 1, 8, 5))
    assert [len(counter.told(chat)) for chat in (RATNA, DEWI)] == [2, 0]


async def test_an_official_by_mail_is_known_by_the_proved_address(counter: Counter) -> None:
    async with counter.store.transaction() as tx:
        await tx.staff.revoke((await tx.staff.of(DEWI))[0].id, counter.clock.now())
    await counter.appoint(None, Role.OFFICIAL, "Siti", "Siti@example.go.id")
    await counter.appoint(AGUS, Role.ADMIN, "Agus")
    await counter.register(RATNA, "siti@example.go.id")

    filed = await counter.file(RATNA, confidential=True)

    assert counter.mails() == []
    assert filed.number in counter.told(AGUS)[0]
    await counter.file(BUDI, confidential=True)
    assert [mail["to"] for mail in counter.mails()] == [["Siti@example.go.id"]]


def offered(counter: Counter, chat: int) -> set[str]:
    """The words of the commands that the newest card on a screen offers."""
    card = next(row for row in reversed(counter.rows(chat)) if row.payload["method"] == "editMessageText")
    return set(re.findall(r"/tiket ADU-2026-\d+ (\w+)", repr(card.payload)))


def open_ones(counter: Counter, chat: int) -> int:
    (said,) = [said for said in counter.told(chat) if "Belum selesai:" in said]
    return int(said.partition("Belum selesai: ")[2].split()[0])
