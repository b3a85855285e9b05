"""Answers that are ready: those the office keeps, what solved similar complaints, and the texts of the service file.

The officer picks one, reads it in the review, and sends it or writes it anew. An answer on a button is where it comes
from: `o12` the canned answer of that number, `s1` the first similar one, `c17` a symptom of the service file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from conversations.complaint import Act
from conversations.draft import Draft
from conversations.effects import Button, Keyboard
from conversations.flow import Accepted, Shown
from conversations.places import CLOSE
from conversations.session import Answer
from conversations.text import N_, Text, Words

if TYPE_CHECKING:
    from conversations.canned import Canned
    from conversations.facts import Facts
    from conversations.service.model import Symptom

SIMILAR = 3
_FIRST = 4
"""Canned answers that stand before the similar ones, so that these are on the first page too; the others follow."""
_PAGE = _FIRST + SIMILAR
_ROOM = 24  # characters of a text on a button

OPEN = "ra"


def offered(canned: tuple[Canned, ...], similar: tuple[str, ...]) -> tuple[Answer, ...]:
    """What is known when an answer begins, as it stands in the trail; a title is one line, so the text begins below."""
    own = (Answer(f"canned_{each.id}", f"{each.title}\n{each.text}") for each in canned)
    solved = (Answer(f"similar_{place}", text) for place, text in enumerate(similar[:SIMILAR], 1) if text)
    return (*own, *solved)


@dataclass(frozen=True, slots=True)
class _Ready:
    option: str
    label: Text | Words
    draft: Draft


@dataclass(frozen=True, slots=True)
class ReadyAnswers:
    """Pages of answers. A page is kept as its number: `r0`."""

    opens: ClassVar = OPEN
    label: ClassVar = N_("Ready answers")

    def offered(self, facts: Facts) -> bool:
        """For answers alone: other words of staff are not for employees."""
        return facts.answers.get("act") == Act.ANSWER

    def pick(self, option: str, page: str, facts: Facts) -> Accepted | Shown | None:  # noqa: ARG002 - the shape of Picker
        if option in {OPEN, CLOSE}:
            return Shown("r0" if option == OPEN else "")
        if re.fullmatch(r"r[0-9]{1,3}", option):
            return Shown(option)
        picked = next((each for each in _all(facts) if each.option == option), None)
        return Accepted(picked.draft.write()) if picked is not None else None

    def keyboard(self, page: str, facts: Facts, carry: Callable[[str], str]) -> Keyboard:
        ready = _all(facts)
        pages = max(1, -(-len(ready) // _PAGE))
        number = int(page[1:]) if re.fullmatch(r"r[0-9]{1,3}", page) else 0
        number = min(number, pages - 1)
        shown = ready[number * _PAGE : (number + 1) * _PAGE]
        rows: list[tuple[Button, ...]] = [(Button(each.label, carry(each.option)),) for each in shown]
        turns = ((number - 1, N_("‹ Previous")), (number + 1, N_("Next ›")))
        if turn := tuple(Button(Text(label), carry(f"r{to}")) for to, label in turns if 0 <= to < pages):
            rows.append(turn)
        return (*rows, (Button(Text(N_("‹ Back")), carry(CLOSE)),))


def _all(facts: Facts) -> list[_Ready]:
    """Everything that is offered, in the order in which it is."""
    own = [_canned(name, kept) for name, kept in facts.answers.items() if re.fullmatch(r"canned_[0-9]{1,9}", name)]
    solved = [_similar(place, facts.answers.get(f"similar_{place}", "")) for place in range(1, SIMILAR + 1)]
    known = [
        _Ready(f"c{place}", symptom.label, Draft(_steps(symptom), ready=True))
        for place, symptom in enumerate(facts.book.service.symptoms)
    ]
    ready = [*own[:_FIRST], *solved, *own[_FIRST:], *known]
    return [each for each in ready if each.draft.text]


def _canned(name: str, kept: str) -> _Ready:
    title, _, text = kept.partition("\n")
    number = int(name.removeprefix("canned_"))
    return _Ready(f"o{number}", Words(title, title), Draft(text, ready=True, canned=number))


def _similar(place: int, text: str) -> _Ready:
    return _Ready(f"s{place}", _shortened(place, text), Draft(text, ready=True))


def _steps(symptom: Symptom) -> str:
    """What to try, in Indonesian: employees of an Indonesian city all read it, and staff see what they send."""
    steps = "\n".join(f"{number}. {step.id}" for number, step in enumerate(symptom.steps, 1))
    return f"Mohon dicoba:\n{steps}"


def _shortened(place: int, text: str) -> Words:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = line if len(line) <= _ROOM else f"{line[: _ROOM - 1]}…"
    return Words(f"{place}. {line}", f"{place}. {line}")
