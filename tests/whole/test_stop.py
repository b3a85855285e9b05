"""It starts fast, stops fast and in order, and there is only one of it (G13, G14)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from signal import SIGINT

import sqlalchemy as sa

from bot.sandbox import People, Sandbox
from storage import Store, tables
from tests.clocks import START
from tests.databases import RING, Kind
from tests.whole import ledger
from tests.whole.conftest import Figure
from tests.whole.program import Launcher, Program, eventually
from tests.whole.walk import UPDATES, seeded, walk

ROWS = 100_000


async def fill_inbox(url: str) -> None:
    store = await Store.open(url, ring=RING)
    try:
        async with store.transaction() as tx:
            await tx._execute(sa.insert(tables.inbox), [{"key": f"telegram:{n}", "at": START} for n in range(ROWS)])
    finally:
        await store.close()


async def test_a_large_inbox_does_not_slow_the_start(
    launcher: Launcher, sandbox: Sandbox, people: People, kind: Kind, url: str, tmp_path: Path, figure: Figure
) -> None:
    await fill_inbox(url)
    siti = await people.add("Siti")
    await siti.start()
    async with Program(launcher, sandbox.api_url, url, tmp_path) as program:
        seconds = await program.serve(anew=True)
        await siti.hears("Selamat datang")
        stopping = await program.stop()
    assert seconds <= 5
    assert stopping <= 5
    figure(f"G13: {ROWS} inbox rows: serving after {seconds:.2f} s, stopped in {stopping:.2f} s ({kind})")


async def test_it_stops_under_load_and_loses_nothing(program: Program, people: People, figure: Figure) -> None:
    crowd = [await people.add(f"Orang {number}") for number in range(20)]
    await program.serve()
    walking = asyncio.gather(*(walk(person, seeded(person.id)) for person in crowd))
    times = []
    for _ in range(4):
        seen = len(crowd[0].chat)
        await eventually(lambda: len(crowd[0].chat) > seen, lambda: "somebody to get on")  # noqa: B023 - called at once
        times.append(await program.stop())
        await program.serve()
    await walking
    times.append(await program.stop())
    book = await ledger.read(program.env["PANDU_DATABASE_URL"])
    assert len(book.keys) == len(crowd) * UPDATES
    assert {book.issues[person.id] for person in crowd} == {1}
    assert max(times) <= 5
    shown = [bubble for person in crowd for bubble in await person.looks() if bubble.from_bot]
    copies = len(shown) - sum(row.new for row in book.outbox)
    assert copies == 0
    figure(f"G13: stopped {len(times)} times under load, longest {max(times):.2f} s; lost 0, second copies {copies}")


async def test_ctrl_c_ends_it_in_order(program: Program, people: People) -> None:
    siti = await people.add("Siti")
    await program.serve(anew=True)
    await siti.start()
    await siti.hears("Selamat datang")
    program.kill(SIGINT)
    assert await program.ended(within=5) == 0
    assert "Traceback" not in program.output


async def test_a_second_process_is_told_so(
    launcher: Launcher, sandbox: Sandbox, people: People, url: str, tmp_path: Path
) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    siti = await people.add("Siti")
    async with (
        Program(launcher, sandbox.api_url, url, tmp_path) as first,
        Program(launcher, sandbox.api_url, url, beside) as second,
    ):
        await first.serve()
        second.start()
        assert await second.ended(within=10) == 1
        assert second.output.startswith("Another process")
        assert second.output.count("\n") == 1
        await siti.start()
        await siti.hears("Selamat datang")
        await first.stop()
        assert first.output.count("Another") == 0
