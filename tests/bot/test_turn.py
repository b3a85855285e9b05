"""The turn and the intake where something is not as it should be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import Fatal
from bot.intake import POLL_SECONDS, Intake
from storage import Overtaken, Store
from storage.records import Alarm, Outgoing
from storage.tables import inbox, sessions
from tests.clocks import FakeClock
from tests.databases import KINDS, RING, Kind, fresh_url
from tests.whole.desk import Desk, Raw, said

SITI, BUDI = 710_000_101, 710_000_102


@pytest.fixture(params=KINDS)
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    kind: Kind = request.param
    async with fresh_url(kind, tmp_path) as url, await Store.open(url, ring=RING) as store:
        yield Desk(store, FakeClock())


async def test_an_alarm_that_is_set_again_for_the_same_moment_rings_again(desk: Desk) -> None:
    await desk.take([said(1, SITI, text="/perbarui")])
    due = desk.clock.now() + timedelta(hours=1)
    desk.clock.advance(timedelta(hours=2))
    for _ in range(2):  # the clock was set back in between, and a machine may be so fast that even `now` is the same
        async with desk.store.transaction() as tx:
            await tx.set_alarms([Alarm(SITI, "expiry", due)])
            memory = (await tx.memories([SITI]))[SITI]
            expires_on = desk.clock.now().date() + timedelta(days=30)
            await tx.save([replace(memory, expires_on=expires_on)], desk.clock.now())
        told = len(desk.handed)
        assert await desk.turn.ring() is None
        assert len(desk.handed) > told


async def test_a_blocked_person_is_asked_when_there_is_somebody_to_hear_it(desk: Desk) -> None:
    await desk.take([said(1, SITI, text="/perbarui")])
    async with desk.store.transaction() as tx:
        await tx.set_alarms([Alarm(SITI, "expiry", desk.clock.now())])
        await tx.mark_unreachable([SITI], desk.clock.now())
    told = len(desk.handed)
    following = await desk.turn.ring()
    assert following is not None
    assert following > desk.clock.now()
    assert len(desk.handed) == told


async def test_a_message_that_is_there_already_buries_the_update_and_nothing_else(desk: Desk) -> None:
    at = desk.clock.now()
    async with desk.store.transaction() as tx:
        await tx.enqueue([Outgoing(f"telegram:7:0.{at:%Y%m%d}", "telegram:1", {"method": "sendMessage"}, at)])
    await desk.take([said(6, BUDI, text="/start"), said(7, SITI, text="/start"), said(8, BUDI, text="/menu")])
    async with desk.store.reading() as tx:
        assert [letter.key for letter in await tx.dead_letters(9)] == ["telegram:7"]
        assert await tx.seen(["telegram:6", "telegram:7", "telegram:8"]) == {f"telegram:{n}" for n in (6, 7, 8)}
        assert await tx.next_offset() == 9


async def test_the_same_id_after_a_quiet_week_is_another_update(desk: Desk) -> None:
    await desk.take([said(7, SITI, text="/start")])
    desk.clock.advance(timedelta(days=8))
    async with desk.store.transaction() as tx:
        await tx._execute(sa.delete(inbox))
    told = len(desk.handed)
    await desk.take([said(7, SITI, text="/start")])
    assert len(desk.handed) == told + 1


async def test_a_damaged_session_buries_the_update_and_the_others_are_served(desk: Desk) -> None:
    await desk.take([said(1, SITI, text="/perbarui")])
    async with desk.store.transaction() as tx:
        (body,) = (await tx._execute(sa.select(sessions.c.body))).scalars()
        await tx._execute(sa.update(sessions).values(body=bytes([*body[:-1], body[-1] ^ 1])))
    told = len(desk.handed)
    await desk.take([said(2, SITI, text="halo"), said(3, BUDI, text="/start")])
    assert {row.lane for row in desk.handed[told:]} == {f"telegram:{SITI}", f"telegram:{BUDI}"}
    async with desk.store.reading() as tx:
        assert [letter.error.split(":")[0] for letter in await tx.dead_letters(9)] == ["SealBroken"]
        assert await tx.next_offset() == 4


async def test_the_fourth_copy_of_an_hour_is_refused(desk: Desk) -> None:
    for number in range(1, 5):
        await desk.take([said(number, SITI, text="/privasi salinan")])
    assert [row.payload["method"] for row in desk.handed].count("sendDocument") == 3
    desk.clock.advance(3601)
    await desk.take([said(9, SITI, text="/privasi salinan")])
    assert desk.handed[-1].payload["method"] == "sendDocument"


async def test_nobody_else_is_blamed_when_another_process_leads(desk: Desk) -> None:
    async with desk.store.transaction() as tx:
        await tx.take_lead()
    with pytest.raises(Overtaken):
        await desk.take([said(1, SITI, text="/start")])


class Telegram:
    """Gives what it is told to give, and notes what was asked; then it has nothing more."""

    def __init__(self, *batches: list[object] | Exception) -> None:
        self.offsets: list[int | None] = []
        self.empty = asyncio.Event()
        self._batches = list(batches)

    async def get_updates(
        self,
        offset: int | None,
        timeout: int,  # noqa: ASYNC109 - as in bot.intake
        allowed_updates: Sequence[str],
    ) -> list[dict[str, object]]:
        assert (timeout, allowed_updates) == (POLL_SECONDS, ("message",))
        self.offsets.append(offset)
        if not self._batches:
            self.empty.set()
            await asyncio.Event().wait()
        batch = self._batches.pop(0)
        if isinstance(batch, Exception):
            raise batch
        return batch  # type: ignore[return-value] # what a broken server may answer


async def polled(desk: Desk, telegram: Telegram) -> None:
    """Let the intake run until there is nothing more, whatever it has to wait for."""
    intake = Intake(
        desk.store, desk.turn, desk.clock, telegram,
        allowed=("message",), handled=lambda _: None, typing=lambda _: None,
    )  # fmt: skip
    running = asyncio.create_task(intake.run())
    while not telegram.empty.is_set() and not running.done():
        await asyncio.sleep(0.001)
        desk.clock.advance(1)
    intake.stop()
    await running


async def test_an_update_without_a_number_is_one_letter_however_often_it_comes(desk: Desk) -> None:
    nameless: Raw = {"message": said(1, SITI, text="halo")["message"]}
    telegram = Telegram([nameless], [nameless], ["no object", None], [said(41, SITI, text="/start"), nameless])
    await polled(desk, telegram)
    assert telegram.offsets == [None, None, None, None, 42]
    async with desk.store.reading() as tx:
        assert len(await tx.dead_letters(9)) == 3
        assert await tx.seen(["telegram:41"]) == {"telegram:41"}


@pytest.mark.parametrize("number", [2**63, 2**63 - 1, -1, True, "7", None])
async def test_a_number_that_no_database_holds_stops_nobody(desk: Desk, number: object) -> None:
    await polled(desk, Telegram([{**said(1, SITI, text="/start"), "update_id": number}, said(5, BUDI, text="/start")]))
    async with desk.store.reading() as tx:
        assert await tx.next_offset() == 6


async def test_the_operator_reads_why_nothing_comes(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await polled(desk, Telegram(Fatal("Another program polls with this token. Stop it.")))
    assert "Another program polls with this token. Stop it." in caplog.text
