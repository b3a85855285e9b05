"""A fresh store for each test, on each database; the moments and records that the tests speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage import Store
from tests.databases import KINDS, RING, Kind, bare_url, fresh_url
from tests.storage.victims import Victims, waiting_victims

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
async def url(kind: Kind, tmp_path: Path) -> AsyncIterator[str]:
    async with fresh_url(kind, tmp_path) as address:
        yield address


@pytest.fixture
async def bare(kind: Kind, tmp_path: Path) -> AsyncIterator[str]:
    async with bare_url(kind, tmp_path) as address:
        yield address


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with await Store.open(url, ring=RING) as opened:
        yield opened


@pytest.fixture(scope="session")
def victims() -> Iterator[Victims]:
    with waiting_victims() as waiting:
        yield waiting
