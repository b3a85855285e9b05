"""The same conversation makes the same history on SQLite and on PostgreSQL (G16)."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import Store, tables
from tests.clocks import FakeClock
from tests.databases import RING, Kind, fresh_url, opened
from tests.whole.conftest import Figure
from tests.whole.desk import Chatter, Desk
from tests.whole.walk import seeded

EVENTS = 200
A_BATCH = 2
CHATS = (710_000_101, 710_000_102, 710_000_103)
RINGING = re.compile("alarm:[0-9a-f]{24}")
COMPARED = (tables.people, tables.sessions, tables.certificates, tables.renewals, tables.alarms, tables.inbox)


async def history(kind: Kind, folder: Path, seed: int) -> tuple[list[str], int]:
    """Talk for a while, alarms included; answers all that was handed over and stored, and how many alarms rang."""
    random = seeded(seed)
    rang = 0
    async with fresh_url(kind, folder) as url:
        store = await Store.open(url, ring=RING)
        try:
            desk = Desk(store, FakeClock())
            chatters = [Chatter(chat, random) for chat in CHATS]
            for update_id in range(1, EVENTS, A_BATCH):
                chosen = random.choices(chatters, k=A_BATCH)
                await desk.take([chatter.acts(update_id + n) for n, chatter in enumerate(chosen)])
                next_at = await desk.turn.ring()
                if next_at is not None and random.random() < 0.4:
                    desk.clock.advance(max(next_at - desk.clock.now(), timedelta()) + timedelta(hours=random.random()))
                    before = len(desk.handed)
                    await desk.turn.ring()
                    rang += len(desk.handed) > before
                for chatter in chatters:
                    chatter.sees(desk.handed)
            names: dict[str, str] = {}
            told = [named(asdict(row), names) for row in desk.handed]
            return told + sorted(named(row, names) for row in await stored(store)), rang
        finally:
            await store.close()


def named(row: object, names: dict[str, str]) -> str:
    """A row in words; the name of each ringing, which is drawn by lot, gives way to its number."""
    return RINGING.sub(lambda match: names.setdefault(match[0], f"ringing {len(names)}"), repr(row))


async def stored(store: Store) -> list[object]:
    """Every row of every table that a turn writes."""
    found: list[object] = []
    async with store.reading() as tx:
        for table in COMPARED:
            rows = (await tx._execute(sa.select(table))).mappings()
            found += [(table.name, opened(store, table, row)) for row in rows]
    return found


@pytest.mark.parametrize("seed", [16, 1616])
async def test_both_databases_tell_the_same_history(seed: int, tmp_path: Path, figure: Figure) -> None:
    on_sqlite, rang = await history("sqlite", tmp_path, seed)
    on_postgresql, _ = await history("postgresql", tmp_path, seed)
    assert rang > 0
    assert len(on_sqlite) > EVENTS
    assert on_sqlite == on_postgresql
    figure(f"G16: {EVENTS} events, {rang} alarms, {len(on_sqlite)} messages and rows; differences 0 (seed {seed})")
