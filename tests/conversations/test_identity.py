"""What people type about themselves: what is taken is kept in one form, and a refusal names exactly what is odd."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conversations.flow import Accept, Accepted, Refused
from conversations.identity import Consent, Nip, OfficialEmail, PersonName, SixDigits
from conversations.text import Text, masked
from tests.conversations.talk import GUIDE, MONDAY

FACTS = GUIDE.book.facts(MONDAY)
TODAY = FACTS.today
PARSERS: tuple[Accept, ...] = (Nip(), PersonName(), OfficialEmail(), SixDigits(), Consent())


def read(accept: Accept, text: str) -> str:
    """What is kept; of a refusal, its sentence."""
    match accept.read(text, MONDAY, FACTS):
        case Accepted(value):
            return value
        case Refused(why):
            return why.msgid.format(**{name: str(value) for name, value in why.values.items()})
        case shown:
            raise AssertionError(f"{shown} shows a page")


# --------------------------------------------------------------------------------------------------------------- NIP

born = st.dates(TODAY - timedelta(days=365 * 79), TODAY - timedelta(days=366 * 20))
endings = st.builds("{}{:03}".format, st.sampled_from("12"), st.integers(1, 999))


@st.composite
def nips(draw: st.DrawFn) -> str:
    """A PNS with a month of appointment, or a PPPK with a number of contracts."""
    birth, ending = draw(born), draw(endings)
    if draw(st.booleans()):
        year = draw(st.integers(birth.year + 15, TODAY.year))
        month = draw(st.integers(1, TODAY.month if year == TODAY.year else 12))
    else:
        year, month = draw(st.integers(max(2014, birth.year + 15), TODAY.year)), draw(st.integers(13, 99))
    return f"{birth:%Y%m%d}{year}{month:02}{ending}"


@given(nips(), st.sampled_from(["", " ", ".", "-", "\u00a0", " - "]), st.sampled_from(["", "NIP ", "nip. ", "NIP: "]))
def test_a_valid_nip_is_taken_and_shown_in_groups(nip: str, between: str, before: str) -> None:
    groups = (nip[:8], nip[8:14], nip[14], nip[15:])
    assert read(Nip(), before + between.join(groups)) == nip
    assert Nip().show(nip) == " ".join(groups)
    assert read(Nip(), str(Nip().show(nip))) == nip


@pytest.mark.parametrize("nip", ["199003172014032005", "19900317 201403 2 005", "1990.0317.2014.0320.05"])
def test_a_nip_may_be_typed_as_it_is_printed(nip: str) -> None:
    assert read(Nip(), nip) == "199003172014032005"


@given(nips(), st.integers(0, 24))
def test_another_number_of_digits_is_counted(nip: str, length: int) -> None:
    assume(length not in {0, 16, 18})
    assert read(Nip(), (nip * 2)[:length]).startswith(f"An NIP has 18 digits, and that has {length}.")


@given(nips())
def test_sixteen_digits_are_taken_for_an_nik(nip: str) -> None:
    assert "Please never send your NIK here" in read(Nip(), nip[:16])


@given(nips(), st.sampled_from(["0000", "1301", "0230", "0431", "1200", "9999"]))
def test_a_birth_that_is_no_date_is_named(nip: str, day: str) -> None:
    odd = nip[:4] + day + nip[8:]
    assert f"{odd[:4]}-{odd[4:6]}-{odd[6:8]} is no date" in read(Nip(), odd)


@given(
    nips(),
    st.dates(date(1800, 1, 1), TODAY - timedelta(days=366 * 82))
    | st.dates(TODAY - timedelta(days=365 * 14), date(2099, 1, 1)),
)
def test_too_young_and_too_old_are_named(nip: str, birth: date) -> None:
    assert f"{birth} cannot be yours" in read(Nip(), f"{birth:%Y%m%d}{nip[8:]}")


@pytest.mark.parametrize(("birth", "taken"), [
    ("20111123", True), ("20111124", False), ("19451124", True), ("19451123", False), ("20261123", False),
])  # fmt: skip
def test_the_ages_are_counted_to_the_day(birth: str, taken: bool) -> None:  # noqa: FBT001 - a case of the table
    assert ("cannot be yours" not in read(Nip(), f"{birth}2026111001")) is taken


@given(nips(), st.sampled_from(["00", "13", "21", "99"]), st.integers(2000, 2013))
def test_a_month_that_there_is_not_is_named(nip: str, month: str, year: int) -> None:
    odd = f"{nip[:8]}{year}{month}{nip[14:]}"
    assert f"the month of the appointment, and {month} is none" in read(Nip(), odd)


@given(nips(), st.integers(1, 12), st.integers(1, 50))
def test_an_appointment_to_come_is_named(nip: str, month: int, years: int) -> None:
    odd = f"{nip[:8]}{TODAY.year + years}{month:02}{nip[14:]}"
    assert f"({TODAY.year + years}, {month:02}) is still to come" in read(Nip(), odd)


@given(nips(), st.integers(1, 12), st.integers(0, 50))
def test_an_appointment_before_birth_is_named(nip: str, month: int, years: int) -> None:
    year = int(nip[:4]) - years
    assume((year, month) <= (int(nip[:4]), int(nip[4:6])))
    assert f"({year}, {month:02}) was before birth" in read(Nip(), f"{nip[:8]}{year}{month:02}{nip[14:]}")


@given(nips(), st.sampled_from("03456789"))
def test_a_sex_digit_that_there_is_not_is_named(nip: str, digit: str) -> None:
    assert f"Digit 15 of an NIP is 1 or 2, and here it is {digit}" in read(Nip(), nip[:14] + digit + nip[15:])


@given(nips())
def test_a_serial_number_of_nought_is_named(nip: str) -> None:
    assert "a number from 001 on" in read(Nip(), nip[:15] + "000")


@given(nips(), st.integers(0, 17), st.characters(categories=["L", "No", "P"], exclude_characters=".-–"))
def test_what_is_no_digit_is_named(nip: str, place: int, letter: str) -> None:
    assert "An NIP has only digits" in read(Nip(), nip[:place] + letter + nip[place + 1 :])


# ----------------------------------------------------------------------------------------------- name, address, code


@pytest.mark.parametrize("name", [
    "Siti Aminah", "Budi", "Dr. H. Agus Salim, S.H., M.Si.", "Ratna D'Arc", "Nur-Aini", "Ratna Ayu’ni", "Zoë", "Ny",
])  # fmt: skip
def test_a_name_is_kept_as_it_is(name: str) -> None:
    assert read(PersonName(), f"  {name.replace(' ', '   ')}\n") == name


@pytest.mark.parametrize(("name", "why"), [
    ("Siti 2", "no digits"), ("Siti²", "no digits"), ("Siti @kantor", "only letters"), ("/batal", "only letters"),
    ("<b>Siti</b>", "only letters"), ("Siti😀", "only letters"), ("Siti\x00", "only letters"), ("", "full name"),
    ("S", "full name"), (".Siti", "full name"), ("-", "full name"), ("Batal", "full name"), ("kembali", "full name"),
    ("a" * 81, "longer than 80 characters"),
])  # fmt: skip
def test_what_is_no_name_is_refused(name: str, why: str) -> None:
    assert why in read(PersonName(), name)


@pytest.mark.parametrize(("typed", "kept"), [
    ("siti@pekalongankota.go.id", "siti@pekalongankota.go.id"),
    (" Siti.Aminah@PekalonganKota.go.id\n", "siti.aminah@pekalongankota.go.id"),
    ("siti_a-tte@gafe.pekalongankota.go.id", "siti_a-tte@gafe.pekalongankota.go.id"),
    ("d-1@a.b.pekalongankota.go.id", "d-1@a.b.pekalongankota.go.id"),
])  # fmt: skip
def test_an_official_address_is_kept_in_lower_case(typed: str, kept: str) -> None:
    assert read(OfficialEmail(), typed) == kept


@pytest.mark.parametrize("typed", [
    "siti@gmail.com", "siti@pekalongankota.go.id.example.com", "siti@xpekalongankota.go.id", "siti@go.id",
])  # fmt: skip
def test_an_address_of_somebody_else_is_refused_with_the_domain(typed: str) -> None:
    assert read(OfficialEmail(), typed) == (
        "Only an official address can be used, one that ends in pekalongankota.go.id."
    )


@pytest.mark.parametrize("typed", [
    "", "siti", "@pekalongankota.go.id", "siti@", "siti @pekalongankota.go.id", "siti@@pekalongankota.go.id",
    "siti@pekalongankota.go.id\nBcc: budi@pekalongankota.go.id", "siti\r\n@pekalongankota.go.id",
    "siti,budi@pekalongankota.go.id", "<siti@pekalongankota.go.id>", '"siti"@pekalongankota.go.id',
    ".siti@pekalongankota.go.id", "siti.@pekalongankota.go.id", "siti@.pekalongankota.go.id",
    "siti@-.pekalongankota.go.id", "siti@PE\u212aalongankota.go.id", "sıti@pekalongankota.go.id",
    "siti@pekalongankota.go.id\x00", "siti%40@pekalongankota.go.id", f"{'s' * 65}@pekalongankota.go.id",
    f"siti@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.pekalongankota.go.id",
])  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    assert read(OfficialEmail(), typed).startswith("I could not read that as an e-mail address.")


@pytest.mark.parametrize(("typed", "kept"), [("112233", "112233"), (" 11 22 33 ", "112233"), ("112-233", "112233")])
def test_a_code_may_be_typed_in_groups(typed: str, kept: str) -> None:
    assert read(SixDigits(), typed) == kept
    assert SixDigits().show(kept) == Text("The code was typed"), "a code is not shown again"


@pytest.mark.parametrize("typed", ["", "11223", "1122334", "11223x", "١١٢٢٣٣", "again"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert read(SixDigits(), typed).startswith("The code has 6 digits.")


def test_consent_is_the_moment_of_the_button() -> None:
    assert read(Consent(), "agree") == MONDAY.isoformat()
    for typed in ("ya", MONDAY.isoformat(), "", "AGREE"):
        assert read(Consent(), typed).startswith("Please press one of the buttons")


@given(st.text() | st.from_regex(r"[0-9 .-]{14,24}") | st.emails())
def test_any_text_is_read_the_same_way_twice(text: str) -> None:
    for accept in PARSERS:
        first = accept.read(text, MONDAY, FACTS)
        assert first == accept.read(text, MONDAY, FACTS)
        if isinstance(first, Accepted):
            assert first.branch in accept.branches
            assert first.value.isprintable()
            assert len(first.value) <= 254
            accept.show(first.value)


@given(st.text())
def test_an_accepted_address_can_hold_no_header(text: str) -> None:
    kept = OfficialEmail().read(f"{text}@pekalongankota.go.id", MONDAY, FACTS)
    if isinstance(kept, Accepted):
        assert re.fullmatch(r"[a-z0-9._+-]+@pekalongankota\.go\.id", kept.value)


@pytest.mark.parametrize(("address", "shown"), [
    ("siti@pekalongankota.go.id", "si***@pekalongankota.go.id"),
    ("ani@pekalongankota.go.id", "a***@pekalongankota.go.id"),
    ("x@a.go.id", "x***@a.go.id"), ("", "***@"),
])  # fmt: skip
def test_an_address_is_masked(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_a_mailbox_is_one_employee_and_not_many() -> None:
    assert read(OfficialEmail(), "siti+1@pekalongankota.go.id").startswith("Please type the address without the plus")
