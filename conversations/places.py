"""Where an employee works: found by a part of its name, picked from pages, or kept as it was typed.

A place on a button is its number in the service file, which may be edited while the page is shown: the answer is shown
again in the review, before anything is done with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from conversations.effects import Button, Keyboard
from conversations.flow import Accepted, Refused, Shown
from conversations.text import N_, Text, Value, Words

if TYPE_CHECKING:
    from datetime import datetime

    from conversations.facts import Facts
    from conversations.service import Place, Service

PAGE = 6
"""Places on a page, one a row."""

WHOLE, CLOSE, AS_TYPED = "pa", "px", "typed"
"""Options of the picker: the whole list, no list, what was typed. Others are a page (`p2`) and a place (`u17`)."""

SHORTEST, LONGEST = 2, 100
"""Characters of a place that is not in the list."""

_ROOM = 28  # characters that a button shows on a small phone
_ROOM_TYPED = 20  # beside the word that stands before it

_SEVERAL = N_("Several places have that in their name. Please choose yours, or type more of its name.")
_NONE = N_("I do not know that place. You can use what you typed, choose from the list, or type another name.")
_NO_PLACE = N_("Please type the name of your unit, or a part of it, for example: Diskominfo.")


@dataclass(frozen=True, slots=True)
class Workplace:
    """A unit of the city. One that matches is taken, several are shown; what nobody knows is kept on request."""

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused | Shown:  # noqa: ARG002 - the shape of Accept
        typed = _one_line(text)
        if not SHORTEST <= len(typed) <= LONGEST or not any(letter.isalpha() for letter in typed):
            return Refused(Text(_NO_PLACE))
        places = found(typed, facts.book.service)
        if len(places) == 1:
            return Accepted(places[0].name)
        return Shown(f"p0:{typed}", Text(_SEVERAL if places else _NONE))

    def show(self, value: str) -> Value:
        return value


@dataclass(frozen=True, slots=True)
class PlacePicker:
    """Pages of places. A page is kept as its number and what the list was narrowed by: `p0:kuripan`."""

    opens: ClassVar = WHOLE
    label: ClassVar = N_("Choose from a list")

    def offered(self, facts: Facts) -> bool:  # noqa: ARG002 - the shape of Picker
        return True

    def pick(self, option: str, page: str, facts: Facts) -> Accepted | Shown | None:
        _, typed = _parts(page)
        places = facts.book.service.places
        number = int(option[1:]) if re.fullmatch(r"[pu][0-9]{1,3}", option) else None
        if option in {WHOLE, CLOSE}:
            return Shown("p0" if option == WHOLE else "")
        if option == AS_TYPED and typed:
            return Accepted(typed)
        if number is not None and option.startswith("u"):
            return Accepted(places[number].name) if number < len(places) else None
        if number is not None:
            return Shown(f"p{number}:{typed}" if typed else f"p{number}")
        return None

    def keyboard(self, page: str, facts: Facts, carry: Callable[[str], str]) -> Keyboard:
        number, typed = _parts(page)
        service = facts.book.service
        places = found(typed, service) if typed else service.places
        pages = -(-len(places) // PAGE)
        number = max(0, min(number, pages - 1))
        shown = places[number * PAGE : (number + 1) * PAGE]
        rows: list[tuple[Button, ...]] = [(_place(place, service, carry),) for place in shown]
        turns = ((number - 1, N_("‹ Previous")), (number + 1, N_("Next ›")))
        if turn := tuple(Button(Text(label), carry(f"p{to}")) for to, label in turns if 0 <= to < pages):
            rows.append(turn)
        if typed:
            rows.append((Button(Text(N_("Use: {typed}"), {"typed": _shortened(typed)}), carry(AS_TYPED)),))
        if not places:
            rows.append((Button(Text(self.label), carry(WHOLE)),))
        return (*rows, (Button(Text(N_("‹ Back")), carry(CLOSE)),))


def found(typed: str, service: Service) -> tuple[Place, ...]:
    """The places that are called so, or else those whose name and aliases hold every word that was typed."""
    said = plain(typed).removesuffix(plain(service.unit.city.id)).strip() or plain(typed)
    named = [(place, _names(place)) for place in service.places]
    called = tuple(place for place, names in named if said in names)
    return called or tuple(place for place, names in named if all(word in " | ".join(names) for word in said.split()))


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = (c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


def _names(place: Place) -> tuple[str, ...]:
    return tuple(plain(name) for name in (place.name, *place.aliases))


def _place(place: Place, service: Service, carry: Callable[[str], str]) -> Button:
    """A button with the name, or with the alias that people know better than a name too long for a button."""
    name = place.name if len(place.name) <= _ROOM or not place.aliases else place.aliases[0]
    return Button(Words(name, name), carry(f"u{service.places.index(place)}"))


def _parts(page: str) -> tuple[int, str]:
    """The number of a page and what it was narrowed by; of anything else, the first page of all."""
    match = re.fullmatch(r"p([0-9]{1,3})(?::(.*))?", page, re.DOTALL)
    return (int(match[1]), match[2] or "") if match else (0, "")


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _shortened(typed: str) -> str:
    return typed if len(typed) <= _ROOM_TYPED else f"{typed[: _ROOM_TYPED - 1]}…"
