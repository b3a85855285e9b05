"""The words: both catalogs are complete, and whatever is said fits Telegram and reads well in both languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from string import Formatter
from typing import get_args

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from bot import catalogs
from bot.catalogs import DEFAULT, LANGUAGES, Catalog, language_for
from bot.meaning import COMMAND_WORDS
from bot.sandbox.entities import parse, units
from conversations.cards import COMMANDS
from conversations.check import texts
from conversations.effects import Button, Effect, Revise, Say, Settle, Tell
from conversations.events import Commanded, Elapsed, Event, Kind, Pressed, Said, Secret, Shared, Withheld
from conversations.picker import OPEN
from conversations.places import WHOLE
from conversations.screen import Data, encode
from conversations.text import Text, Value, Words
from tests.conversations.laws import (
    ARGUMENTS,
    COMPLAINT_ARGUMENTS,
    PLACES,
    STANDINGS,
    UNKNOWN,
    answers,
    walked_to,
)
from tests.conversations.talk import GUIDE, SERVICE, Talk, wib
from tests.tools.locales import catalog_path, msgids

CATALOGS = catalogs.load(SERVICE.zone.tz)
LONGEST_MESSAGE = 4096  # UTF-16 units, after the markup was read
WIDEST_LABEL = 28  # what a small phone shows of a button without cutting it
TAG = re.compile(r"</?[a-z]+>")
COMMAND = re.compile(r"(?<![\w/<])/([a-z_]+)")

both = pytest.mark.parametrize("language", LANGUAGES)

# -------------------------------------------------------------------------------------------------------- the catalogs


def placeholders(text: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@both
def test_a_catalog_holds_every_text_of_the_code_and_no_other(language: str) -> None:
    assert set(catalogs.messages(language)) == msgids()


@both
def test_no_translation_is_a_guess_or_a_leftover(language: str) -> None:
    with catalog_path(language).open("rb") as file:
        catalog = read_po(file, locale=language)
    assert not catalog.obsolete
    assert [message.id for message in catalog if message.fuzzy and message.id] == []


def test_english_is_what_the_code_says() -> None:
    assert all(msgid == english for msgid, english in catalogs.messages("en").items())


def test_a_translation_has_the_same_placeholders_and_tags() -> None:
    for msgid, translated in catalogs.messages("id").items():
        assert placeholders(translated) == placeholders(msgid), msgid
        assert Counter(TAG.findall(translated)) == Counter(TAG.findall(msgid)), msgid
        assert COMMAND.findall(translated) == COMMAND.findall(msgid), msgid
        parse(translated, "HTML")  # balanced, and nothing that Telegram refuses
        assert translated.strip() == translated


ENGLISH_WORDS = """
    the your you please and with this that have has not are is was will from for what which when where can could
    office certificate date yes back open send sent renew renewal expired expires help answer question button press
    write type password link day days until working holiday request letter upload issued approved refused again
    sorry thank welcome cancel main my here there later it its be do does
"""
ENGLISH = frozenset(ENGLISH_WORDS.split())
SAME_IN_BOTH = {
    "Bahasa / Language", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Sep", "Nov", "NIP", "NIP: {nip}", "E-mail",
    "E-mail: {email}", "<b>Audit</b>", "<b>Audit</b>: {words}", "Pandu",
}  # fmt: skip


def test_indonesian_holds_no_english() -> None:
    said = [text for msgid, text in catalogs.messages("id").items() if msgid not in SAME_IN_BOTH]
    for text in [*said, *(words.id for words in service_words())]:
        plain = re.sub(r"\{\w+\}|https?://\S+|\S+@\S+|/\w+|\"[^\"]+\"", " ", text)  # AMS is quoted as it is
        words = {word.lower() for word in re.findall(r"\w+", plain) if not word.isupper()}  # AMS shows NOT_REGISTERED
        assert words & ENGLISH == set(), text


def test_only_what_has_no_words_is_the_same_in_both() -> None:
    same = {msgid for msgid, text in catalogs.messages("id").items() if msgid == text}
    assert {msgid for msgid in same if re.search(r"[A-Za-z]", re.sub(r"\{\w+\}|</?\w>", "", msgid))} == SAME_IN_BOTH


def service_words() -> Iterator[Words]:
    """Every text of the service file that a person may read."""
    for info in SERVICE.info:
        yield from (info.label, *info.lines, *(note.text for note in info.notes))
    for symptom in SERVICE.symptoms:
        yield from (symptom.label, symptom.see, *symptom.steps)
    for group in SERVICE.symptom_groups:
        yield from (group.label, group.question)
    yield from (group.label for group in SERVICE.info_groups)
    yield from (*SERVICE.privacy.consent, *SERVICE.privacy.rights)
    change = SERVICE.change_of_data
    yield from (*SERVICE.preparation.items, *SERVICE.data_check.items, *SERVICE.certificate_test.items)
    yield from (*change.data, *change.documents, *change.steps, *SERVICE.letter.contents.items)


# ---------------------------------------------------------------------------------------- whatever can be said, is said

MOMENTS = [wib("2026-11-23 09.00"), wib("2026-12-23 18.30")]  # in service hours; before Christmas and a long weekend
NASTY_NAME = '<b>"&amp;{name}%s\\</b>🦀' * 4


@cache
def everything_said() -> tuple[Effect, ...]:
    """The messages of every state, command, card and refusal, with the longest lists that there are."""
    effects: list[Effect] = []
    for at in MOMENTS:
        for flow, state in PLACES:
            for event in events(flow, state, at):
                talk = Talk(at=at, session=walked_to(flow, state))
                for _ in range(3):  # the first and the last refusal differ, and so do reminders
                    talk.happens(event)
                    effects += talk.effects
        for standing in STANDINGS:
            talk = Talk(at=at, standing=standing)
            talk.certificate = date(2028, 1, 8)
            for event in commands(at):
                talk.happens(event)
                effects += talk.effects
    different = {repr(effect): effect for effect in effects}.values()
    return tuple(effect for effect in different if isinstance(effect, Say | Revise | Settle | Tell))


def events(flow: str, state: str, at: datetime) -> Iterator[Event]:
    for option in ("yes", "no", OPEN, "d2026", "d2026-11", "fix_expiry", WHOLE, "p3"):
        yield Pressed(at, encode(Data(flow, state, 7, option)))
    yield from (Said(at, text) for text in ("???", "1-1-1990", "31-12-2027", "kemarin", "Bagian Hukum " * 7))
    yield from (Commanded(at, name) for name in ("lanjut", "status", "kembali", "bantuan", "batal"))
    yield from (Elapsed(at, alarm) for alarm in ("wait", "expiry"))


def commands(at: datetime) -> Iterator[Event]:
    pages = [*(group.id for group in SERVICE.info_groups), *(info.id for info in SERVICE.info)]
    for name in [*COMMANDS, "start", "kontak", "tidak_ada"]:
        yield Commanded(at, name, first_name=NASTY_NAME)
    yield from (Commanded(at, "info", page) for page in pages)
    yield from (Commanded(at, "bahasa", language) for language in LANGUAGES)
    yield from (Shared(at, kind) for kind in get_args(Kind))
    yield from (Withheld(at, what) for what in get_args(Secret))
    yield from (
        Commanded(at, name, argument)
        for name in ("privasi", "petugas", "audit", "aduan", "tiket", "kontak", "gangguan")
        for argument in [*ARGUMENTS, *COMPLAINT_ARGUMENTS]
    )
    yield from answers(at)
    yield from (Said(at, "???"), Pressed(at, "???"), Commanded(at, "batal", "ya 0"))


def parts(effect: Effect) -> tuple[Text | Words, ...]:
    return effect.parts if isinstance(effect, Say | Revise | Settle | Tell) else ()


def keys(value: Value) -> Iterator[str]:
    """Every msgid inside a value."""
    if isinstance(value, Text):
        yield value.msgid
        for inner in value.values.values():
            yield from keys(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from keys(inner)


def buttons_shown() -> list[Button]:
    shown = [effect for effect in everything_said() if isinstance(effect, Say | Revise | Tell)]
    return [button for effect in shown for row in effect.keyboard for button in row]


def test_everything_that_is_said_stands_in_the_catalogs() -> None:
    labels = [button.label for button in buttons_shown()]
    said = {key for effect in everything_said() for part in parts(effect) for key in keys(part)}
    said |= {key for label in labels for key in keys(label)}
    assert len(said) > 150, "too little was said for this test to show anything"
    assert {key for key in said - msgids() if re.search(r"\w", re.sub(r"\{\w+\}", "", key))} == set()


@both
def test_every_message_fits_telegram(language: str) -> None:
    for effect in everything_said():
        html = CATALOGS[language].html(parts(effect))
        plain, _ = parse(html, "HTML")
        assert 0 < units(plain) <= LONGEST_MESSAGE, html
        assert not re.search(r"\{[a-z_]+\}", plain.replace("{name}", "")), f"a placeholder was left: {plain}"
        assert "None" not in plain


@both
def test_every_label_is_one_thumb_wide(language: str) -> None:
    for button in buttons_shown():
        label = CATALOGS[language].plain(button.label)
        assert 0 < len(label) <= WIDEST_LABEL, label
        assert label.isprintable()


@both
def test_every_label_of_the_tables_is_one_thumb_wide(language: str) -> None:
    for place, label in texts(GUIDE.flows):
        shown = CATALOGS[language].plain(Text(label) if isinstance(label, str) else label)
        assert 0 < len(shown) <= WIDEST_LABEL, f"{place}: {shown}"


@both
def test_no_two_buttons_of_a_message_read_the_same(language: str) -> None:
    for effect in everything_said():
        if isinstance(effect, Say | Revise):
            labels = [CATALOGS[language].plain(button.label) for row in effect.keyboard for button in row]
            assert len(set(labels)) == len(labels), labels


def test_commands_that_are_spoken_of_exist() -> None:
    said = {name for text in catalogs.messages("id").values() for name in COMMAND.findall(text)}
    buttons = {button.data[1:].split(" ")[0] for button in buttons_shown() if button.data.startswith("/")}
    spoken_of = said | buttons | {command.removeprefix("/") for command in COMMAND_WORDS.values()}
    assert spoken_of >= {"menu", "status", "kembali", "batal", "info", "bahasa", "kontak"}
    for name in spoken_of:
        talk = Talk()
        talk.types(f"/{name}")
        assert talk.heard, name
        assert UNKNOWN not in talk.heard, name


# ----------------------------------------------------------------------------------------------------- commands, values


@both
def test_the_list_of_commands_fits_telegram(language: str) -> None:
    assert 0 < len(COMMANDS) <= 100
    for name, command in COMMANDS.items():
        assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
        assert 1 <= len(CATALOGS[language].plain(Text(command.description))) <= 256


def test_every_command_of_the_list_is_understood() -> None:
    for name in COMMANDS:
        talk = Talk()
        talk.types(f"/{name}")
        assert UNKNOWN not in talk.heard, name


@pytest.mark.parametrize(("value", "indonesian", "english"), [
    (wib("2026-11-23 08.00"), "Senin, 23 November 2026 pukul 08.00 WIB", "Monday, 23 November 2026 at 08:00 WIB"),
    (datetime(2026, 8, 16, 17, 5, tzinfo=UTC), "Senin, 17 Agustus 2026 pukul 00.05 WIB",
     "Monday, 17 August 2026 at 00:05 WIB"),
    (date(2026, 2, 1), "Minggu, 1 Februari 2026", "Sunday, 1 February 2026"),
    (date(2028, 12, 29), "Jumat, 29 Desember 2028", "Friday, 29 December 2028"),
    (30, "30", "30"),
    (12345, "12.345", "12,345"),
    (Words("Gratis", "Free"), "Gratis", "Free"),
    (("satu", 2), "satu\n2", "satu\n2"),
    (Text("Not yet"), "Belum", "Not yet"),
])  # fmt: skip
def test_values_are_written_as_people_write_them(value: Value, indonesian: str, english: str) -> None:
    said = Text("{value}", {"value": value})
    assert (CATALOGS["id"].plain(said), CATALOGS["en"].plain(said)) == (indonesian, english)


@pytest.mark.parametrize(("code", "language"), [
    (None, "id"), ("", "id"), ("id", "id"), ("ID", "id"), ("id-ID", "id"), ("en", "en"), ("EN", "en"), ("en-US", "en"),
    ("en-gb", "en"), ("jv", "id"), ("ms", "id"), ("in", "id"), ("zh-hans", "id"), ("eng", "id"), ("-", "id"),
    ("english", "id"), ("x-en", "id"), ("🦀", "id"),
])  # fmt: skip
def test_the_language_to_begin_with(code: str | None, language: str) -> None:
    assert language_for(code) == language


@given(st.none() | st.text())
def test_any_code_gives_a_language_that_there_is(code: str | None) -> None:
    assert language_for(code) in LANGUAGES


def test_what_is_not_translated_is_said_in_english() -> None:
    fresh = Catalog(DEFAULT, {}, CATALOGS[DEFAULT].zone)
    assert fresh.plain(Text("Welcome, {name}.", {"name": "Siti"})) == "Welcome, Siti."


@both
@given(name=st.text(max_size=200))
def test_what_people_wrote_is_shown_as_they_wrote_it(language: str, name: str) -> None:
    html = CATALOGS[language].html((Text("Welcome, {name}.", {"name": name}), Words(name, name)))
    text, entities = parse(html, "HTML")
    assert name.strip() in text
    assert {entity["type"] for entity in entities} <= {"url", "email", "bot_command"}, "what people wrote became markup"
