"""When the service is open: the city's time, the hours of a week, and the days that are different."""

from datetime import date, time, timedelta, timezone
from itertools import pairwise
from typing import Annotated, Self, get_args

from pydantic import Field
from pydantic import model_validator as checked_together

from conversations.service.fields import Bilingual, Line, Many, Record, Weekday


class Zone(Record):
    """The city's time: a fixed distance from UTC (Indonesia has no summer time) and the name people know it by."""

    utc_offset_hours: Annotated[int, Field(ge=-12, le=14)]
    name: Line

    @property
    def tz(self) -> timezone:
        return timezone(timedelta(hours=self.utc_offset_hours), self.name)


class DayHours(Record):
    """The service hours of one day; `closes` is the first moment outside. The break is the office's lunch."""

    opens: time
    closes: time
    break_from: time | None = None
    break_to: time | None = None

    @checked_together(mode="after")
    def _in_order(self) -> Self:
        if (self.break_from is None) != (self.break_to is None):
            raise ValueError("takes both break_from and break_to, or neither")
        times = [at for at in (self.opens, self.break_from, self.break_to, self.closes) if at is not None]
        if any(earlier >= later for earlier, later in pairwise(times)):
            raise ValueError("takes times in order: opens, break_from, break_to, closes")
        return self


class WeeklyHours(Record):
    """The hours of each weekday; a weekday without hours is closed."""

    monday: DayHours | None = None
    tuesday: DayHours | None = None
    wednesday: DayHours | None = None
    thursday: DayHours | None = None
    friday: DayHours | None = None
    saturday: DayHours | None = None
    sunday: DayHours | None = None

    @checked_together(mode="after")
    def _open_at_all(self) -> Self:
        if not any(self.days()):
            raise ValueError("takes hours for at least one weekday")
        return self

    def days(self) -> tuple[DayHours | None, ...]:
        """Monday first, as `date.weekday()` counts."""
        return (
            self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday,
        )  # fmt: skip


class Days(Record):
    """The days from `first` to `last`, both counted; without `last`, one day."""

    first: date
    last: date | None = None
    reason: Bilingual

    @checked_together(mode="after")
    def _not_endless(self) -> Self:
        days = ((self.last or self.first) - self.first).days
        if not 0 <= days < 366:  # noqa: PLR2004 - a closure is entered year by year, and a wrong year is caught
            raise ValueError("takes a last day that is not before the first and within a year of it")
        return self

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= (self.last or self.first)

    def meets(self, other: "Days") -> bool:
        """Tell whether a day belongs to both."""
        return self.first <= (other.last or other.first) and other.first <= (self.last or self.first)


class ClosedDays(Days):
    """No service on these days, whatever the calendar says."""


class OpenDays(Days):
    """Service on these days, even if the calendar says holiday or weekend."""

    hours: DayHours


class ChangedHours(Days):
    """Other hours on those of these days that are working days anyway (Ramadan); of two entries the later counts."""

    weekdays: Many[Weekday] = ()
    hours: DayHours

    def applies_to(self, weekday: int) -> bool:
        """Tell whether this weekday, 0 for Monday, has the changed hours; without `weekdays` every one has."""
        return not self.weekdays or get_args(Weekday)[weekday] in self.weekdays
