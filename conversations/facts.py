"""What a text may name: `{placeholders}` are filled from the service file, the moment, and the answers given so far.

One name has one meaning in every flow. `NAMES` is the list; a flow that names anything else is refused at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from conversations.calendar import WEEKEND, DayOff, WorkingCalendar
from conversations.complaint import Act
from conversations.draft import LONG, Draft
from conversations.text import N_, Text, Value, bullets, masked, numbered, period

if TYPE_CHECKING:
    from conversations.flow import Flow
    from conversations.service import Service
    from conversations.service.model import Fact
    from conversations.session import Answer, Frame

_GRACE = timedelta(minutes=10)
"""A deadline is the end of the service hours: the question that belongs to it may still come just then."""

_FAR_OFF = timedelta(days=20 * 366)
"""Nobody is asked for such a date; near the first and the last year there is, nothing could be computed from it."""


@dataclass(frozen=True)
class Book:
    """The service, its calendar, and the facts that do not change from moment to moment."""

    service: Service
    calendar: WorkingCalendar
    static: Mapping[str, Value]

    @classmethod
    def of(cls, service: Service) -> Book:
        return cls(service, WorkingCalendar(service), _static(service))

    def facts(self, at: datetime) -> Facts:
        return Facts(self, at)

    def may_disturb(self, at: datetime, due: Value | None = None) -> bool:
        """Whether the guide may speak first: in service hours, or of a deadline that has just come."""
        return self.calendar.is_open(at) or (isinstance(due, datetime) and due <= at < due + _GRACE)

    def midnight(self, day: date) -> datetime:
        """The moment at which this day of the city begins, in UTC."""
        hours = timedelta(hours=self.service.zone.utc_offset_hours)
        return datetime.combine(day, time(), UTC) - hours

    def moment(self, value: Value, at: datetime) -> datetime:
        """A fact as the moment of an alarm: what has passed already becomes the next working morning."""
        if isinstance(value, datetime) and value > at:
            return value
        return self.calendar.next_morning(at)


class Facts:
    """The facts of one moment in one frame of a flow. Reading one never fails, whatever has been answered."""

    def __init__(self, book: Book, at: datetime, flow: Flow | None = None, frame: Frame | None = None) -> None:
        self.book, self.at, self.flow = book, at, flow
        self.answers: Mapping[str, str] = frame.answers if frame else {}

    @property
    def today(self) -> date:
        return self.book.calendar.today(self.at)

    def __getitem__(self, name: str) -> Value:
        return self.book.static[name] if name in self.book.static else _COMPUTED[name](self)

    def within(self, flow: Flow, trail: Iterable[Answer]) -> Facts:
        """The same moment, with other answers."""
        facts = Facts(self.book, self.at, flow)
        facts.answers = {answer.state: answer.value for answer in trail}
        return facts

    def day(self, state: str) -> date | None:
        """The day that was answered there, if one was that has to do with a certificate of today."""
        try:
            day = date.fromisoformat(self.answers[state])
        except (KeyError, ValueError):
            return None
        return day if abs(day - self.today) < _FAR_OFF else None

    def moment(self, state: str) -> datetime | None:
        """The moment that was answered there, if one was, with the same restriction."""
        try:
            moment = datetime.fromisoformat(self.answers[state])
        except (KeyError, ValueError):
            return None
        return moment if moment.tzinfo and abs(moment - self.at) < _FAR_OFF else None

    @property
    def submitted_at(self) -> datetime:
        """When issuance was requested; of a day without an hour, its first hour of service."""
        day = self.day("submitted")
        return self.book.calendar.opening(self.book.midnight(day)) if day else self.moment("submitted") or self.at

    @property
    def due_at(self) -> datetime:
        return self.book.calendar.due(self.submitted_at)

    @property
    def remind_on(self) -> date:
        """The day on which the renewal window of the certificate named last opens."""
        expires_on = self.day("new_expiry") or self.day("expiry") or self.today
        return expires_on - timedelta(days=self.book.service.renewal.window_days)

    @property
    def remind_at(self) -> datetime:
        """The opening of service on that day or after it, never in the past."""
        morning = self.book.calendar.next_morning(self.book.midnight(self.remind_on) - timedelta(seconds=1))
        return max(morning, self.book.calendar.next_morning(self.at))


def _deadline(facts: Facts) -> Value:
    return "before" if facts.at < facts.due_at else "after"


def _day_after_today(facts: Facts) -> Value:
    """A new certificate, issued today, ends after its years of validity."""
    today, years = facts.today, facts.book.service.renewal.validity_years
    try:
        return today.replace(year=today.year + years)
    except ValueError:  # 29 February
        return today.replace(year=today.year + years, day=28)


def hours_now(facts: Facts) -> Text:
    calendar = facts.book.calendar
    if calendar.is_open(facts.at):
        return Text(N_("Our office is open now."))
    return Text(N_("Our office is closed now. It opens {opening}."), {"opening": calendar.opening(facts.at)})


def _due_reason(facts: Facts) -> Value:
    """Why the request for issuance is due when it is; of a day without an hour, the day counts."""
    day = facts.day("submitted")
    return due_reason(facts.book, facts.book.midnight(day) if day else facts.submitted_at, facts.due_at)


def due_reason(book: Book, sent_at: datetime, due_at: datetime) -> Text:
    """Why something is due when it is: the day of receipt, if it is a later one, and the closed days by name."""
    calendar = book.calendar
    sent, received = calendar.today(sent_at), calendar.today(calendar.received(sent_at))
    reason = Text(N_("The day of receipt does not count."))
    if closed := calendar.closed_because(book.midnight(sent), due_at):
        reason = Text(N_("The day of receipt does not count, nor do these:\n{days}"), {"days": _closed(closed)})
    if received == sent:
        return reason
    late = N_("Sent outside the service hours, it counts as received on {day}. {reason}")
    return Text(late, {"day": received, "reason": reason})


_SEVERAL_WEEKENDS = 4  # days off of one kind, from which on they are named together


def _closed(closed: tuple[DayOff, ...]) -> Value:
    """Each closed day by name; over a long time the weekends are named once."""
    weekends = [off for off in closed if off.reason == WEEKEND]
    often = len(weekends) > _SEVERAL_WEEKENDS
    lines = [
        Text(N_("{day}: {reason}"), {"day": off.day, "reason": off.reason})
        for off in closed
        if not (often and off.reason == WEEKEND)
    ]
    return bullets([*([Text(N_("every Saturday and Sunday"))] if often else []), *lines])


_TO_EMPLOYEE = N_("It goes to the employee of complaint {number}.")
_HANDLE_ASKS: Mapping[str, str] = {
    Act.ANSWER: N_("What is your answer to complaint <b>{number}</b>? The employee reads it as you write it."),
    Act.ASK: N_("What do you need to know for complaint <b>{number}</b>? The employee reads it as you write it."),
    Act.ESCALATE: N_("Why shall complaint <b>{number}</b> go to the complaints official? What was tried?"),
    Act.DIRECT: N_("What shall the officer do about complaint <b>{number}</b>?"),
    Act.RETURN: N_("Why does complaint <b>{number}</b> go back to the officer?"),
    Act.NOTE: N_("What shall I note on complaint <b>{number}</b>? Only staff see it."),
    Act.REPLY: N_("What is your answer about complaint <b>{number}</b>?"),
    Act.ADD: N_("What would you like to add to complaint <b>{number}</b>?"),
    Act.DENY: N_("What is still missing in complaint <b>{number}</b>?"),
    Act.REOPEN: N_("Why shall complaint <b>{number}</b> be opened again?"),
}
_HANDLE_GOES: Mapping[str, str] = {
    Act.ANSWER: _TO_EMPLOYEE,
    Act.ASK: _TO_EMPLOYEE,
    Act.ESCALATE: N_("It goes to the complaints official, about complaint {number}."),
    Act.DIRECT: N_("It goes to the officer of complaint {number}."),
    Act.RETURN: N_("It goes to the officer of complaint {number}."),
    Act.NOTE: N_("It stays with complaint {number}; only staff see it."),
}


def _handling(facts: Facts, texts: Mapping[str, str]) -> Text:
    """The words that fit what is being done to a complaint; a note harms nobody."""
    act = facts.answers.get("act", "")
    return Text(texts.get(act, texts[Act.NOTE]), {"number": facts.answers.get("number", "")})


def _handle_preview(facts: Facts) -> Value:
    """Whether what was written is shown once more before it goes: what is long, ready-made or has attachments."""
    draft = Draft.read(facts.answers.get("text", ""))
    return "yes" if draft.files or draft.ready or len(draft.text) > LONG else "no"


_COMPUTED: Mapping[str, Callable[[Facts], Value]] = {
    "hours_now": hours_now,
    "next_morning": lambda facts: facts.book.calendar.next_morning(facts.at),
    "expiry": lambda facts: facts.day("expiry") or facts.today,
    "new_expiry": lambda facts: facts.day("new_expiry") or facts.today,
    "usual_expiry": _day_after_today,
    "certificate": lambda facts: facts.day("find") or facts.today,
    "remind_on": lambda facts: facts.remind_on,
    "submitted": lambda facts: facts.day("submitted") or facts.submitted_at,
    "due": lambda facts: facts.due_at,
    "due_reason": _due_reason,
    "deadline": _deadline,
    "staff_name": lambda facts: facts.answers.get("name", ""),
    "masked_email": lambda facts: masked(facts.answers.get("email", "")),
    "proof_until": lambda facts: facts.moment("prove") or facts.at,
    "tries_left": lambda facts: facts.answers.get("check", ""),
    "handle_ask": lambda facts: _handling(facts, _HANDLE_ASKS),
    "handle_goes": lambda facts: _handling(facts, _HANDLE_GOES),
    "handle_preview": _handle_preview,
}


def _static(service: Service) -> Mapping[str, Value]:
    office, letter, change = service.office, service.letter, service.change_of_data
    return {
        "service": service.name,
        "unit": service.unit.name,
        "office": service.unit.short_name,
        "ams": service.ams.name,
        "ams_url": service.ams.address,
        "domain": service.ams.link_domains[0],
        "window_days": service.renewal.window_days,
        "validity_years": service.renewal.validity_years,
        "phones": ", ".join(office.phones),
        "email": office.email,
        "channels": bullets(
            Text("{label}: {address}", {"label": channel.label, "address": channel.address})
            for channel in service.channels
        ),
        "website": office.website,
        "preparation": bullets(service.preparation.items),
        "data_check": bullets(service.data_check.items),
        "change_data": bullets(change.data),
        "change_documents": bullets(change.documents),
        "change_steps": _with_care(change, numbered(change.steps)),
        "letter_contents": bullets(letter.contents.items),
        "letter_signatory": letter.signatory.text,
        "letter_format": letter.format.text,
        "letter_care": _care(letter.contents.confirmed and letter.signatory.confirmed and letter.format.confirmed),
        "certificate_test": numbered(service.certificate_test.items),
        "renewal_care": _care(service.renewal.confirmed),
        "unconfirmed": _care(confirmed=False),
        "consent": bullets(service.privacy.consent),
        "rights": bullets(service.privacy.rights),
        "person_period": period(service.retention.person_days),
        "retention_care": _care(service.retention.confirmed),
        "email_domains": ", ".join(f"@{domain}" for domain in service.email_domains),
    }


def _care(confirmed: bool) -> Value:  # noqa: FBT001 - reads as "care unless confirmed"
    """What nobody has confirmed yet is said with this request."""
    return "" if confirmed else Text(N_("This is not confirmed yet; please ask the office first."))


def _with_care(fact: Fact, said: Value) -> Value:
    return said if fact.confirmed else (said, _care(fact.confirmed))


def names(book: Book) -> frozenset[str]:
    """Every name that a text may use."""
    return frozenset(book.static) | frozenset(_COMPUTED)
