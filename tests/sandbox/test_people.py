"""What people do reaches the bot shaped as at Telegram, and what the bot does reaches people."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import aiohttp
import pytest

from bot.sandbox import CAST, People, Person, Sandbox, SandboxError, Unheard
from tests.sandbox.raw_api import MONDAY, Api

SECONDS = int(MONDAY.timestamp())


async def last(api: Api) -> dict[str, object]:
    return (await api.updates(offset=-1))[0]


def private(person: Person) -> dict[str, object]:
    return {"id": person.id, "first_name": person.name, "type": "private"}


def user(person: Person) -> dict[str, object]:
    return {"id": person.id, "is_bot": False, "first_name": person.name, "language_code": "id"}


def buttons(*labels: str) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": label, "callback_data": label.lower()}] for label in labels]}


async def test_start_is_a_command_with_its_payload(api: Api, people: People) -> None:
    wati = await people.add("Wati")
    await wati.start("undangan")
    update = await last(api)
    assert update == {
        "update_id": update["update_id"],
        "message": {
            "message_id": 1,
            "from": user(wati),
            "chat": private(wati),
            "date": SECONDS,
            "text": "/start undangan",
            "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        },
    }


async def test_a_press_carries_its_message(api: Api, siti: Person) -> None:
    sent = await api.result("sendMessage", chat_id=siti.id, text="Sudah?", reply_markup=buttons("Ya", "Belum"))
    query = await siti.presses("Bel")
    update = await last(api)
    pressed = update["callback_query"]
    assert isinstance(pressed, dict)
    assert pressed == {
        "id": query,
        "from": user(siti),
        "message": sent,
        "chat_instance": pressed["chat_instance"],
        "data": "belum",
    }
    assert int(pressed["chat_instance"])
    await api("answerCallbackQuery", callback_query_id=query, text="Dicatat", show_alert=True)
    await siti.looks()
    assert siti.answer is not None
    assert (siti.answer.query, siti.answer.text, siti.answer.alert) == (query, "Dicatat", True)


async def test_only_a_stale_press_reaches_a_button_that_is_gone(api: Api, siti: Person) -> None:
    sent = await api.result("sendMessage", chat_id=siti.id, text="Sudah?", reply_markup=buttons("Ya"))
    await api.result("editMessageText", chat_id=siti.id, message_id=sent["message_id"], text="Terima kasih")
    number = int(str(sent["message_id"]))
    with pytest.raises(SandboxError, match="no such button"):
        await siti.presses_data(number, "ya")
    with pytest.raises(SandboxError, match="no such button"):
        await siti.presses_data(number, "tak pernah ada", stale=True)
    await siti.presses_data(number, "ya", stale=True)
    assert "callback_query" in await last(api)


async def test_an_own_message_can_be_edited(api: Api, siti: Person) -> None:
    said = await siti.says("satu")
    await siti.edits(said.id, "dua")
    edited = (await last(api))["edited_message"]
    assert isinstance(edited, dict)
    assert (edited["message_id"], edited["text"], edited["edit_date"]) == (said.id, "dua", SECONDS)
    assert (await siti.looks())[-1].edited


async def test_a_forwarded_message_names_its_origin(api: Api, siti: Person) -> None:
    await siti.forwards("Kapan terbit?", author="Dewi")
    forwarded = (await last(api))["message"]
    assert isinstance(forwarded, dict)
    assert forwarded["forward_origin"] == {"type": "hidden_user", "date": SECONDS, "sender_user_name": "Dewi"}
    sent = await api.result("sendMessage", chat_id=siti.id, text="Halo")
    await siti.forwards_message(int(str(sent["message_id"])))
    forwarded = (await last(api))["message"]
    assert isinstance(forwarded, dict)
    assert forwarded["forward_origin"] == {"type": "user", "date": SECONDS, "sender_user": sent["from"]}
    assert forwarded["text"] == "Halo"


async def test_blocking_and_coming_back_are_told(api: Api, siti: Person) -> None:
    await siti.blocks()
    left = (await last(api))["my_chat_member"]
    assert isinstance(left, dict)
    assert left["chat"] == private(siti)
    assert left["from"] == user(siti)
    assert (left["old_chat_member"]["status"], left["new_chat_member"]["status"]) == ("member", "kicked")
    assert left["new_chat_member"]["until_date"] == 0
    with pytest.raises(SandboxError, match="blocked the bot"):
        await siti.says("halo?")
    await siti.start()
    back, start = (await api.updates())[-2:]
    assert back["my_chat_member"]["new_chat_member"]["status"] == "member"  # type: ignore[index]  # raw JSON
    assert start["message"]["text"] == "/start"  # type: ignore[index]  # raw JSON


async def test_nobody_writes_before_start(people: People) -> None:
    wati = await people.add("Wati")
    with pytest.raises(SandboxError, match="has not pressed Start"):
        await wati.says("halo")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("voice", {"duration", "mime_type", "file_id", "file_unique_id", "file_size"}),
        ("video", {"duration", "width", "height", "mime_type", "file_id", "file_unique_id", "file_size"}),
        ("contact", {"phone_number", "first_name", "user_id"}),
        ("location", {"latitude", "longitude"}),
        ("document", {"file_name", "mime_type", "file_id", "file_unique_id", "file_size"}),
    ],
)
async def test_what_is_not_a_text_arrives(api: Api, siti: Person, kind: str, fields: set[str]) -> None:
    await siti._people.request("POST", f"/{siti.id}/attachments", {"kind": kind})
    message = (await last(api))["message"]
    assert isinstance(message, dict)
    assert message[kind].keys() == fields
    assert (await siti.looks())[-1].kind == kind


async def test_a_photo_can_be_downloaded(api: Api, siti: Person, sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    await siti.shows("photo", caption="lihat /status")
    message = (await last(api))["message"]
    assert isinstance(message, dict)
    assert message["caption_entities"] == [{"type": "bot_command", "offset": 6, "length": 7}]
    file = await api.result("getFile", file_id=message["photo"][-1]["file_id"])
    async with http.get(f"{sandbox.api_url}/file/bot{sandbox.token}/{file['file_path']}") as answer:
        content = await answer.read()
    assert content.startswith(b"\x89PNG")
    assert len(content) == file["file_size"]


async def test_in_a_group_the_bot_hears_commands_and_its_name(api: Api, siti: Person) -> None:
    group = await siti.founds("Tim TI")
    joined = (await last(api))["my_chat_member"]
    assert isinstance(joined, dict)
    assert joined["chat"]["type"] == "group"
    before = (await api.result("getWebhookInfo"))["pending_update_count"]
    await group.says(siti, "makan siang?")
    assert (await api.result("getWebhookInfo"))["pending_update_count"] == before
    await group.says(siti, "/start@pandu_contoh_bot")
    message = (await last(api))["message"]
    assert isinstance(message, dict)
    assert message["chat"]["id"] == group.id
    await api.result("sendMessage", chat_id=group.id, text="Tulislah kepada saya secara pribadi.")
    await group.hears("pribadi")


async def test_people_wait_for_what_comes_after_their_own_act(api: Api, siti: Person) -> None:
    await api.result("sendMessage", chat_id=siti.id, text="Halo")
    await siti.hears("Halo")
    await siti.says("lagi")
    with pytest.raises(Unheard, match="> lagi"):
        await siti.hears("Halo", within=0)
    heard = asyncio.create_task(siti.hears("Halo"))
    sent = await api.result("sendMessage", chat_id=siti.id, text="Halo <b>lagi</b>", parse_mode="HTML")
    bubble = await heard
    assert bubble.id == sent["message_id"]
    assert bubble.entities == ({"type": "bold", "offset": 5, "length": 4},)


async def test_edits_deletions_and_typing_are_seen(api: Api, siti: Person, people: People) -> None:
    sent = await api.result("sendMessage", chat_id=siti.id, text="Satu", reply_markup=buttons("Ya"))
    own = {"chat_id": siti.id, "message_id": sent["message_id"]}
    await api.result("editMessageText", **own, text="Dua", reply_markup=buttons("Tidak"))
    bubble = (await siti.looks())[-1]
    assert (bubble.text, bubble.edited, bubble.labels) == ("Dua", True, ("Tidak",))
    await api("deleteMessage", **own)
    assert [bubble.text for bubble in await siti.looks()] == ["/start"]
    await api("sendChatAction", chat_id=siti.id, action="typing")
    await siti.looks()
    assert siti.typing
    await people.pass_time(timedelta(seconds=5))
    await siti.looks()
    assert not siti.typing


async def test_a_look_brings_only_what_changed(api: Api, siti: Person, people: People) -> None:
    first = json.loads(await people.request("GET", f"/chats/{siti.id}"))
    assert [message["text"] for message in first["messages"]] == ["/start"]
    await api.result("sendMessage", chat_id=siti.id, text="Halo")
    news = json.loads(await people.request("GET", f"/chats/{siti.id}?after={first['version']}"))
    assert [message["text"] for message in news["messages"]] == ["Halo"]


async def test_commands_follow_scope_and_language(api: Api, people: People) -> None:
    async def register(word: str, **where: object) -> None:
        await api("setMyCommands", commands=[{"command": "menu", "description": word}], **where)

    siti, john = await people.named("Siti"), await people.add("John", language="en")
    assert await siti.commands() == ()
    await register("bawaan")
    await register("pribadi", scope={"type": "all_private_chats"})
    await register("private", scope={"type": "all_private_chats"}, language_code="en")
    assert [one.description for one in await siti.commands()] == ["pribadi"]
    assert [one.description for one in await john.commands()] == ["private"]
    await register("khusus", scope={"type": "chat", "chat_id": siti.id})
    assert [one.description for one in await siti.commands()] == ["khusus"]
    await api("deleteMyCommands", scope={"type": "chat", "chat_id": siti.id})
    assert (await api("getMyCommands"))["result"] == [{"command": "menu", "description": "bawaan"}]
    assert [one.description for one in await siti.commands()] == ["pribadi"]


async def test_names_are_kept_by_language(api: Api) -> None:
    assert await api.result("getMyName") == {"name": "Pandu"}
    await api("setMyShortDescription", short_description="Teman", language_code="id")
    assert await api.result("getMyShortDescription", language_code="id") == {"short_description": "Teman"}
    assert await api.result("getMyShortDescription") == {"short_description": ""}


async def test_the_clock_moves_forward_alone(people: People) -> None:
    assert await people.now() == MONDAY
    assert await people.pass_time(timedelta(hours=1)) == MONDAY + timedelta(hours=1)
    with pytest.raises(SandboxError, match="only be moved forward"):
        await people.request("POST", "/clock", {"to": MONDAY.isoformat()})
    await people.request("POST", "/clock", {"to": (MONDAY + timedelta(days=1)).isoformat()})
    assert await people.now() == MONDAY + timedelta(days=1)


async def test_events_say_what_changed(api: Api, siti: Person, sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{sandbox.page_url}people/events") as stream:
        assert stream.content_type == "text/event-stream"
        hello = await stream.content.readuntil(b"\n\n")
        assert json.loads(hello.removeprefix(b"retry: 1000\ndata: "))["topics"] == []
        await api.result("sendMessage", chat_id=siti.id, text="Halo")
        event = await stream.content.readuntil(b"\n\n")
    assert json.loads(event.removeprefix(b"data: ")) == {"topics": [f"chat:{siti.id}"]}


async def test_a_raw_update_is_queued_as_it_stands(api: Api, people: People) -> None:
    await people.put_update({"update_id": 7, "message": None, "strange": [1]})
    await people.put_update({"update_id": 7, "message": None, "strange": [1]})
    assert await api.updates() == [{"update_id": 7, "message": None, "strange": [1]}] * 2


async def test_four_people_are_there_from_the_beginning(people: People) -> None:
    everybody = json.loads(await people.request("GET", ""))
    assert [(one["id"], one["name"], one["language"], one["role"]) for one in everybody] == list(CAST)


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "", {"first_name": ""}, "first_name"),
        ("POST", "", {"first_name": "A", "id": CAST[0][0]}, "already somebody"),
        ("POST", "/1/start", {}, "no such person"),
        ("GET", "/chats/1", None, "no such chat"),
        ("GET", f"/chats/{CAST[0][0]}?after=x", None, "takes a number"),
        ("POST", "/faults", {"answer": "explode"}, "answer"),
        ("POST", "/faults", {"answer": "error", "typo": 1}, "typo"),
        ("GET", "/files/none", None, "no such file"),
    ],
)
async def test_wrong_requests_are_explained(
    people: People, method: str, path: str, body: dict[str, object] | None, words: str
) -> None:
    with pytest.raises(SandboxError, match=words):
        await people.request(method, path, body)


async def test_an_opened_link_reaches_the_bot_only_when_start_is_pressed(
    api: Api, people: People, siti: Person
) -> None:
    wati = await people.add("Wati")
    for person in (wati, siti):
        assert await person.opens("https://t.me/pandu_contoh_bot?start=aB3_x-9") == "aB3_x-9"
        assert json.loads(await people.request("GET", f"/chats/{person.id}"))["opened"] == "aB3_x-9"
        before = (await api.result("getWebhookInfo"))["pending_update_count"]
        await person.start()
        assert (await api.result("getWebhookInfo"))["pending_update_count"] == int(str(before)) + 1
        message = (await last(api))["message"]
        assert isinstance(message, dict)
        assert message["text"] == "/start aB3_x-9"
        assert json.loads(await people.request("GET", f"/chats/{person.id}"))["opened"] is None
    await wati.follows("tg://resolve?domain=PANDU_contoh_bot&start=x")
    assert wati.chat == [] or (await wati.looks())[-1].text == "/start x"


@pytest.mark.parametrize(
    "url", ["https://t.me/lain_bot?start=a", "https://jahat.example/pandu_contoh_bot?start=a",
     "https://t.me/pandu_contoh_bot?start=a b", ""],
)  # fmt: skip
async def test_a_link_to_somebody_else_opens_nothing(siti: Person, url: str) -> None:
    with pytest.raises(SandboxError, match="no link to this bot"):
        await siti.opens(url)


async def test_a_document_of_the_bot_can_be_downloaded(
    sandbox: Sandbox, http: aiohttp.ClientSession, siti: Person
) -> None:
    form = aiohttp.FormData()
    form.add_field("chat_id", str(siti.id))
    form.add_field("document", b'{"a": 1}', filename="data.json")
    async with http.post(f"{sandbox.api_url}/bot{sandbox.token}/sendDocument", data=form) as answer:
        assert answer.status == 200
    bubble = (await siti.looks())[-1]
    assert bubble.file is not None
    assert (bubble.file.name, bubble.file.size) == ("data.json", 8)
    assert await siti.downloads(bubble) == b'{"a": 1}'
    with pytest.raises(SandboxError, match="no file"):
        await siti.downloads(siti.chat[0])


async def test_a_bot_deletes_what_people_say_to_it_but_not_what_they_say_in_a_group(api: Api, siti: Person) -> None:
    said = await siti.says("rahasia")
    assert (await api("deleteMessage", chat_id=siti.id, message_id=said.id))["ok"]
    assert [bubble.text for bubble in await siti.looks()] == ["/start"]
    group = await siti.founds("Tim TI")
    await group.says(siti, "/start@pandu_contoh_bot")
    message = (await last(api))["message"]
    assert isinstance(message, dict)
    refusal = await api.refusal("deleteMessage", chat_id=group.id, message_id=message["message_id"])
    assert refusal == "Bad Request: message can't be deleted"


async def test_commands_of_a_chat_that_is_not_there_are_refused(api: Api) -> None:
    scope = {"type": "chat", "chat_id": 1}
    for method in ("setMyCommands", "deleteMyCommands"):
        assert await api.refusal(method, commands=[], scope=scope) == "Bad Request: chat not found"
