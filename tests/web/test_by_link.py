"""What a link offers is read from storage at the moment of looking, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from bot.by_link import LinkDesk
from bot.turn import Turn
from bot.web.links import LIFETIME, PURPOSE, Offer
from conversations.complaint import Act
from conversations.people import Role
from storage import Store
from tests.clocks import FakeClock
from tests.databases import KINDS, RING, fresh_url
from tests.mail.complaints import BOOK, ESCALATED, FILED

TOKEN = "aB3_x-9aB3_x-9aB3_x-9"


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with fresh_url(request.param, tmp_path) as url, await Store.open(url, ring=RING) as opened:
        async with opened.transaction() as tx:
            filed = await tx.complaints.file(replace(ESCALATED, person=None), 2026)
            member = await tx.staff.appoint(Role.OFFICIAL, "Hendra", "hendra@kota.example", None, FILED)
            await tx.links.make(tx.fingerprint(PURPOSE, TOKEN), filed.number, Act.TAKE, member, FILED + LIFETIME)
        yield opened


async def test_a_link_offers_until_it_is_used_or_expires(store: Store) -> None:
    clock = FakeClock(FILED)
    desk = LinkDesk(store, cast("Turn", None), BOOK, clock)  # looking needs no turn
    category = next(one.label for one in BOOK.service.complaint_categories if one.id == ESCALATED.category)
    offer = Offer("ADU-2026-00001", category, Act.TAKE, FILED + LIFETIME)
    assert await desk.look(TOKEN) == offer
    assert await desk.look(TOKEN) == offer
    assert await desk.look(TOKEN[::-1]) is None
    clock.advance(LIFETIME - timedelta(seconds=1))
    assert await desk.look(TOKEN) == offer
    clock.advance(1)
    assert await desk.look(TOKEN) is None
    async with store.transaction() as tx:
        await tx.links.use(tx.fingerprint(PURPOSE, TOKEN), FILED)
    early = LinkDesk(store, cast("Turn", None), BOOK, FakeClock(FILED))
    assert await early.look(TOKEN) is None


async def test_a_form_is_signed_for_one_link(store: Store) -> None:
    desk = LinkDesk(store, cast("Turn", None), BOOK, FakeClock(FILED))
    assert desk.sign(TOKEN) == desk.sign(TOKEN) != desk.sign(TOKEN[::-1])
    assert desk.sign(TOKEN) != store.fingerprint(PURPOSE, TOKEN)
