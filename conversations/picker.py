"""A date, picked with three presses: year, month, day. It changes in place under the question."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from conversations.effects import Button, Keyboard
from conversations.flow import Shown
from conversations.text import MONTHS, N_, Text

if TYPE_CHECKING:
    from conversations.facts import Facts

OPEN = "d"
"""The option that opens the picker; what is picked so far follows the letter: `d2026`, `d2026-11`, `d2026-11-22`."""
CLOSE = "dx"

_YEARS_BACK, _YEARS_AHEAD = 2, 3  # a certificate lives two years; an office may extend that
_MONTHS_A_ROW, _DAYS_A_ROW, _YEARS_A_ROW = 3, 7, 3


@dataclass(frozen=True, slots=True)
class DatePicker:
    """A date: the question reads the day that was picked as if it had been typed."""

    opens: ClassVar = OPEN
    label: ClassVar = N_("Choose from a calendar")

    def offered(self, facts: Facts) -> bool:  # noqa: ARG002 - the shape of Picker
        return True

    def pick(self, option: str, page: str, facts: Facts) -> str | Shown | None:  # noqa: ARG002 - the shape of Picker
        match picked(option):
            case None:
                return None
            case str() as shown:
                return Shown(shown)
            case day:
                return day.isoformat()

    def keyboard(self, page: str, facts: Facts, carry: Callable[[str], str]) -> Keyboard:
        return keyboard(page, facts.today, carry)


def picked(option: str) -> date | str | None:
    """What an option of the picker means: a day, the next thing to show, or None when it is not of the picker."""
    if not option.startswith(OPEN) or option == CLOSE:
        return "" if option == CLOSE else None
    numbers = option[1:].split("-") if option != OPEN else []
    if not all(number.isdecimal() and number.isascii() and len(number) <= 4 for number in numbers):  # noqa: PLR2004 - a year
        return None
    try:
        match [int(number) for number in numbers]:
            case []:
                return OPEN
            case [year]:
                date(year, 1, 1)
                return option
            case [year, month]:
                date(year, month, 1)
                return option
            case [year, month, day]:
                return date(year, month, day)
            case _:
                return None
    except ValueError:
        return None


def keyboard(shown: str, today: date, carry: Callable[[str], str]) -> Keyboard:
    """The buttons for what is picked so far: a year, a month of a year, or anything else, which shows the years."""
    numbers = [int(number) for number in shown[1:].split("-")] if shown != OPEN and picked(shown) == shown else []
    match numbers:
        case [year]:
            cells = [Button(Text(name), carry(f"d{year}-{n}")) for n, name in enumerate(MONTHS, 1)]
            return (*_grid(cells, _MONTHS_A_ROW), (_up(carry(OPEN)),))
        case [year, month]:
            cells = [_number(day, carry(f"d{year}-{month}-{day}")) for day in range(1, monthrange(year, month)[1] + 1)]
            return (*_grid(cells, _DAYS_A_ROW), (_up(carry(f"d{year}")),))
        case _:
            years = range(today.year - _YEARS_BACK, today.year + _YEARS_AHEAD + 1)
            cells = [_number(year, carry(f"d{year}")) for year in years]
            return (*_grid(cells, _YEARS_A_ROW), (_up(carry(CLOSE)),))


def _number(number: int, data: str) -> Button:
    return Button(Text("{digits}", {"digits": str(number)}), data)


def _up(data: str) -> Button:
    return Button(Text(N_("‹ Back")), data)


def _grid(cells: list[Button], width: int) -> Keyboard:
    return tuple(tuple(cells[i : i + width]) for i in range(0, len(cells), width))
