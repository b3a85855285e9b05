"""The answers that people type: what is read, what is refused and why. Dates are days of the city's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from conversations.dates import read_date
from conversations.flow import Accepted, Refused
from conversations.text import N_, Text, Value

if TYPE_CHECKING:
    from conversations.facts import Facts

NOW = "now"
"""The option that says: just this moment."""

_LONGEST_LIFE = timedelta(days=5 * 366)
_LONGEST_WAIT = timedelta(days=60)
_LONGEST_LEAVE = timedelta(days=2 * 366)

_NOT_A_DATE = N_("I could not read that as a date. Please type it like this: 23 November 2026, or 23-11-2026.")
_TOO_FAR = N_("{day} is too far from today to be right. Please check the date and type it again.")


@dataclass(frozen=True, slots=True)
class ExpiryDate:
    """The day on which a certificate expires or expired: `expired`, `window` (it can still be renewed), `later`."""

    branches = ("expired", "window", "later")

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        day = read_date(text, facts.today)
        if day is None:
            return Refused(Text(_NOT_A_DATE))
        if abs(day - facts.today) > _LONGEST_LIFE:
            return Refused(Text(_TOO_FAR, {"day": day}))
        left = (day - facts.today).days
        window = facts.book.service.renewal.window_days
        return Accepted(day.isoformat(), "expired" if left < 0 else "window" if left <= window else "later")

    def show(self, value: str) -> Value:
        return _shown(value)


@dataclass(frozen=True, slots=True)
class NewExpiryDate:
    """The day on which a certificate that was just issued expires: in the future."""

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        if text == "usual":
            return Accepted(str(facts["usual_expiry"]))
        day = read_date(text, facts.today)
        if day is None:
            return Refused(Text(_NOT_A_DATE))
        if day <= facts.today:
            why = N_("{day} is not in the future. Please check the date of the new certificate in {ams}.")
            return Refused(Text(why, {"day": day, "ams": facts["ams"]}))
        if day - facts.today > _LONGEST_LIFE:
            return Refused(Text(_TOO_FAR, {"day": day}))
        return Accepted(day.isoformat())

    def show(self, value: str) -> Value:
        return _shown(value)


@dataclass(frozen=True, slots=True)
class SubmissionMoment:
    """When issuance was requested: this moment, or a day that has passed."""

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:
        if text == NOW:
            return Accepted(at.isoformat())
        day = read_date(text, facts.today)
        if day is None:
            return Refused(Text(_NOT_A_DATE))
        if day == facts.today:
            return Accepted(at.isoformat())
        if day > facts.today:
            why = N_("{day} has not come yet. Please type the day on which you sent the request.")
            return Refused(Text(why, {"day": day}))
        if facts.today - day > _LONGEST_WAIT:
            return Refused(Text(_TOO_FAR, {"day": day}))
        return Accepted(day.isoformat())

    def show(self, value: str) -> Value:
        return _shown(value)


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day of a leave: today or later."""

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        day = read_date(text, facts.today)
        if day is None:
            return Refused(Text(_NOT_A_DATE))
        if day < facts.today:
            return Refused(Text(N_("{day} has passed. Please type the last day of the leave."), {"day": day}))
        if day - facts.today > _LONGEST_LEAVE:
            return Refused(Text(_TOO_FAR, {"day": day}))
        return Accepted(day.isoformat())

    def show(self, value: str) -> Value:
        return _shown(value)


def _shown(value: str) -> Value:
    try:
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return value
