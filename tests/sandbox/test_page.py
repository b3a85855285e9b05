"""The page in a real Chromium, with a small bot behind it."""

from __future__ import annotations

import asyncio
import html
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from bot.clock import MovableClock
from bot.delivery import Pause
from bot.sandbox import People, Sandbox
from bot.spreadsheet import lines
from bot.telegram.sender import TelegramSender
from conversations import export
from conversations.period import Period
from conversations.text import Text
from storage.records import Exported, Outgoing
from tests.mail.complaints import BOOK, CATALOG, ESCALATED
from tests.sandbox.raw_api import Api

CHROMIUM = shutil.which("chromium")
SHOTS = os.environ.get("PANDU_SHOTS")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
]

QUESTION = (
    "<b>Langkah 1 dari 6 · Pemberitahuan</b>\n\n"
    "Apakah Bapak/Ibu sudah menerima <i>surel dinas</i> yang memberitahukan bahwa "
    'sertifikat sudah habis? Lihat <a href="https://bsre.bssn.go.id">situs BSrE</a> atau ketik /bantuan.'
)
CHOICES = {
    "inline_keyboard": [
        [{"text": "Ya, sudah", "callback_data": "ya"}, {"text": "Belum", "callback_data": "belum"}],
        [{"text": "Buka AMS", "url": "https://portal-bsre.bssn.go.id/login"}],
    ]
}


class EchoBot:
    """Asks one question, takes the answer in place, and repeats every text."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def run(self) -> None:
        commands = [
            {"command": "menu", "description": "Menu utama"},
            {"command": "bantuan", "description": "Bantuan dan kontak"},
        ]
        await self._api("setMyCommands", commands=commands)
        offset = 0
        while True:
            for update in await self._api.updates(offset=offset, timeout=30):
                offset = int(str(update["update_id"])) + 1
                match update:
                    case {"message": {"text": "/start", "chat": {"id": int(chat)}}}:
                        await self._say(chat, QUESTION, reply_markup=CHOICES)
                    case {"message": {"text": str(text), "chat": {"id": int(chat)}}}:
                        await self._api("sendChatAction", chat_id=chat, action="typing")
                        await self._say(chat, f"Anda menulis: {html.escape(text)}")
                    case {"message": {"chat": {"id": int(chat)}}}:
                        await self._say(chat, "Saya hanya membaca tulisan.")
                    case {"callback_query": {"id": str(query), "message": dict(asked)}}:
                        await self._api("answerCallbackQuery", callback_query_id=query, text="Tercatat")
                        where = {"chat_id": asked["chat"]["id"], "message_id": asked["message_id"]}
                        text = f"{QUESTION}\n\n✓ <b>Ya, sudah</b>"
                        await self._api("editMessageText", **where, text=text, parse_mode="HTML")

    async def _say(self, chat: int, text: str, **more: object) -> None:
        await self._api("sendMessage", chat_id=chat, text=text, parse_mode="HTML", **more)


@pytest.fixture
async def bot(api: Api) -> AsyncIterator[None]:
    running = asyncio.create_task(EchoBot(api).run())
    yield
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@asynccontextmanager
async def opened(browser: Browser, sandbox: Sandbox, **options: object) -> AsyncIterator[Page]:
    """The page, which must not complain, nor ask for anything outside this machine."""
    context: BrowserContext = await browser.new_context(**options)  # type: ignore[arg-type]  # passed on as it is
    page = await context.new_page()
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.extend([request.url] * (sandbox.page_url not in request.url)))
    await page.goto(sandbox.page_url)
    yield page
    assert complaints == []
    await context.close()


async def shoot(page: Page, name: str) -> None:
    """Keep a picture, where PANDU_SHOTS names a folder for them."""
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", animations="disabled")


@pytest.mark.usefixtures("bot")
async def test_a_renewal_begins_on_the_page(browser: Browser, sandbox: Sandbox) -> None:
    wide = {"width": 1280, "height": 800}
    async with opened(browser, sandbox, viewport=wide, color_scheme="light", timezone_id="America/New_York") as page:
        siti = page.get_by_role("region", name="Ponsel Siti")
        await expect(page.get_by_role("region")).to_have_count(6)  # the clock, four phones, the mailbox
        await siti.get_by_role("button", name="Mulai").click()
        question = siti.locator(".theirs").first
        await expect(question.locator("strong")).to_have_text("Langkah 1 dari 6 · Pemberitahuan")
        await expect(question.get_by_role("link", name="situs BSrE")).to_have_attribute("rel", "noopener noreferrer")
        await expect(question.get_by_role("link", name="Buka AMS")).to_have_attribute("target", "_blank")
        await expect(question.locator("time")).to_have_text("09.00")
        await expect(siti.locator(".day")).to_have_text("Senin, 23 November")
        await shoot(page, "wide-question")
        await question.get_by_role("button", name="Ya, sudah").click()
        await expect(question).to_contain_text("✓ Ya, sudah")
        await expect(question).to_contain_text("diedit")
        await expect(question.get_by_role("button", name="Ya, sudah")).to_have_count(0)
        await expect(siti.locator(".toast")).to_have_text("Tercatat")
        box = siti.get_by_role("textbox")
        await box.fill("Terima kasih <b>Pandu</b> & semua")
        await box.press("Enter")
        await expect(siti.locator(".theirs").last).to_contain_text("Anda menulis: Terima kasih <b>Pandu</b> & semua")
        await expect(page.get_by_role("region", name="Ponsel Budi").get_by_role("button", name="Mulai")).to_be_visible()


@pytest.mark.usefixtures("bot")
async def test_menus_work_with_the_keyboard(browser: Browser, sandbox: Sandbox) -> None:
    async with opened(browser, sandbox, viewport={"width": 1280, "height": 800}, color_scheme="dark") as page:
        siti = page.get_by_role("region", name="Ponsel Siti")
        await siti.get_by_role("button", name="Mulai").press("Enter")
        await expect(siti.get_by_role("textbox")).to_be_focused()
        await siti.get_by_role("button", name="Menu perintah").press("Enter")
        await expect(siti.get_by_role("menuitem").first).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(siti.locator(".theirs").last).to_contain_text("Anda menulis: /bantuan")
        await siti.get_by_role("button", name="Lampirkan").click()
        await shoot(page, "wide-dark-menu")
        await page.keyboard.press("Escape")
        await expect(siti.get_by_role("menu")).to_be_hidden()
        await expect(siti.get_by_role("button", name="Lampirkan")).to_be_focused()
        for kind in ("Foto", "Stiker", "Pesan suara", "Dokumen"):
            await siti.get_by_role("button", name="Lampirkan").click()
            await siti.get_by_role("menuitem", name=kind).click()
        await expect(siti.get_by_text("Saya hanya membaca tulisan.")).to_have_count(4)
        await expect(siti.get_by_role("img", name="Foto")).to_have_js_property("naturalWidth", 120)
        bottom = "log => log.scrollHeight - log.scrollTop - log.clientHeight"
        while await siti.get_by_role("log").evaluate(bottom) > 1:
            pass  # the chat glides to its newest message
        await shoot(page, "wide-dark-attachments")


@pytest.mark.usefixtures("bot")
async def test_on_a_telephone_there_is_one_phone_at_a_time(browser: Browser, sandbox: Sandbox) -> None:
    narrow = {"width": 390, "height": 844}
    for scheme in ("light", "dark"):
        async with opened(browser, sandbox, viewport=narrow, color_scheme=scheme, has_touch=True) as page:
            tabs = page.get_by_role("tab")
            await expect(tabs).to_have_text(["Siti", "Budi", "Ratna", "Agus", "E-mail"])
            await expect(page.get_by_role("tabpanel")).to_have_count(1)
            await page.get_by_role("tab", name="Siti").press("ArrowRight")
            budi = page.get_by_role("tabpanel", name="Ponsel Budi")
            await expect(budi).to_be_visible()
            await expect(page.get_by_role("tab", name="Budi")).to_be_focused()
            if scheme == "light":
                await budi.get_by_role("button", name="Mulai").tap()
            await expect(budi.get_by_role("button", name="Belum")).to_be_visible()
            await shoot(page, f"narrow-{scheme}")
            overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0


async def test_time_mail_and_typing_show(browser: Browser, sandbox: Sandbox, people: People, api: Api) -> None:
    siti = await people.named("Siti")
    await siti.start()
    async with opened(browser, sandbox, viewport={"width": 1700, "height": 900}, reduced_motion="reduce") as page:
        now = page.locator("#now")
        await expect(now).to_have_text("Senin, 23 November 2026, 09.00 WIB")
        await page.get_by_role("button", name="+3 hari").click()
        await expect(now).to_have_text("Kamis, 26 November 2026, 09.00 WIB")
        await page.get_by_role("button", name="pagi kerja berikutnya").click()
        await expect(now).to_have_text("Jumat, 27 November 2026, 08.00 WIB")
        await page.get_by_role("button", name="pagi kerja berikutnya").click()
        await expect(now).to_have_text("Senin, 30 November 2026, 08.00 WIB")
        await page.get_by_role("button", name="+1 jam").click()
        phone = page.get_by_role("region", name="Ponsel Siti")
        await api("sendChatAction", chat_id=siti.id, action="typing")
        await expect(phone.locator(".status")).to_have_text("mengetik…")
        await expect(phone.locator(".dots")).to_be_visible()
        await api("sendMessage", chat_id=siti.id, text="Selamat pagi")
        await expect(phone.locator(".status")).to_have_text("bot")
        await expect(phone.locator(".day")).to_have_text(["Senin, 23 November", "Senin, 30 November"])
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "pandu@kota.example", "ratna@kota.example", "Aduan <b>baru</b>"
        mail.set_content("Yth. Ibu Ratna,\n\nada aduan baru.\n")
        await aiosmtplib.send(mail, hostname="127.0.0.1", port=int(sandbox.smtp_url.rpartition(":")[2]))
        mailbox = page.get_by_role("region", name="Kotak surat")
        await mailbox.get_by_text("Aduan <b>baru</b>").click()
        await expect(mailbox.locator("pre")).to_contain_text("ada aduan baru.")
        await phone.get_by_role("button", name="Blokir bot").click()
        await expect(phone.get_by_role("button", name="Buka blokir dan mulai lagi")).to_be_visible()
        await shoot(page, "wider-mail")


@pytest.mark.usefixtures("bot")
async def test_a_link_in_a_mail_waits_on_the_chosen_phone_for_a_tap(
    browser: Browser, sandbox: Sandbox, people: People
) -> None:
    budi = await people.named("Budi")
    await budi.start()
    link = "https://t.me/pandu_contoh_bot?start=aB3_x-9"
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "pandu@kota.example", "budi@kota.example", "Konfirmasi"
    mail.set_content(f"Yth. Bapak Budi,\n\ntekan tautan ini: {link}.\nLihat juga https://bsre.bssn.go.id\n")
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=int(sandbox.smtp_url.rpartition(":")[2]))
    async with opened(browser, sandbox, viewport={"width": 1900, "height": 900}, reduced_motion="reduce") as page:
        mailbox = page.get_by_role("region", name="Kotak surat")
        await mailbox.get_by_text("Konfirmasi").click()
        await expect(mailbox.get_by_role("link")).to_have_attribute("href", "https://bsre.bssn.go.id")
        await mailbox.get_by_role("button", name=link).click()
        await shoot(page, "whose-phone")
        await page.get_by_role("dialog").get_by_role("button", name="Budi").click()
        phone = page.get_by_role("region", name="Ponsel Budi")
        tap = phone.get_by_role("button", name="Mulai")
        await expect(tap).to_be_focused()
        await expect(phone.get_by_text("aB3_x-9")).to_have_count(0)
        await shoot(page, "link-opened")
        await tap.click()
        await expect(phone.locator(".theirs").last).to_contain_text("Anda menulis: /start aB3_x-9")
        await expect(tap).to_be_hidden()
        await expect(phone.get_by_role("textbox")).to_be_focused()


@pytest.mark.usefixtures("bot")
async def test_a_bubble_can_be_answered(browser: Browser, sandbox: Sandbox, people: People) -> None:
    async with opened(browser, sandbox, viewport={"width": 1280, "height": 800}, reduced_motion="reduce") as page:
        phone = page.get_by_role("region", name="Ponsel Siti")
        await phone.get_by_role("button", name="Mulai").click()
        question = phone.locator(".theirs").first
        await question.hover()
        await question.get_by_role("button", name="Balas").click()
        await expect(phone.get_by_role("textbox")).to_be_focused()
        await expect(phone.locator(".replying")).to_contain_text("Langkah 1 dari 6")
        await phone.get_by_role("button", name="Batalkan balasan").click()
        await expect(phone.locator(".replying")).to_be_hidden()
        await question.get_by_role("button", name="Balas").press("Enter")
        await phone.get_by_role("textbox").fill("Belum ada surel")
        await shoot(page, "replying")
        await phone.get_by_role("textbox").press("Enter")
        await expect(phone.locator(".mine").last.locator(".quote")).to_contain_text("Langkah 1 dari 6")
        await expect(phone.locator(".replying")).to_be_hidden()
    siti = await people.named("Siti")
    replied = [bubble.replied for bubble in await siti.looks() if bubble.text == "Belum ada surel"]
    assert replied[0] is not None


async def test_files_can_be_saved_and_what_was_deleted_is_gone(
    browser: Browser, sandbox: Sandbox, people: People, api: Api, tmp_path: Path
) -> None:
    siti = await people.named("Siti")
    await siti.start()
    said = await siti.says("rahasia")
    scope = {"type": "chat", "chat_id": siti.id}
    await api("setMyCommands", commands=[{"command": "petugas", "description": "Daftar petugas"}], scope=scope)
    sender = TelegramSender(sandbox.token, pause=Pause(MovableClock()), api=sandbox.api_url)
    async with sender, opened(browser, sandbox, viewport={"width": 1280, "height": 800}) as page:
        phone = page.get_by_role("region", name="Ponsel Siti")
        await expect(phone.get_by_text("rahasia")).to_be_visible()
        document = {"filename": "data-saya.json", "content": '{"nama": "Siti"}'}
        payload = {"method": "sendDocument", "params": {"chat_id": siti.id, "document": document}}
        await sender.send(Outgoing("k", "telegram:1", payload, await people.now()))
        await api("deleteMessage", chat_id=siti.id, message_id=said.id)
        await expect(phone.get_by_text("rahasia")).to_have_count(0)
        await phone.get_by_role("button", name="Menu perintah").click()
        await expect(phone.get_by_role("menuitem")).to_have_text(["Daftar petugas/petugas"])
        await page.keyboard.press("Escape")
        async with page.expect_download() as saving:
            await phone.get_by_role("link", name="data-saya.json").click()
        saved = await saving.value
        assert saved.suggested_filename == "data-saya.json"
        await saved.save_as(tmp_path / "saved.json")
    assert (tmp_path / "saved.json").read_text(encoding="utf-8") == '{"nama": "Siti"}'


async def test_a_table_arrives_byte_for_byte_and_can_be_saved(
    browser: Browser, sandbox: Sandbox, people: People, tmp_path: Path
) -> None:
    agus = await people.named("Agus")
    await agus.start()
    table = "".join([line async for line in lines(one_complaint(), BOOK, CATALOG)])
    params = {
        "chat_id": agus.id,
        "caption": CATALOG.html(export.caption(Period(2026, 11), 1)),
        "parse_mode": "HTML",
        "document": {"filename": "aduan-2026-11.csv", "content": table},
    }
    sender = TelegramSender(sandbox.token, pause=Pause(MovableClock()), api=sandbox.api_url)
    async with sender, opened(browser, sandbox, viewport={"width": 1700, "height": 900}) as page:
        await sender.send(Outgoing("k", "telegram:1", {"method": "sendDocument", "params": params}, await people.now()))
        phone = page.get_by_role("region", name="Ponsel Agus")
        await expect(phone.get_by_text(CATALOG.plain(Text(export.CARE)))).to_be_visible()
        async with page.expect_download() as saving:
            await phone.get_by_role("link", name="aduan-2026-11.csv").click()
        saved = await saving.value
        assert saved.suggested_filename == "aduan-2026-11.csv"
        await saved.save_as(tmp_path / "saved.csv")
        await shoot(page, "table")
    (bubble,) = [bubble for bubble in await agus.looks() if bubble.file is not None]
    assert (await agus.downloads(bubble)) == (tmp_path / "saved.csv").read_bytes() == table.encode()


async def one_complaint() -> AsyncIterator[Exported]:
    yield Exported(replace(ESCALATED, text='=HYPERLINK("https://jahat.example";"klik")'), None, None, None)


async def test_the_page_finds_a_sandbox_that_came_back(browser: Browser) -> None:
    page = await browser.new_page()
    async with Sandbox(MovableClock(), port=0) as first:
        async with People(first.page_url) as people:
            await (await people.named("Siti")).start()
        await page.goto(first.page_url)
        siti = page.get_by_role("region", name="Ponsel Siti")
        await expect(siti.locator(".mine")).to_have_count(1)
    await expect(page.get_by_role("alert")).to_contain_text("terputus")
    async with Sandbox(MovableClock(), port=int(first.api_url.rpartition(":")[2])):
        await expect(page.get_by_role("alert")).to_be_hidden()
        await expect(siti.locator(".mine")).to_have_count(0)
        await expect(siti.get_by_role("button", name="Mulai")).to_be_visible()
    await page.close()
