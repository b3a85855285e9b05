"""A full disk: intake waits, nothing is damaged or lost, and it goes on by itself (G11)."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.app import App
from bot.sandbox import People
from storage import Store
from tests.whole import ledger
from tests.whole.conftest import Figure
from tests.whole.program import Program, eventually
from tests.whole.walk import UPDATES, seeded, walk

ROOM = 200 * 1024
"""Bytes that a file may have: more than the database to begin with, less than its log after some talk."""

FULL = "storage cannot take updates"


def integrity(database: Path) -> str:
    """What SQLite finds when it checks each page of a copy of the file and its log."""
    with tempfile.TemporaryDirectory(dir=database.parent) as folder:
        for part in database.parent.glob(f"{database.name}*"):
            shutil.copy(part, folder)
        with closing(sqlite3.connect(Path(folder) / database.name)) as connection:
            return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


async def test_a_full_disk(program: Program, people: People, figure: Figure) -> None:
    database = Path(str(make_url(program.env["PANDU_DATABASE_URL"]).database))
    siti, budi = await people.add("Siti"), await people.add("Budi")
    program.start(file_size=ROOM)
    walks = 0
    while FULL not in program.output:
        await siti.says("/menu") if walks else await siti.start()
        walks += 1

        async def answered(number: int = walks) -> bool:
            chat = await siti.looks()
            return FULL in program.output or sum(bubble.from_bot for bubble in chat) >= number

        await eventually(answered, lambda: "an answer or the alarm")
    while_full = integrity(database)
    await budi.start()
    polls = sum(call.method == "getupdates" for call in await people.calls())
    await program.says(FULL, times=2)
    assert sum(call.method == "getupdates" for call in await people.calls()) == polls
    assert program.pid is not None
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    began = time.monotonic()
    await budi.hears("Selamat datang")
    seconds = time.monotonic() - began
    await walk(siti, seeded(11))
    await program.stop()
    book = await ledger.read(program.env["PANDU_DATABASE_URL"])
    assert (while_full, integrity(database)) == ("ok", "ok")
    assert len(book.keys) == walks + 1 + UPDATES
    assert {row.state for row in book.outbox} == {"sent"}
    assert seconds <= 60
    figure(f"G11: disk full after {walks} updates; integrity ok, went on {seconds:.1f} s after there was room; lost 0")


async def test_waiting_for_room_is_no_stall(app: App, people: People, caplog: pytest.LogCaptureFixture) -> None:
    siti = await people.add("Siti")
    await limit(app.store, pages=1)
    await siti.start()

    async def full() -> bool:
        await siti.says("/menu")
        return FULL in caplog.text

    await eventually(full, lambda: "the alarm")
    mark = app.intake.progress_at
    await people.pass_time(timedelta(minutes=1))
    await eventually(lambda: app.intake.progress_at > mark, lambda: "progress that the watchdog sees")
    await limit(app.store, pages=2**30)
    await people.pass_time(timedelta(minutes=1))
    await siti.hears("Apa yang dapat saya bantu")


async def limit(store: Store, pages: int) -> None:
    """Let the file have that many pages, and no fewer than it has: then SQLite itself says that the disk is full."""
    async with store._database.writer.connect() as connection:
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
