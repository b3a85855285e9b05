"""The server itself: where it listens, whom it answers, the mailbox, python-telegram-bot, and life as a process."""

from __future__ import annotations

import asyncio
import socket
import sys
from email.message import EmailMessage

import aiohttp
import aiosmtplib
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.clock import MovableClock
from bot.sandbox import People, Person, PortTaken, Sandbox
from tests.sandbox.raw_api import MONDAY


async def test_a_taken_port_is_said_plainly(sandbox: Sandbox) -> None:
    port = int(sandbox.api_url.rpartition(":")[2])
    with pytest.raises(PortTaken, match=f"Port {port} is already in use .* set PANDU_SANDBOX_PORT"):
        async with Sandbox(MovableClock(), port=port):
            pass


async def test_it_listens_on_this_machine_alone(sandbox: Sandbox) -> None:
    assert sandbox.api_url.startswith("http://127.0.0.1:")
    assert {site.name for site in sandbox._runner.sites} == {sandbox.api_url}


def test_a_token_has_telegrams_shape() -> None:
    bot_id, secret = Sandbox(MovableClock()).token.split(":")
    assert bot_id.isdigit()
    assert len(secret) == 35
    with pytest.raises(ValueError, match="looks like"):
        Sandbox(MovableClock(), token="rahasia")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "[::1]:1"}, 200),
        ({"Host": "jahat.example"}, 403),
        ({"Host": "127.0.0.1.jahat.example"}, 403),
        ({"Host": "["}, 403),
        ({"Origin": "https://jahat.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:1", "Origin": "http://localhost:2"}, 403),
        ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
async def test_foreign_pages_and_names_are_refused(
    sandbox: Sandbox, http: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    async with http.get(f"{sandbox.page_url}people", headers=headers) as answer:
        assert answer.status == status
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_body_must_be_json(sandbox: Sandbox, http: aiohttp.ClientSession, siti: Person) -> None:
    async with http.post(f"{sandbox.page_url}people/{siti.id}/messages", data="text=halo") as answer:
        assert answer.status == 415


@pytest.mark.parametrize("path", ["", "page.css", "page.js", "phone.js", "mailbox.js", "parts.js"])
async def test_the_page_is_served_under_a_strict_policy(
    sandbox: Sandbox, http: aiohttp.ClientSession, path: str
) -> None:
    async with http.get(f"{sandbox.page_url}{path}") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; ")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_mails_are_kept(sandbox: Sandbox, people: People) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "pandu@kota.example", "ratna@kota.example", "Aduan – baru"
    mail["Message-ID"] = "<1@kota.example>"
    mail.set_content("Yth. Ibu Ratna,\nada aduan baru.\n")
    port = int(sandbox.smtp_url.rpartition(":")[2])
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=port)
    (kept,) = await people.mails()
    assert (kept.sender, kept.to, kept.at) == ("pandu@kota.example", ("ratna@kota.example",), MONDAY)
    assert (kept.subject, kept.text) == ("Aduan – baru", "Yth. Ibu Ratna,\nada aduan baru.\n")
    assert ("Message-ID", "<1@kota.example>") in kept.headers
    assert await people.mails(after=kept.number) == ()


async def test_an_open_mail_connection_does_not_hold_up_the_end() -> None:
    async with Sandbox(MovableClock(), port=0) as sandbox:
        port = int(sandbox.smtp_url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert (await reader.readline()).startswith(b"220 ")
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_python_telegram_bot_takes_it_for_telegram(sandbox: Sandbox, siti: Person) -> None:
    async with Bot(
        sandbox.token, base_url=f"{sandbox.api_url}/bot", base_file_url=f"{sandbox.api_url}/file/bot"
    ) as bot:
        assert bot.username == "pandu_contoh_bot"
        (start,) = await bot.get_updates(timeout=1)
        assert start.message is not None
        assert start.message.from_user is not None
        assert start.message.from_user.language_code == "id"
        assert start.message.parse_entities() == {start.message.entities[0]: "/start"}
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Ya, sudah", callback_data="ya")]])
        sent = await bot.send_message(siti.id, "<b>Sudah?</b>", parse_mode="HTML", reply_markup=keyboard)
        assert sent.text_html == "<b>Sudah?</b>"
        await siti.presses("Ya")
        (pressed,) = await bot.get_updates(offset=start.update_id + 1)
        assert pressed.callback_query is not None
        assert pressed.callback_query.message == sent
        assert await pressed.callback_query.answer("Baik")
        edited = await bot.edit_message_text("Terima kasih", siti.id, sent.message_id)
        assert isinstance(edited, type(sent))
        assert edited.edit_date == MONDAY
        with pytest.raises(BadRequest, match="Message is not modified"):
            await bot.edit_message_text("Terima kasih", siti.id, sent.message_id)
        document = await bot.send_document(siti.id, b"isi", filename="daftar.txt", caption="Daftar")
        assert document.document is not None
        file = await bot.get_file(document.document.file_id)
        assert await file.download_as_bytearray() == b"isi"
        await siti.shows("photo")
        await siti.blocks()
        photo, left = await bot.get_updates(offset=pressed.update_id + 1)
        assert photo.message is not None
        assert [size.width for size in photo.message.photo] == [90, 800]
        assert left.my_chat_member is not None
        assert left.my_chat_member.new_chat_member.status == "kicked"


async def test_it_runs_as_a_process() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox", "--port", "0", "--token", "123456:ABC", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    told = dict([(await process.stdout.readline()).decode().split() for _ in range(4)])
    assert told["token:"] == "123456:ABC"
    async with People(told["page:"]) as people:
        siti = await people.named("Siti")
        await siti.start()
        assert [bubble.text for bubble in await siti.looks()] == ["/start"]
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_the_process_says_when_its_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.sandbox", "--port", str(port), stderr=asyncio.subprocess.PIPE
        )
        _, words = await process.communicate()
    assert process.returncode == 2
    assert b"PANDU_SANDBOX_PORT" in words
    assert b"Traceback" not in words
