"""The packet tells an official everything that is needed to decide, and nothing in it becomes a header or markup."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail import thread
from bot.mail.enclosures import LARGEST, MANY, enclosed
from bot.mail.letter import Letter, read_letter, seal
from bot.mail.packet import LABELS, LONGEST_TEXT, Addressee, packet
from conversations.complaint import Act, Attachment, Complaint, Happening
from tests.clocks import START
from tests.mail.complaints import BOOK, CATALOG, ESCALATED, HISTORY, NUMBER, happened

MAC = "0f" * 16
TO = Addressee("Ratna", "ratna@kota.example", {act: f"https://pandu.example/aduan/{act}-token" for act in LABELS})


def written(complaint: Complaint = ESCALATED, history: tuple[Happening, ...] = HISTORY, **more: object) -> Letter:
    to = more.pop("to", TO)
    assert isinstance(to, Addressee)
    return packet(complaint, history, BOOK, CATALOG, to, signature=MAC, **more)  # type: ignore[arg-type]  # as it is


def sent(letter: Letter) -> EmailMessage:
    content = seal(read_letter(letter.payload()), "Pandu <pandu@kota.example>", START).content
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_it_tells_who_what_when_what_was_tried_and_why() -> None:
    text = written().text
    for part in (
        "Good day, Ratna.", NUMBER, "Siti & Co", "Dinas Kesehatan", "Complaint about the service",
        "AMS menolak <b>passphrase</b> saya.", "Langkah 4, tautan tidak datang", "Perlu dibuka oleh verifikator",
        "Akun terkunci di AMS", "photo-1.jpg, surat..rekomendasi.pdf",
    ):  # fmt: skip
        assert part in text


def test_the_timeline_counts_minutes_of_service() -> None:
    late = (*HISTORY, happened(6 * 60, "official", Act.TAKE), happened(24 * 60, "official", Act.RETURN))
    lines = [line for line in written(history=late).text.splitlines() if line.startswith("• ")]
    assert [line.split(" min, ")[0] for line in lines] == [
        "• 0", "• 15", "• 30", "• 90", "• 100", "• 120", "• 300", "• 420"
    ]  # fmt: skip


def test_every_act_of_the_history_has_words() -> None:
    lines = written(history=tuple(happened(1, "clock", act.value) for act in Act)).text
    assert not [act for act in Act if f"Indonesia Time: {act.value}\n" in lines]


def test_each_link_stands_under_what_it_does() -> None:
    text = written().text
    for act, label in LABELS.items():
        assert f"{label}:\nhttps://pandu.example/aduan/{act}-token\n" in text


def test_who_has_a_chat_is_sent_there_and_who_has_none_is_not() -> None:
    assert "t.me" not in written().text
    reached = replace(TO, links={}, chat="https://t.me/pandu_bot")
    text = written(to=reached).text
    assert f"/tiket {NUMBER}" in text
    assert "https://t.me/pandu_bot" in text
    assert "aduan/" not in text


def test_who_can_do_nothing_by_mail_is_told_to_call() -> None:
    text = written(to=replace(TO, links={})).text
    assert "Nobody reads answers to this e-mail." in text
    assert "call the office: (0285) 421243" in text


@pytest.mark.parametrize(("changed", "why"), [
    ({}, "the officer cannot solve it: “Perlu dibuka oleh verifikator”"),
    ({"history": HISTORY[:-1]}, "there is no officer who may take it"),
    ({"history": (*HISTORY, happened(500, "clock", Act.OVERDUE))}, "it was not solved until it was due"),
    ({"history": (), "complaint": replace(ESCALATED, confidential=True)}, "seen by the complaints official alone"),
])  # fmt: skip
def test_it_says_why_it_was_escalated(changed: dict[str, object], why: str) -> None:
    assert why in written(**changed).text  # type: ignore[arg-type]  # one of the above


def test_a_repetition_is_another_mail_and_the_same_row_is_the_same() -> None:
    first, again, second = written(), written(), written(copy=1)
    assert first.message_id == again.message_id == f"aduan+{NUMBER}.0.{MAC[:16]}"
    assert second.message_id == f"aduan+{NUMBER}.1.{MAC[:16]}"
    assert "Reminder 1" in second.subject
    assert "Nobody has taken it over yet" in second.text


def test_headers_carry_number_and_signature() -> None:
    message = sent(written())
    assert message["Reply-To"] == f"aduan+{NUMBER}.{MAC[:16]}@kota.example"
    assert message["Message-ID"] == f"<aduan+{NUMBER}.0.{MAC[:16]}@kota.example>"
    for header in ("Reply-To", "Message-ID"):
        assert list(thread.numbers_in(str(message[header]).upper(), lambda _: MAC)) == [NUMBER]
        assert list(thread.numbers_in(str(message[header]), lambda _: "1" * 32)) == []


def test_a_file_is_named_once_and_plainly() -> None:
    twice = replace(ESCALATED, attachments=(*ESCALATED.attachments, Attachment("video", "vid")))
    assert [(one.file_id, one.name) for one in written(twice).attachments] == [
        ("AgACphoto-1", "photo-1.jpg"), ("vid", "video-2.mp4"), ("BQACdoc_2", "surat..rekomendasi.pdf")
    ]  # fmt: skip


async def test_files_that_do_not_fit_are_named_at_the_end_and_not_as_enclosed() -> None:
    large = Attachment("document", "large", "film.mp4", LARGEST + 1)
    photos = tuple(Attachment("photo", f"photo{number}", f"{number}.jpg", 1000) for number in range(MANY + 2))
    letter = written(replace(ESCALATED, attachments=(large, *photos)), ())
    sealed, files = await enclosed(letter, _empty, attempts=0, seconds=5)

    names = [name for name, _ in files]
    assert len(names) == MANY
    assert f"Files with this letter: {', '.join(names)}\n" in sealed.text
    assert sealed.text.endswith("Please ask the office for it:\n• film.mp4\n• 10.jpg\n• 11.jpg\n")
    assert read_letter(letter.payload()) == letter


async def _empty(_: str) -> bytes:
    return b"-"


def test_a_category_that_is_gone_shows_by_its_id() -> None:
    assert "Category: lama" in written(replace(ESCALATED, category="lama")).text


@given(text=st.text(max_size=50), name=st.text(max_size=50), file=st.text(max_size=150), act=st.text(max_size=20))
def test_whatever_people_wrote_the_packet_leaves(text: str, name: str, file: str, act: str) -> None:
    complaint = replace(ESCALATED, text=text * 200, name=name, unit=text, origin=text,
                        attachments=(Attachment("document", "id", file),))  # fmt: skip
    message = sent(written(complaint, (happened(1, "officer", act, text),)))
    assert message["To"] == "ratna@kota.example"
    assert message["Subject"] == f"[{NUMBER}] Complaint for you: Complaint about the service"


def test_a_long_text_is_cut() -> None:
    assert len(written(replace(ESCALATED, text="x" * 100_000)).text) < LONGEST_TEXT + 5_000
