"""When a complaint's time is over the official hears it by Telegram, even if no mail can leave; the mail follows."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from bot.app import App
from bot.sandbox import MailFault, People
from bot.sandbox.staff import appoint
from tests.whole.conftest import Figure
from tests.whole.program import eventually


async def to_a_working_day(app: App, people: People) -> None:
    """A week on, or as many days more as it takes to be within the hours of the office."""
    now, calendar = app.clock.now(), app.guide.book.calendar
    await people.pass_time(calendar.next_morning(now + timedelta(days=7)) + timedelta(minutes=30) - now)


@pytest.mark.usefixtures("sandbox")
async def test_a_mail_server_that_is_down_over_the_due_moment(app: App, people: People, figure: Figure) -> None:
    await appoint(app.store, app.clock.now())
    ratna, siti = await people.named("Ratna"), await people.named("Siti")
    await ratna.start()
    await siti.start()
    await siti.says("/aduan")
    for label in ("Kendala pembaruan", "Petugas boleh melihat"):
        await siti.presses(label)
    await siti.hears("Apa yang terjadi")
    await siti.says("Tombol Perbarui tidak muncul di AMS sejak kemarin")
    await siti.presses("Ya, kirim")
    await siti.hears("sudah diterima dengan nomor")
    await people.fail_mail(MailFault(answer="down", times=None))
    await to_a_working_day(app, people)
    await ratna.waits(lambda chat: next((bubble for bubble in chat if "Ambil alih" in bubble.labels), None))
    assert await people.mails() == ()
    await people.heal_mail()

    async def come() -> bool:
        await people.pass_time(timedelta(minutes=1))
        return any("hendra" in mail.to[0] for mail in await people.mails())

    await eventually(come, lambda: "the packet in the mailbox")
    copies = Counter((mail.header("Message-ID"), *mail.to) for mail in await people.mails())
    assert set(copies.values()) == {1}
    assert len({number for number, *_ in copies}) == 1, "one escalation, one Message-ID"
    figure(f"G9: mail down over the due moment: told by Telegram, {len(copies)} mails afterwards, none twice")
