"""Canned answers: what staff keep to answer with again. They belong to the office, whoever kept them."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 20
"""In all. More than that nobody looks through while somebody waits, and what is offered lies in the session."""

SHORTEST_TITLE, LONGEST_TITLE = 3, 28  # characters; a longer one is cut off on the button of a small phone


@dataclass(frozen=True, slots=True)
class Canned:
    """`title` is one line, by which people find it; `text` is what the employee reads."""

    id: int
    title: str
    text: str
