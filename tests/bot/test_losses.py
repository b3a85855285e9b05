"""A message about a complaint did not arrive: another way is used once, whoever has to act is told, and it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from conversations.complaint import Act, Attachment, Mark
from conversations.people import Role
from storage.records import Channel, State
from tests.bot.counter import AGUS, BUDI, DEWI, RATNA, SITI, Counter, at, counter_on
from tests.databases import KINDS

MONDAY = 23
HERS = "siti@example.go.id"
OFFICIALS = "dewi@example.go.id"
BY_MAIL_NOW = "tidak sampai kepada pegawai di Telegram, jadi dikirim lewat e-mail"
UNREAD = (
    "Balasan atas e-mail ini tidak dibaca siapa pun. Untuk menjawab, mohon buka lagi Pandu di "
    "https://t.me/pandu_bot, atau telepon kantor: (0285) 421243, (0285) 420223.\n"
)
NO_OTHER_WAY = "Tidak ada cara lain dari sini: mohon telepon atau datangi pegawainya"


@pytest.fixture(params=KINDS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    """An officer, another one, an admin and a leader, each with a chat and without an address."""
    async with counter_on(request.param, tmp_path, at(MONDAY)) as one:
        await one.appoint(BUDI, Role.OFFICER, "Budi")
        await one.appoint(RATNA, Role.OFFICER, "Ratna")
        await one.appoint(AGUS, Role.ADMIN, "Agus")
        yield one


async def answered(counter: Counter, text: str = "Silakan dicoba", files: int = 0) -> str:
    """The number of a complaint that Budi took and answered; what was handed over begins with the answer."""
    number = (await counter.file()).number
    await counter.handle(BUDI, number, Act.TAKE)
    counter.handed.clear()
    sent = tuple(Attachment("photo", f"answer{n}", "layar.jpg") for n in range(files))
    await counter.handle(BUDI, number, Act.ANSWER, text, attachments=sent)
    return number


def notices(counter: Counter, chat: int) -> list[str]:
    """What a chat was told, without the cards on its screen that changed."""
    sent = zip(counter.told(chat), counter.methods(chat), strict=True)
    return [said for said, method in sent if method == "sendMessage"]


async def lines(counter: Counter, number: str) -> list[tuple[str, str, str]]:
    """What the history says of losses: what became of it, by which channel it was tried, and the words or the name."""
    marks = {Mark.MAILED, Mark.LOST, Mark.MAIL_LOST, Mark.STAFF_MAILED, Mark.STAFF_LOST, Mark.STAFF_MAIL_LOST}
    return [(line.act, line.channel, line.text) for line in await counter.history(number) if line.act in marks]


# To the employee


async def test_who_blocked_the_bot_reads_it_by_mail_once_and_the_officer_is_told(counter: Counter) -> None:
    await counter.register(SITI, HERS)
    number = await answered(counter, "Silakan <dicoba> lagi", files=2)
    await counter.loses(counter.rows(SITI), blocked=SITI)
    for _ in range(3):
        await counter.ring(at(MONDAY, 9, 1))

    (letter,) = counter.mails()
    assert letter["to"] == [HERS]
    assert number in letter["subject"]
    assert "Silakan <dicoba> lagi" in letter["text"]
    assert [file["file_id"] for file in letter["attachments"]] == ["answer0", "answer1"]
    (said,) = notices(counter, BUDI)
    assert number in said
    assert BY_MAIL_NOW in said
    assert notices(counter, RATNA) == notices(counter, AGUS) == []
    ((act, channel, words),) = await lines(counter, number)
    assert (act, channel) == (Mark.MAILED, "telegram")
    assert words.startswith("Jawaban atas pengaduan")


@pytest.mark.parametrize("reads_mail", [False, True])
async def test_a_question_by_mail_says_how_it_is_answered(counter: Counter, *, reads_mail: bool) -> None:
    counter.office.reads_mail = reads_mail
    await counter.register(SITI, HERS)
    number = (await counter.file()).number
    counter.handed.clear()
    await counter.handle(BUDI, number, Act.ASK, "Sudah coba peramban lain?")
    await counter.loses(counter.rows(SITI), blocked=SITI)
    await counter.ring(at(MONDAY, 9, 1))

    (letter,) = counter.mails()
    assert "Sudah coba peramban lain?" in letter["text"]
    if reads_mail:
        assert letter["reply_to"].startswith(f"aduan+{number}.")
        assert letter["text"].endswith("Untuk menjawab, cukup balas e-mail ini.\n")
    else:
        assert letter["reply_to"] is None
        assert "balas pesan" not in letter["text"].casefold()
        assert letter["text"].endswith(UNREAD)


async def test_letters_to_staff_say_that_nobody_reads_answers(counter: Counter) -> None:
    hana = 710_000_199
    await counter.appoint(hana, Role.OFFICER, "Hana", "hana@example.go.id")
    number = (await counter.file()).number
    await counter.loses(counter.rows(hana), blocked=hana)
    await counter.handle(hana, number, Act.TAKE)
    counter.handed.clear()
    await counter.handle(SITI, number, Act.ADD, "Halo?")

    (letter,) = counter.mails()
    assert letter["text"].endswith(UNREAD)


@pytest.mark.parametrize("state", [State.DEAD, State.UNKNOWN])
async def test_without_an_address_the_officer_is_asked_to_call(counter: Counter, state: State) -> None:
    number = await answered(counter)
    await counter.loses(counter.rows(SITI), state)
    await counter.ring(at(MONDAY, 9, 1))

    assert counter.mails() == []
    (said,) = notices(counter, BUDI)
    assert number in said
    assert NO_OTHER_WAY in said
    assert [act for act, *_ in await lines(counter, number)] == [Mark.LOST]


async def test_if_nobody_has_it_everybody_on_duty_is_told(counter: Counter) -> None:
    number = (await counter.file()).number
    await counter.handle(BUDI, number, Act.MOVE, category="information")
    await counter.loses(counter.rows(SITI), blocked=SITI)
    await counter.ring(at(MONDAY, 9, 1))

    for officer in (BUDI, RATNA):
        assert any(number in said and NO_OTHER_WAY in said for said in notices(counter, officer))


async def test_the_next_message_goes_by_mail_at_once_and_neither_goes_twice(counter: Counter) -> None:
    await counter.register(SITI, HERS)
    number = await answered(counter, "Yang pertama")
    await counter.loses(counter.rows(SITI), blocked=SITI)
    await counter.handle(BUDI, number, Act.ANSWER, "Yang kedua")  # before anybody heard of the first
    for _ in range(2):
        await counter.ring(at(MONDAY, 9, 1))

    texts = [letter["text"] for letter in counter.mails()]
    assert [sum(words in text for text in texts) for words in ("Yang pertama", "Yang kedua")] == [1, 1]
    assert len(texts) == 2


@pytest.mark.parametrize("address", [HERS, ""])
async def test_of_who_is_known_not_to_hear_us_it_stands_in_the_history_at_once(counter: Counter, address: str) -> None:
    registered = bool(address)
    if registered:
        await counter.register(SITI, address)
    number = await answered(counter, "Yang pertama")
    await counter.loses(counter.rows(SITI), blocked=SITI)
    await counter.ring(at(MONDAY, 9, 1))
    counter.handed.clear()

    await counter.handle(BUDI, number, Act.ANSWER, "Yang kedua")
    for _ in range(2):
        await counter.ring(at(MONDAY, 9, 2))

    (act, channel, words) = (await lines(counter, number))[-1]
    assert (act, channel) == (Mark.MAILED if registered else Mark.LOST, "telegram")
    assert words.startswith("Jawaban atas pengaduan")
    assert len(await lines(counter, number)) == 2
    assert [line.act for line in await counter.history(number)][-2:] == [Act.ANSWER, act]
    assert [(BY_MAIL_NOW in said, NO_OTHER_WAY in said) for said in notices(counter, BUDI)] == [
        (registered, not registered)
    ]
    assert len(counter.mails()) == registered
    assert counter.rows(SITI) == []
    if registered:
        await counter.loses(counter.letters())
        for _ in range(2):
            await counter.ring(at(MONDAY, 9, 3))
        assert [act for act, *_ in await lines(counter, number)][1:] == [Mark.MAILED, Mark.MAIL_LOST]


async def test_an_official_by_mail_gets_one_letter_of_what_comes_up_and_was_not_heard(counter: Counter) -> None:
    await counter.appoint(None, Role.OFFICIAL, "Dewi", OFFICIALS)
    filed = await counter.file()
    async with counter.store.transaction() as tx:
        await tx.mark_unreachable([SITI], counter.clock.now())

    await counter.handle(BUDI, filed.number, Act.ESCALATE, "Terlalu sulit")

    (letter,) = counter.mails()
    assert letter["to"] == [OFFICIALS]
    assert [act for act, *_ in await lines(counter, filed.number)] == [Mark.LOST]


async def test_a_text_and_its_files_are_one_loss_told_when_all_have_ended(counter: Counter) -> None:
    number = await answered(counter, files=2)
    text, first, second = counter.rows(SITI)
    await counter.loses([text])
    await counter.ring(at(MONDAY, 9, 1))
    assert await lines(counter, number) == []

    await counter.loses([first, second])
    await counter.ring(at(MONDAY, 9, 2))
    assert len(await lines(counter, number)) == len(notices(counter, BUDI)) == 1


async def test_a_file_alone_follows_by_mail(counter: Counter) -> None:
    await counter.register(SITI, HERS)
    number = await answered(counter, files=1)
    text, photo = counter.rows(SITI)
    await counter.loses([text], State.SENT)
    await counter.loses([photo])
    await counter.ring(at(MONDAY, 9, 1))

    (letter,) = counter.mails()
    assert number in letter["text"]
    assert "Silakan dicoba" not in letter["text"]
    assert [file["file_id"] for file in letter["attachments"]] == ["answer0"]


async def test_a_mail_that_is_refused_is_told_and_ends_it(counter: Counter) -> None:
    await counter.register(SITI, HERS)
    number = await answered(counter)
    await counter.loses(counter.rows(SITI), blocked=SITI)
    await counter.ring(at(MONDAY, 9, 1))
    await counter.loses(counter.letters())
    await counter.ring(at(MONDAY, 9, 2))

    assert len(counter.mails()) == 1
    assert "tidak sampai kepada pegawai" in notices(counter, BUDI)[-1]
    assert NO_OTHER_WAY in notices(counter, BUDI)[-1]
    assert [line[:2] for line in await lines(counter, number)] == [(Mark.MAILED, "telegram"), (Mark.MAIL_LOST, "mail")]


async def test_what_arrived_and_what_nobody_waits_for_rings_nothing(counter: Counter) -> None:
    number = await answered(counter)
    before = len(counter.handed)
    await counter.loses(counter.handed, State.SENT)
    await counter.ring(at(MONDAY, 9, 1))

    assert len(counter.handed) == before
    assert await lines(counter, number) == []


# To staff


async def test_an_official_who_blocked_the_bot_gets_a_letter_with_links(counter: Counter) -> None:
    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi", OFFICIALS)
    number = (await counter.file(confidential=True)).number
    (packet,) = counter.mails()
    assert "/aduan/token" not in packet["text"]  # in the chat she has buttons
    await counter.loses(counter.rows(DEWI), blocked=DEWI)
    for _ in range(2):
        await counter.ring(at(MONDAY, 9, 1))

    _, letter = counter.mails()
    assert letter["to"] == [OFFICIALS]
    assert "/aduan/token" in letter["text"]
    assert letter["message_id"] != packet["message_id"]
    assert await lines(counter, number) == [(Mark.STAFF_MAILED, "telegram", "Dewi")]
    assert notices(counter, AGUS) == notices(counter, BUDI) == []


async def test_without_an_address_admins_and_leaders_are_told_and_no_officer_is(counter: Counter) -> None:
    await counter.appoint(SITI + 900, Role.LEADER, "Nur")
    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi")
    number = (await counter.file(confidential=True)).number
    await counter.loses(counter.rows(DEWI), blocked=DEWI)
    await counter.ring(at(MONDAY, 9, 1))

    for supervisor in (AGUS, SITI + 900):
        (said,) = notices(counter, supervisor)
        assert number in said
        assert "Dewi" in said
        assert "Tombol tidak dapat" not in said
    assert notices(counter, BUDI) == []
    assert await lines(counter, number) == [(Mark.STAFF_LOST, "telegram", "Dewi")]


async def test_a_packet_that_the_mail_server_refuses_is_told_to_the_admins(counter: Counter) -> None:
    await counter.appoint(None, Role.OFFICIAL, "Dewi", OFFICIALS)
    number = (await counter.file(confidential=True)).number
    await counter.loses(counter.letters())
    await counter.ring(at(MONDAY, 9, 1))

    (said,) = notices(counter, AGUS)
    assert "e-mail terakhir kepada Dewi tidak sampai" in said
    assert await lines(counter, number) == [(Mark.STAFF_MAIL_LOST, "mail", "Dewi")]


async def test_an_officer_who_blocked_the_bot_reads_the_word_of_the_employee_by_mail(counter: Counter) -> None:
    hana = 710_000_199
    await counter.appoint(hana, Role.OFFICER, "Hana", "hana@example.go.id")
    number = (await counter.file()).number
    await counter.handle(hana, number, Act.TAKE)
    counter.handed.clear()
    await counter.handle(SITI, number, Act.ADD, "Masih <b>belum</b> bisa")
    await counter.loses(counter.rows(hana), blocked=hana)
    await counter.ring(at(MONDAY, 9, 1))

    (letter,) = counter.mails()
    assert letter["to"] == ["hana@example.go.id"]
    assert "Masih <b>belum</b> bisa" in letter["text"]
    assert await lines(counter, number) == [(Mark.STAFF_MAILED, "telegram", "Hana")]
    counter.handed.clear()
    await counter.handle(SITI, number, Act.ADD, "Halo?")
    assert notices(counter, hana) == []
    assert len(counter.mails()) == 1


async def test_who_is_no_member_of_staff_any_more_gets_nothing(counter: Counter) -> None:
    dewi = await counter.appoint(DEWI, Role.OFFICIAL, "Dewi", OFFICIALS)
    await counter.file(confidential=True)
    await counter.loses(counter.rows(DEWI), blocked=DEWI)
    async with counter.store.transaction() as tx:
        await tx.staff.revoke(dewi, counter.clock.now())
    before = len(counter.handed)
    await counter.ring(at(MONDAY, 9, 1))

    assert len(counter.handed) == before


# The count of the morning


async def overnight(counter: Counter) -> None:
    """Something waits since yesterday; nothing counts as handed over before the morning."""
    await counter.file(confidential=True)
    counter.clock.advance(at(MONDAY + 1, 7, 30) - counter.clock.now())
    counter.handed.clear()


async def test_a_morning_that_does_not_arrive_goes_by_mail_and_the_next_one_at_once(counter: Counter) -> None:
    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi", OFFICIALS)
    await overnight(counter)
    await counter.ring(at(MONDAY + 1, 8, 1))
    await counter.loses([row for row in counter.rows(DEWI) if row.about and "morning" in row.about], blocked=DEWI)
    for _ in range(2):
        await counter.ring(at(MONDAY + 1, 8, 2))
    assert sum("Belum selesai: 1" in mail["text"] for mail in counter.mails()) == 1

    counter.clock.advance(at(MONDAY + 2, 7, 30) - counter.clock.now())
    counter.handed.clear()
    await counter.ring(at(MONDAY + 2, 8, 1))
    assert not [said for said in counter.told(DEWI) if "Belum selesai" in said]
    assert sum("Belum selesai: 1" in mail["text"] for mail in counter.mails()) == 1


@pytest.mark.parametrize("address", ["", OFFICIALS])
async def test_a_morning_that_arrives_nowhere_is_told_to_the_admins_in_the_chat(counter: Counter, address: str) -> None:
    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi", address)
    await overnight(counter)
    await counter.ring(at(MONDAY + 1, 8, 1))
    await counter.loses([row for row in counter.rows(DEWI) if row.about and "morning" in row.about], blocked=DEWI)
    await counter.ring(at(MONDAY + 1, 8, 2))
    await counter.loses([row for row in counter.letters() if row.about and "morning" in row.about])
    await counter.ring(at(MONDAY + 1, 8, 3))

    told = [said for said in notices(counter, AGUS) if "pagi ini tidak sampai kepada Dewi" in said]
    assert len(told) == 1


# It ends


async def test_if_nothing_arrives_anywhere_it_comes_to_an_end(counter: Counter) -> None:
    await counter.appoint(SITI + 900, Role.LEADER, "Nur", "nur@example.go.id")
    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi", OFFICIALS)
    await counter.register(SITI, HERS)
    number = (await counter.file()).number
    await counter.handle(BUDI, number, Act.TAKE)
    await counter.handle(BUDI, number, Act.ESCALATE, "Tidak bisa")
    rounds = 0
    while lost := counter.handed.copy():
        rounds += 1
        counter.handed.clear()
        for row in lost:
            blocked = None if row.channel is Channel.MAIL else int(row.lane.partition(":")[2])
            await counter.loses([row], blocked=blocked)
        await counter.ring(at(MONDAY, 9, rounds))

    assert 2 <= rounds <= 5
    async with counter.store.reading() as tx:
        assert await tx.lost(9) == []
        assert await tx.dead_letters(9) == []


async def test_what_cannot_be_told_is_given_to_the_admins_and_does_not_ring_for_ever(counter: Counter) -> None:
    await answered(counter)
    strange = replace(counter.rows(SITI)[0], key="strange", about="nobody here wrote this")
    async with counter.store.transaction() as tx:
        await tx.enqueue([strange])
    await counter.loses([strange])
    await counter.ring(at(MONDAY, 9, 1))

    async with counter.store.reading() as tx:
        assert await tx.lost(9) == []
        (letter,) = await tx.dead_letters(9)
    assert any(letter.reference in said for said in notices(counter, AGUS))
