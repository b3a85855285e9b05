"""What comes in by mail: only what a person wrote to our signature from an address we wrote to is an answer."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail import thread
from bot.mail.incoming import LARGEST, LARGEST_HEAD, Answer, Automatic, Bounced, Foreign, Incoming, Unread, head, sort
from tests.mail.mails import Sent, returned

NUMBER = "ADU-2026-00017"
RATNA = "ratna@kota.example"


def sign(number: str) -> str:
    return f"{sum(number.encode()):032x}"[::-1]


TO_US = f"{thread.reply_to(NUMBER, sign(NUMBER))}@kota.example"
OURS = f"<{thread.message_id(NUMBER, sign(NUMBER), 2)}@kota.example>"
FORGED = f"{thread.reply_to(NUMBER, 'f' * 32)}@kota.example"


def sorted_as(raw: bytes) -> Incoming:
    return sort(raw, sign, lambda number: {RATNA} if number == NUMBER else set())


def mail(text: str = "Sudah saya buka kuncinya.", **headers: str) -> bytes:
    """An answer of Ratna; a header that is given replaces hers, an empty one takes it away."""
    message = EmailMessage()
    given = {"From": f"Ratna <{RATNA}>", "To": TO_US, "Subject": f"Re: [{NUMBER}] Pengaduan", "In-Reply-To": OURS}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in given.items():
        if value:
            message[name] = value
    message.set_content(text)
    return message.as_bytes()


# Answers


def test_an_answer_is_tied_to_its_complaint() -> None:
    assert sorted_as(mail()) == Answer(NUMBER, RATNA, "Sudah saya buka kuncinya.")


@pytest.mark.parametrize("headers", [
    {"In_Reply_To": ""}, {"To": "pandu@kota.example"}, {"To": TO_US.upper()}, {"From": RATNA.upper()},
    {"From": f'"{RATNA}" <{RATNA}>'},
    {"To": "x@kota.example", "In_Reply_To": "", "References": f"<lain@kota.example> {OURS}"},
    {"To": "", "In_Reply_To": "", "Delivered_To": TO_US}, {"To": "", "In_Reply_To": "", "Cc": f"Pandu <{TO_US}>"},
    {"Auto_Submitted": "no"}, {"X_Auto_Response_Suppress": "All"},
])  # fmt: skip
def test_however_the_mail_went_its_thread_is_found(headers: dict[str, str]) -> None:
    assert sorted_as(mail(**headers)) == Answer(NUMBER, RATNA, "Sudah saya buka kuncinya.")


@pytest.mark.parametrize("quoted", [
    "> Yth. Ibu Ratna", "Pada Sen, 23 Nov 2026 09.00 Pandu <pandu@kota.example> menulis:\n> x",
    "On Mon, 23 Nov 2026 at 09:00, Pandu <pandu@kota.example> wrote:\nx", "-----Original Message-----\nx",
    "-- \nRatna\nKepala Bidang", "________________________________\nFrom: Pandu", "Dari: Pandu <pandu@kota.example>\nx",
    "--- Pesan asli ---\nx",
])  # fmt: skip
def test_only_what_is_new_is_taken(quoted: str) -> None:
    assert sorted_as(mail(f"Sudah.\n\nTerima kasih.\n\n{quoted}\n")) == Answer(NUMBER, RATNA, "Sudah.\n\nTerima kasih.")


def test_a_page_is_read_as_text() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = RATNA, TO_US, "Re"
    message.set_content("<p>Sudah &amp; selesai.</p><p>Salam<br>Ratna</p>", subtype="html")
    assert sorted_as(message.as_bytes()) == Answer(NUMBER, RATNA, "Sudah & selesai.\nSalam\nRatna")


@pytest.mark.parametrize("headers", [
    {"To": FORGED, "In_Reply_To": ""},
    {"To": f"aduan+{NUMBER}@kota.example", "In_Reply_To": ""},
    {"To": TO_US.replace("00017", "00018"), "In_Reply_To": ""},
    {"To": "pandu@kota.example", "In_Reply_To": ""},
])  # fmt: skip
def test_a_forged_mail_is_no_answer(headers: dict[str, str]) -> None:
    assert isinstance(sorted_as(mail(**headers)), Foreign)


@pytest.mark.parametrize(("sender", "read"), [
    ("lain@jahat.example", "lain@jahat.example"), (f"{RATNA} <lain@jahat.example>", ""),
    (f"{RATNA}, lain@jahat.example", ""), ("", ""),
])  # fmt: skip
def test_from_an_address_that_was_not_written_to_it_is_for_somebody_to_look_at(sender: str, read: str) -> None:
    assert sorted_as(mail(From=sender)) == Unread(NUMBER, read)


def test_so_is_one_without_a_new_word() -> None:
    assert sorted_as(mail("> hanya kutipan\n")) == Unread(NUMBER, RATNA)


@pytest.mark.parametrize("text", [
    "> Yth. Ibu Ratna\n> Mohon dijawab\n\nSudah saya buka.",
    "Pada Sen, 23 Nov 2026 09.00 Pandu <pandu@kota.example> menulis:\n> Mohon dijawab\n\nSudah saya buka.",
    "On Mon, 23 Nov 2026, Pandu wrote:\n\n> Mohon dijawab\n>\n> Salam\nSudah saya buka.\n-- \nRatna",
])  # fmt: skip
def test_what_is_written_below_the_quotation_is_read(text: str) -> None:
    assert sorted_as(mail(text)) == Answer(NUMBER, RATNA, "Sudah saya buka.")


def test_numbers_may_have_more_than_five_digits() -> None:
    number = "ADU-2026-100000"
    to_us = f"{thread.reply_to(number, sign(number))}@kota.example"
    found = sort(mail(To=to_us, In_Reply_To=""), sign, lambda _: {RATNA})
    assert found == Answer(number, RATNA, "Sudah saya buka kuncinya.")


# Automatic


@pytest.mark.parametrize("headers", [
    {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated; owner-email=x"}, {"Precedence": "bulk"},
    {"Precedence": "auto_reply"}, {"X_Autoreply": "yes"}, {"X_Autorespond": "yes"}, {"List_Id": "<x.example>"},
    {"X_Auto_Response_Suppress": "All", "In_Reply_To": ""}, {"Return_Path": "<>"}, {"From": "no-reply@kota.example"},
    {"Subject": "Out of Office: Re: Pengaduan"}, {"Subject": "Automatic reply: Pengaduan"},
    {"Subject": "Balasan otomatis: Pengaduan"}, {"Subject": "Re: Sedang cuti sampai 1 Desember"},
    {"Subject": "Auto-Response"}, {"Subject": "RE: Tidak di kantor"}, {"Subject": "Vacation"},
])  # fmt: skip
def test_an_automatic_reply_is_never_an_answer(headers: dict[str, str]) -> None:
    found = sorted_as(mail(**headers))
    assert isinstance(found, Automatic)
    assert found.number == NUMBER


def test_a_receipt_that_it_was_read_is_automatic() -> None:
    head = f"From: {RATNA}\nTo: {TO_US}\nSubject: Dibaca\nContent-Type: multipart/report; "
    raw = f'{head}report-type=disposition-notification; boundary="b"\n\n--b\n\nx\n--b--\n'
    assert sorted_as(raw.encode()) == Automatic(NUMBER, RATNA)


# Bounces

OURS_TO_HER = Sent(RATNA, OURS, TO_US)


@pytest.mark.parametrize("brings", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize(
    ("action", "status", "for_good"),
    [
        ("failed", "5.1.1", True),
        ("failed", "4.4.1", True),  # the server has given up after days
        ("Failed (it is full)", "4.2.2", True),
        ("delayed", "4.4.1", False),
        ("delayed", "5.0.0", False),
        ("", "5.1.1", True),
        ("", "4.4.1", False),
        ("", "", True),
    ],
)
def test_a_report_tells_of_which_letter_and_whether_for_good(
    brings: str,
    action: str,
    status: str,
    for_good: bool,  # noqa: FBT001 - a column of the table
) -> None:
    raw = returned(OURS_TO_HER, action, status=status, brings=brings)
    assert sorted_as(raw) == Bounced(NUMBER, RATNA, for_good)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_that_a_letter_arrived_is_none_of_ours(action: str) -> None:
    assert sorted_as(returned(OURS_TO_HER, action, status="2.0.0")) == Foreign("says that a letter arrived")


def test_of_several_recipients_the_one_counts_whom_it_did_not_reach() -> None:
    raw = returned(OURS_TO_HER, status="4.4.7")
    other = b"\r\nFinal-Recipient: rfc822; lain@kota.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n"
    raw = raw.replace(b"Status: 4.4.7\r\n", b"Status: 4.4.7\r\n" + other)
    assert sorted_as(raw) == Bounced(NUMBER, RATNA, for_good=True)


@pytest.mark.parametrize("brings", ["message/rfc822", "text/rfc822-headers"])
def test_it_is_about_whom_we_wrote_to_wherever_it_was_passed_on(brings: str) -> None:
    raw = returned(OURS_TO_HER, to="ratna.pribadi@lain.example", brings=brings)
    assert sorted_as(raw) == Bounced(NUMBER, RATNA, for_good=True)


def test_a_bounce_of_something_else_has_no_number() -> None:
    assert sorted_as(returned(Sent(RATNA, "<x@kota.example>"))) == Bounced(None, RATNA, for_good=True)


@pytest.mark.parametrize(
    ("subject", "for_good"), [("Mail delivery failed", True), ("Warning: message 1a2b delayed 24 hours", False)]
)
def test_a_bounce_of_old_manner_is_one(subject: str, for_good: bool) -> None:  # noqa: FBT001 - a column of the table
    text = f"The following address failed:\n\n  {RATNA}\n\n--- copy ---\nMessage-ID: {OURS}\n"
    headers = {
        "From": "postmaster@post.example",
        "X_Failed_Recipients": RATNA,
        "In_Reply_To": "",
        "To": "pandu@k.example",
        "Subject": subject,
    }
    assert sorted_as(mail(text, **headers)) == Bounced(NUMBER, RATNA, for_good)


# Whatever comes


@pytest.mark.parametrize("raw", [
    b"", b"\0\xff", b"From:", b"From: \xff\nTo: @\n\n\xff", b"Content-Type: multipart/report\n\n", b"x" * (LARGEST + 1),
    b"Content-Type: text/plain; charset=tidak-ada\nFrom: ratna@kota.example\n\nx",
    b"Content-Type: multipart/mixed; boundary=\n\n--\n", b"From: =?x?q?=\nSubject: =?utf-8?b?!?=\n\n",
    b"Content-Type: message/delivery-status\nFrom: postmaster@x.example\n\nx",
])  # fmt: skip
def test_broken_mails_are_no_answers(raw: bytes) -> None:
    assert not isinstance(sorted_as(raw), Answer)


LONG = 2**20


@pytest.mark.timeout(20)
@pytest.mark.parametrize("raw", [
    b"From: a" + b" " * LONG + b"b\n\nx", b"From: a@b.example\nTo: " + b"a@b.example, " * (LONG // 13) + b"\n\nx",
    b"From: a@b.example\nContent-Type: text/plain" + b"; a=b" * (LONG // 5) + b"\n\nx",
    b"From: a" + b" " * (LARGEST_HEAD - 100) + b"b\n\nx",
    b"From: a@b.example\nTo: " + b"a@b.example, " * (LARGEST_HEAD // 14) + b"\n\nx",
    b"From: a@b.example\nContent-Type: text/plain" + b"; a=b" * (LARGEST_HEAD // 6) + b"\n\nx",
    returned(OURS_TO_HER).replace(b"Reply-To: ", b"Reply-To: " + b"a@b.example, " * (LONG // 13)),
    returned(OURS_TO_HER).replace(b"Final-Recipient: ", b"Final-Recipient: " + b"(a) " * (LONG // 4)),
], ids=lambda raw: raw[:30])  # fmt: skip
def test_a_header_without_end_takes_no_time(raw: bytes) -> None:
    assert not isinstance(sorted_as(raw), Answer)
    head(raw, sign)


@given(st.binary(max_size=400), st.sampled_from([mail(), returned(OURS_TO_HER), b""]), st.integers(0, 300))
def test_sorting_is_total(noise: bytes, base: bytes, at: int) -> None:
    sorted_as(base[:at] + noise + base[at:])
