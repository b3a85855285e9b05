from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.calendar import WorkingCalendar
from conversations.service import ChangedHours, ClosedDays, DayHours, OpenDays, Service, read_service
from conversations.text import Words

SERVICE = read_service(files("conversations.service").joinpath("pekalongan.toml").read_text("utf-8"), "pekalongan.toml")
CALENDAR = WorkingCalendar(SERVICE)
REASON = Words("gladi bersih", "rehearsal")
MORNING_ONLY = DayHours(opens=time(9), closes=time(12))

DECREED = {
    2025: "1/1 27/1 29/1 29/3 31/3 1/4 18/4 20/4 1/5 12/5 29/5 1/6 6/6 27/6 17/8 5/9 25/12"
    " 28/1 28/3 2/4 3/4 4/4 7/4 13/5 30/5 9/6 18/8 26/12",
    2026: "1/1 16/1 17/2 19/3 21/3 22/3 3/4 5/4 1/5 14/5 27/5 31/5 1/6 16/6 17/8 25/8 25/12"
    " 16/2 18/3 20/3 23/3 24/3 15/5 28/5 24/12",
    2027: "1/1 5/1 6/2 8/3 10/3 11/3 26/3 28/3 1/5 6/5 17/5 20/5 1/6 6/6 15/8 17/8 25/12 26/12"
    " 5/2 9/3 12/3 15/3 25/3 18/5 19/5 24/12",
}
"""The decrees of the three ministers: holidays, then cuti bersama; that of 2025 as amended in August 2025."""

UNHURRIED = settings(deadline=None)  # a busy machine may pause for longer than any rule takes
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 10, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone itself
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


def wib(text: str) -> datetime:
    """A moment as people of Pekalongan write it, in UTC: `2026-11-20 10.55`."""
    return datetime.strptime(f"{text} +0700", "%Y-%m-%d %H.%M %z").astimezone(UTC)


def with_days(
    *, closed: tuple[ClosedDays, ...] = (), opened: tuple[OpenDays, ...] = (), changed: tuple[ChangedHours, ...] = ()
) -> Service:
    return SERVICE.model_copy(update={"closed_days": closed, "open_days": opened, "changed_hours": changed})


@pytest.mark.parametrize(
    ("what", "received", "counts_from", "due"),
    [
        ("Monday morning", "2026-11-23 09.30", "2026-11-23 09.30", "2026-11-24 16.00"),
        ("before opening", "2026-11-23 07.15", "2026-11-23 08.00", "2026-11-24 16.00"),
        ("in the lunch break", "2026-11-23 12.30", "2026-11-23 12.30", "2026-11-24 16.00"),
        ("a minute before closing", "2026-11-23 15.59", "2026-11-23 15.59", "2026-11-24 16.00"),
        ("at closing", "2026-11-23 16.00", "2026-11-24 08.00", "2026-11-25 16.00"),
        ("at midnight", "2026-11-24 00.00", "2026-11-24 08.00", "2026-11-25 16.00"),
        ("Thursday, due on the short Friday", "2026-11-26 10.00", "2026-11-26 10.00", "2026-11-27 11.00"),
        ("Friday 10.55", "2026-11-20 10.55", "2026-11-20 10.55", "2026-11-23 16.00"),
        ("Friday 11.05", "2026-11-20 11.05", "2026-11-23 08.00", "2026-11-24 16.00"),
        ("Saturday", "2026-11-21 09.00", "2026-11-23 08.00", "2026-11-24 16.00"),
        ("eve of the week of Idulfitri", "2026-03-17 15.00", "2026-03-17 15.00", "2026-03-25 16.00"),
        ("after closing on that eve", "2026-03-17 17.00", "2026-03-25 08.00", "2026-03-26 16.00"),
        ("in the week of Idulfitri", "2026-03-20 10.00", "2026-03-25 08.00", "2026-03-26 16.00"),
        ("eve of cuti bersama at Christmas", "2026-12-23 14.00", "2026-12-23 14.00", "2026-12-28 16.00"),
        ("last day of the year", "2026-12-31 15.00", "2026-12-31 15.00", "2027-01-04 16.00"),
        ("New Year's Day", "2027-01-01 00.30", "2027-01-04 08.00", "2027-01-06 16.00"),
    ],
)
def test_when_it_counts_as_received_and_when_it_is_due(what: str, received: str, counts_from: str, due: str) -> None:
    assert (CALENDAR.received(wib(received)), CALENDAR.due(wib(received))) == (wib(counts_from), wib(due)), what


def test_the_days_of_a_longer_limit_are_working_days() -> None:
    assert CALENDAR.due(wib("2026-03-17 15.00"), 0) == wib("2026-03-17 16.00")
    assert CALENDAR.due(wib("2026-03-17 15.00"), 3) == wib("2026-03-27 11.00")
    assert CALENDAR.due(wib("2026-11-23 09.00"), 5) == wib("2026-11-30 16.00")
    with pytest.raises(ValueError, match="zero or more"):
        CALENDAR.due(wib("2026-11-23 09.00"), -1)


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-23 07.59", "2026-11-23 08.00"),
        ("2026-11-23 08.00", "2026-11-23 08.00"),
        ("2026-11-23 11.59", "2026-11-23 11.59"),
        ("2026-11-23 12.00", "2026-11-23 13.00"),
        ("2026-11-23 12.59", "2026-11-23 13.00"),
        ("2026-11-23 13.00", "2026-11-23 13.00"),
        ("2026-11-23 16.00", "2026-11-24 08.00"),
        ("2026-11-27 10.59", "2026-11-27 10.59"),
        ("2026-11-27 11.00", "2026-11-30 08.00"),
        ("2026-12-24 09.00", "2026-12-28 08.00"),
    ],
)
def test_when_the_office_opens(at: str, opening: str) -> None:
    assert CALENDAR.opening(wib(at)) == wib(opening)
    assert CALENDAR.is_open(wib(at)) == (at == opening)


def test_the_next_morning_is_never_today() -> None:
    assert CALENDAR.next_morning(wib("2026-11-23 07.00")) == wib("2026-11-24 08.00")
    assert CALENDAR.next_morning(wib("2026-11-27 09.00")) == wib("2026-11-30 08.00")


@pytest.mark.parametrize("year", DECREED)
def test_the_holidays_are_those_of_the_decree_day_for_day(year: int) -> None:
    decreed = {date(year, int(month), int(day)) for day, month in (each.split("/") for each in DECREED[year].split())}
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {day for day in days if CALENDAR.holiday(day)} == decreed
    assert [day for day in days if CALENDAR.is_working_day(day) != (day.weekday() < 5 and day not in decreed)] == []


def test_holidays_have_their_names_in_both_languages() -> None:
    assert CALENDAR.holiday(date(2026, 12, 25)) == Words("Hari Raya Natal", "Christmas Day")
    assert CALENDAR.holiday(date(2026, 12, 24)) == Words("Cuti Bersama Hari Raya Natal", "Christmas Joint Holiday")
    assert CALENDAR.holiday(date(2026, 12, 26)) is None


def test_years_without_a_decree_are_not_known() -> None:
    assert [year for year in range(2024, 2031) if CALENDAR.known(year)] == [2024, 2025, 2026, 2027]


def test_why_days_do_not_count() -> None:
    because = CALENDAR.closed_because(wib("2026-12-23 14.00"), wib("2026-12-28 16.00"))
    assert [(off.day.day, off.reason.en) for off in because] == [
        (24, "Christmas Joint Holiday"),
        (25, "Christmas Day"),
        (26, "weekend"),
        (27, "weekend"),
    ]
    assert CALENDAR.closed_because(wib("2026-11-23 09.00"), wib("2026-11-24 16.00")) == ()


def test_a_weekday_without_hours_is_no_day_of_service() -> None:
    service = SERVICE.model_copy(update={"hours": SERVICE.hours.model_copy(update={"wednesday": None})})
    (off,) = WorkingCalendar(service).closed_because(wib("2026-11-24 09.00"), wib("2026-11-26 16.00"))
    assert (off.day, off.reason.en) == (date(2026, 11, 25), "not a day of service")


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-23 08.00", "2026-11-23 16.00", 7 * 60),
        ("2026-11-23 11.30", "2026-11-23 13.30", 60),
        ("2026-11-23 12.10", "2026-11-23 12.50", 0),
        ("2026-11-27 10.00", "2026-11-30 09.00", 2 * 60),
        ("2026-11-23 00.00", "2026-11-30 00.00", (4 * 7 + 3) * 60),
        ("2026-03-17 16.00", "2026-03-25 08.00", 0),
        ("2026-11-24 09.00", "2026-11-23 09.00", 0),
    ],
)
def test_minutes_of_service(start: str, end: str, minutes: int) -> None:
    assert CALENDAR.service_minutes(wib(start), wib(end)) == minutes


def test_an_own_closed_day_counts_like_a_holiday() -> None:
    closed = ClosedDays(first=date(2026, 11, 24), last=date(2026, 11, 25), reason=REASON)
    calendar = WorkingCalendar(with_days(closed=(closed,)))
    assert calendar.due(wib("2026-11-23 09.00")) == wib("2026-11-26 16.00")
    assert calendar.holiday(date(2026, 11, 25)) == REASON
    assert [off.reason for off in calendar.closed_because(wib("2026-11-23 09.00"), wib("2026-11-26 16.00"))] == [
        REASON
    ] * 2


def test_an_own_open_day_goes_before_holiday_and_weekend() -> None:
    days = (date(2026, 12, 24), date(2026, 12, 26))
    calendar = WorkingCalendar(
        with_days(opened=tuple(OpenDays(first=d, reason=REASON, hours=MORNING_ONLY) for d in days))
    )
    assert calendar.due(wib("2026-12-23 14.00")) == wib("2026-12-24 12.00")
    assert calendar.next_morning(wib("2026-12-24 14.00")) == wib("2026-12-26 09.00")
    assert calendar.holiday(date(2026, 12, 24)) is None
    assert calendar.holiday(date(2026, 12, 25)) is not None


def test_changed_hours_hold_on_working_days_and_on_their_weekdays_only() -> None:
    changed = ChangedHours(
        first=date(2026, 12, 21),
        last=date(2026, 12, 31),
        weekdays=("monday", "thursday"),
        reason=REASON,
        hours=MORNING_ONLY,
    )
    calendar = WorkingCalendar(with_days(changed=(changed,)))
    assert calendar.hours(date(2026, 12, 21)) == MORNING_ONLY
    assert calendar.hours(date(2026, 12, 22)) == SERVICE.hours.tuesday
    assert calendar.hours(date(2026, 12, 24)) is None
    assert calendar.hours(date(2026, 12, 14)) == SERVICE.hours.monday


def test_of_two_changes_of_hours_the_later_entry_counts() -> None:
    first, second = (
        ChangedHours(first=date(2026, 11, 23), reason=REASON, hours=DayHours(opens=time(9), closes=time(closes)))
        for closes in (12, 14)
    )
    assert WorkingCalendar(with_days(changed=(first, second))).hours(date(2026, 11, 23)) == second.hours


def test_a_file_that_closes_everything_is_told_and_does_not_loop() -> None:
    years = (ClosedDays(first=date(y, 1, 1), last=date(y, 12, 31), reason=REASON) for y in range(2026, 2031))
    with pytest.raises(ValueError, match="no working day in the three years after 2026-11-23"):
        WorkingCalendar(with_days(closed=tuple(years))).due(wib("2026-11-23 09.00"))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.due(wib("2026-11-23 09.00").replace(tzinfo=None))


def test_the_day_is_the_city_s() -> None:
    assert CALENDAR.today(datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert CALENDAR.today(datetime(2026, 11, 22, 16, 59, tzinfo=UTC)) == date(2026, 11, 22)


@UNHURRIED
@given(MOMENTS, st.integers(0, 20))
def test_due_is_after_the_receipt_and_at_the_end_of_a_working_day(at: datetime, working_days: int) -> None:
    due = CALENDAR.due(at, working_days)
    hours = CALENDAR.hours(CALENDAR.today(due))
    assert due.tzinfo is UTC
    assert at <= CALENDAR.received(at) < due
    assert hours is not None
    assert (due + timedelta(hours=7)).time() == hours.closes


@UNHURRIED
@given(MOMENTS, st.integers(1, 10))
def test_between_receipt_and_due_lie_exactly_the_working_days_of_the_limit(at: datetime, working_days: int) -> None:
    received, due = CALENDAR.received(at), CALENDAR.due(at, working_days)
    first, last = CALENDAR.today(received), CALENDAR.today(due)
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(CALENDAR.is_working_day(day) for day in between) == working_days
    assert len(CALENDAR.closed_because(received, due)) == len(between) - working_days


@UNHURRIED
@given(MOMENTS, MOMENTS)
def test_who_comes_later_is_never_served_sooner(one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    for rule in (CALENDAR.received, CALENDAR.due, CALENDAR.opening, CALENDAR.next_morning):
        assert rule(earlier) <= rule(later)


@UNHURRIED
@given(MOMENTS)
def test_the_opening_is_open_and_nothing_is_open_before_it(at: datetime) -> None:
    opening = CALENDAR.opening(at)
    assert CALENDAR.is_open(opening)
    assert CALENDAR.service_minutes(at, opening) == 0
    assert CALENDAR.opening(opening) == opening


@UNHURRIED
@given(MOMENTS, DAYS, st.integers(0, 30), st.integers(0, 5))
def test_a_closed_day_more_never_makes_anything_due_sooner(at: datetime, first: date, more: int, limit: int) -> None:
    closed = ClosedDays(first=first, last=first + timedelta(days=more), reason=REASON)
    assert WorkingCalendar(with_days(closed=(closed,))).due(at, limit) >= CALENDAR.due(at, limit)


@UNHURRIED
@given(st.lists(MOMENTS, min_size=3, max_size=6).map(sorted))
def test_minutes_of_service_add_up(moments: list[datetime]) -> None:
    whole = [moment.replace(second=0, microsecond=0) for moment in moments]
    parts = sum(CALENDAR.service_minutes(start, end) for start, end in pairwise(whole))
    assert parts == CALENDAR.service_minutes(whole[0], whole[-1])


@pytest.mark.parametrize(
    ("what", "at", "hours", "then"),
    [
        ("nothing at all, at night", "2026-11-23 22.00", 0, "2026-11-23 22.00"),
        ("within the morning", "2026-11-23 09.00", 2, "2026-11-23 11.00"),
        ("up to the break", "2026-11-23 09.00", 3, "2026-11-23 12.00"),
        ("over the break", "2026-11-23 11.00", 2, "2026-11-23 14.00"),
        ("from the break on", "2026-11-23 12.20", 1, "2026-11-23 14.00"),
        ("up to closing", "2026-11-23 13.00", 3, "2026-11-23 16.00"),
        ("over the night", "2026-11-23 15.00", 2, "2026-11-24 09.00"),
        ("over the short Friday and the weekend", "2026-11-26 15.00", 5, "2026-11-30 09.00"),
        ("over the week of Idulfitri", "2026-03-17 15.00", 2, "2026-03-25 09.00"),
        ("over the year's end", "2026-12-31 15.00", 2, "2027-01-04 09.00"),
    ],
)
def test_when_the_office_has_served_for_so_long(what: str, at: str, hours: int, then: str) -> None:
    assert CALENDAR.after_service_time(wib(at), timedelta(hours=hours)) == wib(then), what


@pytest.mark.parametrize(
    ("at", "days", "then"),
    [
        ("2026-11-23 09.00", 0, "2026-11-24 08.00"),
        ("2026-11-23 17.00", 0, "2026-11-25 08.00"),
        ("2026-11-23 09.00", 2, "2026-11-26 08.00"),
        ("2026-11-26 09.00", 1, "2026-11-30 08.00"),
        ("2026-12-23 09.00", 1, "2026-12-29 08.00"),
    ],
)
def test_the_morning_after_so_many_working_days(at: str, days: int, then: str) -> None:
    assert CALENDAR.after_working_days(wib(at), days) == wib(then)


@UNHURRIED
@given(MOMENTS, st.timedeltas(timedelta(), timedelta(hours=100)))
def test_service_time_is_measured_as_it_is_added(at: datetime, amount: timedelta) -> None:
    then = CALENDAR.after_service_time(at, amount)
    assert then.tzinfo is UTC
    assert CALENDAR.service_time(at, then) == amount
    assert amount == timedelta() or CALENDAR.is_open(then - timedelta(microseconds=1))


@UNHURRIED
@given(MOMENTS, MOMENTS, st.integers(0, 10))
def test_who_comes_later_is_not_told_sooner(one: datetime, other: datetime, days: int) -> None:
    earlier, later = sorted((one, other))
    assert CALENDAR.after_working_days(earlier, days) <= CALENDAR.after_working_days(later, days)
    served = timedelta(hours=days)
    assert CALENDAR.after_service_time(earlier, served) <= CALENDAR.after_service_time(later, served)
