"""A typed text is a button when it plainly names one, and nothing when there is a doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import catalogs
from bot.catalogs import Catalog
from bot.meaning import COMMAND_WORDS, meaning
from conversations.flow import Ask, Choose, Review
from tests.conversations.talk import GUIDE, MONDAY, SERVICE, at_state

CATALOGS = catalogs.load(SERVICE.zone.tz)

NOTIFIED = [
    ("Sudah", "yes"), ("Belum", "no"), ("Tidak tahu", "unsure"), ("Dicabut atau ditangguhkan", "revoked"),
    ("‹ Kembali", "back"),
]  # fmt: skip
ISSUED = [("Sudah terbit", "yes"), ("Belum", "no"), ("Ada kendala", "trouble"), ("‹ Kembali", "back")]
CHECK = [("Semua sudah benar", "right"), ("Ada yang salah atau berubah", "wrong"), ("Ada kendala", "trouble")]
EXPIRED = [("Ya, lanjutkan", "go"), ("Tidak, terima kasih", "no")]
SYMPTOMS = [("E-mail tidak masuk", "no_mail"), ("E-mail dinas tidak aktif", "dead_mail"), ("Nomor ponsel salah", "p")]
GROUPS = [("Masuk ke AMS / kode 2011", "signin"), ("Passphrase / kode 2031", "passphrase")]
REMIND = [("Ya, ingatkan saya", "yes"), ("Tidak, terima kasih", "no")]
ENGLISH = [("Yes, I have sent it", "sent"), ("I have a problem", "trouble"), ("I don't know the date", "unknown")]
ACCENTED = [("Café Ärger", "cafe"), ("Ya", "yes")]


@pytest.mark.parametrize(("offers", "text", "named"), [
    # as it stands there, in any case, with any signs around it
    (NOTIFIED, "Sudah", "yes"),
    (NOTIFIED, "SUDAH", "yes"),
    (NOTIFIED, "  sudah!! ", "yes"),
    (NOTIFIED, "dicabut atau ditangguhkan.", "revoked"),
    (EXPIRED, "ya lanjutkan", "go"),
    (EXPIRED, "Ya – lanjutkan 🙏", "go"),
    (SYMPTOMS, "e mail tidak masuk", "no_mail"),
    (NOTIFIED, "kembali", "back"),
    (NOTIFIED, "ＳＵＤＡＨ", "yes"),
    (SYMPTOMS, "email tidak masuk", "no_mail"),
    # accents
    (ACCENTED, "cafe arger", "cafe"),
    (ACCENTED, "CAFÉ ÄRGER", "cafe"),
    (ACCENTED, "Cafe\u0301 A\u0308rger", "cafe"),
    # some of its words, if no other button has them
    (EXPIRED, "ya", "go"),
    (EXPIRED, "tidak", "no"),
    (CHECK, "salah", "wrong"),
    (CHECK, "sudah benar semua", "right"),
    (NOTIFIED, "ditangguhkan", "revoked"),
    (ISSUED, "terbit", "yes"),
    # small typing errors
    (NOTIFIED, "belu", "no"),
    (NOTIFIED, "sudha", None),
    (NOTIFIED, "tidak thau", "unsure"),
    (NOTIFIED, "tidka tahu", "unsure"),
    (NOTIFIED, "dicabut atau ditanguhkan", "revoked"),
    (CHECK, "semua sduah benar", "right"),
    (ISSUED, "sudah terbiit", "yes"),
    # commands in words
    (NOTIFIED, "batal", "/batal"),
    (NOTIFIED, "Bantuan", "/bantuan"),
    (NOTIFIED, "menu utama", "/menu"),
    (EXPIRED, "kembali", "/kembali"),
    ([], "status", "/status"),
    # near, but not it
    (NOTIFIED, "susah", None),
    (NOTIFIED, "beli", None),
    (NOTIFIED, "sudahkah belum", None),
    (ISSUED, "belum terbit", None),
    (ISSUED, "tidak sudah terbit", None),
    (CHECK, "benarkah", None),
    (GROUPS, "kode 2021", None),
    # a denial
    (CHECK, "tidak semua sudah benar", None),
    (CHECK, "semua belum benar", None),
    (REMIND, "tidak, ingatkan saya", None),
    (REMIND, "jangan ingatkan saya", None),
    (SYMPTOMS, "e-mail masuk", None),
    (NOTIFIED, "tahu", None),
    (ENGLISH, "I have not sent it", None),
    (ENGLISH, "no, I have sent it", None),
    (ENGLISH, "I haven't sent it", None),
    (ENGLISH, "know the date", None),
    (ENGLISH, "I dont know the date", "unknown"),
    # more than one
    (CHECK, "ada", None),
    (SYMPTOMS, "tidak", None),
    (SYMPTOMS, "e-mail", None),
    # nothing, or a story
    (NOTIFIED, "", None),
    (NOTIFIED, "   ", None),
    (NOTIFIED, "?!", None),
    (NOTIFIED, "🙏", None),
    (NOTIFIED, "sudah " * 11, None),
    ([], "sudah", None),
])  # fmt: skip
def test_what_is_typed_means(offers: list[tuple[str, str]], text: str, named: str | None) -> None:
    assert meaning(text, offers) == named


@pytest.mark.parametrize("offers", [[("Ya", "one"), ("Ya!", "two")], [("Kode 2011", "one"), ("Kode 2021", "two")]])
def test_two_labels_that_look_alike_are_not_confused(offers: list[tuple[str, str]]) -> None:
    assert meaning("kode 2031", offers) is None
    assert meaning(offers[0][0], offers) in {"one", None}


@pytest.mark.parametrize(("word", "command"), COMMAND_WORDS.items())
def test_a_label_goes_before_a_command_of_the_same_word(word: str, command: str) -> None:
    assert meaning(word.upper(), []) == command
    assert meaning(word.upper(), [(word, "label")]) == "label"


# -------------------------------------------------------------------------------------------- the labels that there are


def offered(catalog: Catalog) -> list[list[tuple[str, str]]]:
    """The labels under every question, as the turn hands them over."""
    questions = [
        (flow.name, state.name)
        for flow in GUIDE.flows.values()
        for state in flow.states
        if isinstance(state, Choose | Ask | Review)
    ]
    sessions = [at_state(flow, state, ready="begin", expiry="2026-11-10") for flow, state in questions]
    return [[(catalog.plain(b.label), b.data) for b in GUIDE.offers(session, MONDAY)] for session in sessions]


def spellings(label: str) -> set[str]:
    return {label, label.upper(), label.lower(), label.title(), f" {label}. "}


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_every_label_typed_as_it_stands_is_understood(language: str) -> None:
    for offers in offered(CATALOGS[language]):
        assert len({label.casefold() for label, _ in offers}) == len(offers), f"two buttons read the same: {offers}"
        for label, data in offers:
            assert {meaning(text, offers) for text in spellings(label)} == {data}, f"{label} among {offers}"


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_two_letters_swapped_in_a_long_label_are_understood_or_refused_but_never_taken_for_another(
    language: str,
) -> None:
    for offers in offered(CATALOGS[language]):
        for label, data in offers:
            for at in range(len(label) - 1):
                typed = label[:at] + label[at + 1] + label[at] + label[at + 2 :]
                assert meaning(typed, offers) in {data, None}, f"{typed!r} is taken for another button of {offers}"


words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
labels = st.lists(words, min_size=1, max_size=4).map(" ".join)


@given(st.lists(labels, min_size=1, max_size=6, unique=True), st.data())
def test_any_label_typed_in_any_case_is_understood(texts: list[str], data: st.DataObject) -> None:
    offers = [(label, str(number)) for number, label in enumerate(texts)]
    label, meant = data.draw(st.sampled_from(offers))
    assert meaning(data.draw(st.sampled_from([label, label.upper(), label.title(), label.swapcase()])), offers) == meant


@given(st.text(), st.lists(st.tuples(st.text(max_size=30), st.text(min_size=1, max_size=8)), max_size=6))
def test_any_text_gives_an_offer_a_command_or_nothing(text: str, offers: list[tuple[str, str]]) -> None:
    assert meaning(text, offers) in {None, *COMMAND_WORDS.values(), *(data for _, data in offers)}
