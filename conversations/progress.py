"""How far somebody is with the renewal, for the staff who help them.

It is put together of where the guide stands and of what was noted, at the moment at which somebody looks. Nobody here
looks into AMS: whether a certificate was issued, and until when it is valid, is what people told the guide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conversations.cards import place_of
from conversations.facts import Facts
from conversations.flow import STEPS, Ask, Choose, Review
from conversations.flows.renewal import FLOW
from conversations.resume import restored
from conversations.session import Frame, Session
from conversations.text import N_, Text, Value

if TYPE_CHECKING:
    from datetime import date, datetime

    from conversations.facts import Book


@dataclass(frozen=True, slots=True)
class Renewal:
    """A request for issuance: until when the certificate is due, and when the person said that it was issued."""

    submitted_at: datetime
    due_at: datetime
    issued_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known at `at`.

    `step`: where the guide stands, 0 before its first step, None while no renewal is under way; `asked_at`: when it
    asked there the last time. `request` is the one of this renewal, `earlier` are issued ones, the oldest first.
    """

    at: datetime
    step: int | None = None
    asked_at: datetime | None = None
    expires_on: date | None = None
    request: Renewal | None = None
    earlier: tuple[Renewal, ...] = ()


def progress(
    session: Session, expires_on: date | None, renewals: Sequence[Renewal], at: datetime, book: Book
) -> Progress:
    """Put together what is known of somebody. `expires_on` is the day that was noted; `renewals`: the oldest first."""
    frame = next((frame for frame in session.stack if frame.flow == FLOW.name), None)
    step = asked_at = None
    if frame is not None:
        asked_at, frame = frame.asked_at, _as_of_now(frame, Facts(book, at))
        state = FLOW.by_name[frame.state]
        step = state.step if isinstance(state, Choose | Ask | Review) else 0
        facts = Facts(book, at, FLOW, frame)
        expires_on = facts.day("new_expiry") or facts.day("expiry") or expires_on
    last = renewals[-1] if renewals else None
    if last is not None and last.issued_at is not None:
        if expires_on is not None and expires_on <= book.calendar.today(last.issued_at):
            expires_on = None  # it is that of the certificate which was replaced
        if step != STEPS:
            last = None  # that one is over
    earlier = tuple(one for one in renewals if one is not last and one.issued_at is not None)
    return Progress(at, step, asked_at, expires_on, last, earlier)


def progress_text(known: Progress, book: Book) -> Text:
    """One paragraph, without markup: it stands in messages and in letters."""
    lines = [*_now(known, book), *_certificate(known, book), *_request(known, book), *_earlier(known, book)]
    if not lines:
        return Text(N_("Renewal: none is under way here"))
    if known.step is None:
        lines.insert(0, Text(N_("None is under way here")))
    said = N_("Renewal as the employee told it, on {moment}:\n{lines}")
    return Text(said, {"moment": known.at, "lines": tuple(lines)})


def _as_of_now(frame: Frame, facts: Facts) -> Frame:
    """The frame as the present table has it, if an older version of it left the session."""
    session, _ = restored(Session(stack=(frame,)), {FLOW.name: FLOW}, facts)
    return session.top or frame


def _now(known: Progress, book: Book) -> list[Value]:
    if known.step is None:
        return []
    day = book.calendar.today(known.asked_at or known.at)
    if not known.step:
        return [Text(N_("Opened, not at the first step yet (last asked {day})"), {"day": day})]
    return [Text(N_("Step {step} of {steps}: {name} (last asked {day})"), {**place_of(known.step), "day": day})]


def _certificate(known: Progress, book: Book) -> list[Value]:
    if known.expires_on is None:
        return []
    expired = known.expires_on < book.calendar.today(known.at)
    said = N_("Certificate expired on {day}") if expired else N_("Certificate valid until {day}")
    return [Text(said, {"day": known.expires_on})]


def _request(known: Progress, book: Book) -> list[Value]:
    if (request := known.request) is None:
        return []
    asked: dict[str, Value] = {"day": book.calendar.today(request.submitted_at), "due": request.due_at}
    if request.issued_at is not None:
        issued = book.calendar.today(request.issued_at)
        return [Text(N_("Issuance requested on {day}, due {due}; issued on {issued}"), {**asked, "issued": issued})]
    if request.due_at <= known.at:
        return [Text(N_("Issuance requested on {day}, was due {due}; not issued yet"), asked)]
    return [Text(N_("Issuance requested on {day}, due {due}; not issued yet"), asked)]


def _earlier(known: Progress, book: Book) -> list[Value]:
    issued = [one.issued_at for one in known.earlier if one.issued_at is not None]
    if not issued:
        return []
    said = N_("Earlier renewals: {count}, the last one issued on {day}")
    return [Text(said, {"count": len(issued), "day": book.calendar.today(issued[-1])})]
