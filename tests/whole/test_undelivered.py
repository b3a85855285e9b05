"""A message about a complaint does not arrive: whoever has to act hears of it then, whatever the process does."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from signal import SIGKILL

import pytest

from bot.app import App
from bot.sandbox import Fault, MailFault, People, Person, Sandbox
from bot.sandbox.staff import appoint
from conversations.complaint import Act, Happening, Mark
from conversations.people import Details
from storage import Store
from storage.records import Memory
from tests.databases import RING
from tests.whole.conftest import Figure
from tests.whole.program import Launcher, Program, eventually

HERS = "siti@kota.example"
BLOCKED = {"answer": "error", "code": 403, "description": "Forbidden: bot was blocked by the user"}
POINTS, ANSWERS = range(12, 112, 8), 3
REFUSED = {"answer": "error", "code": 400, "description": "Bad Request: message is too strange"}


async def complains(app: App, people: People, *, confidential: bool = False) -> tuple[Person, Person]:
    """The employee, who has proved an address, and the officer; a complaint of hers is with the officers."""
    await appoint(app.store, app.clock.now())
    siti, budi = await people.named("Siti"), await people.named("Budi")
    async with app.store.transaction() as tx:
        now = app.clock.now()
        await tx.save([Memory(siti.id, language="id")], now)
        await tx.employees.register(siti.id, Details("Siti", "Dinas Rekaan", HERS), now, now)
    await budi.start()
    await files(siti, "Hanya pejabat pengaduan" if confidential else "Petugas boleh melihat")
    return siti, budi


async def files(siti: Person, seen_by: str = "Petugas boleh melihat") -> None:
    await siti.start()
    await siti.says("/aduan")
    await siti.presses("Kendala pembaruan")
    await siti.presses(seen_by)
    await siti.hears("Apa yang terjadi")
    await siti.says("Tombol Perbarui tidak muncul di AMS sejak kemarin")
    await siti.presses("Ya, kirim")
    await siti.hears("sudah diterima dengan nomor")


async def answers(budi: Person, text: str) -> None:
    await budi.says("/tiket 1 jawab")
    await budi.hears("Apa jawaban untuk pengaduan")
    await budi.says(text)


async def history(store: Store) -> tuple[Happening, ...]:
    async with store.reading() as tx:
        (one,) = [each.complaint async for each in tx.complaints.export()]
        return await tx.complaints.history(one.number)


@pytest.mark.parametrize("refusal", [BLOCKED, REFUSED], ids=["blocked", "refused"])
async def test_an_answer_that_did_not_arrive_goes_by_mail_and_the_officer_hears_it(
    app: App, people: People, refusal: dict[str, object]
) -> None:
    siti, budi = await complains(app, people)
    await people.fail(Fault.model_validate({**refusal, "method": "sendMessage", "chat_id": siti.id, "times": None}))
    await answers(budi, "Silakan dicoba kembali")
    await budi.hears("tidak sampai kepada pegawai di Telegram, jadi dikirim lewat e-mail")

    async def mailed() -> bool:
        return any(HERS in mail.to[0] for mail in await people.mails())

    await eventually(mailed, lambda: "the answer in the mailbox")
    assert sum(HERS in mail.to[0] for mail in await people.mails()) == 1
    assert [line.act for line in await history(app.store)][-1] == Mark.MAILED


async def test_a_mail_that_the_server_does_not_take_is_told_too(app: App, people: People) -> None:
    siti, budi = await complains(app, people)
    await people.fail_mail(MailFault(answer="error", stage="rcpt", code=550, times=None))
    await people.fail(Fault.model_validate({**BLOCKED, "method": "sendMessage", "chat_id": siti.id, "times": None}))
    await answers(budi, "Silakan dicoba kembali")
    await budi.hears("Tidak ada cara lain dari sini: mohon telepon atau datangi pegawainya")

    assert [line.act for line in await history(app.store)][-2:] == [Mark.MAILED, Mark.MAIL_LOST]


async def test_an_official_who_blocked_the_bot_gets_the_links_by_mail(app: App, people: People) -> None:
    ratna = await people.named("Ratna")
    await ratna.start()
    await ratna.hears("Selamat datang")
    await people.fail(Fault.model_validate({**BLOCKED, "method": "sendMessage", "chat_id": ratna.id, "times": None}))
    await complains(app, people, confidential=True)

    async def told() -> bool:
        return Mark.STAFF_MAILED in {line.act for line in await history(app.store)}

    await eventually(told, lambda: "the history to say so")


async def test_a_kill_at_any_moment_neither_forgets_nor_repeats_it(
    launcher: Launcher, people: People, sandbox: Sandbox, url: str, tmp_path: Path, figure: Figure
) -> None:
    siti, budi = await people.named("Siti"), await people.named("Budi")
    async with await Store.open(url, ring=RING) as store:
        await appoint(store, await people.now())
    async with Program(launcher, sandbox.api_url, url, tmp_path) as program:
        await program.serve()
        await budi.start()
        await files(siti)
        await program.stop()
        await people.fail(Fault.model_validate({**REFUSED, "method": "sendMessage", "chat_id": siti.id, "times": None}))
        for point in POINTS:
            program.start(kill_at=point)
            for number in range(ANSWERS):
                await budi.says("/tiket 1 jawab")
                await budi.says(f"Jawaban {point}-{number}")
            assert await program.ended() == -SIGKILL, program.output
        await program.serve()
        await budi.hears("Jawaban untuk pengaduan ADU-2026-00001 sudah dikirim")
        await eventually(lambda: all_told(url), lambda: "every loss to be told")
        await program.stop()
        said, lost = await counts(url)
    assert said == lost == len(POINTS) * ANSWERS
    figure(f"G3 G4: {len(POINTS)} kills while {said} answers did not arrive: {lost} told, none twice")


async def all_told(url: str) -> bool:
    said, lost = await counts(url)
    return said == lost == len(POINTS) * ANSWERS


async def counts(url: str) -> tuple[int, int]:
    """How many answers the history has, and how many times it says that a message was lost."""
    async with await Store.open(url, ring=RING, read_only=True) as store:
        acts = Counter(line.act for line in await history(store))
    return acts[Act.ANSWER], acts[Mark.LOST]
