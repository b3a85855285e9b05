"""The working calendar: when the office serves, from when a request counts, and until when it must be done.

The rules of the service standard:
- A day of service begins at `opens` and ends at `closes`; at `closes` the office is already closed. During the break
  nobody is served, yet what arrives then arrives in time.
- What arrives outside the service hours counts as received at the next opening.
- The day of receipt is day zero: it is due when service ends on the n-th working day after it.

Closed are weekdays without hours, Indonesian public holidays and *cuti bersama* (on which civil servants do not work),
unless the service file says otherwise: its closed days go before its open days, these before the calendar.

Moments are aware, taken in any zone and given back in UTC; a naive one is refused with ValueError. Days are days of the
city.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from holidays import GOVERNMENT, PUBLIC, country_holidays

from conversations.text import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conversations.service import DayHours, Service

_A_DAY = timedelta(days=1)
_SEARCH_DAYS = 3 * 366
_SATURDAY = 5
WEEKEND = Words("akhir pekan", "weekend")
_NO_SERVICE = Words("bukan hari layanan", "not a day of service")


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day on which there is no service, and why."""

    day: date
    reason: Words


class WorkingCalendar:
    """The days and hours on which one city's service is given."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._weekly = service.hours.days()
        self._zone = service.zone.tz
        self._years: dict[int, Mapping[date, DayHours]] = {}

    def today(self, at: datetime) -> date:
        """Answer the city's date at this moment."""
        return self._local(at).date()

    def known(self, year: int) -> bool:
        """Tell whether the holidays of this year were decreed; those of a later year are estimated and incomplete."""
        return bool(_decreed(year).collective_leave)

    def hours(self, day: date) -> DayHours | None:
        """Answer the service hours of this day, `None` if it is not a working day."""
        if day.year not in self._years:
            self._years[day.year] = {each: hours for each in _days_of(day.year) if (hours := self._hours(each))}
        return self._years[day.year].get(day)

    def is_working_day(self, day: date) -> bool:
        return self.hours(day) is not None

    def holiday(self, day: date) -> Words | None:
        """Name the holiday, or the reason of the service file, for which an ordinary weekday would be closed."""
        for closed in self._service.closed_days:
            if day in closed:
                return closed.reason
        if any(day in opened for opened in self._service.open_days):
            return None
        return _decreed(day.year).names.get(day)

    def is_open(self, at: datetime) -> bool:
        """Tell whether somebody serves at this moment; during the break nobody does."""
        return self.opening(at) == at

    def opening(self, at: datetime) -> datetime:
        """Answer this moment if the office is open, else the next one at which it opens, be it after the break."""
        local = self._local(at)
        hours = self.hours(local.date())
        if hours is None or local.time() >= hours.closes:
            return self.next_morning(at)
        start = max(local.time(), hours.opens)
        if hours.break_from is not None and hours.break_to is not None and hours.break_from <= start < hours.break_to:
            start = hours.break_to
        return self._moment(local.date(), start)

    def received(self, at: datetime) -> datetime:
        """Answer the moment from which something that arrives now counts; the break counts as part of the day."""
        local = self._local(at)
        hours = self.hours(local.date())
        if hours is None or local.time() >= hours.closes:
            return self.next_morning(at)
        return self._moment(local.date(), max(local.time(), hours.opens))

    def due(self, received_at: datetime, working_days: int | None = None) -> datetime:
        """Answer the end of service on the n-th working day after the receipt; n is the standard's if not given.

        With zero it is the end of service on the day of receipt itself. ValueError if negative.
        """
        left = self._service.time_limit_working_days if working_days is None else working_days
        if left < 0:
            raise ValueError("A time limit has zero or more working days.")
        day = self.today(self.received(received_at))
        for _ in range(left):
            day, _hours = self._next_working_day(day)
        return self._moment(day, self._hours_of(day).closes)

    def next_morning(self, at: datetime) -> datetime:
        """Answer the opening of the first working day after today."""
        day, hours = self._next_working_day(self.today(at))
        return self._moment(day, hours.opens)

    def service_minutes(self, start: datetime, end: datetime) -> int:
        """Count the whole minutes of service, breaks left out, between two moments; 0 if they are in reverse order."""
        return self.service_time(start, end) // timedelta(minutes=1)

    def service_time(self, start: datetime, end: datetime) -> timedelta:
        """Measure the service, breaks left out, between two moments; zero if they are in reverse order."""
        first, last = self._local(start), self._local(end)
        served = timedelta()
        for day in _days_between(first.date(), last.date()):
            if (hours := self.hours(day)) is not None:
                served += sum((self._overlap(day, *part, first, last) for part in _parts(hours)), timedelta())
        return served

    def after_service_time(self, at: datetime, amount: timedelta) -> datetime:
        """Answer the first moment at which the office has served for so long since then; with zero it is `at` itself.

        It can be the end of a part of the day, at which the office is closed already.
        """
        if amount <= timedelta():
            return self._local(at).astimezone(UTC)
        start, left = self._local(at), amount
        day, hours = start.date(), self.hours(start.date())
        while True:
            for opens, closes in _parts(hours) if hours else ():
                begins = max(datetime.combine(day, opens, self._zone), start)
                served = max(datetime.combine(day, closes, self._zone) - begins, timedelta())
                if left <= served:
                    return (begins + left).astimezone(UTC)
                left -= served
            day, hours = self._next_working_day(day)

    def after_working_days(self, at: datetime, days: int) -> datetime:
        """Answer the first opening once so many working days have passed since then, that of the receipt not counted.

        With zero it is the next working morning after the receipt. ValueError if negative.
        """
        return self.next_morning(self.due(at, days))

    def closed_because(self, at: datetime, due: datetime) -> tuple[DayOff, ...]:
        """List the days from the one to the other, both counted, that are no working days, each with its reason."""
        return tuple(
            DayOff(day, self._reason(day))
            for day in _days_between(self.today(at), self.today(due))
            if not self.is_working_day(day)
        )

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("The calendar takes moments with a time zone.")
        return at.astimezone(self._zone)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self._zone).astimezone(UTC)

    def _hours(self, day: date) -> DayHours | None:
        if self.holiday(day) is not None:
            return None
        for opened in self._service.open_days:
            if day in opened:
                return opened.hours
        usual = self._weekly[day.weekday()]
        return usual and self._changed(day, usual)

    def _changed(self, day: date, usual: DayHours) -> DayHours:
        for changed in reversed(self._service.changed_hours):
            if day in changed and changed.applies_to(day.weekday()):
                return changed.hours
        return usual

    def _hours_of(self, working_day: date) -> DayHours:
        hours = self.hours(working_day)
        if hours is None:
            raise ValueError(f"{working_day} is not a working day.")
        return hours

    def _next_working_day(self, day: date) -> tuple[date, DayHours]:
        for ahead in range(1, _SEARCH_DAYS):
            following = day + ahead * _A_DAY
            if (hours := self.hours(following)) is not None:
                return following, hours
        raise ValueError(f"The service file has no working day in the three years after {day}.")

    def _overlap(self, day: date, opens: time, closes: time, first: datetime, last: datetime) -> timedelta:
        begins = max(datetime.combine(day, opens, self._zone), first)
        ends = min(datetime.combine(day, closes, self._zone), last)
        return max(ends - begins, timedelta())

    def _reason(self, day: date) -> Words:
        return self.holiday(day) or (WEEKEND if day.weekday() >= _SATURDAY else _NO_SERVICE)


@dataclass(frozen=True, slots=True)
class _Decreed:
    names: Mapping[date, Words]
    collective_leave: bool


@lru_cache(maxsize=64)
def _decreed(year: int) -> _Decreed:
    """Look up the holidays of a year.

    The decree of the three ministers names holidays and cuti bersama together, so a year without any cuti bersama has
    not been decreed yet.
    """
    both = (PUBLIC, GOVERNMENT)
    indonesian = country_holidays("ID", years=year, categories=both, language="id", expand=False)
    english = country_holidays("ID", years=year, categories=both, language="en_US", expand=False)
    leave = country_holidays("ID", years=year, categories=(GOVERNMENT,), language="id", expand=False)
    names = {day: Words(name, english[day]) for day, name in indonesian.items()}
    return _Decreed(MappingProxyType(names), collective_leave=bool(leave))


def _days_of(year: int) -> Iterator[date]:
    return _days_between(date(year, 1, 1), date(year, 12, 31))


def _days_between(first: date, last: date) -> Iterator[date]:
    """Both counted; none if they are in reverse order."""
    return (first + ahead * _A_DAY for ahead in range((last - first).days + 1))


def _parts(hours: DayHours) -> tuple[tuple[time, time], ...]:
    if hours.break_from is None or hours.break_to is None:
        return ((hours.opens, hours.closes),)
    return (hours.opens, hours.break_from), (hours.break_to, hours.closes)
