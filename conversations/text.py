"""What is said, before it is put into a language.

The core never sees a translated word: it names a message of the catalog and the values that go into it, and the edge
renders both in the reader's language. A message may hold simple HTML (`<b>`, `<i>`, `<code>`); values never do, they
are escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """A text that the service file carries in each language."""

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class Text:
    """A message of the catalog (English, the msgid) with the values of its `{placeholders}`."""

    msgid: str
    values: Mapping[str, Value] = field(default_factory=dict)


Value: TypeAlias = str | int | date | datetime | Text | Words | tuple["Value", ...]
"""Rendered as: text (escaped), number, weekday and date, the same with the hour and zone, lines joined."""


def bullets(items: Iterable[Value]) -> Value:
    """A list of lines, each with its sign."""
    return tuple(Text(N_("• {line}"), {"line": item}) for item in items)


def numbered(items: Iterable[Value]) -> Value:
    """A list of lines, each with its number."""
    return tuple(Text(N_("{number}. {line}"), {"number": n, "line": item}) for n, item in enumerate(items, 1))


def masked(address: str) -> str:
    """An address as far as its owner needs it to recognise it: `si***@example.go.id`."""
    local, _, domain = address.partition("@")
    shown = local[:2] if len(local) > 3 else local[:1]  # noqa: PLR2004 - of a short one, two letters tell too much
    return f"{shown}***@{domain}"


def shortened(text: str, most: int = 1200) -> str:
    """A text that has to stand in one message beside others; the rest is where the whole is shown."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def period(days: int) -> Text:
    """A number of days as people say it: in years where it is whole years."""
    years, rest = divmod(days, 365)
    return Text(N_("{days} days"), {"days": days}) if rest or not years else Text(N_("{years} years"), {"years": years})


def N_(msgid: str) -> str:  # noqa: N802 - the name that every gettext tool looks for
    """Mark a message for the catalogs; it is translated when it is rendered."""
    return msgid


MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip
"""What the months are called where there is little room."""
