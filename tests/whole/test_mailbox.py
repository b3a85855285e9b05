"""What comes back by mail: staff read it in the chat, the employee reads none of it, and each mail counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from signal import SIGKILL

import pytest

from bot.sandbox import People, Person, Sandbox
from conversations.complaint import Act, Mark
from conversations.people import Role
from storage import Store
from storage.records import Memory
from tests.databases import RING
from tests.mail.mailbox import Postbox
from tests.mail.post_office import PostOffice, opened
from tests.whole.program import Launcher, Program, eventually
from tests.whole.test_undelivered import files

OFFICIAL = "hendra@kota.example"


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    async with Postbox().opened() as box:
        yield box


@pytest.fixture
async def post() -> AsyncIterator[PostOffice]:
    async with opened(PostOffice()) as office:
        yield office


def answer(packet: EmailMessage, text: str, **headers: str) -> EmailMessage:
    """A mail to where answers to the packet go."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = OFFICIAL, str(packet["Reply-To"]), f"Re: {packet['Subject']}"
    mail["In-Reply-To"] = str(packet["Message-ID"])
    mail["Message-ID"] = f"<{len(text)}-{len(headers)}@kota.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{text}\n\n> Yth. Hendra,\n")
    return mail


def bounce(packet: EmailMessage) -> bytes:
    """A report that the packet did not arrive (RFC 3464), as a mail server writes it."""
    text = f"""From: MAILER-DAEMON@kota.example
To: pandu@kota.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; kota.example

Final-Recipient: rfc822; {OFFICIAL}
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: {packet["Message-ID"]}
Reply-To: {packet["Reply-To"]}
--b--
"""
    return text.replace("\n", "\r\n").encode()


async def escalated(
    people: People, url: str, post: PostOffice, program: Program
) -> tuple[Person, Person, EmailMessage]:
    """The employee, the officer, and the packet of her complaint, which went to an official without Telegram."""
    siti, budi = await people.named("Siti"), await people.named("Budi")
    async with await Store.open(url, ring=RING) as store, store.transaction() as tx:
        now = await people.now()
        await tx.save([Memory(budi.id, language="id")], now)
        await tx.staff.appoint(Role.OFFICER, "Budi", "", budi.id, now)
        await tx.staff.appoint(Role.OFFICIAL, "Hendra", OFFICIAL, None, now)
    await program.serve()
    await budi.start()
    await files(siti)
    await budi.says("/tiket 1 ambil")
    await budi.says("/tiket 1 eskalasi")
    await budi.says("Mohon bantuan, perlu wewenang pejabat")
    await eventually(lambda: bool(post.taken), lambda: "the packet")
    return siti, budi, post.taken[0]


async def test_answers_out_of_office_and_bounces_are_for_staff_alone_and_counted_once(
    launcher: Launcher, people: People, sandbox: Sandbox, url: str, tmp_path: Path, post: PostOffice, postbox: Postbox
) -> None:
    async with Program(launcher, sandbox.api_url, url, tmp_path) as program:
        program.env |= {"PANDU_SMTP_URL": post.url, "PANDU_IMAP_URL": postbox.url}
        siti, budi, packet = await escalated(people, url, post, program)
        await program.stop()
        before = len(await siti.looks())
        sent = len(post.taken)

        await postbox.put(
            answer(packet, "Saya sedang cuti sampai Senin", Auto_Submitted="auto-replied"),
            bounce(packet),
            answer(packet, "Sertifikatnya sudah saya setujui hari ini"),
            _foreign(packet),
        )
        postbox.silent_at = b"STORE"
        program.start()
        await postbox.asked.wait()  # the first is committed, and its mark is on the way
        program.kill()
        assert await program.ended() == -SIGKILL
        postbox.silent_at = b""
        await program.serve()
        await eventually(lambda: _all_handled(postbox), lambda: "all mails to be marked")

        await budi.hears("balasan otomatis masuk lewat e-mail dari pejabat pengaduan Hendra")
        await budi.hears("e-mail kepada pejabat pengaduan Hendra kembali, tidak sampai")
        await budi.hears("Sertifikatnya sudah saya setujui hari ini")
        await program.stop()
        assert "cuti" not in program.output
    assert len(await siti.looks()) == before
    assert len(post.taken) == sent, "no mail is ever answered"
    async with await Store.open(url, ring=RING) as store, store.reading() as tx:
        (one,) = [each.complaint async for each in tx.complaints.export()]
        lines = [line for line in await tx.complaints.history(one.number) if line.channel == "mail"]
    assert Counter(line.act for line in lines) == {Mark.AUTOMATIC: 1, Mark.BOUNCED: 1, Mark.MAIL_ANSWER: 1}
    assert all(line.internal for line in lines)
    assert Act.ANSWER not in {line.act for line in lines}


def _foreign(packet: EmailMessage) -> EmailMessage:
    mail = answer(packet, "Dari alamat yang tidak pernah kami surati")
    del mail["From"]
    mail["From"] = "lain@kota.example"
    return mail


async def _all_handled(box: Postbox) -> bool:
    handled, every = await box.counts()
    return handled == every
