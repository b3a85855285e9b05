"""The sandbox begins anew each time it is started, and leaves every other database alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import make_url

from bot.sandbox import People
from tests.databases import fresh_url
from tests.whole.program import Launcher, Program


async def serve(program: Program, lives: int) -> None:
    program.start()
    await program.says("Open http", times=lives)


async def greeted(program: Program) -> None:
    async with People(program.page()) as people:
        siti = await people.named("Siti")
        await siti.start()
        await siti.hears("Selamat datang")


async def test_a_sandbox_that_is_started_again_answers_again(launcher: Launcher, tmp_path: Path) -> None:
    async with fresh_url("sqlite", tmp_path) as url, Program(launcher, None, url, tmp_path) as program:
        real = Path(str(make_url(url).database))
        before = await asyncio.to_thread(real.read_bytes)
        for lives in (1, 2):
            await serve(program, lives)
            await greeted(program)
            await program.stop()
        assert await asyncio.to_thread(real.read_bytes) == before, "what was played has nothing to do with what is real"


async def test_a_sandbox_that_was_killed_is_started_again(launcher: Launcher, tmp_path: Path) -> None:
    async with Program(launcher, None, f"sqlite+aiosqlite:///{tmp_path}/unused.db", tmp_path) as program:
        await serve(program, 1)
        await greeted(program)
        program.kill()
        await program.ended()
        await serve(program, 2)
        await greeted(program)
        await program.stop()


async def test_a_second_sandbox_is_told_so_and_spoils_nothing(launcher: Launcher, tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    nowhere = f"sqlite+aiosqlite:///{tmp_path}/unused.db"
    async with Program(launcher, None, nowhere, tmp_path) as first, Program(launcher, None, nowhere, beside) as second:
        for program in (first, second):
            program.env["PANDU_DATA_DIR"] = str(tmp_path / "data")
        await serve(first, 1)
        await greeted(first)
        files = {path.name: path.stat().st_ino for path in (tmp_path / "data").iterdir()}
        second.start()
        assert await second.ended(within=10) == 1
        assert second.output.startswith("Another sandbox uses ")
        assert second.output.count("\n") == 1
        assert {path.name: path.stat().st_ino for path in (tmp_path / "data").iterdir()} == files
        async with People(first.page()) as people:
            budi = await people.named("Budi")
            await budi.start()
            await budi.hears("Selamat datang")
        await first.stop()
