"""Waiting for time that can be cut short."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.clock import Clock


async def until(event: asyncio.Event, clock: Clock, seconds: float | None) -> None:
    """Wait until the event is set, or that many seconds of the clock have passed (None: without end)."""
    if event.is_set() or (seconds is not None and seconds <= 0):
        return
    if seconds is None:
        await event.wait()
        return
    tasks = {asyncio.ensure_future(event.wait()), asyncio.ensure_future(clock.sleep(seconds))}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
