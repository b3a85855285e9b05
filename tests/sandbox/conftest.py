"""A sandbox on a free port whose clock stands still unless a test moves it, and who acts there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.clock import MovableClock
from bot.sandbox import People, Person, Sandbox
from tests.clocks import FakeClock
from tests.sandbox.raw_api import MONDAY, Api


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(MovableClock(FakeClock(MONDAY)), port=0) as running:
        yield running


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[People]:
    async with People(sandbox.page_url) as session:
        yield session


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def api(sandbox: Sandbox, http: aiohttp.ClientSession) -> Api:
    return Api(http, f"{sandbox.api_url}/bot{sandbox.token}")


@pytest.fixture
async def siti(people: People) -> Person:
    """Somebody who has pressed Start; her `/start` is the first message and the first update."""
    person = await people.add("Siti")
    await person.start()
    return person
