import re
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from conversations.service import Service, ServiceError, read_service
from conversations.service.fields import Component
from conversations.text import Words

NAME = "pekalongan.toml"
TEXT = files("conversations.service").joinpath(NAME).read_text("utf-8")
SERVICE = read_service(TEXT, NAME)

UNHURRIED = settings(deadline=None, max_examples=50)  # reading a file takes 20 ms, and on a busy machine longer
SECRETS = re.compile(
    r"passphrase|kata sandi|password|\bOTP\b|\bkode\b|\bcode\b|\bNIK\b|\bKTP\b|identity card|swafoto|selfie",
    re.IGNORECASE,
)
ASKS_INDONESIAN = re.compile(r"\b((mengi|ki)rim|(tulis|sebut|balas|beri)(kan|tahu)?)\b", re.IGNORECASE)
ASKS_ENGLISH = re.compile(r"\b(send|tell|write|reply|give|share)\b", re.IGNORECASE)
REFUSES = re.compile(r"\b(jangan|tidak|tanpa|never|not|without|no)\b", re.IGNORECASE)
NAMES_A_LINE = re.compile(r"kota\.toml, line \d+(, column \d+)?: .+\.")


def line_of(part: str, text: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def edited(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def words_in(value: object) -> Iterator[Words]:
    match value:
        case Words():
            yield value
        case BaseModel():
            for name in type(value).model_fields:
                yield from words_in(getattr(value, name))
        case tuple():
            for each in value:
                yield from words_in(each)


ALL_WORDS = tuple(dict.fromkeys(words_in(SERVICE)))


def outcome(text: str) -> Service | str:
    """The service that the text describes, or what is told about it."""
    try:
        return read_service(text, "kota.toml")
    except ServiceError as error:
        return str(error)


def complaint_about(text: str) -> str:
    told = outcome(text)
    assert isinstance(told, str)
    return told


# ------------------------------------------------------------------------------------------------ the shipped file


def test_the_shipped_file_states_the_facts_of_the_standard() -> None:
    friday = SERVICE.hours.friday
    assert (SERVICE.time_limit_working_days, SERVICE.zone.utc_offset_hours, SERVICE.zone.name) == (1, 7, "WIB")
    assert friday is not None
    assert (friday.opens.hour, friday.closes.hour, friday.break_from) == (8, 11, None)
    assert SERVICE.hours.days()[5:] == (None, None)
    assert SERVICE.office.phones == ("(0285) 421243", "(0285) 420223")
    assert SERVICE.office.email == "diskominfo@pekalongankota.go.id"
    assert SERVICE.renewal.window_days == 30


def test_each_of_the_fourteen_components_is_told_once() -> None:
    assert len(get_args(Component)) == 14
    told = [info.component for info in SERVICE.info if info.component]
    assert sorted(told) == sorted(get_args(Component))


def test_what_info_says_agrees_with_the_data_beside_it() -> None:
    said = {info.id: " ".join(words.id for words in info.lines) for info in SERVICE.info}
    hours = {f"{day.opens:%H.%M}–{day.closes:%H.%M}" for day in SERVICE.hours.days() if day}
    assert all(each in said["hours"] for each in hours)
    assert f"{SERVICE.time_limit_working_days} hari kerja" in said["hours"]
    assert all(phone in said["office"] and phone in said["complaints"] for phone in SERVICE.office.phones)
    assert SERVICE.office.email in said["office"]
    assert SERVICE.ams.address in said["ams"]
    addresses = {channel.id: channel.address for channel in SERVICE.channels}
    assert all(addresses[each] in said[each] for each in ("lapor_ajib", "sp4n_lapor"))
    assert all(channel.address in said["complaints"] or channel.id == "direct" for channel in SERVICE.channels[:6])


def test_what_nobody_confirmed_says_so() -> None:
    unconfirmed = (SERVICE.letter.contents, SERVICE.letter.signatory, SERVICE.letter.format, SERVICE.retention)
    assert [fact.confirmed for fact in unconfirmed] == [False] * 4
    (complaints,) = (official for official in SERVICE.officials if official.role == "complaints")
    assert complaints.name is not None
    assert not complaints.confirmed


def test_the_notice_of_a_registration_says_what_what_for_and_who() -> None:
    what, purpose, who = (line.id for line in SERVICE.privacy.consent)
    assert all(word in what for word in ("nama", "NIP", "unit", "e-mail"))
    assert purpose.startswith("Untuk apa")
    assert "petugas" in who
    (entry,) = (info for info in SERVICE.info if info.id == "privacy")
    assert any("/privasi" in line.id for line in entry.lines)


def test_a_newer_law_is_a_dated_note_and_not_part_of_the_official_list() -> None:
    (law,) = (info for info in SERVICE.info if info.component == "law")
    (note,) = law.notes
    assert "1 Tahun 2024" in note.text.id
    assert (note.approved, note.dated > date(2026, 1, 1)) == (False, True)
    assert all("2024" not in line.id for line in law.lines)
    assert sum(bool(re.match(r"\d\. ", line.id)) for line in law.lines) == 5


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_text_is_plain_and_never_asks_for_a_secret(language: str) -> None:
    asks = ASKS_INDONESIAN if language == "id" else ASKS_ENGLISH
    for text in (words.id if language == "id" else words.en for words in ALL_WORDS):
        assert not re.search(r"[<>{}\t]|  ", text), text
        asking = [part for part in re.split(r"(?<=[.!?:]) |; ", text) if SECRETS.search(part) and asks.search(part)]
        assert [part for part in asking if not REFUSES.search(part)] == []


def test_the_languages_differ_except_in_proper_names() -> None:
    assert [words.id for words in ALL_WORDS if words.id == words.en] == ["passphrase"]


def test_only_words_of_ams_itself_stay_untranslated() -> None:
    english = re.compile(
        r"\b(the|your|please|click|link|login|upload|file|browser|expired|reset|spam)\b", re.IGNORECASE
    )
    left = {found for words in ALL_WORDS for found in english.findall(re.sub(r"https?://\S+", "", words.id))}
    assert {word.lower() for word in left} <= {"reset", "expired", "spam", "browser"}


def test_a_group_fits_a_keyboard_with_the_way_back() -> None:
    groups = [SERVICE.info_of(group.id) for group in SERVICE.info_groups]
    symptoms = [SERVICE.symptoms_of(group.id) for group in SERVICE.symptom_groups]
    assert all(1 <= len(group) <= 5 for group in (*groups, *symptoms))
    assert sum(map(len, groups)) == len(SERVICE.info)
    assert sum(map(len, symptoms)) == len(SERVICE.symptoms)


def test_labels_of_one_keyboard_differ() -> None:
    keyboards = [
        [group.label for group in SERVICE.info_groups],
        [group.label for group in SERVICE.symptom_groups],
        *([info.label for info in SERVICE.info_of(group.id)] for group in SERVICE.info_groups),
        *([symptom.label for symptom in SERVICE.symptoms_of(group.id)] for group in SERVICE.symptom_groups),
    ]
    for labels in keyboards:
        assert len({words.id for words in labels}) == len(labels) == len({words.en for words in labels})


@pytest.mark.parametrize("code", ["2011", "2021", "2031"])
def test_the_error_codes_can_be_found_from_the_first_list(code: str) -> None:
    (group,) = (group for group in SERVICE.symptom_groups if code in group.label.id and code in group.label.en)
    assert any(code in symptom.label.id and code in symptom.label.en for symptom in SERVICE.symptoms_of(group.id))


@pytest.mark.parametrize(
    ("address", "genuine"),
    [
        ("https://portal-bsre.bssn.go.id/login", True),
        ("https://bssn.go.id", True),
        ("https://portal-bsre.bssn.go.id.example.com/login", False),
        ("https://bssn.go.id@example.com/", False),
        ("https://evilbssn.go.id/", False),
        ("https://[", False),
        ("bssn.go.id", False),
    ],
)
def test_a_genuine_link_ends_in_the_domain(address: str, genuine: bool) -> None:  # noqa: FBT001 - a row of the table
    assert SERVICE.ams.is_genuine(address) == genuine


def test_a_place_is_named_once() -> None:
    names = [name.casefold() for place in SERVICE.places for name in (place.name, *place.aliases)]
    assert len(names) == len(set(names))


# ------------------------------------------------------------------------------------------------- a wrong file


@pytest.mark.parametrize(
    ("old", "new", "key", "takes"),
    [
        ("friday = { opens = 08:00:00", "friday = { opens = 8", "hours.friday.opens", "takes a time, such as 08:00:00"),
        ("closes = 11:00:00", "closes = 07:00:00", "hours.friday", "takes times in order"),
        ("closes = 11:00:00", "closes = 08:00:00", "hours.friday", "takes times in order"),
        ("window_days = 30", 'window_days = "30"', "renewal.window_days", "takes a whole number, not '30'"),
        ("utc_offset_hours = 7", "utc_offset_hours = 70", "zone.utc_offset_hours", "less than or equal to 14"),
        ('phones = ["(0285) 421243"', 'phones = ["none"', "office.phones[1]", "takes a telephone number"),
        ('email = "diskominfo@', 'email = "diskominfo ', "office.email", "takes an e-mail address"),
        ('website = "http:', 'website = "ftp:', "office.website", "takes a web address"),
        (
            'address = "https://portal-bsre',
            'address = "http://portal-bsre',
            "ams",
            "takes an address that begins with https",
        ),
        ('link_domains = ["bssn', 'link_domains = ["bsn', "ams", "ends in one of link_domains"),
        ('role = "leader"', 'role = "boss"', "officials[4].role", "'supervisor' or 'leader', not 'boss'"),
        ('{ id = "Surat Rekomendasi (SR)", en', '{ id = "", en', "preparation.items[2]", "takes two plain texts"),
        ('label = { id = "Biaya", en = "Fee" }', 'label = { id = "Biaya" }', "info[4].label", "takes two plain texts"),
        ('en = "Fee" }', 'en = "Fee", jv = "Ragad" }', "info[4].label", "takes two plain texts"),
        (
            'label = { id = "Biaya"',
            'label = { id = "Biaya yang harus dibayarkan"',
            "info[4].label",
            "at most 24 characters",
        ),
        ("approved = false", 'approved = "no"', "info[14].notes[1].approved", "takes true or false"),
        ("inbox_days = 3", "inbox_days = 30", "retention.inbox_days", "less than or equal to 7"),
        ("renewal_days = 730", "renewal_days = 7", "retention.renewal_days", "greater than or equal to 30"),
        ("person_days = 1095", 'person_days = "1095"', "retention.person_days", "takes a whole number"),
        ('id = "Yang disimpan: nama', 'nl = "Yang disimpan: nama', "privacy.consent[1]", "takes two plain texts"),
        ('name = "Dinas Kesehatan"', 'name = "D"', "places[6].name", "at least 2 characters"),
        ('name = "Inspektorat"', f'name = "{"I" * 81}"', "places[3].name", "at most 80 characters"),
        ('group = "signin"', 'group = "login"', "symptoms[1].group", "takes the id of one of symptom_groups: signin, "),
        ('id = "forgot_ams"', 'id = "forgot-ams"', "symptoms[2].id", "takes an id of at most 12"),
        ('component = "safety"', 'component = "security"', "info[20].component", "takes 'requirements', "),
        ("session_days = 180", "sesion_days = 180", "retention.sesion_days", "is not a key that this file knows"),
    ],
)
def test_a_wrong_value_is_told_with_file_line_key_and_what_it_takes(old: str, new: str, key: str, takes: str) -> None:
    text = edited(old, new)
    line = line_of("[ams]" if key == "ams" else new, text)
    told = [sentence for sentence in complaint_about(text).splitlines() if f": {key} " in sentence]
    assert [sentence.startswith(f"kota.toml, line {line}: {key} ") for sentence in told] == [True]
    assert takes in told[0]


def test_a_missing_key_is_told_at_its_table() -> None:
    text = edited("window_days = 30\n", "")
    assert complaint_about(text) == f"kota.toml, line {line_of('[renewal]', text)}: renewal.window_days is missing."


def test_a_missing_table_is_told() -> None:
    assert "kota.toml, line 1: zone is missing." in complaint_about(edited("[zone]", "[zone2]"))


@pytest.mark.parametrize(("key", "table"), [
    ("consent", "privacy"), ("rights", "privacy"), ("renewal_days", "retention"), ("person_days", "retention"),
])  # fmt: skip
def test_what_privacy_needs_cannot_be_left_out(key: str, table: str) -> None:
    text = edited(f"\n{key} = ", f"\n{key}_ = ")
    assert f"kota.toml, line {line_of(f'[{table}]', text)}: {table}.{key} is missing." in complaint_about(text)


def test_a_person_is_not_forgotten_before_the_session() -> None:
    text = edited("person_days = 1095", "person_days = 90")
    line = line_of("[retention]", text)
    told = "retention takes person_days that are not fewer than session_days"
    assert complaint_about(text) == f"kota.toml, line {line}: {told}."


def test_a_notice_that_no_message_holds_is_told() -> None:
    text = edited('{ id = "Yang disimpan: ', f'{{ id = "{"Yang disimpan " * 260}: ')
    assert f"line {line_of('[privacy]', text)}: privacy takes lines of together at most" in complaint_about(text)


def test_two_places_of_the_same_name_are_told() -> None:
    text = edited('aliases = ["Dinkes"]', 'aliases = ["dishub"]')
    (told,) = complaint_about(text).splitlines()
    assert "places[14].name takes names that no other place has, not 'dishub', as Dinas Kesehatan has" in told


def test_a_missing_component_is_told() -> None:
    text = edited('component = "fee"\n', "")
    assert "info takes exactly one entry with component = 'fee', and has 0." in complaint_about(text)


def test_an_id_that_is_there_twice_is_told_at_the_second() -> None:
    text = edited('id = "forgot_ams"', 'id = "not_known"')
    line = 1 + line_of('[[symptoms]]\nid = "not_known"\ngroup = "signin"\nlabel = { id = "Lupa', text)
    told = "symptoms[2].id takes an id that no other entry has, not 'not_known' again."
    assert complaint_about(text) == f"kota.toml, line {line}: {told}"


def test_a_group_that_no_keyboard_holds_is_told() -> None:
    text = edited('id = "phone"\ngroup = "mail"', 'id = "phone"\ngroup = "data"')
    text = text.replace('id = "no_mail"\ngroup = "mail"', 'id = "no_mail"\ngroup = "data"')
    assert "symptom_groups[4].id takes a group of 1 to 5 symptoms, and 'data' has 7." in complaint_about(text)


def test_every_fault_is_told_in_the_order_of_the_file() -> None:
    text = edited("window_days = 30", "window_days = 0").replace("inbox_days = 3", "inbox_days = 1")
    lines = [int(line) for line in re.findall(r"line (\d+):", complaint_about(text))]
    assert lines == [line_of("window_days", text), line_of("inbox_days", text)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = 1\nb = = 2\n", "kota.toml, line 2, column 5: this is not TOML: Invalid value."),
        ("a = 1\nb = [1,\n", "kota.toml, line 3: this is not TOML: Invalid value."),
        ("", "kota.toml, line 1: ams is missing."),
    ],
)
def test_what_is_no_service_file_at_all_is_told(text: str, sentence: str) -> None:
    assert complaint_about(text).splitlines()[0] == sentence


def test_own_days_as_the_file_documents_them_are_valid() -> None:
    documented = re.sub(r"^# (?=(\[\[|first|last|reason|hours|weekdays))", "", TEXT, flags=re.MULTILINE)
    service = read_service(documented, "kota.toml")
    assert (len(service.closed_days), len(service.changed_hours), len(service.open_days)) == (1, 1, 1)


def test_a_day_cannot_be_closed_and_open() -> None:
    day = 'first = 2026-12-24\nreason = { id = "a", en = "b" }\n'
    hours = "hours = { opens = 08:00:00, closes = 11:00:00 }\n"
    told = complaint_about(f"{TEXT}\n[[closed_days]]\n{day}\n[[open_days]]\n{day}{hours}")
    assert "open_days[1].first takes days that are not among closed_days too." in told


@pytest.mark.parametrize("last", ["2026-12-23", "2028-12-24"])
def test_days_in_the_wrong_order_or_year_are_told(last: str) -> None:
    text = f'{TEXT}\n[[closed_days]]\nfirst = 2026-12-24\nlast = {last}\nreason = {{ id = "a", en = "b" }}\n'
    line = line_of("[[closed_days]]\nfirst = 2026", text)
    assert complaint_about(text).startswith(f"kota.toml, line {line}: closed_days[1] takes a last day")


@UNHURRIED
@given(st.integers(0, len(TEXT) - 1), st.sampled_from(["", '"', "[", "]", "=", "\n", "x", "{", "0"]))
def test_any_small_slip_is_a_valid_file_or_a_sentence_that_names_a_line(place: int, slip: str) -> None:
    told = outcome(TEXT[:place] + slip + TEXT[place + 1 :])
    assert isinstance(told, Service) or all(NAMES_A_LINE.fullmatch(sentence) for sentence in told.splitlines())
