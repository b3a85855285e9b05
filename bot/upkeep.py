"""What happens without anybody writing: alarms ring, old rows are forgotten, and a stall is noticed."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from bot.waiting import until
from storage import Unavailable
from storage.records import Horizons

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.turn import Turn
    from conversations.service import Retention, Service
    from storage import Store

log = logging.getLogger(__name__)

LOOK_AGAIN = 60.0
"""Seconds after which alarms are looked for in any case: a clock may have jumped."""

NIGHT = 2  # o'clock in the city: nobody is kept waiting
SCRUB_AGAIN = 5.0  # seconds
SLICE = 2000  # rows forgotten in one transaction: some milliseconds
PERSONS_SLICE = 20  # the same of people, each of whom takes a dozen statements
STAFF_DAYS = 30  # the service file has no period of its own for members of staff who are none any more
WATCH_SECONDS, STALLED_SECONDS, HOPELESS_SECONDS = 5.0, 80.0, 300.0  # noticed within 90 s, whenever it begins
EXIT_STALLED = 70  # os.EX_SOFTWARE, spelled out because not every system has the name


class Alarms:
    """Rings each alarm when it is due, once: the turn that handles it removes it."""

    def __init__(self, turn: Turn, clock: Clock) -> None:
        self._turn, self._clock = turn, clock

    async def run(self) -> None:
        while True:
            self._turn.alarms_set.clear()
            try:
                next_at = await self._turn.ring()
            except Unavailable as error:
                log.warning("alarms cannot ring while storage is unavailable (%s)", error)
                next_at = None
            seconds = LOOK_AGAIN
            if next_at is not None:
                seconds = min(LOOK_AGAIN, max(0.0, (next_at - self._clock.now()).total_seconds()))
            await until(self._turn.alarms_set, self._clock, seconds)


class Housekeeping:
    """Forgets what the service file says need not be remembered any longer: at the start, and then each night.

    When a chat was erased, it sees to it that the file of the database holds nothing of it either, as soon as the last
    word to that chat is gone; also at the start, since a process that was killed after an erasure left that to the
    next, and whenever something was forgotten.
    """

    def __init__(self, store: Store, clock: Clock, service: Service, erased: asyncio.Event) -> None:
        self._store, self._clock, self._service, self._erased = store, clock, service, erased

    async def run(self) -> None:
        self._erased.set()
        while True:
            try:
                if any((await self.tidy()).values()):
                    self._erased.set()
            except Unavailable as error:
                log.warning("old rows stay for now: storage is unavailable (%s)", error)
            night = self._night()
            while (left := (night - self._clock.now()).total_seconds()) > 0:
                await until(self._erased, self._clock, left)
                if self._erased.is_set() and not await self._scrubbed():
                    await self._clock.sleep(min(SCRUB_AGAIN, left))

    async def _scrubbed(self) -> bool:
        self._erased.clear()  # before it begins: what is erased meanwhile needs another one
        try:
            async with self._store.reading() as tx:
                parts = await tx.parts()  # its row names the chat until it has ended
            done = not parts and await self._store.scrub()
        except Unavailable as error:
            log.warning("what was erased is still in the file: storage is unavailable (%s)", error)
            done = False
        if not done:
            self._erased.set()
        return done

    def _night(self) -> datetime:
        """The next time it is `NIGHT` in the city."""
        now = self._clock.now().astimezone(self._service.zone.tz)
        night = now.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
        return (night if night > now else night + timedelta(days=1)).astimezone(UTC)

    async def tidy(self) -> Mapping[str, int]:
        """Forget in slices, so that nobody waits long; answers how many rows of each table.

        Raises `Overtaken` if another process has the lead.
        """
        due = horizons(self._service.retention, self._clock.now())
        gone: Counter[str] = Counter()
        for some, most in ((replace(due, persons=None), SLICE), (Horizons(persons=due.persons), PERSONS_SLICE)):
            while True:
                forgotten = await self._forget(some, most)
                gone.update(forgotten)
                if sum(forgotten.values()) < most:
                    break
        return gone

    async def _forget(self, due: Horizons, most: int) -> Mapping[str, int]:
        async with self._store.transaction() as tx:
            await tx.confirm(self._store.epoch)
            forgotten = (await tx.purge(due, most)).rows
            if people := forgotten.get("people"):
                await tx.audit.append("bot", "forgotten", "", {"people": str(people)}, self._clock.now())
        return forgotten


def horizons(days: Retention, now: datetime) -> Horizons:
    """The moments before which things are old, by the periods of the service file.

    Names and addresses of staff go 30 days after the role ended, or the invitation that nobody accepted.
    """
    return Horizons(
        inbox=now - timedelta(days=days.inbox_days),
        sent=now - timedelta(days=days.sent_message_days),
        troubled=now - timedelta(days=days.dead_letter_days),
        idle=now - timedelta(days=days.session_days),
        renewals=now - timedelta(days=days.renewal_days),
        complaints=now - timedelta(days=days.complaint_days),
        persons=now - timedelta(days=days.person_days),
        links=now,
        proofs=now,
        proof_mails=now - timedelta(hours=1),
        staff=now - timedelta(days=STAFF_DAYS),
    )


class Rebuilt(Protocol):
    async def rebuild(self) -> None: ...


class Watchdog:
    """Notices when a part has made no progress.

    After 90 s the connections are rebuilt, after 5 minutes the process ends, so that its supervisor starts it anew.
    Everything that was accepted is stored. It compares marks of progress and measures on the monotonic clock: a clock
    that is set is no stall.
    """

    def __init__(
        self,
        parts: Mapping[str, Callable[[], object]],
        client: Rebuilt,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        give_up: Callable[[], None] = lambda: os._exit(EXIT_STALLED),
    ) -> None:
        self._parts, self._client, self._monotonic, self._give_up = parts, client, monotonic, give_up
        self._marks: dict[str, tuple[object, float]] = {}
        self._rebuilt_at: float | None = None

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(WATCH_SECONDS)

    async def look(self) -> None:
        now = self._monotonic()
        for name, progress in self._parts.items():
            mark = progress()
            if name not in self._marks or self._marks[name][0] != mark:
                self._marks[name] = (mark, now)
        name, since = min(((name, at) for name, (_, at) in self._marks.items()), key=lambda item: item[1])
        quiet = now - since
        if quiet <= STALLED_SECONDS:
            self._rebuilt_at = None
        elif quiet > HOPELESS_SECONDS:
            log.critical("%s has made no progress for %.0f s; ending, to be started anew", name, quiet)
            self._give_up()
        elif self._rebuilt_at is None or now - self._rebuilt_at > STALLED_SECONDS:
            log.error("%s has made no progress for %.0f s; rebuilding the connections", name, quiet)
            self._rebuilt_at = now
            await self._client.rebuild()
