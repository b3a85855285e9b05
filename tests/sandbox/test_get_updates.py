"""The queue of updates keeps Telegram's promises, and Telegram's limits."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.sandbox import People, Person
from tests.sandbox.raw_api import Api

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


def ids(updates: list[dict[str, object]]) -> list[object]:
    return [update["update_id"] for update in updates]


def texts(updates: list[dict[str, object]]) -> list[object]:
    return [update["message"]["text"] for update in updates if isinstance(update["message"], dict)]


async def test_updates_stay_until_an_offset_confirms_them(api: Api, siti: Person) -> None:
    await siti.says("satu")
    await siti.says("dua")
    first = await api.updates()
    assert texts(first) == ["/start", "satu", "dua"]
    assert await api.updates() == first
    number = int(str(first[1]["update_id"]))
    assert ids(await api.updates(offset=number)) == [number, number + 1]
    assert texts(await api.updates(offset=number + 1)) == ["dua"]
    assert await api.updates(offset=number + 2) == []
    assert await api.updates() == []


async def test_a_limit_is_kept_between_1_and_100(api: Api, siti: Person) -> None:
    for number in range(110):
        await siti.says(str(number))
    assert len(await api.updates(limit=2)) == 2
    assert len(await api.updates(limit=0)) == 1
    assert len(await api.updates(limit=500)) == 100


async def test_a_negative_offset_forgets_all_but_the_last(api: Api, siti: Person) -> None:
    await siti.says("satu")
    await siti.says("dua")
    assert texts(await api.updates(offset=-1)) == ["dua"]
    assert texts(await api.updates()) == ["dua"]


@pytest.mark.usefixtures("siti")
async def test_an_offset_far_in_the_future_is_not_believed(api: Api, people: People) -> None:
    (start,) = await api.updates()
    assert ids(await api.updates(offset=int(str(start["update_id"])) + 1000)) == ids([start])
    assert await people.put_update({"update_id": 5}) == 5
    assert await people.put_update({"kind": "unknown"}) == 6


async def test_a_held_request_answers_as_soon_as_there_is_news(api: Api, people: People) -> None:
    held = asyncio.create_task(api.updates(timeout=50))
    person = await people.add("Tari")
    await person.start()
    assert texts(await held) == ["/start"]


async def test_a_second_poller_ends_the_first(api: Api, siti: Person) -> None:
    (start,) = await api.updates()
    beyond = int(str(start["update_id"])) + 1
    first = asyncio.create_task(api("getUpdates", offset=beyond, timeout=50))
    while (await api.result("getWebhookInfo"))["pending_update_count"]:
        pass  # the first has not confirmed yet, and so is not held
    second = asyncio.create_task(api.updates(offset=beyond, timeout=50))
    assert await first == {"ok": False, "error_code": 409, "description": CONFLICT}
    await siti.says("untuk yang kedua")
    assert texts(await second) == ["untuk yang kedua"]


async def test_allowed_updates_are_remembered_for_what_comes_later(api: Api, siti: Person) -> None:
    assert len(await api.updates(allowed_updates=["callback_query"])) == 1
    await siti.says("tidak diminta")
    assert texts(await api.updates()) == ["/start"]
    assert (await api.result("getWebhookInfo"))["allowed_updates"] == ["callback_query"]
    await api.updates(allowed_updates=[])
    await siti.says("diminta lagi")
    assert texts(await api.updates()) == ["/start", "diminta lagi"]


@pytest.mark.parametrize(("age", "left"), [(23 * 3600, 2), (24 * 3600, 0)])
async def test_messages_live_for_a_day(api: Api, people: People, siti: Person, age: int, left: int) -> None:
    await siti.says("satu")
    await people.pass_time(timedelta(seconds=age))
    assert len(await api.updates()) == left


@pytest.mark.parametrize(("age", "lives"), [(149, True), (150, False)])
async def test_presses_live_for_150_seconds(api: Api, people: People, siti: Person, age: int, *, lives: bool) -> None:
    button = {"inline_keyboard": [[{"text": "Ya", "callback_data": "ya"}]]}
    await api.result("sendMessage", chat_id=siti.id, text="Sudah?", reply_markup=button)
    query = await siti.presses("Ya")
    await people.pass_time(timedelta(seconds=age))
    assert ("callback_query" in (await api.updates())[-1]) is lives
    assert (await api("answerCallbackQuery", callback_query_id=query))["ok"] is lives


async def test_pending_updates_can_be_dropped(api: Api, siti: Person) -> None:
    await siti.says("satu")
    assert (await api.result("getWebhookInfo"))["pending_update_count"] == 2
    assert (await api("deleteWebhook", drop_pending_updates=True))["result"] is True
    assert await api.updates() == []
