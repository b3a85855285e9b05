"""Faults on demand: each one seen from the bot's side, and whether the call took place."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.sandbox import Fault, People, Person
from tests.sandbox.raw_api import Api


async def heard(person: Person) -> list[str]:
    return [bubble.text for bubble in await person.looks() if bubble.from_bot]


async def say(api: Api, person: Person, text: str = "Halo") -> dict[str, object]:
    return await api("sendMessage", chat_id=person.id, text=text)


async def test_too_many_requests_names_the_wait(api: Api, people: People, siti: Person) -> None:
    await people.fail(Fault(answer="error", code=429, retry_after=7, times=2))
    expected = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    assert [await say(api, siti), await say(api, siti)] == [expected, expected]
    assert (await say(api, siti))["ok"]
    assert await heard(siti) == ["Halo"]


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (500, "Internal Server Error"),
        (403, "Forbidden: bot was blocked by the user"),
        (401, "Unauthorized"),
        (502, "Bad Gateway"),
    ],
)
async def test_an_error_is_answered(api: Api, people: People, siti: Person, code: int, description: str) -> None:
    await people.fail(Fault(answer="error", code=code))
    assert await say(api, siti) == {"ok": False, "error_code": code, "description": description}
    assert await heard(siti) == []


async def test_an_error_can_come_after_the_act(api: Api, people: People, siti: Person) -> None:
    await people.fail(Fault(answer="error", code=500, description="Request aborted", carried_out=True))
    assert (await say(api, siti))["description"] == "Request aborted"
    assert await heard(siti) == ["Halo"]


@pytest.mark.parametrize("carried_out", [False, True])
async def test_an_answer_never_comes(api: Api, people: People, siti: Person, *, carried_out: bool) -> None:
    await people.fail(Fault(answer="silence", method="sendMessage", carried_out=carried_out))
    call = asyncio.create_task(say(api, siti))
    while not any(made.method == "sendmessage" for made in await people.calls()):
        pass  # until the call has arrived
    assert not call.done()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert await heard(siti) == (["Halo"] if carried_out else [])


@pytest.mark.parametrize("carried_out", [False, True])
async def test_the_connection_breaks(api: Api, people: People, siti: Person, *, carried_out: bool) -> None:
    await people.fail(Fault(answer="reset", carried_out=carried_out))
    with pytest.raises(aiohttp.ClientConnectionError):
        await say(api, siti)
    assert await heard(siti) == (["Halo"] if carried_out else [])
    assert (await say(api, siti))["ok"], "the next call goes through"


async def test_an_answer_comes_late(api: Api, people: People, siti: Person) -> None:
    await people.fail(Fault(answer="delay", seconds=0.05))
    assert (await say(api, siti))["ok"]
    sent = [call for call in await people.calls() if call.method == "sendmessage"]
    assert [call.status for call in sent] == [200]


async def test_a_fault_strikes_the_chat_and_method_that_it_names(api: Api, people: People, siti: Person) -> None:
    wati = await people.add("Wati")
    await wati.start()
    await people.fail(Fault(answer="error", chat_id=wati.id, method="SENDMESSAGE", times=None))
    assert (await say(api, siti))["ok"]
    assert (await api("sendChatAction", chat_id=wati.id, action="typing"))["ok"]
    assert await api.updates(), "a fault without a method leaves getUpdates alone"
    for _ in range(3):
        assert (await say(api, wati))["error_code"] == 500
    await people.heal()
    assert (await say(api, wati))["ok"]


@pytest.mark.usefixtures("siti")
async def test_getting_updates_fails_when_asked_to(api: Api, people: People) -> None:
    await people.fail(Fault(answer="error", method="getUpdates", code=409))
    assert (await api("getUpdates"))["error_code"] == 409
    assert len(await api.updates()) == 1


async def test_every_call_is_on_record(api: Api, people: People, siti: Person) -> None:
    await say(api, siti)
    await say(api, siti, "")
    made = [(call.method, call.chat_id, call.status, call.description) for call in await people.calls()]
    assert made == [
        ("sendmessage", siti.id, 200, ""),
        ("sendmessage", siti.id, 400, "Bad Request: message text is empty"),
    ]
