"""Forgetting: in slices, and by the leader alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot import upkeep
from bot.upkeep import Housekeeping
from storage import Overtaken, Store
from tests.clocks import START, FakeClock
from tests.databases import RING, fresh_url
from tests.whole.desk import service

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


def _housekeeping(store: Store) -> Housekeeping:
    return Housekeeping(store, FakeClock(), service(), asyncio.Event())


async def _look(store: Store) -> int:
    """Count the updates remembered, in the line of those who write."""
    async with store.transaction() as tx:
        return (await tx.counts()).rows["inbox"]


async def _remember(store: Store, updates: int) -> None:
    async with store.transaction() as tx:
        await tx.remember([f"telegram:{number}" for number in range(updates)], LONG_AGO)
