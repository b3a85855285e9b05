"""Answers that are ready: what solved similar complaints, and what the service file says to each symptom.

The officer picks one, reads it in the review, and sends it or writes it anew. An answer on a button is its place: `s1`
the first similar one, `c17` a symptom of the service file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from conversations.draft import Draft
from conversations.effects import Button, Keyboard
from conversations.flow import Accepted, Shown
from conversations.places import CLOSE
from conversations.text import N_, Text, Words

if TYPE_CHECKING:
    from conversations.facts import Facts
    from conversations.service.model import Symptom

SIMILAR = 3
_PAGE = 4
_ROOM = 24  # characters of a text on a button

OPEN = "ra"


@dataclass(frozen=True, slots=True)
class ReadyAnswers:
    """Pages of answers. A page is kept as its number: `r0`."""

    opens: ClassVar = OPEN
    label: ClassVar = N_("Ready answers")

    def pick(self, option: str, page: str, facts: Facts) -> Accepted | Shown | None:  # noqa: ARG002 - the shape of Picker
        if option in {OPEN, CLOSE}:
            return Shown("r0" if option == OPEN else "")
        found = re.fullmatch(r"([rsc])([0-9]{1,3})", option)
        if found is None:
            return None
        number = int(found[2])
        match found[1]:
            case "r":
                return Shown(f"r{number}")
            case "s":
                return _accepted(facts.answers.get(f"similar_{number}", ""))
            case _:
                symptoms = facts.book.service.symptoms
                return _accepted(_steps(symptoms[number])) if number < len(symptoms) else None

    def keyboard(self, page: str, facts: Facts, carry: Callable[[str], str]) -> Keyboard:
        symptoms = facts.book.service.symptoms
        pages = -(-len(symptoms) // _PAGE)
        number = int(page[1:]) if re.fullmatch(r"r[0-9]{1,3}", page) else 0
        number = min(number, pages - 1)
        rows: list[tuple[Button, ...]] = []
        if number == 0:
            similar = ((place, facts.answers.get(f"similar_{place}", "")) for place in range(1, SIMILAR + 1))
            rows += [(Button(_shortened(place, text), carry(f"s{place}")),) for place, text in similar if text]
        shown = range(number * _PAGE, min((number + 1) * _PAGE, len(symptoms)))
        rows += [(Button(symptoms[place].label, carry(f"c{place}")),) for place in shown]
        turns = ((number - 1, N_("‹ Previous")), (number + 1, N_("Next ›")))
        if turn := tuple(Button(Text(label), carry(f"r{to}")) for to, label in turns if 0 <= to < pages):
            rows.append(turn)
        return (*rows, (Button(Text(N_("‹ Back")), carry(CLOSE)),))


def _steps(symptom: Symptom) -> str:
    """What to try, in Indonesian: employees of an Indonesian city all read it, and staff see what they send."""
    steps = "\n".join(f"{number}. {step.id}" for number, step in enumerate(symptom.steps, 1))
    return f"Mohon dicoba:\n{steps}"


def _accepted(text: str) -> Accepted | None:
    return Accepted(Draft(text, ready=True).write()) if text else None


def _shortened(place: int, text: str) -> Words:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = line if len(line) <= _ROOM else f"{line[: _ROOM - 1]}…"
    return Words(f"{place}. {line}", f"{place}. {line}")
