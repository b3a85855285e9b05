"""The leave of a member of staff: until which day. Whom it is about stands in the trail when the flow begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.answers import LastDay
from conversations.cards import ADMINS
from conversations.effects import GrantLeave
from conversations.flow import Ask, Do, End, Flow
from conversations.picker import DatePicker
from conversations.text import N_

if TYPE_CHECKING:
    from conversations.facts import Facts

NAME = "leave"

_NOBODY = 0
"""No member has this number: storage leaves it at that."""


def _leave(facts: Facts) -> tuple[GrantLeave]:
    return (GrantLeave(_number(facts, "member") or _NOBODY, facts.day("until"), _number(facts, "deputy")),)


def _number(facts: Facts, name: str) -> int | None:
    digits = facts.answers.get(name, "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 9 else None  # noqa: PLR2004 - fits any database


FLOW = Flow(
    NAME,
    version=1,
    roles=ADMINS,
    states=(
        Ask(
            "until",
            N_(
                "What is the <b>last day</b> of the leave of {staff_name}? Please type it, for example: 27 November "
                "2026."
            ),
            LastDay(),
            then={"": "grant"},
            picker=DatePicker(),
        ),
        Do("grant", GrantLeave, _leave, then={"done": "granted"}),
        End("granted", N_("Noted. A deputy can be named under /petugas.")),
    ),
)
