"""How staff look at the queue: everything that is open, or a part of it, in pages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from conversations.complaint import Status

PER_PAGE = 5


class Filter(StrEnum):
    """A part of the queue, by the word that is typed after /antrean."""

    ALL = "semua"
    MINE = "milik"
    NEW = "baru"
    OVERDUE = "lewat"
    WAITING = "tunggu"


STATUSES: Mapping[Filter, frozenset[Status]] = {
    Filter.NEW: frozenset({Status.NEW, Status.REOPENED, Status.ESCALATED}),
    Filter.WAITING: frozenset({Status.WAITING, Status.ANSWERED}),
}
"""Filters that only look at how a complaint stands: nobody has it in hand, or the employee is asked something."""


def page_in(words: list[str]) -> int:
    """The first number among these words: no list has more than four digits of pages."""
    return next((int(word) for word in words if word.isascii() and word.isdecimal() and len(word) <= 4), 1)  # noqa: PLR2004 - as said


def filter_in(words: list[str]) -> Filter:
    """The filter that the first of these words names; an unknown one shows all."""
    known = words[0] if words and words[0] in set(Filter) else Filter.ALL
    return Filter(known)
