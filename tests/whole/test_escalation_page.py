"""A complaint goes up the whole ladder on the page: filed, taken, escalated, mailed, and taken over by a link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.databases import fresh_url
from tests.sandbox.test_page import CHROMIUM, FLAGS, SHOTS
from tests.whole.program import Launcher, Program

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
]

WIDE = {"width": 1890, "height": 900}
SECONDS = 20_000  # milliseconds in which each thing has to come


async def press(phone: Locator, data: str) -> None:
    """Press the newest button that carries this, or something that ends with it."""
    await phone.locator(f'button.key[data-data$="{data}"]').last.click(timeout=SECONDS)


async def write(phone: Locator, text: str) -> None:
    box = phone.get_by_role("textbox")
    await box.fill(text)
    await box.press("Enter")


async def hears(phone: Locator, part: str | re.Pattern[str]) -> None:
    await expect(phone.locator(".theirs").filter(has_text=part).last).to_be_visible(timeout=SECONDS)


async def file(siti: Locator) -> None:
    """A complaint with a photo."""
    await press(siti, "/aduan")
    await press(siti, ":help")
    await press(siti, ":officers")
    await siti.locator('button.key[data-data$=":stop"]').last.wait_for(timeout=SECONDS)
    await write(siti, "AMS menolak setiap kali saya masuk, padahal alamat surel sudah benar.")
    await siti.locator('button.key[data-data$=":send"]').last.wait_for(timeout=SECONDS)
    await siti.get_by_role("button", name="Lampirkan").click()
    await siti.get_by_role("menuitem", name="Foto").click()
    await hears(siti, "📎")
    await press(siti, ":send")
    await hears(siti, re.compile(r"ADU-\d{4}-00001"))


async def escalate(budi: Locator) -> None:
    await press(budi, " ambil")
    await expect(budi.locator('button.key[data-data$=" jawab"]').last).to_be_visible(timeout=SECONDS)
    await write(budi, "/tiket 1 eskalasi")
    await budi.locator('button.key[data-data$=":stop"]').last.wait_for(timeout=SECONDS)
    await write(budi, "Akun terkunci di AMS; perlu dibuka oleh verifikator.")


async def take_over(page: Page, mailbox: Locator) -> None:
    """The official who has e-mail only opens the first link: the page shows, its button acts, once."""
    mail = mailbox.locator("details").filter(has_text="hendra@kota.example")
    await mail.locator("summary").click(timeout=SECONDS)
    await expect(mail.locator(".files")).to_contain_text("photo-1.jpg")
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / "escalation.png", animations="disabled")
    async with page.expect_popup() as opening:
        await mail.locator("pre a").first.click()
    form = await opening.value
    await expect(form.locator(".about")).to_contain_text("ADU-")
    if SHOTS:
        await form.screenshot(path=Path(SHOTS) / "escalation-link.png")
    await form.get_by_role("button").click()
    await expect(form.get_by_role("button")).to_have_count(0)
    await form.goto(form.url)
    await expect(form.get_by_role("heading")).to_be_visible()
    await expect(form.get_by_role("button")).to_have_count(0)
    await form.close()


async def test_a_complaint_goes_up_the_ladder_on_the_page(launcher: Launcher, tmp_path: Path) -> None:
    async with fresh_url("sqlite", tmp_path) as url, Program(launcher, None, url, tmp_path) as program:
        program.start(anew=True)
        await program.says("Open http")
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = await chromium.new_page(viewport=WIDE, color_scheme="light", reduced_motion="reduce")  # type: ignore[arg-type]  # two numbers
            wrong: list[str] = []
            page.on("pageerror", lambda error: wrong.append(str(error)))
            await page.goto(program.page())
            names = ("Siti", "Budi", "Ratna")
            siti, budi, ratna = (page.get_by_role("region", name=f"Ponsel {name}") for name in names)
            for phone in (siti, budi, ratna):
                await phone.get_by_role("button", name="Mulai", exact=True).click()
                await expect(phone.locator(".theirs").first).to_be_visible(timeout=SECONDS)
            await file(siti)
            await escalate(budi)
            await hears(ratna, "ADU-")
            await expect(ratna.locator("img").last).to_be_visible(timeout=SECONDS)
            await take_over(page, page.get_by_role("region", name="Kotak surat"))
            await hears(ratna, "Hendra")
            await chromium.close()
        await program.stop()
    assert wrong == []
