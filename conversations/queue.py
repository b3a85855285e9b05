"""Lists of complaints: those of one person, and the queue of staff, the one that is due first before the others.

/aduan daftar 2          mine, in pages
/antrean baru 2          the queue, filtered, in pages
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from conversations.cards import MENU, Card, turns
from conversations.complaint import ENDED, Complaint, Status
from conversations.complaint_words import HOLDERS, OWN_STATES, STATES, category_label
from conversations.effects import Button, Keyboard
from conversations.filters import PER_PAGE, Filter
from conversations.text import N_, Text, Value

if TYPE_CHECKING:
    from conversations.facts import Book

_NAMES: Mapping[Filter, str] = {
    Filter.ALL: N_("All"),
    Filter.MINE: N_("Mine"),
    Filter.NEW: N_("New"),
    Filter.OVERDUE: N_("Overdue"),
    Filter.WAITING: N_("Waiting"),
}


def queue(shown: tuple[Complaint, ...], only: Filter, page: int, count: int, book: Book) -> Card:
    """A page of what staff have before them, with the filters as buttons; `count` is how many there are in all."""
    title = Text(N_("<b>Queue</b> – {filter}: {count}"), {"filter": Text(_NAMES[only]), "count": count})
    others = [Button(Text(name), f"/antrean {key}") for key, name in _NAMES.items() if key is not only]
    filters = (tuple(others[:2]), tuple(others[2:]), *MENU)
    empty = Text(N_("Nothing is waiting here. Thank you."))
    return _listed(title, shown, (page, pages_of(count)), empty, book, ("tiket", f"antrean {only}"), filters)


def pages_of(count: int) -> int:
    return max(1, -(-count // PER_PAGE))


def mine(complaints: tuple[Complaint, ...], page: int, book: Book) -> Card:
    """What one person has sent, ended or not."""
    empty = Text(N_("You have not sent any complaint."))
    new: Keyboard = ((Button(Text(N_("New complaint")), "/aduan"), *MENU[0]),)
    pages = pages_of(len(complaints))
    page = min(max(page, 1), pages)
    shown = complaints[(page - 1) * PER_PAGE : page * PER_PAGE]
    return _listed(Text(N_("<b>My complaints</b>")), shown, (page, pages), empty, book, ("aduan", "aduan daftar"), new)


def _listed(  # the parts of a list
    title: Text,
    shown: tuple[Complaint, ...],
    place: tuple[int, int],
    empty: Text,
    book: Book,
    commands: tuple[str, str],
    rows: Keyboard,
) -> Card:
    """A page: a line and a button each. `place`: which page of how many; `commands` open one of them, another page."""
    (page, pages), (one, another) = place, commands
    own = one == "aduan"
    buttons = tuple((Button(Text("{number}", {"number": each.number}), f"/{one} {each.number}"),) for each in shown)
    lines = Text("{lines}", {"lines": tuple(_line(each, book, own=own) for each in shown)}) if shown else empty
    return Card((title, lines), (*buttons, *turns(f"/{another}", page, pages), *rows))


def _line(complaint: Complaint, book: Book, *, own: bool) -> Text:
    states = OWN_STATES if own else STATES
    state: Value = Text(states[complaint.status])
    if own and complaint.status not in ENDED | {Status.ESCALATED}:  # that state says itself who has it
        state = Text(N_("{state}; with {who}"), {"state": state, "who": Text(HOLDERS[complaint.level])})
    values: dict[str, Value] = {
        "number": complaint.number,
        "category": category_label(complaint, book),
        "state": state,
    }
    if complaint.status in ENDED:
        return Text(N_("• {number}, {category}: {state}"), values)
    if complaint.stopped_at is not None:
        return Text(N_("• {number}, {category}: {state}; the time stands still"), values)
    return Text(N_("• {number}, {category}: {state}; due {due}"), {**values, "due": complaint.due_at})
