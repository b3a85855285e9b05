"""The mailbox takes mail, and misbehaves when it is told to."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from urllib.parse import urlsplit

import aiosmtplib
import pytest

from bot.sandbox import MailFault, People, Sandbox


async def send(sandbox: Sandbox) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "pandu@kota.example", "siti@kota.example", "Konfirmasi"
    mail["Message-ID"] = "<1@kota.example>"
    mail.set_content("Tekan https://t.me/pandu_contoh_bot?start=aB3. Terima kasih.\n")
    address = urlsplit(sandbox.smtp_url)
    await aiosmtplib.send(mail, hostname=address.hostname, port=address.port, timeout=5)


async def test_a_mail_is_read_with_its_links(sandbox: Sandbox, people: People) -> None:
    await send(sandbox)
    (mail,) = await people.mails()
    assert mail.to == ("siti@kota.example",)
    assert mail.links == ("https://t.me/pandu_contoh_bot?start=aB3",)
    assert (mail.header("message-id"), mail.header("X-None")) == ("<1@kota.example>", "")


@pytest.mark.parametrize(
    ("stage", "code", "error"),
    [
        ("mail", 451, aiosmtplib.SMTPSenderRefused),
        ("rcpt", 550, aiosmtplib.SMTPRecipientsRefused),
        ("data", 452, aiosmtplib.SMTPDataError),
    ],
)
async def test_a_mail_is_refused_as_often_as_told(
    sandbox: Sandbox, people: People, stage: str, code: int, error: type[Exception]
) -> None:
    await people.fail_mail(MailFault.model_validate({"answer": "error", "stage": stage, "code": code, "times": 2}))
    for _ in range(2):
        with pytest.raises(error):
            await send(sandbox)
    await send(sandbox)
    assert len(await people.mails()) == 1


async def test_the_answer_is_lost_after_the_mail_was_taken(sandbox: Sandbox, people: People) -> None:
    await people.fail_mail(MailFault(answer="reset", stage="data"))
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(sandbox)
    assert len(await people.mails()) == 1


async def test_the_answer_may_never_come(sandbox: Sandbox, people: People) -> None:
    await people.fail_mail(MailFault(answer="silence", stage="data"))
    sending = asyncio.create_task(send(sandbox))
    while not await people.mails():
        pass  # until it was taken
    assert not sending.done()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def test_a_mailbox_that_is_down_comes_back_at_its_port(sandbox: Sandbox, people: People) -> None:
    where = sandbox.smtp_url
    await people.fail_mail(MailFault(answer="down"))
    assert sandbox.smtp_url == where
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await send(sandbox)
    await people.heal_mail()
    await send(sandbox)
    assert len(await people.mails()) == 1
