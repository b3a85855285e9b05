"""A process of this process: turn, bell, relay and storage joined as ever, which dies at a chosen point.

Whatever it has in memory is gone then, and it neither writes nor sends any more. What it had committed is in the
database, what it had sent is on the phones: another one goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.clock import Clock
from bot.commands import Commands, Office
from bot.relay import Relay
from bot.telegram.decode import decode
from bot.turn import Turn
from conversations.advance import Guide
from storage import Store
from storage.database import Database
from storage.records import Channel
from storage.sealing import Ring
from storage.sqlite import SQLite
from storage.transaction import Transaction
from tests.databases import RING
from tests.relay.stage import UNLIMITED, killed
from tests.shipped import CATALOGS
from tests.whole.phones import People, Post

Point: TypeAlias = Literal["commit", "committed", "send", "sent"]
"""Before a commit or a request; after it, when nobody has heard of it yet."""

URL = "https://pandu.example.go.id"


class Died(BaseException):
    """The process has come to its end; nothing may go on after it, least of all who catches every exception."""


@dataclass
class Fate:
    """When a process dies: at the point, when it was passed `left` times before. Without a point it lives."""

    point: Point | None = None
    left: int = 0
    dead: bool = False

    def passes(self, point: Point) -> None:
        if not self.dead and point == self.point:
            self.dead = self.left == 0
            self.left -= 1
        if self.dead:
            raise Died


class MortalStore(Store):
    """A store of a mortal process."""

    def __init__(self, database: Database, ring: Ring) -> None:
        super().__init__(database, ring)
        self.fate = Fate()
        self.under_way = 0
        """Transactions that write."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self.under_way += 1
        try:
            async with super().transaction() as tx:
                yield tx
                self.fate.passes("commit")
        finally:
            self.under_way -= 1
        self.fate.passes("committed")


class Process:
    """One life of the program on a database; the relay works from the start on."""

    def __init__(self, store: MortalStore, people: People, clock: Clock, guide: Guide) -> None:
        self.store, self._clock = store, clock
        passes = self.fate.passes
        posts = {channel: Post(people, channel, passes) for channel in Channel}
        self.relay = relay = Relay(store, posts, clock, rates=UNLIMITED, jitter=lambda: 0.5)
        office = Office(sends_mail=True, username="pandu_bot", public_url=URL)
        self.turn = Turn(store, guide, CATALOGS, clock, decode, Commands(office), relay)
        self._running = asyncio.create_task(relay.run())

    @classmethod
    async def begin(cls, url: str, people: People, clock: Clock, guide: Guide) -> Process:
        store = await MortalStore.open(url, ring=RING)
        assert isinstance(store, MortalStore)
        if isinstance(store._database, SQLite):  # the machine lives on, so nobody need wait for its disk
            await store._database._alone("PRAGMA synchronous=OFF")
        return cls(store, people, clock, guide)

    @property
    def fate(self) -> Fate:
        return self.store.fate

    async def rests(self) -> None:
        """Until it has nothing to do that would not wait for the clock; raises what ended it, if it has ended."""
        still = 0
        while still < 3:
            for _ in range(8):  # whoever the clock has woken is at work after so many turns of the loop
                await asyncio.sleep(0)
            if self.fate.dead:
                raise Died
            if self._running.done():
                await self._running
            if self._at_work():
                still = 0
                await asyncio.sleep(0.0005)
            else:
                still += 1

    def _at_work(self) -> bool:
        relay, keeper = self.relay, self.relay._bookkeeper
        return bool(
            self.store.under_way or relay._calls or keeper._books or keeper._dirty.is_set() or relay._woken.is_set()
        )

    async def ends(self) -> None:
        """Die, if it has not died yet, and leave the database to others."""
        self.fate.dead = True
        await killed(self.relay, self._running)
        await self.store.close()
