"""What mails bring to complaints: who reads of them in a chat, what is kept, and that nobody is ever written back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.complaints import correspondence
from bot.mail.incoming import Answer, Automatic, Bounced, Known, Unread
from conversations.complaint import Act, Mark, Status
from conversations.people import Role
from tests.bot.counter import AGUS, BUDI, DEWI, SITI, Counter, at, counter_on
from tests.databases import KINDS

MONDAY = 23
HERS, OFFICIALS, SECOND = "siti@example.go.id", "dewi@example.go.id", "hendra@example.go.id"


@pytest.fixture(params=KINDS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    """An officer and an admin with chats, an official by mail alone, and an employee who proved her address."""
    async with counter_on(request.param, tmp_path, at(MONDAY)) as one:
        one.office.reads_mail = True
        await one.appoint(BUDI, Role.OFFICER, "Budi")
        await one.appoint(AGUS, Role.ADMIN, "Agus")
        await one.appoint(None, Role.OFFICIAL, "Hendra", SECOND)
        await one.register(SITI, HERS)
        yield one


async def escalated(counter: Counter, *, confidential: bool = False) -> str:
    """The number of a complaint that is with the official; nothing counts as handed over yet."""
    number = (await counter.file(confidential=confidential)).number
    if not confidential:
        await counter.handle(BUDI, number, Act.TAKE)
        await counter.handle(BUDI, number, Act.ESCALATE, "Perlu wewenang pejabat")
    counter.handed.clear()
    return number


async def comes(counter: Counter, mail: Known) -> None:
    async with counter.bell.matter(f"mail:1:{len(counter.handed)}", counter.clock.now(), "mail") as matter:
        await correspondence.receive(matter, mail)


def told(counter: Counter, chat: int) -> list[str]:
    """What a chat was told, without the cards on its screen that changed."""
    sent = zip(counter.told(chat), counter.methods(chat), strict=True)
    return [said for said, method in sent if method == "sendMessage"]


async def blocks(counter: Counter, chat: int) -> None:
    async with counter.store.transaction() as tx:
        await tx.mark_unreachable([chat], counter.clock.now())


async def test_if_the_holder_blocked_the_bot_others_are_told_instead(counter: Counter) -> None:
    number = (await counter.file()).number
    await counter.handle(BUDI, number, Act.TAKE)
    await blocks(counter, BUDI)
    counter.handed.clear()
    await comes(counter, Answer(number, SECOND, "Sudah saya setujui"))

    assert not told(counter, BUDI)
    (said,) = told(counter, AGUS)
    assert "Sudah saya setujui" in said
    assert "tidak membaca Telegram" in said


async def test_what_did_not_reach_the_holder_is_told_to_the_admins_in_the_chat_and_never_mailed(
    counter: Counter,
) -> None:
    await counter.appoint(DEWI, Role.OFFICER, "Dewi", OFFICIALS)
    number = (await counter.file()).number
    await counter.handle(DEWI, number, Act.TAKE)
    counter.handed.clear()
    await comes(counter, Answer(number, SECOND, "Sudah saya setujui"))
    assert not told(counter, AGUS)

    await counter.loses(counter.rows(DEWI)[:1], blocked=DEWI)
    for _ in range(2):
        await counter.ring(at(MONDAY, 9, 1))
    (said,) = told(counter, AGUS)
    assert number in said
    assert "kepada Dewi tidak sampai di Telegram dan tidak dapat dikirim lewat e-mail" in said
    assert not counter.mails()


async def marks(counter: Counter, number: str) -> list[tuple[str, str]]:
    """What the history says that came by mail, and the words that were kept of it."""
    return [(line.act, line.text) for line in await counter.history(number) if line.channel == "mail"]


@pytest.mark.parametrize(("confidential", "readers"), [
    (False, "dibaca petugas, bukan pegawai"),
    (True, "hanya dibaca pejabat pengaduan"),
])  # fmt: skip
async def test_the_letter_says_who_reads_its_answers(counter: Counter, *, confidential: bool, readers: str) -> None:
    number = (await counter.file(confidential=confidential)).number
    if not confidential:
        await counter.handle(BUDI, number, Act.ESCALATE, "Perlu wewenang pejabat")
    (letter,) = counter.mails()
    assert str(letter["reply_to"]).startswith(f"aduan+{number}.")
    assert f"Balasan atas e-mail ini {readers}." in letter["text"]

    counter.handed.clear()
    await comes(counter, Answer(number, SECOND, "Sudah saya setujui"))
    assert bool(told(counter, BUDI)) != confidential
    assert told(counter, AGUS)


async def test_an_answer_of_an_official_without_a_chat_is_read_by_the_officers(counter: Counter) -> None:
    number = await escalated(counter)
    await comes(counter, Answer(number, SECOND, "Sudah <saya> setujui", ("surat.pdf",)))

    (said,) = told(counter, BUDI)
    assert "jawaban lewat e-mail dari pejabat pengaduan Hendra" in said
    assert "Sudah &lt;saya&gt; setujui" in said
    assert "Pegawai tidak melihat ini" in said
    assert not told(counter, SITI)
    assert not counter.mails()
    assert await marks(counter, number) == [(Mark.MAIL_ANSWER, "Sudah <saya> setujui\n📎 surat.pdf")]
    assert (await counter.now(number)).status is Status.ESCALATED


async def test_a_chat_of_the_official_reads_it_with_the_buttons_to_answer(counter: Counter) -> None:
    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi", OFFICIALS)
    number = await escalated(counter)
    await comes(counter, Answer(number, SECOND, "Baik"))
    (sent,) = [row for row in counter.rows(DEWI) if row.payload["method"] == "sendMessage"]
    assert "jawab" in str(sent.payload["params"])


async def test_of_a_confidential_complaint_the_officers_read_nothing(counter: Counter) -> None:
    number = await escalated(counter, confidential=True)
    await comes(counter, Automatic(number, SECOND))
    await comes(counter, Bounced(number, SECOND, for_good=True))
    assert told(counter, BUDI) == told(counter, SITI) == []
    assert not counter.mails()
    assert len(told(counter, AGUS)) == 2


async def test_nor_does_an_admin_read_a_word_of_what_is_answered_to_it(counter: Counter) -> None:
    number = await escalated(counter, confidential=True)
    await comes(counter, Answer(number, SECOND, "Imbalan itu sudah dikembalikan"))
    (said,) = told(counter, AGUS)
    assert number in said
    assert "Imbalan" not in said


async def test_what_the_employee_answers_counts_as_if_said_in_the_chat(counter: Counter) -> None:
    number = (await counter.file()).number
    await counter.handle(BUDI, number, Act.TAKE)
    await counter.handle(BUDI, number, Act.ASK, "Sejak kapan?")
    counter.handed.clear()
    await comes(counter, Answer(number, HERS, "Sejak kemarin pagi"))

    assert (await counter.now(number)).status is Status.TAKEN
    assert await marks(counter, number) == [(Act.REPLY, "Sejak kemarin pagi")]
    assert any("Sejak kemarin pagi" in said for said in told(counter, BUDI))


@pytest.mark.parametrize("text", ["passphrase saya: Rahasia123", "NIK saya 3375011708900001"])
async def test_a_secret_is_not_kept_and_said_to_nobody(counter: Counter, text: str) -> None:
    number = await escalated(counter)
    await comes(counter, Answer(number, SECOND, text))
    assert await marks(counter, number) == [(Mark.WITHHELD, "")]
    (said,) = told(counter, BUDI)
    assert "tidak disimpan" in said
    assert text not in said


async def test_an_absence_is_told_once_a_day(counter: Counter) -> None:
    number = await escalated(counter)
    for _ in range(3):
        await comes(counter, Automatic(number, SECOND))
    assert len(told(counter, BUDI)) == 1
    counter.clock.advance(at(MONDAY + 1) - counter.clock.now())
    await comes(counter, Automatic(number, SECOND))
    assert [act for act, _ in await marks(counter, number)] == [Mark.AUTOMATIC] * 2
    assert not told(counter, SITI)
    assert not counter.mails()


async def test_a_packet_that_came_back_is_told_to_the_admins_too(counter: Counter) -> None:
    number = await escalated(counter)
    await comes(counter, Bounced(number, SECOND, for_good=True))
    for chat in (BUDI, AGUS):
        (said,) = told(counter, chat)
        assert "e-mail kepada pejabat pengaduan Hendra kembali, tidak sampai" in said
    assert not told(counter, SITI)
    assert not counter.mails()
    assert await marks(counter, number) == [(Mark.BOUNCED, "")]


async def test_nothing_comes_of_what_no_complaint_is_named_in(counter: Counter) -> None:
    number = await escalated(counter)
    for mail in (Answer("ADU-2026-99999", SECOND, "Baik"), Unread("ADU-2026-99999", SECOND)):
        await comes(counter, mail)
    assert counter.handed == []
    assert await marks(counter, number) == []


async def test_what_is_taken_for_no_answer_is_told_to_staff_once_a_day_and_does_nothing(counter: Counter) -> None:
    number = await escalated(counter)
    before = await counter.now(number)
    elsewhere = "lain@example.go.id"
    for mail in (Answer(number, elsewhere, "Baik"), Unread(number, elsewhere), Unread(number, "")):
        await comes(counter, mail)
    assert await marks(counter, number) == [(Mark.UNREAD, elsewhere)]
    assert (await counter.now(number)).status is before.status
    (said,) = told(counter, BUDI)
    assert "lihat kotak surat" in said
    assert not told(counter, SITI)
    assert not counter.mails()


async def test_an_officer_who_was_written_to_is_known_although_there_is_a_chat(counter: Counter) -> None:
    number = (await counter.file()).number
    await counter.appoint(DEWI, Role.OFFICER, "Dewi", "dewi@example.go.id")
    await comes(counter, Answer(number, "dewi@example.go.id", "Sudah saya hubungi"))
    assert await marks(counter, number) == [(Mark.MAIL_ANSWER, "Sudah saya hubungi")]
