"""The program as a process, a sandbox to serve, and figures that are shown at the end of the run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import App, build, load_service, played_world
from bot.clock import MovableClock
from bot.sandbox import People, Sandbox
from bot.settings import Settings
from tests.databases import KINDS, RING, Kind, fresh_url
from tests.whole.program import TOKEN, Launcher, Program, eventually, launcher

Figure = Callable[[str], None]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Report a figure: shown with -s at once, and by every run at its end."""

    def report(text: str) -> None:
        print(text)  # noqa: T201 - for who runs it with -s
        record_property("figure", text)

    return report


@pytest.fixture(scope="session", name="launcher")
def _launcher() -> Iterator[Launcher]:
    with launcher() as waiting:
        yield waiting


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
async def url(kind: Kind, tmp_path: Path) -> AsyncIterator[str]:
    async with fresh_url(kind, tmp_path) as address:
        yield address


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def sandbox(clock: MovableClock) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock, port=0, token=TOKEN) as running:
        yield running


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[People]:
    async with People(sandbox.page_url) as session:
        yield session


@pytest.fixture
async def app(sandbox: Sandbox, clock: MovableClock, tmp_path: Path) -> AsyncIterator[App]:
    """All parts of the program, joined as ever, on the clock of the sandbox and in this process."""
    async with fresh_url("sqlite", tmp_path) as url:
        settings = Settings(_env_file=None, database_url=SecretStr(url))  # type: ignore[call-arg] # pydantic-settings takes it
        world = played_world(clock, token=TOKEN, api=sandbox.api_url, smtp_url=sandbox.smtp_url)
        async with build(settings, load_service(settings), replace(world, ring=RING)) as joined:
            stopping = asyncio.Event()
            running = asyncio.create_task(joined.run(stopping))
            async with People(sandbox.page_url) as people:
                await polled(people)
            yield joined
            stopping.set()
            await running


@pytest.fixture
async def program(launcher: Launcher, sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Program]:
    """The program on a SQLite file, not started yet."""
    async with fresh_url("sqlite", tmp_path) as url, Program(launcher, sandbox.api_url, url, tmp_path) as installed:
        yield installed


async def polled(people: People, times: int = 1) -> None:
    """Wait until updates were asked for so many times; after the first, all is up."""

    async def asked() -> bool:
        return sum(call.method == "getupdates" for call in await people.calls()) >= times

    await eventually(asked, lambda: f"{times} getUpdates")
