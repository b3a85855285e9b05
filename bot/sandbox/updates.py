"""The queue of updates that wait for the bot, as Telegram keeps it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.sandbox.errors import Refused

LIFE = timedelta(hours=24)
PRESS_LIFE = timedelta(seconds=150)
MAX_LIMIT = 100
MAX_TIMEOUT = 50  # seconds that Telegram holds a request open at most
FUTURE = 10  # an offset this far past the newest update is not believed
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that come only to a bot that names them in `allowed_updates`."""
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(frozen=True, slots=True)
class Update:
    """`raw` is what the bot receives; `dies_at` when Telegram forgets it."""

    id: int
    raw: Mapping[str, object]
    dies_at: datetime


@dataclass(slots=True)
class _Poll:
    """One held getUpdates request."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    terminated: bool = False


class Updates:
    """One queue for one bot: updates wait here until the bot confirms them or they are too old."""

    def __init__(self, clock: Clock, first_id: int = 100_000_001) -> None:
        self._clock = clock
        self._queue: deque[Update] = deque()
        self._next_id = first_id
        self._allowed: frozenset[str] | None = None
        self._poll: _Poll | None = None

    @property
    def pending(self) -> int:
        self._bury()
        return len(self._queue)

    @property
    def allowed(self) -> frozenset[str] | None:
        """The kinds that the bot asked for; None stands for all that come unasked."""
        return self._allowed

    def put(self, kind: str, body: Mapping[str, object], life: timedelta = LIFE) -> int | None:
        """Queue an update and answer its id, or None where the bot does not want this kind."""
        wanted = kind not in UNASKED if self._allowed is None else kind in self._allowed
        return self.put_raw({kind: body}, life) if wanted else None

    def put_raw(self, raw: Mapping[str, object], life: timedelta = LIFE) -> int:
        """Queue an update as it stands; one that brings an id of its own keeps it, and ids go on from there."""
        given = raw.get("update_id")
        update_id = given if isinstance(given, int) else self._next_id
        self._next_id = update_id + 1
        self._queue.append(Update(update_id, {**raw, "update_id": update_id}, self._clock.now() + life))
        if self._poll is not None:
            self._poll.wake.set()
        return update_id

    def clear(self) -> None:
        self._queue.clear()

    def allow(self, kinds: list[str] | None) -> None:
        """Remember what the bot asks for; an empty list asks for the usual kinds. Holds for updates still to come."""
        if kinds is not None:
            self._allowed = frozenset(kinds) or None

    async def get(self, offset: int, limit: int, timeout: float) -> list[Mapping[str, object]]:  # noqa: ASYNC109 - the API's own parameter, in seconds
        """Confirm what lies before `offset`, then give the oldest updates, waiting for the first one.

        Raises:
            Refused: Another request for updates came meanwhile; the newer one wins.

        """
        if self._poll is not None:
            self._poll.terminated = True
            self._poll.wake.set()
        poll = self._poll = _Poll()
        try:
            self._confirm(offset)
            deadline = asyncio.get_running_loop().time() + min(max(timeout, 0), MAX_TIMEOUT)
            while not (batch := self._batch(limit)) and not poll.terminated:
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0 or not await _woken(poll.wake, left):
                    break
            if poll.terminated:
                raise Refused(409, CONFLICT)
            return batch
        finally:
            if self._poll is poll:
                self._poll = None

    def _confirm(self, offset: int) -> None:
        self._bury()
        if offset < 0:
            while len(self._queue) > -offset:
                self._queue.popleft()
        elif self._queue and offset <= max(update.id for update in self._queue) + FUTURE:
            self._queue = deque(update for update in self._queue if update.id >= offset)

    def _batch(self, limit: int) -> list[Mapping[str, object]]:
        self._bury()
        size = min(max(limit, 1), MAX_LIMIT)
        return [update.raw for update, _ in zip(self._queue, range(size), strict=False)]

    def _bury(self) -> None:
        now = self._clock.now()
        if any(update.dies_at <= now for update in self._queue):
            self._queue = deque(update for update in self._queue if update.dies_at > now)


async def _woken(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    event.clear()
    return True
