"""The clock of a complaint: what it does, when, and how it stands still."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations import case, timing
from conversations.complaint import Act, Complaint, Level, Status
from conversations.facts import Book
from conversations.service import ClosedDays
from conversations.text import Words
from tests.conversations.cases import BOOK, BUDI, MEIDY, MONDAY, SERVICE, SITI, done, filed, rung, wib

UNHURRIED = settings(deadline=None)  # a busy machine may pause for longer than any rule takes
FAR = wib("2027-06-30 12.00")


def closing(first: date, last: date) -> Book:
    """The book with days that were closed later on."""
    days = ClosedDays(first=first, last=last, reason=Words("banjir", "flood"))
    return Book.of(SERVICE.model_copy(update={"closed_days": (days,)}))


def log(complaint: Complaint, until: datetime = FAR) -> list[str]:
    """What the clock does, a line each, as `2026-11-23 11.00 untaken`."""
    city = SERVICE.zone.tz
    return [f"{at.astimezone(city):%Y-%m-%d %H.%M} {what}" for at, what in rung(complaint, until)[1]]


# ----------------------------------------------------------------------------------------------------------- reminders


@pytest.mark.parametrize(
    ("what", "at", "due"),
    [
        ("Friday 10.55", "2026-11-20 10.55", "2026-11-23 16.00"),
        ("Friday 11.05", "2026-11-20 11.05", "2026-11-24 16.00"),
        ("lunch", "2026-11-23 12.30", "2026-11-24 16.00"),
        ("midnight", "2026-11-24 00.00", "2026-11-25 16.00"),
        ("eve of cuti bersama", "2026-12-23 14.00", "2026-12-28 16.00"),
        ("a week of holidays", "2026-03-17 17.00", "2026-03-26 16.00"),
        ("year end", "2026-12-31 15.00", "2027-01-04 16.00"),
    ],
)
def test_help_with_the_renewal_is_due_on_the_next_working_day(what: str, at: str, due: str) -> None:
    complaint = filed(wib(at), "help")
    assert complaint.due_at == wib(due), what
    assert rung(complaint, wib(due))[1][-1] == (wib(due), "overdue"), what


def test_nobody_takes_it() -> None:
    assert log(filed(category="help"), wib("2026-11-27 12.00")) == [
        "2026-11-23 11.00 untaken",
        "2026-11-24 08.30 half",  # six and a half of 13 hours
        "2026-11-24 16.00 overdue",
        "2026-11-25 08.00 packet",
        "2026-11-26 08.00 packet",
        "2026-11-27 08.00 packet",
    ]


def test_two_hours_of_service_pass_over_the_weekend() -> None:
    assert log(filed(wib("2026-11-20 10.00")))[0] == "2026-11-23 09.00 untaken"


def test_taken_in_time_it_is_only_said_that_half_of_the_time_has_gone() -> None:
    taken = done(filed(category="help"), Act.TAKE, BUDI, wib("2026-11-23 10.00"))
    assert log(taken, wib("2026-11-24 16.00")) == ["2026-11-24 08.30 half", "2026-11-24 16.00 overdue"]


def test_taken_when_half_of_the_time_has_gone_nothing_is_said_before_it_is_due() -> None:
    taken = done(filed(category="help"), Act.TAKE, BUDI, wib("2026-11-24 10.00"))
    assert log(taken, wib("2026-11-24 16.00")) == ["2026-11-24 16.00 overdue"]


def test_the_official_is_reminded_each_five_working_days_and_when_it_is_due() -> None:
    taken = done(filed(category="suggestion", confidential=True), Act.TAKE, MEIDY, wib("2026-11-24 10.00"))
    assert log(taken, wib("2026-12-10 12.00")) == [
        "2026-12-01 08.00 prompted",  # due on 30 November at 16.00
        "2026-12-02 08.00 prompted",
        "2026-12-09 08.00 prompted",
    ]


def test_a_silent_employee_is_asked_twice_and_then_it_is_closed() -> None:
    assert log(done(filed(), Act.ANSWER, BUDI, MONDAY)) == [
        "2026-11-26 08.00 asked_again",
        "2026-12-01 08.00 asked_again",
        "2026-12-08 08.00 silence",
    ]
    assert log(done(filed(), Act.ASK, BUDI, MONDAY)) == [
        "2026-11-26 08.00 reminded",
        "2026-12-01 08.00 reminded",
        "2026-12-08 08.00 silence",
    ]


def test_after_a_long_pause_of_the_program_nobody_is_asked_twice_on_one_day_or_closed_unasked() -> None:
    answered, late = done(filed(), Act.ANSWER, BUDI, MONDAY), wib("2026-12-21 10.00")
    first = case.ring(answered, late, BOOK)
    assert first is not None
    assert case.ring(first.complaint, late, BOOK) is None
    assert log(first.complaint) == ["2026-12-22 08.00 asked_again", "2026-12-29 08.00 silence"]


# -------------------------------------------------------------------------------------------------- outside the service


def test_what_was_due_while_the_program_slept_waits_for_the_opening() -> None:
    complaint, night = filed(category="help"), wib("2026-11-24 20.00")
    assert case.ring(complaint, complaint.due_at - timedelta(hours=30), BOOK) is None
    slept = replace(complaint, nudges=2, next_at=complaint.due_at)
    assert case.ring(slept, night, BOOK) is None
    assert timing.next_alarm(slept, BOOK, night) == wib("2026-11-25 08.00")
    woken = case.ring(slept, wib("2026-11-25 08.00"), BOOK)
    assert woken is not None
    assert woken.complaint.status is Status.ESCALATED


# ------------------------------------------------------------------------------------------------------ standing still


def test_while_we_wait_for_the_employee_the_clock_stands_still() -> None:
    asked = done(filed(category="help"), Act.ASK, BUDI, wib("2026-11-23 15.00"))  # one hour and a day are left
    assert asked.stopped_at == wib("2026-11-23 15.00")
    replied = done(asked, Act.REPLY, SITI, wib("2026-11-25 10.00"))
    assert (replied.status, replied.stopped_at) == (Status.TAKEN, None)
    assert replied.due_at == wib("2026-11-26 11.00")


def test_while_ams_is_out_nothing_escalates_and_afterwards_the_time_goes_on() -> None:
    complaint = filed(category="help")
    out = case.stopped(complaint, wib("2026-11-23 10.00"), BOOK)
    out, rang = rung(out, wib("2026-11-26 09.00"))
    assert [what for _, what in rang] == ["untaken"]
    assert out.next_at is not None
    back = case.resumed(out, wib("2026-11-26 10.00"), BOOK)
    left = BOOK.calendar.service_time(wib("2026-11-23 10.00"), complaint.due_at)
    assert back.due_at == BOOK.calendar.after_service_time(wib("2026-11-26 10.00"), left)
    assert back.stopped_at is None


def test_an_outage_does_not_touch_what_stands_still_for_another_reason() -> None:
    asked = done(filed(), Act.ASK, BUDI, MONDAY)
    assert case.stopped(asked, MONDAY, BOOK) is asked
    assert case.resumed(asked, MONDAY, BOOK) is asked
    withdrawn = done(filed(), Act.WITHDRAW, SITI, MONDAY)
    assert case.stopped(withdrawn, MONDAY, BOOK) is withdrawn
    assert case.resumed(filed(outage=False), MONDAY, BOOK).version == 0


def test_a_reply_during_an_outage_does_not_start_the_clock() -> None:
    asked = done(filed(), Act.ASK, BUDI, MONDAY)
    replied = case.step(asked, Act.REPLY, SITI, wib("2026-11-24 10.00"), BOOK, outage=True)
    assert replied is not None
    assert (replied.status, replied.stopped_at) == (Status.TAKEN, MONDAY)
    assert case.resumed(replied, wib("2026-11-25 10.00"), BOOK).due_at > replied.due_at


def test_what_was_late_when_it_stopped_stays_late() -> None:
    late = replace(filed(category="help"), level=Level.OFFICIAL, status=Status.TAKEN, holder=7)
    asked = done(late, Act.ASK, MEIDY, wib("2026-12-01 10.00"))
    assert done(asked, Act.REPLY, SITI, wib("2026-12-04 10.00")).due_at == late.due_at


# ------------------------------------------------------------------------------------------- days that are closed later


def test_holidays_entered_later_move_it_later() -> None:
    book = closing(date(2026, 11, 24), date(2026, 11, 25))
    moved = case.recomputed(filed(category="help"), MONDAY, book)
    assert moved.due_at == wib("2026-11-26 16.00")
    assert log_times(moved, book)[-1] == wib("2026-11-26 16.00")
    assert case.recomputed(moved, MONDAY, book) is moved


def test_days_that_are_opened_later_do_not_move_it_earlier() -> None:
    closed = closing(date(2026, 11, 24), date(2026, 11, 25))
    complaint = case.recomputed(filed(category="help"), MONDAY, closed)
    assert case.recomputed(complaint, MONDAY, BOOK) is complaint


def test_the_time_in_which_it_stood_still_is_kept_when_days_close() -> None:
    asked = done(filed(category="help"), Act.ASK, BUDI, wib("2026-11-23 15.00"))
    replied = done(asked, Act.REPLY, SITI, wib("2026-11-25 10.00"))
    moved = case.recomputed(replied, wib("2026-11-25 11.00"), closing(date(2026, 11, 26), date(2026, 11, 26)))
    assert moved.due_at == wib("2026-11-27 11.00")  # three hours of service, now on Friday


def log_times(complaint: Complaint, book: Book) -> list[datetime]:
    return [at for at, what in rung(complaint, FAR, book)[1] if what in {"overdue", "half"}]


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(SERVICE.zone.tz))  # noqa: DTZ001 - Hypothesis adds the zone itself
CATEGORIES = st.sampled_from([each.id for each in SERVICE.complaint_categories])


@UNHURRIED
@given(MOMENTS, CATEGORIES, st.integers(0, 60), st.integers(0, 20))
def test_days_closed_later_never_move_it_earlier(at: datetime, category: str, ahead: int, more: int) -> None:
    first = BOOK.calendar.today(at) + timedelta(days=ahead)
    complaint = filed(at, category)
    book = closing(first, first + timedelta(days=more))
    moved = case.recomputed(complaint, at, book)
    assert moved.due_at >= complaint.due_at
    assert moved.due_at == max(complaint.due_at, book.calendar.due(at, timing.working_days(category, BOOK)))


@UNHURRIED
@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=4)), st.timedeltas(timedelta(), timedelta(days=30)))
def test_standing_still_costs_nobody_any_time(at: datetime, until: timedelta, still: timedelta) -> None:
    complaint = filed(at, "suggestion")
    stop = min(at + until, complaint.due_at)
    goes_on = case.resumed(case.stopped(complaint, stop, BOOK), stop + still, BOOK)
    left = BOOK.calendar.service_time(stop, complaint.due_at)
    assert goes_on.due_at >= complaint.due_at
    assert BOOK.calendar.service_time(stop + still, goes_on.due_at) >= left
