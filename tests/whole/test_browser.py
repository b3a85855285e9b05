"""What a newcomer does after `make run`: opens the page and walks the renewal to its end, in a real Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.databases import fresh_url
from tests.sandbox.test_page import CHROMIUM, FLAGS, SHOTS
from tests.whole.program import Launcher, Program
from tests.whole.walk import ANSWERS, END

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
]

WAITS_AFTER = ANSWERS.index("Sudah terbit")
SHOT_AFTER = ANSWERS.index("Semua sudah benar")


async def press(phone: Locator, label: str) -> None:
    await phone.locator(".log").get_by_role("button", name=label, exact=True).last.click(timeout=20_000)


async def walk(page: Page) -> None:
    """From Start to the new certificate, with the page's own buttons; the clock is moved until the alarm rings."""
    phone = page.get_by_role("region", name="Ponsel Siti")
    await phone.get_by_role("button", name="Mulai", exact=True).click()
    for number, label in enumerate(ANSWERS):
        if number == WAITS_AFTER:
            await wait_for_alarm(page, phone)
        if number == SHOT_AFTER:
            await shoot(page, phone)
        await press(phone, label)
    await expect(phone.locator(".log")).to_contain_text(END)


async def wait_for_alarm(page: Page, phone: Locator) -> None:
    """The certificate is due at the end of the next working day: on the third morning it surely is."""
    await expect(phone.locator(".theirs").last).to_contain_text("paling lambat")
    now = page.locator("#now")
    for _ in range(3):
        before = await now.text_content()
        await page.get_by_role("button", name="pagi kerja berikutnya").click()
        await expect(now).not_to_have_text(before or "")
    await expect(phone.locator(".log")).to_contain_text("Selamat bekerja")


async def shoot(page: Page, phone: Locator) -> None:
    """Keep a picture, where PANDU_SHOTS names a folder for it."""
    await expect(phone.locator(".theirs").last).to_contain_text("Langkah 3 dari 6")
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / "renewal.png", animations="disabled")


async def test_a_newcomer_walks_the_renewal_on_the_page(launcher: Launcher, tmp_path: Path) -> None:
    async with fresh_url("sqlite", tmp_path) as url, Program(launcher, None, url, tmp_path) as program:
        program.start(anew=True)
        await program.says("Open http")
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = await chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
            complaints: list[str] = []
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(program.page())
            await walk(page)
            await chromium.close()
        await program.stop()
    assert complaints == []
