"""What comes back by mail: staff read it in the chat, the employee reads none of it, and each mail counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from signal import SIGKILL

import pytest
import sqlalchemy as sa

from bot.mail import thread
from bot.sandbox import People, Person, Sandbox
from conversations.complaint import Act, Happening, Mark
from conversations.people import Role
from storage import Store
from storage.complaint_tables import complaints
from storage.records import Memory
from tests.databases import RING
from tests.mail.mailbox import Postbox
from tests.mail.mails import Sent, answer, automatic, returned
from tests.mail.post_office import HOST, PostOffice, authority, opened
from tests.whole.conftest import Figure
from tests.whole.program import Launcher, Program, eventually
from tests.whole.test_undelivered import files, history

OFFICIAL = "hendra@kota.example"
FIRST, SECOND = "ADU-2026-00001", "ADU-2026-00002"
MAIL = "mail:"  # how the keys of mails begin


@dataclass(frozen=True, slots=True)
class Office:
    """The program on a database, its mail server, and the people; it is not started yet."""

    program: Program
    post: PostOffice
    url: str
    siti: Person
    budi: Person
    agus: Person

    async def escalates(self, box: Postbox) -> Sent:
        """The packet of a complaint of Siti, for an official without Telegram; then the program is stopped."""
        self.program.env |= {"PANDU_SMTP_URL": self.post.url, "PANDU_IMAP_URL": box.url}
        await self.program.serve()
        await self.budi.start()
        await self.agus.start()
        await files(self.siti)
        await self.budi.says("/tiket 1 ambil")
        await self.budi.says("/tiket 1 eskalasi")
        await self.budi.says("Mohon bantuan, perlu wewenang pejabat")
        await eventually(lambda: bool(self.post.taken), lambda: "the packet")
        await self.siti.hears("diteruskan kepada pejabat pengaduan")
        await self.program.stop()
        return Sent.taken(self.post.taken[0])

    async def lines(self) -> list[Happening]:
        """What the history says that came by mail."""
        async with await Store.open(self.url, ring=RING, read_only=True) as store:
            return [line for line in await history(store) if line.channel == "mail"]


@pytest.fixture
async def office(
    launcher: Launcher, people: People, sandbox: Sandbox, url: str, tmp_path: Path
) -> AsyncIterator[Office]:
    """An officer and an admin with chats, an official with mail alone."""
    siti, budi, agus = [await people.named(name) for name in ("Siti", "Budi", "Agus")]
    async with await Store.open(url, ring=RING) as store, store.transaction() as tx:
        now = await people.now()
        await tx.save([Memory(person.id, language="id") for person in (budi, agus)], now)
        await tx.staff.appoint(Role.OFFICER, "Budi", "", budi.id, now)
        await tx.staff.appoint(Role.ADMIN, "Agus", "", agus.id, now)
        await tx.staff.appoint(Role.OFFICIAL, "Hendra", OFFICIAL, None, now)
    async with opened(PostOffice()) as post, Program(launcher, sandbox.api_url, url, tmp_path) as program:
        yield Office(program, post, url, siti, budi, agus)


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    async with Postbox().opened() as box:
        yield box


async def test_answers_out_of_office_and_bounces_are_for_staff_alone_and_counted_once(
    office: Office, postbox: Postbox
) -> None:
    packet = await office.escalates(postbox)
    before = len(await office.siti.looks())
    await postbox.put(
        automatic(packet),
        returned(packet, status="4.4.7"),
        answer(packet, "Sertifikatnya sudah saya setujui hari ini"),
        answer(packet, "Dari alamat yang tidak pernah kami surati", From="lain@kota.example"),
    )
    postbox.silent_at = b"STORE"
    office.program.start()
    await postbox.asked.wait()  # the first is committed, and its mark is on the way
    office.program.kill()
    assert await office.program.ended() == -SIGKILL
    postbox.silent_at = b""
    await office.program.serve()
    await eventually(postbox.all_handled, lambda: "all mails to be marked")

    await office.budi.hears("balasan otomatis masuk lewat e-mail dari pejabat pengaduan Hendra")
    await office.agus.hears("e-mail kepada pejabat pengaduan Hendra kembali, tidak sampai")
    await office.budi.hears("Sertifikatnya sudah saya setujui hari ini")
    await office.budi.hears("Mohon lihat kotak surat")
    await office.program.stop()
    assert not any(word in office.program.output for word in ("cuti", "hendra", "setujui", "lain@"))
    assert len(await office.siti.looks()) == before
    assert len(office.post.taken) == 1, "no mail is ever answered"
    lines = await office.lines()
    assert Counter(line.act for line in lines) == dict.fromkeys(
        (Mark.AUTOMATIC, Mark.BOUNCED, Mark.MAIL_ANSWER, Mark.UNREAD), 1
    )
    assert all(line.internal for line in lines)
    assert Act.ANSWER not in {line.act for line in lines}


async def test_a_kill_between_fetch_and_mark_loses_no_mail_and_handles_none_twice(
    office: Office, postbox: Postbox, figure: Figure
) -> None:
    await check_kills(office, postbox, (1, 20, 36, 48, 60), figure)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_kill_at_any_request_loses_no_mail_and_handles_none_twice(
    office: Office, postbox: Postbox, figure: Figure
) -> None:
    await check_kills(office, postbox, range(1, 81), figure)


async def check_kills(office: Office, box: Postbox, points: Sequence[int], figure: Figure) -> None:
    """A mail each life, which ends so many requests to the database after it was first asked for; then a last life."""
    packet = await office.escalates(box)
    office.program.env["PANDU_CHAT_BURST"] = "0"
    handled: list[int] = [0]
    for number, point in enumerate(points, 1):
        await box.put(answer(packet, f"Kabar ke-{number}."))
        office.program.start(kill_at=point, kill_from=MAIL)
        assert await office.program.ended() == -SIGKILL, office.program.output
        handled.append(len(await office.lines()))
        marked, _ = await box.counts()
        assert marked <= handled[-1] <= number
    await office.program.serve()
    await eventually(box.all_handled, lambda: "all mails to be marked")
    await office.budi.hears(f"Kabar ke-{len(points)}.")
    await office.program.stop()
    said = [line.text for line in await office.lines() if line.act == Mark.MAIL_ANSWER]
    assert said == [f"Kabar ke-{number}." for number in range(1, len(points) + 1)]
    early = sum(before == after for before, after in pairwise(handled))
    assert 0 < early < len(points), "deaths before a commit, and after one"
    figure(f"G1 G2: {len(points)} deaths while mails come, {early} of them before any commit: lost 0, twice 0")


@pytest.mark.parametrize("tls", [False, True])
async def test_a_mailbox_that_says_nothing_holds_up_neither_telegram_nor_the_end(
    office: Office,
    tls: bool,  # noqa: FBT001 - a column of the table
) -> None:
    async with Postbox(tls=tls).opened() as box:
        box.mute = True
        office.program.env["PANDU_IMAP_URL"] = box.url
        await office.program.serve()
        await eventually(lambda: box.met > 0, lambda: "a visit")
        await office.siti.start()
        await office.siti.hears("Selamat datang")
        assert await office.program.stop() <= 5


async def test_a_certificate_counts_whose_authority_this_machine_trusts(office: Office, tmp_path: Path) -> None:
    async with Postbox(tls=True).opened() as box:
        await box.put(answer(Sent(OFFICIAL, "<lain@kota.example>"), "Halo"))
        office.program.env["PANDU_IMAP_URL"] = box.url
        await office.program.serve()
        await office.program.says("No mail is read for now")
        await office.program.stop()
        (told,) = [line for line in office.program.output.splitlines() if "No mail is read" in line]
        assert f"The certificate of {HOST} cannot be trusted" in told
        assert "PANDU_IMAP_URL" in told
        assert "Traceback" not in office.program.output
        assert await box.counts() == (0, 1)

        authority().cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        office.program.env["SSL_CERT_FILE"] = str(tmp_path / "authority.pem")
        await office.program.serve()
        await eventually(box.all_handled, lambda: "the mail to be marked")
        assert await office.program.stop() <= 5


async def test_a_mail_that_cannot_be_handled_is_kept_told_and_holds_up_no_other(
    office: Office, postbox: Postbox
) -> None:
    packet = await office.escalates(postbox)
    await office.program.serve()
    await files(office.siti)
    await office.program.stop()
    async with await Store.open(office.url, ring=RING) as store, store.transaction() as tx:
        signature = store.fingerprint(thread.PURPOSE, SECOND)
        await tx._execute(sa.update(complaints).where(complaints.c.number == FIRST).values(text=b"damaged"))
    other = Sent(OFFICIAL, "<lain@kota.example>", f"{thread.reply_to(SECOND, signature)}@kota.example")
    await postbox.put(answer(packet, "Yang tidak dapat diproses"), answer(other, "Yang kedua"))
    await office.program.serve()
    await office.budi.hears("Yang kedua")
    await office.agus.hears("Ada pesan yang tidak dapat diproses")
    await eventually(postbox.all_handled, lambda: "both to be marked")
    await office.program.stop()
    async with await Store.open(office.url, ring=RING, read_only=True) as store, store.reading() as tx:
        (letter,) = [one for one in await tx.dead_letters(9) if one.key.startswith(MAIL)]
        lines = await tx.complaints.history(SECOND)
    assert letter.reference in office.program.output
    assert "Yang tidak" not in letter.raw + office.program.output
    assert [line.text for line in lines if line.act == Mark.MAIL_ANSWER] == ["Yang kedua"]
