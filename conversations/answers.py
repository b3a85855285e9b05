"""The answers that people type: what is read, what is refused and why. Dates are days of the city's calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from conversations.dates import read_date
from conversations.draft import LARGEST_FILE, Draft
from conversations.flow import Accepted, Refused
from conversations.text import N_, Text, Value

if TYPE_CHECKING:
    from conversations.complaint import Attachment
    from conversations.events import Kind, Shared
    from conversations.facts import Facts

NOW = "now"
"""The option that says: just this moment."""

_LONGEST_LIFE = timedelta(days=5 * 366)
_LONGEST_WAIT = timedelta(days=60)
_LONGEST_LEAVE = timedelta(days=2 * 366)

_NOT_A_DATE = N_("I could not read that as a date. Please type it like this: 23 November 2026, or 23-11-2026.")
_TOO_FAR = N_("{day} is too far from today to be right. Please check the date and type it again.")

_TOO_LARGE = N_("That file is larger than 20 MB. Please send a smaller one, or a photo of what matters.")
_TOO_MANY = N_("That is more than I can add: {most} photos or files are the most. The last one was not added.")
_NOT_HEARD = N_("I cannot add voice messages or videos. Please write it, or send a photo or a file.")
_NO_FILE = N_("I could not read that file. Please send it once more, as a photo or as a document.")
_TOO_SHORT = N_("That is very short. Please tell it in a sentence or two (at least {least} characters).")
_NOT_WORDS = N_("That is very short. Please write a word or two (at least {least} characters).")
_TOO_LONG = N_("That is too long for me. Please say it in at most {most} characters; this was {count}.")
_NOT_CAPTION = N_("The file is added, its text is not: that would be more than {most} characters. Please shorten it.")
_ADDED = N_("Added: {number} of at most {most}.")


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


@dataclass(frozen=True, slots=True)
class Phrase:
    """A few words on one line."""

    least: int
    most: int

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if len(line) > self.most:
            return Refused(Text(_TOO_LONG, {"most": self.most, "count": len(line)}))
        if len(line) < self.least:
            return Refused(Text(_NOT_WORDS, {"least": self.least}))
        return Accepted(line)

    def show(self, value: str) -> Value:
        return value


@dataclass(frozen=True, slots=True)
class Message:
    """Words of so many characters, or attachments: a draft. What was typed is read as words, whatever it looks like."""

    least: int = 1
    most: int = 2000

    branches = ("",)

    def read(self, text: str, at: datetime, facts: Facts) -> Accepted | Refused:  # noqa: ARG002 - the shape of Accept
        return self.take(Draft(), text)

    def take(self, draft: Draft, text: str) -> Accepted | Refused:
        """The draft with these words, if it is enough then and not too much."""
        whole = draft.said(text)
        if len(whole.text) > self.most:
            return Refused(Text(_TOO_LONG, {"most": self.most, "count": len(whole.text)}))
        if not whole.files and len(whole.text) < self.least:
            return Refused(Text(_TOO_SHORT, {"least": self.least}))
        return Accepted(whole.write())

    def show(self, value: str) -> Value:
        return Draft.read(value).shown

    def add(self, draft: Draft, sent: Shared, most: int, *, heard: bool) -> tuple[Draft, Text]:
        """The draft with what was sent, or as it was, and what is said of it. `heard`: voice and video are taken."""
        why = _refused(sent.kind, sent.file, heard=heard)
        if why is not None or sent.file is None:
            return draft, Text(why or _NO_FILE)
        if len(draft.files) >= most:
            return draft, Text(_TOO_MANY, {"most": most})
        added = replace(draft, files=(*draft.files, sent.file))
        whole = added.said(sent.caption)
        if len(whole.text) > self.most:
            return added, Text(_NOT_CAPTION, {"most": self.most})
        return whole, Text(_ADDED, {"number": len(added.files), "most": most})


def _refused(kind: Kind, file: Attachment | None, *, heard: bool) -> str | None:
    if kind in ("voice", "video") and not heard:
        return _NOT_HEARD
    if file is None:
        return _NO_FILE
    return _TOO_LARGE if file.size > LARGEST_FILE else None
