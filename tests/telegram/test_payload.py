"""Rows that are more than messages: files, deletions, menus; and what may be said in a group."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import MovableClock
from bot.delivery import Pause, Sent
from bot.errors import AlreadySo, Refused
from bot.relay.judge import repeatable
from bot.sandbox import People, Person, Sandbox
from bot.telegram.payload import METHODS, read_request
from bot.telegram.sender import TelegramSender
from storage.records import Kind, Outgoing
from tests.clocks import START, FakeClock

COPY = json.dumps({"nama": "Siti", "tanda": "é"}, ensure_ascii=False)


def row(method: str, params: Mapping[str, object], **more: object) -> Outgoing:
    return Outgoing("k", "telegram:7", {"method": method, "params": params, **more}, START, kind=Kind.NOTICE)


def params_for(method: str, chat_id: int) -> dict[str, object]:
    if method.endswith("MyCommands"):
        return {"scope": {"type": "chat", "chat_id": chat_id}, "commands": []}
    files = {"photo": "file-id", "voice": "file-id", "video": "file-id"}
    document = {"filename": "data.json", "content": "{}"}
    return {"chat_id": chat_id, "text": "Halo", "message_id": 1, "document": document, **files}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(MovableClock(FakeClock()), port=0) as running:
        yield running


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[People]:
    async with People(sandbox.page_url) as session:
        yield session


@pytest.fixture
async def siti(people: People) -> Person:
    person = await people.named("Siti")
    await person.start()
    return person


@pytest.fixture
async def sender(sandbox: Sandbox) -> AsyncIterator[TelegramSender]:
    async with TelegramSender(sandbox.token, pause=Pause(FakeClock()), api=sandbox.api_url) as one:
        yield one


async def test_a_text_arrives_as_a_file(sender: TelegramSender, siti: Person, sandbox: Sandbox) -> None:
    params = {
        "chat_id": siti.id,
        "caption": "<b>Salinan data</b>",
        "parse_mode": "HTML",
        "document": {"filename": "data-saya.json", "content": COPY},
    }
    sent = await sender.send(row("sendDocument", params))
    bubble = (await siti.looks())[-1]

    assert sent == Sent(bubble.id)
    assert (bubble.kind, bubble.text) == ("document", "Salinan data")
    assert bubble.file is not None
    assert bubble.file.name == "data-saya.json"
    async with aiohttp.ClientSession() as http, http.get(f"{sandbox.page_url}people/files/{bubble.file.id}") as answer:
        assert (await answer.read()).decode() == COPY


async def test_bad_marks_in_a_caption_are_taken_out(sender: TelegramSender, siti: Person) -> None:
    document = {"filename": "a.json", "content": "{}"}
    params = {"chat_id": siti.id, "caption": "<b>a < b</b>", "parse_mode": "HTML", "document": document}
    await sender.send(row("sendDocument", params))
    assert (await siti.looks())[-1].text == "a < b"


async def test_what_a_person_said_is_taken_back_and_twice_is_as_once(sender: TelegramSender, siti: Person) -> None:
    said = await siti.says("rahasia")
    gone = row("deleteMessage", {"chat_id": siti.id, "message_id": said.id})

    assert await sender.send(gone) == Sent(None)
    assert "rahasia" not in [bubble.text for bubble in await siti.looks()]
    with pytest.raises(AlreadySo) as error:
        await sender.send(gone)
    assert error.value.message_id is None


async def test_what_is_too_old_to_be_deleted_is_let_be(sender: TelegramSender, people: People, siti: Person) -> None:
    said = await siti.says("rahasia")
    await people.pass_time(timedelta(days=3))
    with pytest.raises(AlreadySo):
        await sender.send(row("deleteMessage", {"chat_id": siti.id, "message_id": said.id}))


async def test_a_deletion_of_nobody_knows_what_is_done(sender: TelegramSender, siti: Person) -> None:
    assert await sender.send(row("deleteMessage", {"chat_id": siti.id})) == Sent(None)


async def test_each_chat_has_its_menu(sender: TelegramSender, people: People, siti: Person) -> None:
    budi = await people.named("Budi")
    scope = {"type": "chat", "chat_id": siti.id}
    commands = [{"command": "petugas", "description": "Petugas"}]
    await sender.send(row("setMyCommands", {"scope": scope, "commands": commands}))
    assert [one.command for one in await siti.commands()] == ["petugas"]
    assert await budi.commands() == ()

    await sender.send(row("deleteMyCommands", {"scope": scope}))
    assert await siti.commands() == ()


@given(st.sampled_from(sorted(METHODS)), st.integers(-(2**62), 2**62), st.none() | st.booleans() | st.text(max_size=4))
def test_only_what_is_public_goes_to_a_group(method: str, chat_id: int, public: object) -> None:
    payload = {"method": method, "params": params_for(method, chat_id), "public": public}
    if chat_id < 0 and public is not True:
        with pytest.raises(Refused):
            read_request(payload, None)
    else:
        assert read_request(payload, None).method == method


@pytest.mark.parametrize(
    "params",
    [
        {"commands": []},
        {"scope": {"type": "default"}, "commands": []},
        {"scope": {"type": "all_private_chats", "chat_id": 7}, "commands": []},
        {"chat_id": 7, "commands": []},
        {"scope": {"type": "chat", "chat_id": "7"}, "commands": []},
    ],
)
def test_a_menu_without_a_chat_would_be_everybodys_and_is_refused(params: dict[str, object]) -> None:
    for method in ("setMyCommands", "deleteMyCommands"):
        with pytest.raises(Refused):
            read_request({"method": method, "params": params}, None)


@pytest.mark.parametrize(
    "document",
    [None, "", "https://example.go.id/a.pdf", "no id", "x" * 257, {},
     {"filename": "../a", "content": "x"}, {"filename": "a\r\nb", "content": "x"},
     {"filename": "a.json", "content": ""}, {"filename": "a.json", "content": b"x"},
     {"filename": "a.json", "content": "x" * 5_000_001}],
)  # fmt: skip
def test_a_document_has_a_plain_name_and_a_text_or_is_named_by_its_id(document: object) -> None:
    with pytest.raises(Refused):
        read_request({"method": "sendDocument", "params": {"chat_id": 7, "document": document}}, None)


@pytest.mark.parametrize(
    ("method", "kind"),
    [("sendPhoto", "photo"), ("sendDocument", "document"), ("sendVoice", "voice"), ("sendVideo", "video")],
)
def test_a_file_is_sent_on_by_its_id_and_by_nothing_else(method: str, kind: str) -> None:
    params = {"chat_id": 7, kind: "AgACAgUAAxkBAAI2", "caption": "ADU-2026-00017"}
    assert read_request({"method": method, "params": params}, None).params == params
    for wrong in (None, 7, "https://example.go.id/x.jpg", "attach://x", {"filename": "a.jpg"}):
        with pytest.raises(Refused):
            read_request({"method": method, "params": {**params, kind: wrong}}, None)
    with pytest.raises(Refused):
        read_request({"method": method, "params": {"chat_id": 7}}, None)


@pytest.mark.parametrize(
    ("method", "harmless"),
    [("sendMessage", False), ("sendDocument", False), ("editMessageText", True), ("deleteMessage", True),
     ("setMyCommands", True), ("deleteMyCommands", True)],
)  # fmt: skip
def test_what_is_the_same_when_made_twice_is_made_again(method: str, harmless: bool) -> None:  # noqa: FBT001 - a column of the table
    assert repeatable(row(method, {})) is harmless
