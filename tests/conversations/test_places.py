"""The list of places: a part of the name finds it, pages show it, and what is not in it can be used as well."""

from __future__ import annotations

import re
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.effects import Button, Keyboard
from conversations.flow import MAX_DATA_BYTES, Accepted, Refused, Shown
from conversations.places import AS_TYPED, CLOSE, PAGE, WHOLE, PlacePicker, Workplace, found
from conversations.screen import Data, encode
from conversations.text import Text
from tests.conversations.talk import GUIDE, MONDAY, SERVICE, labelled

FACTS = GUIDE.book.facts(MONDAY)
PICKER = PlacePicker()


def read(text: str) -> Accepted | Refused | Shown:
    return Workplace().read(text, MONDAY, FACTS)


def keyboard(page: str) -> Keyboard:
    return PICKER.keyboard(page, FACTS, lambda option: option)


def options(page: str) -> list[str]:
    return [button.data for row in keyboard(page) for button in row]


def labels(page: str) -> list[str]:
    return [labelled(button.label) for row in keyboard(page) for button in row]


# ---------------------------------------------------------------------------------------------------------- by typing


@pytest.mark.parametrize(("typed", "name"), [
    ("Dinas Kesehatan", "Dinas Kesehatan"), ("dinkes", "Dinas Kesehatan"), ("DINKÉS", "Dinas Kesehatan"),
    ("kominfo", "Dinas Komunikasi dan Informatika"), ("Diskominfo Kota Pekalongan", "Dinas Komunikasi dan Informatika"),
    ("dinsos", "Dinas Sosial, Pengendalian Penduduk dan Keluarga Berencana"), ("dinsos p2kb",
    "Dinas Sosial, Pengendalian Penduduk dan Keluarga Berencana"), ("setda", "Sekretariat Daerah"),
    ("satpol-pp", "Satuan Polisi Pamong Praja"), ("lingkungan", "Dinas Lingkungan Hidup"),
    ("kel. medono", "Kelurahan Medono"), ("Puskesmas", "Puskesmas"), ("yosorejo", "Kelurahan Kuripan Yosorejo"),
    ("pekalongan barat", "Kecamatan Pekalongan Barat"),
])  # fmt: skip
def test_one_match_is_taken(typed: str, name: str) -> None:
    assert read(typed) == Accepted(name)


def test_several_matches_are_shown_to_choose_from() -> None:
    shown = read("kuripan")
    assert isinstance(shown, Shown)
    assert shown.why is not None
    assert shown.why.msgid.startswith("Several places")
    assert labels(shown.page) == [
        "Kelurahan Kuripan Kertoharjo", "Kelurahan Kuripan Yosorejo", "Use: {typed}", "‹ Back",
    ]  # fmt: skip


def test_what_nobody_knows_can_be_used_as_it_was_typed() -> None:
    shown = read("  Bagian   Hukum\nSetda ")
    assert isinstance(shown, Shown)
    assert shown.why is not None
    assert shown.why.msgid.startswith("I do not know that place.")
    assert options(shown.page) == [AS_TYPED, WHOLE, CLOSE]
    assert PICKER.pick(AS_TYPED, shown.page, FACTS) == Accepted("Bagian Hukum Setda")


@pytest.mark.parametrize("typed", ["", " ", "x", "12", "---", "a" * 101])
def test_what_cannot_be_a_name_is_refused(typed: str) -> None:
    assert isinstance(read(typed), Refused)


@pytest.mark.parametrize("place", SERVICE.places, ids=lambda place: place.name)
def test_every_place_is_found_by_each_of_its_names(place: object) -> None:
    names = next((each.name, *each.aliases) for each in SERVICE.places if each is place)
    assert [found(name, SERVICE) for name in names] == [(place,)] * len(names)


@given(st.text(max_size=120))
def test_any_text_gives_an_answer_a_refusal_or_a_page(text: str) -> None:
    match read(text):
        case Accepted(value):
            assert value in {place.name for place in SERVICE.places}
        case Shown(page):
            assert page.startswith("p0:")
            assert AS_TYPED in options(page)
            used = PICKER.pick(AS_TYPED, page, FACTS)
            assert isinstance(used, Accepted)
            assert used.value.isprintable()
        case Refused():
            pass


# ----------------------------------------------------------------------------------------------------------- by pages


def test_the_pages_show_every_place_once_and_in_order() -> None:
    seen: list[str] = []
    for number in count():
        shown = options(f"p{number}")
        seen += [option for option in shown if option.startswith("u")]
        if f"p{number + 1}" not in shown:
            break
    assert seen == [f"u{number}" for number in range(len(SERVICE.places))]


@pytest.mark.parametrize("page", ["p0", "p1", "p8", "p999", "p0:kelurahan", "p4:kelurahan", "p0:Bagian Hukum"])
def test_a_page_fits_the_screen_and_its_data_a_button(page: str) -> None:
    rows = PICKER.keyboard(page, FACTS, lambda option: encode(Data("register", "workplace", 36**8 - 1, option)))
    assert len(rows) <= PAGE + 3
    for button in (button for row in rows for button in row):
        assert len(button.data.encode()) <= MAX_DATA_BYTES
        assert len(labelled(button.label)) <= 28


def test_a_long_name_is_shown_by_the_alias_that_people_know() -> None:
    assert {"DPMPTSP", "BKPSDM", "Bapperida"} <= {label for number in range(9) for label in labels(f"p{number}")}


def test_turning_the_page_keeps_what_was_typed_and_the_whole_list_forgets_it() -> None:
    assert PICKER.pick("p1", "p0:kelurahan", FACTS) == Shown("p1:kelurahan")
    assert PICKER.pick("p1", "p0", FACTS) == Shown("p1")
    assert PICKER.pick(WHOLE, "p0:xyz", FACTS) == Shown("p0")
    assert PICKER.pick(CLOSE, "p1:kelurahan", FACTS) == Shown("")


def test_a_page_has_the_ways_to_its_neighbours_alone() -> None:
    assert (options("p0")[-2:], options("p1")[-3:]) == (["p1", CLOSE], ["p0", "p2", CLOSE])
    last = (len(SERVICE.places) - 1) // PAGE
    assert options("p999") == options(f"p{last}")
    assert options(f"p{last}")[-2:] == [f"p{last - 1}", CLOSE]


@given(
    st.text(max_size=12) | st.from_regex(r"[pu][0-9]{0,5}", fullmatch=True),
    st.text(max_size=30) | st.from_regex(r"p[0-9]{1,4}:.{0,20}"),
)
def test_any_option_on_any_page_means_a_place_a_page_or_nothing(option: str, page: str) -> None:
    assert options(page)[-1] == CLOSE
    match PICKER.pick(option, page, FACTS):
        case None:
            assert option not in options(page)
        case Accepted(value):
            assert value
            assert option == AS_TYPED or value == SERVICE.places[int(option[1:])].name
        case Shown(shown):
            assert shown == "" or re.match(r"p[0-9]{1,3}(:|$)", shown)


def test_what_is_long_is_shortened_on_its_button_alone() -> None:
    typed = "Bagian " + "Hukum " * 10
    (button, *_) = (button for row in keyboard(f"p0:{typed.strip()}") for button in row)
    assert isinstance(button, Button)
    assert isinstance(button.label, Text)
    assert len(str(button.label.values["typed"])) == 20
    assert PICKER.pick(AS_TYPED, f"p0:{typed.strip()}", FACTS) == Accepted(typed.strip())
