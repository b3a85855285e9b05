"""An update changes things once, however often and in whatever order it comes (G2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.sandbox import People
from bot.upkeep import Housekeeping
from storage import Store
from tests.clocks import FakeClock
from tests.databases import RING, Kind, fresh_url
from tests.shipped import SERVICE
from tests.whole import ledger
from tests.whole.conftest import Figure, polled
from tests.whole.desk import Chatter, Desk, Raw, said
from tests.whole.ledger import Ledger
from tests.whole.program import Program
from tests.whole.walk import seeded

CHATS = (710_000_101, 710_000_102, 710_000_103, 710_000_104)
UPDATES = 120
A_BATCH = 10


@asynccontextmanager
async def desk_on(url: str) -> AsyncIterator[Desk]:
    store = await Store.open(url, ring=RING)
    try:
        yield Desk(store, FakeClock())
    finally:
        await store.close()


def in_batches(updates: Sequence[Raw]) -> list[Sequence[Raw]]:
    return [updates[start : start + A_BATCH] for start in range(0, len(updates), A_BATCH)]


@pytest.fixture
async def once(tmp_path: Path) -> tuple[list[Raw], Ledger]:
    """Updates of a conversation, and what is stored when each comes once."""
    random = seeded(2)
    chatters = [Chatter(chat, random) for chat in CHATS]
    updates: list[Raw] = []
    async with fresh_url("sqlite", tmp_path) as url, desk_on(url) as desk:
        for update_id in range(1, UPDATES + 1):
            chatter = random.choice(chatters)
            updates.append(chatter.acts(update_id))
            await desk.take(updates[-1:])
            chatter.sees(desk.handed)
        return updates, await ledger.ledger_of(desk.store)


async def given(url: str, batches: Iterable[Sequence[Raw]]) -> Ledger:
    async with desk_on(url) as desk:
        for batch in batches:
            await desk.take(batch)
        return await ledger.ledger_of(desk.store)


def differences(book: Ledger, expected: Ledger) -> int:
    """In how many respects the two differ, the place in Telegram's queue aside."""
    return sum(
        getattr(book, name) != getattr(expected, name)
        for name in ("keys", "outbox", "sessions", "submissions", "issues", "certificates", "alarms")
    )


async def test_each_update_twice(once: tuple[list[Raw], Ledger], url: str, kind: Kind, figure: Figure) -> None:
    updates, expected = once
    in_one_batch = [update for update in updates for _ in range(2)]
    again_later = [batch for batch in in_batches(in_one_batch) for _ in range(2)]
    found = differences(await given(url, again_later), expected)
    assert found == 0
    figure(f"G2: {UPDATES} updates four times each; differences {found} ({kind})")


async def test_each_update_a_hundred_times(
    once: tuple[list[Raw], Ledger], url: str, kind: Kind, figure: Figure
) -> None:
    updates, expected = once
    batches = [batch * 10 for batch in map(list, in_batches(updates)) for _ in range(10)]
    found = differences(await given(url, batches), expected)
    assert found == 0
    figure(f"G2: {UPDATES} updates a hundred times each; differences {found} ({kind})")


async def test_old_batches_come_again_in_any_order(
    once: tuple[list[Raw], Ledger], url: str, kind: Kind, figure: Figure
) -> None:
    updates, expected = once
    random = seeded(22)
    batches: list[Sequence[Raw]] = []
    for number, batch in enumerate(in_batches(updates), 1):
        earlier = list(updates[: number * A_BATCH])
        random.shuffle(earlier)
        batches += [batch, *in_batches(earlier)]
    found = differences(await given(url, batches), expected)
    assert found == 0
    figure(f"G2: {UPDATES} updates, {len(batches)} batches in any order; differences {found} ({kind})")


async def test_numbers_that_begin_anew_after_a_quiet_week(url: str) -> None:
    chat = CHATS[0]
    async with desk_on(url) as desk:
        await desk.take([said(900_000_000, chat, text="/start")])
        desk.clock.advance(timedelta(days=8))
        await Housekeeping(desk.store, desk.clock, SERVICE, asyncio.Event()).tidy()
        await desk.take([said(5, chat, text="/perbarui"), said(6, chat, text="/status")])
        book = await ledger.ledger_of(desk.store)
    assert book.offset == 7
    assert {"telegram:5", "telegram:6"} <= book.keys
    assert [frame.flow for frame in book.sessions[chat].stack] == ["renewal"]


async def test_the_program_follows_lower_numbers(people: People, program: Program) -> None:
    siti = await people.named("Siti")
    await program.serve()
    await siti.start()
    await siti.hears("Selamat datang")
    await polled(people, times=2)  # with the first update confirmed
    assert await people.put_update(said(7, siti.id, text="/perbarui")) == 7
    await siti.hears("enam langkah")
    await program.stop()
    program.start()
    await siti.says("/status")
    await siti.hears("Pembaruan sertifikat")
