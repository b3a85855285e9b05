"""Forgetting: in slices, and by the leader alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot import upkeep
from bot.upkeep import Housekeeping
from storage import Overtaken, Store
from storage.records import Kind, Memory, Outgoing, Settled, State
from tests.clocks import START, FakeClock
from tests.databases import RING, fresh_url
from tests.shipped import SERVICE

if TYPE_CHECKING:
    from pathlib import Path

LONG_AGO = START - timedelta(days=999)


async def test_others_have_their_turn_between_two_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "SLICE", 10)
    async with fresh_url("sqlite", tmp_path) as url, await Store.open(url, ring=RING) as store:
        await _remember(store, 35)
        forgotten, left = await asyncio.gather(_housekeeping(store).tidy(), _look(store))

        assert forgotten["inbox"] == 35
        assert left == 25


async def test_who_was_overtaken_forgets_nothing(tmp_path: Path) -> None:
    async with fresh_url("sqlite", tmp_path) as url, await Store.open(url, ring=RING) as store:
        await _remember(store, 1)
        async with store.transaction() as tx:
            await tx.take_lead()

        with pytest.raises(Overtaken):
            await _housekeeping(store).tidy()
        async with store.reading() as tx:
            assert (await tx.counts()).rows["inbox"] == 1


async def test_people_go_few_at_a_time_and_the_audit_says_so(tmp_path: Path) -> None:
    async with fresh_url("sqlite", tmp_path) as url, await Store.open(url, ring=RING) as store:
        async with store.transaction() as tx:
            await tx.save([Memory(chat, "id") for chat in range(1, 26)], START - timedelta(days=9999))
        assert (await _housekeeping(store).tidy())["people"] == 25
        async with store.reading() as tx:
            lines = [(line.actor, line.action, line.subject, line.details) for line in await tx.audit.last(9)]
        assert lines == [("bot", "forgotten", "", {"people": n}) for n in ("5", "20")]


async def test_the_file_is_scrubbed_at_the_start_and_a_parting_holds_up_no_night(tmp_path: Path) -> None:
    async with fresh_url("sqlite", tmp_path) as url, await Store.open(url, ring=RING) as store:
        clock, erased = FakeClock(), asyncio.Event()
        async with store.transaction() as tx:
            await tx.enqueue([Outgoing("last", "telegram:1", {}, START, kind=Kind.PARTING)])
        keeping = asyncio.create_task(Housekeeping(store, clock, SERVICE, erased).run())
        while clock.wakes_at() is None:  # noqa: ASYNC110 - threads go on meanwhile; no one event stands for it
            await asyncio.sleep(0.002)
        assert erased.is_set()  # as if somebody had been erased before the start
        await _remember(store, 1)
        while await _look(store):
            clock.advance(3600)
            await asyncio.sleep(0.01)
        async with store.transaction() as tx:
            await tx.settle([Settled("last", State.SENT, START, 1)])
        while erased.is_set():
            clock.advance(5)
            await asyncio.sleep(0.01)
        keeping.cancel()


def _housekeeping(store: Store) -> Housekeeping:
    return Housekeeping(store, FakeClock(), SERVICE, asyncio.Event())


async def _look(store: Store) -> int:
    """Count the updates remembered, in the line of those who write."""
    async with store.transaction() as tx:
        return (await tx.counts()).rows["inbox"]


async def _remember(store: Store, updates: int) -> None:
    async with store.transaction() as tx:
        await tx.remember([f"telegram:{number}" for number in range(updates)], LONG_AGO)
