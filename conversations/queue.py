"""Lists of complaints: those of one person, and the queue of staff, the one that is due first before the others.

/aduan daftar 2          mine, in pages
/antrean baru 2          the queue, filtered, in pages
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from conversations.cards import MENU, Card, turns
from conversations.complaint import ENDED, Complaint, Status
from conversations.complaint_words import OWN_STATES, STATES, category_label
from conversations.effects import Button, Keyboard
from conversations.text import N_, Text

if TYPE_CHECKING:
    from datetime import datetime

    from conversations.facts import Book

_PAGE = 5
ALL = "semua"

_Test: TypeAlias = Callable[[Complaint, "Desk"], bool]


@dataclass(frozen=True, slots=True)
class Desk:
    """From where the queue is looked at: the moment, and under which numbers this person holds complaints."""

    at: datetime
    members: frozenset[int] = frozenset()


_FILTERS: Mapping[str, tuple[str, _Test]] = {
    ALL: (N_("All"), lambda _, __: True),
    "milik": (N_("Mine"), lambda complaint, desk: complaint.holder in desk.members),
    "baru": (
        N_("New"),
        lambda complaint, _: complaint.status in (Status.NEW, Status.REOPENED, Status.ESCALATED),
    ),
    "lewat": (N_("Overdue"), lambda complaint, desk: is_overdue(complaint, desk.at)),
    "tunggu": (N_("Waiting"), lambda complaint, _: complaint.status in (Status.WAITING, Status.ANSWERED)),
}


def is_overdue(complaint: Complaint, at: datetime) -> bool:
    return complaint.status not in ENDED and complaint.stopped_at is None and complaint.due_at < at


def queue(complaints: tuple[Complaint, ...], chosen: str, page: int, desk: Desk, book: Book) -> Card:
    """What staff have before them, with the filters as buttons; an unknown filter shows all."""
    chosen = chosen if chosen in _FILTERS else ALL
    label, test = _FILTERS[chosen]
    found = tuple(complaint for complaint in complaints if test(complaint, desk))
    title = Text(N_("<b>Queue</b> – {filter}: {count}"), {"filter": Text(label), "count": len(found)})
    others = [Button(Text(name), f"/antrean {key}") for key, (name, _) in _FILTERS.items() if key != chosen]
    filters = (tuple(others[:2]), tuple(others[2:]), *MENU)
    empty = Text(N_("Nothing is waiting here. Thank you."))
    return _listed(title, found, page, empty, book, ("tiket", f"antrean {chosen}"), filters)


def mine(complaints: tuple[Complaint, ...], page: int, book: Book) -> Card:
    """What one person has sent, ended or not."""
    empty = Text(N_("You have not sent any complaint."))
    new: Keyboard = ((Button(Text(N_("New complaint")), "/aduan"), *MENU[0]),)
    return _listed(Text(N_("<b>My complaints</b>")), complaints, page, empty, book, ("aduan", "aduan daftar"), new)


def _listed(  # the parts of a list
    title: Text,
    complaints: tuple[Complaint, ...],
    page: int,
    empty: Text,
    book: Book,
    commands: tuple[str, str],
    rows: Keyboard,
) -> Card:
    """A page: a line and a button each. `commands` open one of them, and another page."""
    one, pages_of = commands
    pages = max(1, -(-len(complaints) // _PAGE))
    page = min(max(page, 1), pages)
    shown = complaints[(page - 1) * _PAGE : page * _PAGE]
    own = one == "aduan"
    buttons = tuple((Button(Text("{number}", {"number": each.number}), f"/{one} {each.number}"),) for each in shown)
    lines = Text("{lines}", {"lines": tuple(_line(each, book, own=own) for each in shown)}) if shown else empty
    return Card((title, lines), (*buttons, *turns(f"/{pages_of}", page, pages), *rows))


def _line(complaint: Complaint, book: Book, *, own: bool) -> Text:
    states = OWN_STATES if own else STATES
    values = {
        "number": complaint.number,
        "category": category_label(complaint, book),
        "state": Text(states[complaint.status]),
    }
    if complaint.status in ENDED:
        return Text(N_("• {number}, {category}: {state}"), values)
    if complaint.stopped_at is not None:
        return Text(N_("• {number}, {category}: {state}; the time stands still"), values)
    return Text(N_("• {number}, {category}: {state}; due {due}"), {**values, "due": complaint.due_at})
