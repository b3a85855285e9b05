"""What Telegram refuses, and the words in which it does."""

from __future__ import annotations

import io

import aiohttp
import pytest

from bot.sandbox import People, Person, Sandbox
from tests.sandbox.raw_api import Api


def keyboard(**button: object) -> dict[str, object]:
    return {"inline_keyboard": [[button]]}


TEXTS = [
    ({}, "message text is empty"),
    ({"text": ""}, "message text is empty"),
    ({"text": " \n "}, "text must be non-empty"),
    ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
    ({"text": "a" * 4097}, "message is too long"),
    ({"text": "😀" * 2049}, "message is too long"),
    ({"text": "halo", "parse_mode": "MarkdownV3"}, "unsupported parse_mode"),
]

SURROGATES = "check for unmatched surrogate code units"
MARKUP = [
    ("<b>tebal", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<h1>judul</h1>", 'Unsupported start tag "h1" at byte offset 0'),
    ("é <br>", 'Unsupported start tag "br" at byte offset 3'),
    ("a < b", 'Unsupported start tag "" at byte offset 2'),
    ("a <b", "Unclosed start tag at byte offset 2"),
    ("</b>", "Unexpected end tag at byte offset 0"),
    ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    ("<b>a</b", "Unclosed end tag at byte offset 4"),
    ("<i =a>x</i>", 'Empty attribute name in the tag "i" at byte offset 0'),
    ("<i a = ", 'Unclosed start tag "i" at byte offset 0'),
    ("<i a='b>x</i>", "Unclosed start tag at byte offset 0"),
    ("<i a", "Unclosed start tag at byte offset 0"),
    ("&#57311;", f"Text contains invalid Unicode characters after decoding HTML entities, {SURROGATES}"),
    ("<a href=http://x.id>x</a>", "Unexpected end of name token at byte offset 8"),
    ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
]

BUTTONS = [
    (keyboard(text="Ya", callback_data=""), "BUTTON_DATA_INVALID"),
    (keyboard(text="Ya", callback_data="x" * 65), "BUTTON_DATA_INVALID"),
    (keyboard(text="Ya", callback_data="é" * 33), "BUTTON_DATA_INVALID"),
    (keyboard(text="Buka", url=""), "BUTTON_URL_INVALID"),
    (keyboard(text="Buka", url="https://a b"), "BUTTON_URL_INVALID"),
    (
        keyboard(text="Buka", url="javascript:alert(1)"),
        "inline keyboard button URL 'javascript:alert(1)' is invalid: Unsupported URL protocol",
    ),
    (
        keyboard(text="Buka", url="http://localhost/"),
        "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
    ),
    (
        keyboard(text="Ya"),
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    (
        keyboard(text="Ya", callback_data="a", url="https://go.id"),
        "can't parse inline keyboard button: exactly one of the optional fields must be used",
    ),
    (keyboard(callback_data="a"), "can't parse inline keyboard button: Can't find field \"text\""),
    (keyboard(text=" ", callback_data="a"), "keyboard button text must be non-empty"),
    (
        keyboard(text="Ya", callback_data=7),
        'can\'t parse inline keyboard button: Field "callback_data" must be of type String',
    ),
    (
        {"inline_keyboard": [{"text": "Ya"}]},
        'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ),
    ({"inline_keyboard": [[{"text": "Ya", "callback_data": "a"}] * 101]}, "reply markup is too long"),
    ("{", "can't parse reply keyboard markup JSON object"),
    (None, "object expected as reply markup"),
]


@pytest.mark.parametrize(("params", "words"), TEXTS)
async def test_a_text_is_refused(api: Api, siti: Person, params: dict[str, object], words: str) -> None:
    assert await api.refusal("sendMessage", chat_id=siti.id, **params) == f"Bad Request: {words}"


@pytest.mark.parametrize(("text", "words"), MARKUP)
async def test_mark_up_is_refused(api: Api, siti: Person, text: str, words: str) -> None:
    refusal = await api.refusal("sendMessage", chat_id=siti.id, text=text, parse_mode="HTML")
    assert refusal == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(("markup", "words"), BUTTONS)
async def test_a_keyboard_is_refused(api: Api, siti: Person, markup: object, words: str) -> None:
    refusal = await api.refusal("sendMessage", chat_id=siti.id, text="Halo", reply_markup=markup)
    assert refusal == f"Bad Request: {words}"


async def test_what_just_fits_is_taken(api: Api, siti: Person) -> None:
    sent = await api.result(
        "sendMessage",
        chat_id=str(siti.id),
        text="<b>" + "a" * 4096 + "</b>",
        parse_mode="html",
        reply_markup=keyboard(text="Ya", callback_data="x" * 64),
    )
    assert sent["text"] == "a" * 4096
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]
    assert sent["reply_markup"] == keyboard(text="Ya", callback_data="x" * 64)


async def test_a_chat_must_be_open(api: Api, people: People, siti: Person) -> None:
    stranger = await people.add("Wati")
    assert await api.refusal("sendMessage", text="Halo") == "Bad Request: chat_id is empty"
    assert await api.refusal("sendMessage", chat_id=1, text="Halo") == "Bad Request: chat not found"
    assert await api.refusal("sendMessage", chat_id="@wati", text="Halo") == "Bad Request: chat not found"
    assert await api.refusal("sendMessage", chat_id=stranger.id, text="Halo") == "Bad Request: chat not found"
    group = await stranger.founds("Tim TI")
    assert (
        await api.refusal("sendMessage", chat_id=stranger.id, text="Halo")
        == "Forbidden: bot can't initiate conversation with a user"
    )
    await api.result("sendMessage", chat_id=group.id, text="Halo semua")
    await siti.blocks()
    refusal = await api("sendMessage", chat_id=siti.id, text="Halo")
    assert refusal == {
        "ok": False,
        "error_code": 403,
        "description": "Forbidden: bot was blocked by the user",
    }


async def test_an_edit_must_change_a_text_of_the_bot(api: Api, siti: Person) -> None:
    asked = keyboard(text="Ya", callback_data="a")
    sent = await api.result("sendMessage", chat_id=siti.id, text="Satu", reply_markup=asked)
    own = {"chat_id": siti.id, "message_id": sent["message_id"]}
    not_modified = (
        "Bad Request: message is not modified: specified new message content and reply markup "
        "are exactly the same as a current content and reply markup of the message"
    )
    assert await api.refusal("editMessageText", **own, text="Satu", reply_markup=asked) == not_modified
    assert await api.refusal("editMessageReplyMarkup", **own, reply_markup=asked) == not_modified
    assert (
        await api.refusal("editMessageText", chat_id=siti.id, message_id=99, text="Dua")
        == "Bad Request: message to edit not found"
    )
    assert (
        await api.refusal("editMessageText", chat_id=siti.id, text="Dua")
        == "Bad Request: message identifier is not specified"
    )
    hers = (await siti.looks())[0].id
    assert (
        await api.refusal("editMessageText", chat_id=siti.id, message_id=hers, text="Dua")
        == "Bad Request: message can't be edited"
    )
    edited = await api.result("editMessageText", **own, text="Satu")
    assert "reply_markup" not in edited
    assert "edit_date" not in edited, "taking away buttons is not an edit that people see"
    assert "edit_date" in await api.result("editMessageText", **own, text="Dua")


async def test_a_photo_has_no_text_to_edit(
    api: Api, siti: Person, sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    form = aiohttp.FormData({"chat_id": str(siti.id), "photo": "attach://gambar"})
    form.add_field("gambar", b"\x89PNG\r\n\x1a\n", filename="a.png", content_type="image/png")
    async with http.post(f"{sandbox.api_url}/bot{sandbox.token}/sendPhoto", data=form) as answer:
        photo = (await answer.json())["result"]
    refusal = await api.refusal("editMessageText", chat_id=siti.id, message_id=photo["message_id"], text="Dua")
    assert refusal == "Bad Request: there is no text in the message to edit"


async def test_files_have_limits(api: Api, siti: Person, sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async def send(method: str, field: str, content: bytes) -> tuple[int, str]:
        form = aiohttp.FormData({"chat_id": str(siti.id)})
        form.add_field(field, io.BytesIO(content), filename="berkas.bin")
        async with http.post(f"{sandbox.api_url}/bot{sandbox.token}/{method}", data=form) as answer:
            return answer.status, (await answer.json())["description"]

    megabyte = 1024 * 1024
    assert await send("sendDocument", "document", b"") == (400, "Bad Request: file must be non-empty")
    assert await send("sendPhoto", "photo", b"x" * 10) == (400, "Bad Request: IMAGE_PROCESS_FAILED")
    assert await send("sendPhoto", "photo", b"x" * (10 * megabyte + 1)) == (400, "Bad Request: file is too big")
    assert await send("sendDocument", "document", b"x" * (50 * megabyte + 1)) == (413, "Request Entity Too Large")
    assert await api.refusal("sendPhoto", chat_id=siti.id) == "Bad Request: there is no photo in the request"
    assert (
        await api.refusal("sendDocument", chat_id=siti.id, document="x")
        == "Bad Request: wrong file identifier/HTTP URL specified"
    )
    no_upload = {"filename": "aduan.csv", "content": "x"}  # an upload is a part of the body, not an object in JSON
    assert (
        await api.refusal("sendDocument", chat_id=siti.id, document=no_upload)
        == "Bad Request: there is no document in the request"
    )
    assert await api.refusal("getFile", file_id="x") == "Bad Request: invalid file_id"
    await siti.shows("document", name="besar.pdf", size=20 * megabyte + 1)
    large = (await api.updates(offset=-1))[0]["message"]
    assert isinstance(large, dict)
    assert await api.refusal("getFile", file_id=large["document"]["file_id"]) == "Bad Request: file is too big"


async def test_tokens_and_methods(api: Api, sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{sandbox.api_url}/bot123:wrong/getMe") as answer:
        assert await answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await api("sendPoll") == {"ok": False, "error_code": 404, "description": "Not Found"}
    async with http.get(f"{sandbox.api_url}/bot{sandbox.token}/GETME") as answer:
        assert (await answer.json())["result"]["username"] == "pandu_contoh_bot"
    assert await api.refusal("getChat", chat_id=5) == "Bad Request: chat not found"


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
        ("deleteMessage", {"message_id": 99}, "message to delete not found"),
        ("deleteMessage", {}, "message identifier is not specified"),
        ("setMyCommands", {"commands": [{"command": "Mulai", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "a", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("setMyCommands", {"commands": [], "language_code": "ind"}, "invalid language code specified"),
        ("setMyName", {"name": "x" * 65}, "bot name is too long"),
        ("getUpdates", {"allowed_updates": "["}, "can't parse allowed updates JSON object"),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            "query is too old and response timeout expired or query ID is invalid",
        ),
    ],
)
async def test_other_refusals(api: Api, siti: Person, method: str, params: dict[str, object], words: str) -> None:
    assert await api.refusal(method, chat_id=siti.id, **params) == f"Bad Request: {words}"
