"""The service standard as data: everything that a city may change without touching the program.

Another city copies one file. What nobody has confirmed yet carries `confirmed = false` and is shown with the request
to confirm it with the office; a newer law is an editor's note with its date and never rewrites the official text.
Texts are plain: they hold no markup and no placeholders. Days are days of the city's calendar, times of day its time.
"""

from datetime import date, time
from itertools import pairwise
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field
from pydantic import model_validator as checked_together

from conversations.service.fields import (
    KEYBOARD_ROOM,
    Bilingual,
    Button,
    Component,
    Domain,
    Email,
    Id,
    Line,
    Many,
    Phone,
    ShortButton,
    Some,
    Web,
    Weekday,
    fits_message,
)


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Fact(Record):
    """Something that was read somewhere: where, on which day, and whether it may be said without a reservation."""

    source: Line
    checked: date
    confirmed: bool


class Claim(Fact):
    text: Bilingual


class Checklist(Fact):
    items: Some[Bilingual]


class Note(Record):
    """What an editor adds to the official text; shown with its date, and as unapproved until the office approves."""

    text: Bilingual
    dated: date
    approved: bool


class Unit(Record):
    """The office that gives the service."""

    name: Bilingual
    short_name: Bilingual
    city: Bilingual


class Zone(Record):
    """The city's time: a fixed distance from UTC (Indonesia has no summer time) and the name people know it by."""

    utc_offset_hours: Annotated[int, Field(ge=-12, le=14)]
    name: Line


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


class Renewal(Fact):
    """How long a certificate is valid, and how many days before its end AMS lets it be renewed."""

    window_days: Annotated[int, Field(ge=1, le=365)]
    validity_years: Annotated[int, Field(ge=1, le=10)]


class Office(Fact):
    phones: Some[Phone]
    email: Email
    website: Web
    website_note: Bilingual | None = None
    address: Bilingual | None = None


class Official(Fact):
    """Someone with a part in the service; `valid_until` is the last day on which the name and number hold, if known."""

    role: Literal["officer", "complaints", "supervisor", "leader"]
    title: Bilingual
    name: Line | None = None
    phone: Phone | None = None
    valid_until: date | None = None


class Ams(Fact):
    """The application in which the renewal is done; every true link of it ends in one of `link_domains`."""

    name: Bilingual
    address: Web
    link_domains: Some[Domain]

    @checked_together(mode="after")
    def _own_domain(self) -> Self:
        parts = urlsplit(self.address)
        if parts.scheme != "https" or not self.is_genuine(self.address):
            raise ValueError("takes an address that begins with https and ends in one of link_domains")
        return self

    def is_genuine(self, address: str) -> bool:
        """Tell whether the host of this web address is one of `link_domains` or lies below one."""
        try:
            host = urlsplit(address).hostname or ""
        except ValueError:
            return False
        return any(host == domain or host.endswith(f".{domain}") for domain in self.link_domains)


class ChangeOfData(Fact):
    data: Some[Bilingual]
    documents: Some[Bilingual]
    steps: Some[Bilingual]


class Letter(Record):
    """The recommendation letter (Surat Rekomendasi, SR)."""

    contents: Checklist
    signatory: Claim
    format: Claim


class Place(Record):
    """An office of the city where employees work; people write its name in many ways."""

    name: Line
    aliases: Many[Line] = ()
    confirmed: bool


class Channel(Fact):
    """A way to complain; the limits are those of the channel itself, `None` where it has none."""

    id: Id
    owner: Literal["office", "city", "nation"]
    label: Bilingual
    address: Line
    archived_after_days: Annotated[int, Field(ge=1)] | None = None
    answered_within_working_days: Annotated[int, Field(ge=1)] | None = None
    closed_after_days: Annotated[int, Field(ge=1)] | None = None


class Category(Fact):
    """A class of complaint and the working days in which it must be answered."""

    id: Id
    label: Button
    working_days: Annotated[int, Field(ge=1, le=60)]


class Privacy(Fact):
    """What the guide says about itself; `never_asked` are the things that nobody may send here."""

    never_asked: Some[Bilingual]
    lines: Some[Bilingual]


class Retention(Fact):
    """Days after which things are forgotten.

    Telegram gives an update for one day and may count its ids anew after a quiet week, so `inbox_days` lies between.
    """

    session_days: Annotated[int, Field(ge=7)]
    inbox_days: Annotated[int, Field(ge=2, le=7)]
    sent_message_days: Annotated[int, Field(ge=1)]
    dead_letter_days: Annotated[int, Field(ge=1)]


class InfoGroup(Record):
    id: Id
    label: ShortButton


class Info(Fact):
    """What `/info` tells under one button; `component` if it is one of the fourteen of the standard."""

    id: Id
    group: Id
    component: Component | None = None
    label: ShortButton
    lines: Some[Bilingual]
    notes: Many[Note] = ()

    @checked_together(mode="after")
    def _short_enough(self) -> Self:
        fits_message((*self.lines, *(note.text for note in self.notes)))
        return self


class SymptomGroup(Record):
    id: Id
    label: Button
    question: Bilingual


class Symptom(Fact):
    """Something that people see when it does not work, and the few things to try."""

    id: Id
    group: Id
    label: Button
    see: Bilingual
    steps: Annotated[Many[Bilingual], Field(min_length=2, max_length=4)]

    @checked_together(mode="after")
    def _short_enough(self) -> Self:
        fits_message((self.see, *self.steps))
        return self


class Service(Record):
    """One city's service file."""

    unit: Unit
    name: Bilingual
    zone: Zone
    hours: WeeklyHours
    closed_days: Many[ClosedDays] = ()
    open_days: Many[OpenDays] = ()
    changed_hours: Many[ChangedHours] = ()
    time_limit_working_days: Annotated[int, Field(ge=1, le=60)]
    renewal: Renewal
    office: Office
    officials: Some[Official]
    ams: Ams
    email_domains: Some[Domain]
    preparation: Checklist
    data_check: Checklist
    change_of_data: ChangeOfData
    letter: Letter
    certificate_test: Checklist
    channels: Some[Channel]
    complaint_categories: Annotated[Many[Category], Field(min_length=1, max_length=KEYBOARD_ROOM)]
    privacy: Privacy
    retention: Retention
    info_groups: Annotated[Many[InfoGroup], Field(min_length=1, max_length=KEYBOARD_ROOM)]
    info: Some[Info]
    symptom_groups: Annotated[Many[SymptomGroup], Field(min_length=1, max_length=KEYBOARD_ROOM - 1)]
    symptoms: Some[Symptom]
    places: Many[Place] = ()

    def info_of(self, group: str) -> tuple[Info, ...]:
        """The entries of an info group, in the order of the file."""
        return tuple(info for info in self.info if info.group == group)

    def symptoms_of(self, group: str) -> tuple[Symptom, ...]:
        """The symptoms of a group, in the order of the file."""
        return tuple(symptom for symptom in self.symptoms if symptom.group == group)
