"""The service standard as data: everything that a city may change without touching the program.

Another city copies one file. What nobody has confirmed yet carries `confirmed = false` and is shown with the request
to confirm it with the office; a newer law is an editor's note with its date and never rewrites the official text.
Texts are plain: they hold no markup and no placeholders. Days are days of the city's calendar, times of day its time.
"""

from datetime import date
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field
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
    Name,
    Phone,
    Record,
    ShortButton,
    Some,
    Web,
    fits_message,
)
from conversations.service.hours import ChangedHours, ClosedDays, OpenDays, WeeklyHours, Zone


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

    name: Name
    aliases: Many[Name] = ()
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
    """What the guide says about itself; `never_asked` are the things that nobody may send here.

    `consent` is what an employee agrees to before a registration: what is stored, what for, who sees it. How long comes
    from the retention. `rights` is what stands behind "read more".
    """

    never_asked: Some[Bilingual]
    lines: Some[Bilingual]
    consent: Some[Bilingual]
    rights: Some[Bilingual]

    @checked_together(mode="after")
    def _short_enough(self) -> Self:
        fits_message(self.consent)
        fits_message(self.rights)
        return self


class Retention(Fact):
    """Days after which things are forgotten.

    Telegram gives an update for one day and may count its ids anew after a quiet week, so `inbox_days` lies between.
    `renewal_days` count from the issue of the certificate, `complaint_days` from the end of a complaint (its texts go),
    `person_days` from the last that was heard of the person.
    """

    session_days: Annotated[int, Field(ge=7)]
    inbox_days: Annotated[int, Field(ge=2, le=7)]
    sent_message_days: Annotated[int, Field(ge=1)]
    dead_letter_days: Annotated[int, Field(ge=1)]
    renewal_days: Annotated[int, Field(ge=30)]
    complaint_days: Annotated[int, Field(ge=30)]
    person_days: Annotated[int, Field(ge=30)]

    @checked_together(mode="after")
    def _person_outlives_session(self) -> Self:
        if self.person_days < self.session_days:
            raise ValueError("takes person_days that are not fewer than session_days")
        return self


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
