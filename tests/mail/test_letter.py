"""A letter as a mail reader sees it, and what never becomes one."""

from __future__ import annotations

import email
import email.policy
import json
from contextlib import suppress
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
from bot.mail.letter import Letter, message_id_of, read_letter, seal
from tests.clocks import START

FROM = "Diskominfo Kota Contoh <pandu@kota.example>"
TO = "siti@kota.example"
LINK = "https://t.me/pandu_contoh_bot?start=aB3_x-9"


def letter(**changed: object) -> dict[str, object]:
    paragraphs = ["Yth. Bapak/Ibu Siti & <b>Budi</b>,", f"Tekan tautan ini:\n{LINK}.", "Kode: 123456 – terima kasih"]
    written = Letter.of("telegram:7:0", to=TO, subject="Konfirmasi alamat – Pandu", paragraphs=paragraphs)
    return {**written.payload(), **changed}


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def sealed(payload: dict[str, object]) -> EmailMessage:
    return read(seal(read_letter(payload), FROM, START).content)


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_letter_has_every_header_that_a_machine_should_give_it() -> None:
    message = sealed(letter(reply_to="kantor@kota.example", headers={"X-Pandu": "daftar"}))

    assert dict(message.items()) | {"Content-Type": ""} == {
        "From": FROM,
        "To": TO,
        "Subject": "Konfirmasi alamat – Pandu",
        "Date": "Mon, 02 Nov 2026 01:00:00 +0000",
        "Message-ID": f"<{message_id_of('telegram:7:0')}@kota.example>",
        "Auto-Submitted": "auto-generated",
        "Reply-To": "kantor@kota.example",
        "X-Pandu": "daftar",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }


def test_text_and_page_say_the_same_and_names_are_no_markup() -> None:
    message = sealed(letter())

    assert message.get_content_type() == "multipart/alternative"
    assert part(message, "plain") == (
        f"Yth. Bapak/Ibu Siti & <b>Budi</b>,\n\nTekan tautan ini:\n{LINK}.\n\nKode: 123456 – terima kasih\n"
    )
    page = part(message, "html")
    assert "<p>Yth. Bapak/Ibu Siti &amp; &lt;b&gt;Budi&lt;/b&gt;,</p>" in page
    assert f'Tekan tautan ini:<br>\n<a href="{LINK}">{LINK}</a>.' in page


def test_what_leaves_is_plain_ascii_in_short_lines() -> None:
    content = seal(read_letter(letter(text="é" * 5000 + "\n" + "x" * 5000)), FROM, START).content

    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_the_same_row_has_the_same_id_whenever_it_is_sent() -> None:
    first, again = (seal(read_letter(letter()), FROM, at).content for at in (START, START.replace(hour=9)))

    assert read(first)["Message-ID"] == read(again)["Message-ID"]
    assert message_id_of("telegram:8:0") != message_id_of("telegram:7:0")


NEWLINES = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00"]


@pytest.mark.parametrize("sign", NEWLINES)
@pytest.mark.parametrize("where", ["subject", "to", "reply_to", "header", "header name", "message_id"])
def test_a_line_end_never_makes_another_header(where: str, sign: str) -> None:
    evil = f"a@kota.example{sign}Bcc: lain@jahat.example"
    table: dict[str, dict[str, object]] = {
        "subject": {"subject": f"Halo{sign}Bcc: lain@jahat.example"},
        "to": {"to": [evil]},
        "reply_to": {"reply_to": evil},
        "header": {"headers": {"X-Pandu": f"a{sign}Bcc: lain@jahat.example"}},
        "header name": {"headers": {f"X{sign}Bcc": "lain@jahat.example"}},
        "message_id": {"message_id": f"a{sign}b"},
    }

    with pytest.raises(Refused) as error:
        sealed(letter(**table[where]))
    assert "jahat" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    ["", "siti", "@kota.example", "siti@", "siti@kota..example", "siti@-kota.example", "a b@kota.example", "a@b, c@d.e",
     "Siti <siti@kota.example>", "siti@kota.example>", ".siti@kota.example", "siti@kota_.example", "sïti@kota.example",
     "s" * 65 + "@kota.example", "s@" + "k" * 64 + ".example", "s@" + "k.e" * 90, 7, None],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: object) -> None:
    with pytest.raises(Refused):
        sealed(letter(to=[address]))


@pytest.mark.parametrize(
    "changed",
    [
        {"to": []}, {"to": TO}, {"to": [TO] * 21}, {"subject": None}, {"subject": "x" * 501}, {"text": None},
        {"text": "x" * 200_001}, {"html": "x" * 200_001}, {"html": 1}, {"headers": []}, {"headers": {"From": "x"}},
        {"headers": {"bcc": TO}}, {"headers": {"Content-Type": "x"}}, {"headers": {"X-A": 1}}, {"headers": {"": "x"}},
        {"headers": {f"X-{n}": "x" for n in range(21)}},
        {"message_id": "a@b"}, {"message_id": ""}, {"subject": "\ud800"},
        {"headers": ["x"]}, {"headers": 1},
    ],
)  # fmt: skip
def test_what_is_no_letter_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(Refused):
        sealed(letter(**changed))


@given(name=st.text(), subject=st.text(max_size=600), address=st.text(max_size=40), header=st.text(max_size=40))
def test_whatever_people_write_becomes_a_letter_to_one_address_or_none(
    name: str, subject: str, address: str, header: str
) -> None:
    written = Letter.of(
        "k", to=f"{address}@kota.example", subject=subject, paragraphs=[name, LINK], headers={"X-A": header}
    )
    try:
        mail = seal(read_letter(json.loads(json.dumps(written.payload()))), FROM, START)
    except Refused:
        return
    message = read(mail.content)

    assert mail.recipients == (f"{address}@kota.example",)
    assert sorted(map(str.lower, message.keys())) == [
        "auto-submitted", "content-type", "date", "from", "message-id", "mime-version", "subject", "to", "x-a"
    ]  # fmt: skip
    assert LINK in part(message, "plain")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(letter(), json_values)))
def test_reading_a_letter_is_total(payload: dict[str, object]) -> None:
    with suppress(Refused):
        seal(read_letter({**letter(), **payload}), FROM, START)
