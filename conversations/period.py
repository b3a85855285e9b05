"""A time for which complaints are looked at: a month, a year, or everything. Written as people would type it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from conversations.text import MONTHS, N_, Text

_WRITTEN = re.compile(r"(20\d\d)(?:-(0[1-9]|1[0-2]))?", re.ASCII)
_EVERYTHING = "semua"


@dataclass(frozen=True, slots=True)
class Period:
    """A month of a year; month 0 is the whole year, and year 0 is everything."""

    year: int = 0
    month: int = 0

    @classmethod
    def read(cls, text: str) -> Period | None:
        """`2026-11`, `2026`, `semua`; None is none of them."""
        if text == _EVERYTHING:
            return cls()
        found = _WRITTEN.fullmatch(text)
        return None if found is None else cls(int(found[1]), int(found[2] or 0))

    def write(self) -> str:
        if not self.year:
            return _EVERYTHING
        return f"{self.year}-{self.month:02}" if self.month else str(self.year)

    @property
    def first(self) -> date | None:
        """The first day of it; None: from the beginning."""
        return date(self.year, self.month or 1, 1) if self.year else None

    @property
    def after(self) -> date | None:
        """The first day that does not belong to it any more; None: it goes on."""
        if not self.year:
            return None
        return date(self.year, self.month + 1, 1) if 0 < self.month < len(MONTHS) else date(self.year + 1, 1, 1)

    @property
    def name(self) -> Text:
        """What it is called."""
        if not self.year:
            return Text(N_("everything"))
        if not self.month:
            return Text("{year}", {"year": str(self.year)})
        return Text("{month} {year}", {"month": Text(MONTHS[self.month - 1]), "year": str(self.year)})


def month_of(day: date) -> Period:
    return Period(day.year, day.month)


def month_before(day: date) -> Period:
    """The month before the one that this day is in."""
    return Period(day.year, day.month - 1) if day.month > 1 else Period(day.year - 1, len(MONTHS))
