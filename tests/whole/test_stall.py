"""A part that no longer gets on is noticed, first helped, then given up (G12)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.delivery import Pause
from bot.intake import Intake
from bot.telegram.sender import TelegramSender, Timeouts
from bot.upkeep import HOPELESS_SECONDS, WATCH_SECONDS, Watchdog
from storage import Store
from tests.clocks import FakeClock
from tests.databases import RING, fresh_url
from tests.whole.conftest import Figure
from tests.whole.desk import Desk
from tests.whole.program import TOKEN, eventually


class Lines:
    """The connections, as far as the watchdog knows them."""

    def __init__(self) -> None:
        self.rebuilt_at: list[float] = []
        self.seconds = 0.0

    async def rebuild(self) -> None:
        self.rebuilt_at.append(self.seconds)


@pytest.mark.parametrize("began", [0.0, 1.0, 4.9])
async def test_a_stall_is_noticed_helped_and_given_up(began: float, figure: Figure) -> None:
    lines, ended = Lines(), []
    progress = 0
    watchdog = Watchdog(
        {"polling": lambda: progress, "sending": object},
        lines,
        monotonic=lambda: lines.seconds,
        give_up=lambda: ended.append(lines.seconds),
    )
    while not ended:
        progress += lines.seconds <= began
        await watchdog.look()
        lines.seconds += WATCH_SECONDS
    noticed, gave_up = lines.rebuilt_at[0] - began, ended[0] - began
    assert noticed <= 90
    assert HOPELESS_SECONDS < gave_up <= HOPELESS_SECONDS + 2 * WATCH_SECONDS
    assert 2 <= len(lines.rebuilt_at) <= 4
    figure(f"G12: a stall noticed after {noticed:.0f} s, helped {len(lines.rebuilt_at)} times, ended {gave_up:.0f} s")


async def test_help_that_works_is_all_there_is() -> None:
    lines, ended = Lines(), []
    watchdog = Watchdog(
        {"sending": lambda: len(lines.rebuilt_at)},
        lines,
        monotonic=lambda: lines.seconds,
        give_up=lambda: ended.append(lines.seconds),
    )
    for _ in range(400):
        await watchdog.look()
        lines.seconds += WATCH_SECONDS
    assert ended == []
    assert len(lines.rebuilt_at) > 10  # each time it stalls anew


@asynccontextmanager
async def black_hole() -> AsyncIterator[tuple[str, list[asyncio.StreamWriter]]]:
    """A server that takes every connection and never answers; its address, and the connections so far."""
    lines: list[asyncio.StreamWriter] = []

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", lines
    finally:
        for writer in lines:
            writer.transport.abort()
        server.close()
        await server.wait_closed()


async def test_a_black_hole_is_no_progress_and_its_connection_is_given_up(tmp_path: Path) -> None:
    clock = SystemClock()
    timeouts = Timeouts(connect=0.5, read=0.5)
    async with fresh_url("sqlite", tmp_path) as url, black_hole() as (api, lines):
        store = await Store.open(url, ring=RING)
        try:
            async with TelegramSender(TOKEN, pause=Pause(clock), api=api, timeouts=timeouts) as sender:
                intake = Intake(
                    store, Desk(store, FakeClock()).turn, clock, sender,
                    allowed=(), handled=lambda _: None, typing=lambda _: None,
                )  # fmt: skip
                mark = intake.progress_at
                running = asyncio.create_task(intake.run())
                await eventually(lambda: len(lines) == 1, lambda: "the first poll")
                began = time.monotonic()
                await sender.rebuild()
                await eventually(lambda: len(lines) == 2, lambda: "a poll on a new connection")
                marks = {mark, intake.progress_at}
                intake.stop()
                await running
        finally:
            await store.close()
    assert time.monotonic() - began < 5
    assert marks == {mark}  # so the watchdog sees that help has not worked
