"""The one door to the time: everything below the edge is told the moment, nothing asks for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """`now` is an aware moment in UTC; `sleep` ends after that many seconds of this clock."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class MovableClock:
    """A clock that runs like the machine's and can be moved forward: reminders and deadlines become visible.

    Whoever sleeps is woken when the time to wait for has been jumped over.
    """

    def __init__(self, base: Clock | None = None) -> None:
        self._base = base or SystemClock()
        self._offset = timedelta()
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self._base.now() + self._offset

    def move(self, by: timedelta) -> datetime:
        """Move forward; a clock never goes back. Answers the new moment."""
        if by < timedelta():
            raise ValueError("The clock can only be moved forward.")
        self._offset += by
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        return self.now()

    async def sleep(self, seconds: float) -> None:
        until = self.now() + timedelta(seconds=seconds)
        while (left := (until - self.now()).total_seconds()) > 0:
            try:
                await asyncio.wait_for(self._moved.wait(), left)
            except TimeoutError:
                return
