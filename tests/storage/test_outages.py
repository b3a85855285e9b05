"""Outages of AMS and one-time links, on both databases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from conversations.complaint import Act, Status
from conversations.people import Role
from storage import Conflict
from storage.records import Outage, WebLink
from tests.storage.complaining import file
from tests.storage.rows import BUDI, NOON, SITI, after, meet

if TYPE_CHECKING:
    from storage import Store


# Outages


async def test_one_outage_lasts_at_a_time(store: Store) -> None:
    async with store.transaction() as tx:
        assert (await tx.outage(), await tx.outages.current()) == ("", None)
        assert not await tx.outages.lift(NOON)
        assert await tx.outages.declare("AMS is down", NOON)
        assert not await tx.outages.declare("AMS is down until noon", after(5))
    async with store.reading() as tx:
        assert await tx.outage() == "AMS is down until noon"
        assert await tx.outages.current() == Outage("AMS is down until noon", NOON, None)
    async with store.transaction() as tx:
        assert await tx.outages.lift(after(9))
        assert await tx.outage() == ""
        assert await tx.outages.declare("again", after(20))
        assert await tx.outages.current() == Outage("again", after(20), None)


async def test_who_ran_into_it_is_who_was_told_or_waits_for_us(store: Store) -> None:
    await meet(store, SITI, BUDI, 5, 6)
    await file(store)
    await file(store, 6, status=Status.WITHDRAWN)
    async with store.transaction() as tx:
        await tx.outages.note_hit([5])  # nothing lasts
        await tx.outages.declare("AMS is down", NOON)
        assert await tx.outages.hit() == [(SITI, "id")]
        await tx.outages.note_hit([BUDI, 5])
        await tx.outages.note_hit([BUDI, BUDI, SITI])
        assert await tx.outages.hit() == [(5, "id"), (BUDI, "id"), (SITI, "id")]
        await tx.erase(BUDI)
        assert await tx.outages.hit() == [(5, "id"), (SITI, "id")]
        await tx.outages.lift(after(9))
        assert await tx.outages.hit() == [(SITI, "id")]


# Links


@pytest.fixture
async def link(store: Store) -> WebLink:
    await meet(store, SITI)
    number = (await file(store)).number
    async with store.transaction() as tx:
        official = await tx.staff.appoint(Role.OFFICIAL, "Wati", "", None, NOON)
        await tx.links.make("token", number, Act.RETURN, official, after(60))
    return WebLink(number, Act.RETURN, official, after(60), None)


async def _use(store: Store, token: str = "token", minutes: float = 5) -> WebLink | None:
    async with store.transaction() as tx:
        return await tx.links.use(token, after(minutes))


async def test_looking_at_a_link_does_not_use_it(store: Store, link: WebLink) -> None:
    async with store.reading() as tx:
        assert await tx.links.look("token") == await tx.links.look("token") == link
        assert await tx.links.look("other") is None
    used = await _use(store)
    assert used == WebLink(link.number, link.act, link.staff_id, link.until, after(5))
    assert await _use(store) is None
    async with store.reading() as tx:
        assert await tx.links.look("token") == used


@pytest.mark.parametrize(("token", "minutes"), [("token", 60), ("token", 61), ("other", 5)])
async def test_a_link_that_is_too_old_or_unknown_is_worth_nothing(
    store: Store, link: WebLink, token: str, minutes: float
) -> None:
    assert link.used_at is None
    assert await _use(store, token, minutes) is None


async def test_of_many_who_use_a_link_at_once_one_does(store: Store, link: WebLink) -> None:
    ends = await asyncio.gather(*(_use(store) for _ in range(20)))
    assert [end.number for end in ends if end] == [link.number]


async def test_who_looks_in_order_to_act_holds_the_link(store: Store, link: WebLink) -> None:
    async def act() -> bool:
        async with store.transaction() as tx:
            found = await tx.links.look("token")
            await asyncio.sleep(0)
            if found is None or found.used_at is not None:
                return False
            await tx.links.use("token", after(5))
            return True

    assert sum(await asyncio.gather(*(act() for _ in range(10)))) == 1
    assert link.used_at is None


async def test_a_token_is_given_once(store: Store, link: WebLink) -> None:
    async def again() -> None:
        async with store.transaction() as tx:
            await tx.links.make("token", link.number, Act.TAKE, link.staff_id, after(60))

    with pytest.raises(Conflict):
        await again()
