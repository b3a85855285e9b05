"""Complaints to play with, and who acts on them; the clock is rung as the edge rings it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

from conversations import case, timing
from conversations.case import Actor
from conversations.complaint import Act, Complaint, Happening, Mark
from conversations.effects import FileComplaint, Tell
from conversations.facts import Book
from conversations.notices import notices
from conversations.people import Colleague, Person, Role
from conversations.service import read_service
from conversations.text import Text

SERVICE = read_service(files("conversations.service").joinpath("pekalongan.toml").read_text("utf-8"), "pekalongan.toml")
BOOK = Book.of(SERVICE)
NUMBER = "ADU-2026-00017"

SITI = Actor("employee", name="Siti")
BUDI = Actor("officer", 3, "Budi")
RATNA = Actor("officer", 4, "Ratna")
MEIDY = Actor("official", 7, "Meidy")


def wib(text: str) -> datetime:
    """A moment as people of Pekalongan write it, in UTC: `2026-11-20 10.55`."""
    return datetime.strptime(f"{text} +0700", "%Y-%m-%d %H.%M %z").astimezone(UTC)


MONDAY = wib("2026-11-23 09.00")


def filed(
    at: datetime = MONDAY, category: str = "service", *, confidential: bool = False, outage: bool = False
) -> Complaint:
    command = FileComplaint(category, "AMS says that my NIK is unknown.", confidential, origin="login > wrong")
    return case.file(command, NUMBER, at, BOOK, person="chat of Siti", name="Siti", unit="Bappeda", outage=outage)


def done(complaint: Complaint, act: Act, actor: Actor, at: datetime, category: str = "") -> Complaint:
    """The complaint after an act that must be possible."""
    after = case.step(complaint, act, actor, at, BOOK, category=category)
    assert after is not None, f"{actor.side} cannot {act} what is {complaint.status}"
    return after


def rung(complaint: Complaint, until: datetime, book: Book = BOOK) -> tuple[Complaint, list[tuple[datetime, str]]]:
    """Let the clock ring whenever it wants to, until then: the complaint, and what was done when."""
    log: list[tuple[datetime, str]] = []
    while complaint.next_at is not None and complaint.next_at <= until:
        at = complaint.next_at
        if (ring := case.ring(complaint, at, book)) is None:
            complaint = replace(complaint, next_at=timing.next_alarm(complaint, book, at))
            assert complaint.next_at is None or complaint.next_at > at
            continue
        complaint = ring.complaint
        log.append((at, ring.happening.act))
    return complaint, log


def told(
    before: Complaint | None, after: Complaint, what: Act | Mark, actor: Actor, at: datetime, text: str = ""
) -> tuple[Tell, ...]:
    return notices(before, after, case.happening(what, actor, at, "telegram", text), BOOK)


def heads(tells: tuple[Tell, ...]) -> list[tuple[Role | Colleague | Person, str]]:
    """Who is told, and how the message begins, as the msgid it is."""
    return [(tell.to, part.msgid if isinstance(part := tell.parts[0], Text) else part.id) for tell in tells]


def line(what: Act | Mark, actor: Actor = BUDI, text: str = "words") -> Happening:
    return case.happening(what, actor, MONDAY, "telegram", text)
