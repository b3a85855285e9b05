"""Replies, albums, and files that are sent on by their id, as strict as Telegram is."""

from __future__ import annotations

import pytest

from bot.clock import SystemClock
from bot.delivery import Pause
from bot.errors import Refused, TryLater
from bot.sandbox import People, Person, Sandbox
from bot.sandbox.errors import Impossible
from bot.telegram.sender import TelegramSender
from tests.sandbox.raw_api import Api


async def newest(api: Api) -> dict[str, object]:
    message = (await api.updates())[-1]["message"]
    assert isinstance(message, dict)
    return message


async def test_a_reply_carries_the_message_that_it_answers(api: Api, siti: Person) -> None:
    asked = await api.result("sendMessage", chat_id=siti.id, text="<b>ADU-2026-00017</b>: sudah?", parse_mode="HTML")
    number = asked["message_id"]
    assert isinstance(number, int)
    answer = await siti.says("Belum", replying_to=number)
    assert answer.replied is not None
    assert (answer.replied.id, answer.replied.text) == (number, "ADU-2026-00017: sudah?")
    message = await newest(api)
    assert message["text"] == "Belum"
    assert message["reply_to_message"] == asked


async def test_a_reply_to_a_reply_carries_one_message_only(api: Api, siti: Person) -> None:
    first = await siti.says("satu")
    second = await siti.says("dua", replying_to=first.id)
    await siti.shows("photo", caption="tiga", replying_to=second.id)
    original = (await newest(api))["reply_to_message"]
    assert isinstance(original, dict)
    assert original["text"] == "dua"
    assert "reply_to_message" not in original


async def test_nobody_replies_to_what_is_not_there(siti: Person) -> None:
    with pytest.raises(Impossible):
        await siti.says("halo", replying_to=4711)


async def test_an_album_comes_one_by_one(api: Api, siti: Person) -> None:
    await siti.shows_album("photo", "photo", "video", caption="Tiga berkas")
    messages = [update["message"] for update in await api.updates()][-3:]
    albums = {message["media_group_id"] for message in messages if isinstance(message, dict)}
    captions = [message.get("caption") for message in messages if isinstance(message, dict)]
    assert len(albums) == 1
    assert captions == ["Tiga berkas", None, None]


@pytest.mark.parametrize("kinds", [("photo",), ("photo", "document"), ("voice", "voice"), ("photo",) * 11])
async def test_what_makes_no_album_is_refused(siti: Person, kinds: tuple[str, ...]) -> None:
    with pytest.raises(Impossible):
        await siti.shows_album(*kinds)  # type: ignore[arg-type]  # one of the kinds


KINDS = {"photo": "sendPhoto", "document": "sendDocument", "voice": "sendVoice", "video": "sendVideo"}


def id_of(message: dict[str, object], kind: str) -> str:
    thing = message[kind]
    thing = thing[-1] if isinstance(thing, list) else thing
    assert isinstance(thing, dict)
    return str(thing["file_id"])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_file_is_sent_on_as_what_it_is_and_as_nothing_else(
    api: Api, people: People, siti: Person, kind: str
) -> None:
    await siti.shows(kind)  # type: ignore[arg-type]  # one of the kinds
    file_id = id_of(await newest(api), kind)
    budi = await people.add("Budi")
    await budi.start()
    for other, method in KINDS.items():
        params = {"chat_id": budi.id, other: file_id, "caption": "<b>ADU-2026-00017</b>", "parse_mode": "HTML"}
        if other == kind:
            assert (await api.result(method, **params))["caption"] == "ADU-2026-00017"
        else:
            assert "can't use file of type" in await api.refusal(method, **params)
    (sent,) = [bubble for bubble in await budi.looks() if bubble.from_bot]
    assert (sent.kind, sent.text) == (kind, "ADU-2026-00017")


async def test_the_bot_fetches_what_people_sent(api: Api, sandbox: Sandbox, siti: Person) -> None:
    await siti.shows("document", name="surat.pdf")
    file_id = id_of(await newest(api), "document")
    pause = Pause(SystemClock())
    async with TelegramSender(sandbox.token, pause=pause, api=sandbox.api_url) as sender:
        assert await sender.download(file_id) == b"%PDF-1.4\n%%EOF\n"
        with pytest.raises(Refused):
            await sender.download("tidak-ada")
        await siti.shows("document", name="besar.pdf", size=21 * 2**20)
        with pytest.raises(Refused):
            await sender.download(id_of(await newest(api), "document"))
        pause.extend(60)
        with pytest.raises(TryLater):
            await sender.download(file_id)
