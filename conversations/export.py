"""Complaints as a table for a spreadsheet, for administrators: the period is chosen, the file follows in the chat.

    /ekspor                            asks for the period
    /ekspor 2026-11, 2026, semua       sends the table of a month, of a year, of everything

Like every card it can be pressed any time later: its buttons name months and years, not "this one".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from conversations.cards import MENU, Card
from conversations.effects import Button, Keyboard, Parts
from conversations.period import Period, month_before, month_of
from conversations.text import N_, Text

if TYPE_CHECKING:
    from datetime import date

_ASK = N_(
    "<b>Complaints as a table</b>\nA file for Excel or LibreOffice with all complaints that were received in a period. "
    "Which period? You can also type another one, for example: /ekspor 2025-12 or /ekspor 2025"
)
_NONE = N_("No complaint was received in this period, so there is no table. Period: {period}.")
_TOO_LARGE = N_(
    "There are too many complaints in this period for one file: {period}. Please choose a shorter one, for example a "
    "month: /ekspor 2025-12. If a month is too long as well, the technician can write the file on the server."
)
_CAPTION = N_("<b>Complaints as a table</b>\nPeriod: {period}\nComplaints: {count}")
CARE = N_(
    "Please handle it with care: it holds names and what employees wrote. Keep it where nobody else can read it, do "
    "not pass it on, and delete the file and this message when you do not need them any more."
)
_CONFIDENTIAL = N_("Of confidential complaints it says neither from whom they are nor what they say.")

_AGAIN: Keyboard = ((Button(Text(N_("Another period")), "/ekspor"),),)


def ask(today: date) -> Card:
    """Which period."""
    this, last, year = month_of(today), month_before(today), Period(today.year)
    rows: Keyboard = (
        (_button(N_("This month: {period}"), this),),
        (_button(N_("Last month: {period}"), last),),
        (_button(N_("This year: {period}"), year),),
        (_button(N_("Everything"), Period()),),
    )
    return Card((Text(_ASK),), (*rows, *MENU))


def caption(period: Period, count: int) -> Parts:
    """What stands under the file."""
    return Text(_CAPTION, {"period": period.name, "count": count}), Text(_CONFIDENTIAL), Text(CARE)


def refused(why: Literal["none", "too_large"], period: Period) -> Card:
    """Why there is no file."""
    said = {"none": _NONE, "too_large": _TOO_LARGE}[why]
    return Card((Text(said, {"period": period.name}),), (*_AGAIN, *MENU))


def _button(label: str, period: Period) -> Button:
    return Button(Text(label, {"period": period.name}), f"/ekspor {period.write()}")
