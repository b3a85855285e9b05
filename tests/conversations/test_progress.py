"""How far somebody is with the renewal, as staff read it: of what the guide knows at that moment, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.flow import STEPS, Ask, Choose, Review
from conversations.flows.renewal import FLOW
from conversations.progress import Renewal, progress, progress_text
from conversations.session import Frame, Session
from tests.conversations.talk import GUIDE, TO_THE_CHECK, TO_THE_REVIEW, at_question, at_state, deep_talk, wib
from tests.shipped import CATALOGS

NOW = wib("2026-11-23 09.00")
NONE = "Pembaruan: tidak ada yang sedang berjalan di sini"
HEAD = "Pembaruan menurut pegawai, per Senin, 23 November 2026 pukul 09.00 WIB:"

SENT = Renewal(wib("2026-11-20 09.00"), wib("2026-11-23 16.00"))
ISSUED = replace(SENT, issued_at=wib("2026-11-23 08.30"))
LONG_AGO = Renewal(wib("2024-11-18 09.00"), wib("2024-11-19 16.00"), wib("2024-11-19 11.00"))
AWAITED = {**TO_THE_REVIEW, "review": "yes"}
NEW = {**AWAITED, "issued": "yes", "test": "yes"}


def read(
    session: Session | None = None,
    expires_on: date | None = None,
    *renewals: Renewal,
    at: datetime = NOW,
    language: str = "id",
) -> list[str]:
    known = progress(session or Session(), expires_on, renewals, at, GUIDE.book)
    return CATALOGS[language].plain(progress_text(known, GUIDE.book)).splitlines()


def test_of_who_has_begun_nothing_there_is_one_line() -> None:
    assert read() == [NONE]
    assert read(language="en") == ["Renewal: none is under way here"]


@pytest.mark.parametrize(("session", "line"), [
    (at_state("renewal", "ready"), "Sudah dibuka, belum sampai langkah 1"),
    (at_state("renewal", "notified", ready="begin"), "Langkah 1 dari 6: pemberitahuan"),
    (at_state("renewal", "check", **TO_THE_CHECK), "Langkah 3 dari 6: memeriksa data"),
    (at_state("renewal", "review", **TO_THE_REVIEW), "Langkah 5 dari 6: permohonan penerbitan"),
    (deep_talk().session, "Langkah 5 dari 6: permohonan penerbitan"),
])  # fmt: skip
def test_it_says_at_which_step_they_are_as_they_see_it(session: Session, line: str) -> None:
    assert read(session)[:2] == [HEAD, f"{line} (terakhir ditanyakan Senin, 23 November 2026)"]


def test_it_says_when_the_guide_asked_there_the_last_time() -> None:
    session = at_question("check", TO_THE_CHECK).session  # on Monday
    lines = read(session, at=wib("2026-12-04 10.00"))
    assert lines[0].endswith("per Jumat, 4 Desember 2026 pukul 10.00 WIB:")
    assert lines[1].endswith("(terakhir ditanyakan Senin, 23 November 2026)")


def test_a_session_of_an_older_version_stands_where_its_answers_lead() -> None:
    frame = at_state("renewal", "a_state_of_long_ago", **TO_THE_CHECK).stack[0]
    assert "Langkah 3 dari 6: memeriksa data" in read(Session(1, (replace(frame, version=1),)))[1]


@pytest.mark.parametrize(("day", "line"), [
    ("2026-11-22", "Masa berlaku sertifikat habis Minggu, 22 November 2026"),
    ("2026-11-23", "Sertifikat berlaku sampai Senin, 23 November 2026"),
    ("2027-03-01", "Sertifikat berlaku sampai Senin, 1 Maret 2027"),
])  # fmt: skip
def test_the_certificate_is_that_of_which_they_spoke_last(day: str, line: str) -> None:
    assert read(None, date.fromisoformat(day)) == [HEAD, "Tidak ada yang sedang berjalan di sini", line]
    said = at_state("renewal", "login", ready="begin", notified="no", expiry=day)
    assert read(said, date(2026, 1, 1))[2:] == [line]


def test_a_request_says_whether_it_is_late() -> None:
    session = at_state("renewal", "issued", **AWAITED)
    asked = "Penerbitan diminta Jumat, 20 November 2026"
    assert read(session, None, SENT)[-1] == f"{asked}, tenggat Senin, 23 November 2026 pukul 16.00 WIB; belum terbit"
    late = read(session, None, SENT, at=wib("2026-11-23 16.00"))[-1]
    assert late == f"{asked}, seharusnya terbit paling lambat Senin, 23 November 2026 pukul 16.00 WIB; belum terbit"


def test_a_request_stays_when_the_guide_was_cancelled() -> None:
    assert read(None, None, SENT)[1:] == [
        "Tidak ada yang sedang berjalan di sini",
        "Penerbitan diminta Jumat, 20 November 2026, tenggat Senin, 23 November 2026 pukul 16.00 WIB; belum terbit",
    ]


def test_what_was_issued_says_so_and_the_certificate_before_it_is_of_no_interest() -> None:
    issued = (
        "Penerbitan diminta Jumat, 20 November 2026, tenggat Senin, 23 November 2026 pukul 16.00 WIB; terbit Senin, "
        "23 November 2026"
    )
    testing = at_state("renewal", "test", **{**AWAITED, "issued": "yes"})
    assert read(testing, date(2026, 11, 10), ISSUED)[2:] == [issued]
    named = at_state("renewal", "remind", **NEW, new_expiry="2028-11-23")
    assert read(named, date(2026, 11, 10), ISSUED)[2:] == ["Sertifikat berlaku sampai Kamis, 23 November 2028", issued]


def test_earlier_renewals_are_one_line() -> None:
    before = replace(LONG_AGO, issued_at=wib("2022-11-21 11.00"))
    once, twice = (f"Pembaruan sebelumnya: {count}, yang terakhir terbit Selasa, 19 November 2024" for count in (1, 2))
    assert read(None, None, LONG_AGO)[1:] == ["Tidak ada yang sedang berjalan di sini", once]
    session = at_state("renewal", "check", **TO_THE_CHECK)
    assert read(session, None, before, LONG_AGO)[2:] == [twice]
    assert read(at_state("renewal", "test", **AWAITED), None, LONG_AGO, ISSUED)[-1] == once
    assert len(read(session, None, LONG_AGO, SENT)) == len([HEAD, "step", "request", once])


def test_the_certificate_that_an_earlier_renewal_replaced_is_not_named() -> None:
    assert len(read(None, date(2024, 11, 12), LONG_AGO)) == len([HEAD, "none under way", "earlier"])
    assert "habis Jumat, 20 November 2026" in read(None, date(2026, 11, 20), LONG_AGO)[2]


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as it asks for them
RENEWALS = st.lists(st.builds(Renewal, MOMENTS, MOMENTS, st.none() | MOMENTS), max_size=4)
FRAMES = st.builds(
    Frame,
    st.sampled_from(["renewal", "trouble", "gone"]),
    st.integers(1, 3),
    st.sampled_from([*FLOW.by_name, "gone"]),
)


@given(
    st.lists(FRAMES, max_size=3), st.none() | st.dates(), RENEWALS, MOMENTS, st.sampled_from(["id", "en"]),
)  # fmt: skip
def test_whatever_is_kept_it_is_short_and_has_no_markup(
    stack: list[Frame], expires_on: date | None, renewals: list[Renewal], at: datetime, language: str
) -> None:
    lines = read(Session(1, tuple(stack)), expires_on, *renewals, at=at, language=language)
    assert 1 <= len(lines) <= len(["head", "step", "certificate", "request", "earlier"])
    assert not any(sign in line for line in lines for sign in "<>{}")


def test_every_question_of_the_renewal_has_a_step_or_is_its_first() -> None:
    questions = [state for state in FLOW.states if isinstance(state, Choose | Ask | Review)]
    assert [state.name for state in questions if not state.step] == [FLOW.start]
    assert {state.step for state in questions} == set(range(STEPS + 1))
