"""The one place where a text gets its words: catalogs, dates, numbers, and the escaping of what people wrote.

A msgid may hold simple HTML, a value never does: values are escaped as they are put in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from functools import lru_cache
from html import escape
from importlib import resources
from io import BytesIO
from typing import assert_never

from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from conversations.text import Text, Value, Words

DOMAIN = "pandu"
DEFAULT = "id"
LANGUAGES = ("id", "en")

_AT = {"id": "{day} pukul {hour} {zone}", "en": "{day} at {hour} {zone}"}
_HOUR = {"id": "%H.%M", "en": "%H:%M"}


def language_for(code: str | None) -> str:
    """The language to begin with: Telegram's IETF tag, and Indonesian for everyone whose language we do not have."""
    base = (code or "").lower().partition("-")[0]
    return base if base in LANGUAGES else DEFAULT


@dataclass(frozen=True)
class Catalog:
    """One language: its messages, and how it writes dates and numbers. Times are shown in the city's zone."""

    language: str
    messages: Mapping[str, str]
    zone: timezone

    def html(self, parts: Iterable[Text | Words]) -> str:
        """Paragraphs, ready for Telegram's HTML parse mode."""
        return "\n\n".join(self._render(part, html=True) for part in parts)

    def plain(self, text: Text | Words) -> str:
        """A label: no markup, nothing escaped."""
        return self._render(text, html=False)

    def _render(self, value: Value, *, html: bool) -> str:
        match value:
            case Text():
                template = self.messages.get(value.msgid, value.msgid)
                if not value.values:
                    return template
                return template.format_map({k: self._render(v, html=html) for k, v in value.values.items()})
            case Words():
                text = value.en if self.language == "en" else value.id
                return escape(text, quote=False) if html else text
            case str():
                return escape(value, quote=False) if html else value
            case datetime():
                return _moment(self.language, value.astimezone(self.zone))
            case date():
                return _day(self.language, value)
            case int():
                return _number(self.language, value)
            case tuple():
                return "\n".join(self._render(item, html=html) for item in value)
            case _:
                assert_never(value)


@lru_cache(maxsize=1024)
def _number(language: str, number: int) -> str:
    return str(format_decimal(number, locale=language))


@lru_cache(maxsize=4096)
def _day(language: str, day: date) -> str:
    return str(format_date(day, "EEEE, d MMMM y", locale=language))


def _moment(language: str, at: datetime) -> str:
    zone = at.tzname() or ""
    return _AT[language].format(day=_day(language, at.date()), hour=at.strftime(_HOUR[language]), zone=zone)


def load(zone: timezone) -> dict[str, Catalog]:
    """Every catalog. The files are read as they are (`*.po`), so that nothing has to be compiled."""
    return {language: Catalog(language, messages(language), zone) for language in LANGUAGES}


def messages(language: str) -> dict[str, str]:
    """Map each msgid to its translation; what is not translated yet is left out, and shown in English."""
    path = resources.files("locales") / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    catalog = read_po(BytesIO(path.read_bytes()), locale=language)
    return {
        message.id: message.string
        for message in catalog
        if isinstance(message.id, str) and message.id and isinstance(message.string, str) and message.string
    }
