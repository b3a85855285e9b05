"""The kinds of value in a service file. What does not fit is refused with the words "takes ...", for the operator."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

from conversations.text import Words

T = TypeVar("T")


class Record(BaseModel):
    """A table of the file: frozen, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


MESSAGE_ROOM = 3500
"""Characters that the lines of one entry may take: a message of Telegram holds 4096, and a frame comes around them."""

KEYBOARD_ROOM = 6
"""Buttons under a message; the list of a group leaves one for the way back."""

_HOST = r"[a-z0-9-]+(\.[a-z0-9-]+)+"
_WORDS = 'takes two plain texts, such as { id = "Terima kasih", en = "Thank you" }'


def _words(value: object) -> Words:
    match value:
        case Words():
            return value
        case {"id": str(indonesian), "en": str(english), **others} if not others:
            if all(text.strip() and text.isprintable() for text in (indonesian, english)):
                return Words(indonesian, english)
    raise ValueError(_WORDS)


def _at_most(width: int) -> AfterValidator:
    def fits(words: Words) -> Words:
        if max(len(words.id), len(words.en)) > width:
            raise ValueError(f"takes at most {width} characters in each language, so that a button can show it")
        return words

    return AfterValidator(fits)


def _of_form(pattern: str, what: str) -> AfterValidator:
    def fits(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"takes {what}")
        return text

    return AfterValidator(fits)


def fits_message(lines: Iterable[Words]) -> None:
    """Refuse, with ValueError, lines that a message cannot hold together."""
    texts = tuple(lines)
    if max(sum(len(words.id) for words in texts), sum(len(words.en) for words in texts)) > MESSAGE_ROOM:
        raise ValueError(f"takes lines of together at most {MESSAGE_ROOM} characters in each language")


Many: TypeAlias = Annotated[tuple[T, ...], Strict(strict=False)]  # TOML has lists; a frozen record holds tuples
Some: TypeAlias = Annotated[tuple[T, ...], Strict(strict=False), Field(min_length=1)]
Bilingual: TypeAlias = Annotated[Words, BeforeValidator(_words)]
Button: TypeAlias = Annotated[Words, BeforeValidator(_words), _at_most(28)]
ShortButton: TypeAlias = Annotated[Words, BeforeValidator(_words), _at_most(24)]
Line: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Name: TypeAlias = Annotated[str, StringConstraints(min_length=2, max_length=80, strip_whitespace=True)]
Id: TypeAlias = Annotated[str, _of_form(r"[a-z0-9_]{1,12}", "an id of at most 12 of a-z, 0-9 and _")]
Web: TypeAlias = Annotated[str, _of_form(rf"https?://{_HOST}(/\S*)?", "a web address, such as https://example.go.id")]
Phone: TypeAlias = Annotated[str, _of_form(r"\+?[0-9() -]{3,24}", "a telephone number, such as (0285) 421243")]
Email: TypeAlias = Annotated[str, _of_form(rf"[^@\s]+@{_HOST}", "an e-mail address, such as name@example.go.id")]
Domain: TypeAlias = Annotated[str, _of_form(_HOST, "a domain, such as example.go.id")]
Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Component: TypeAlias = Literal[
    "requirements", "procedure", "time", "fee", "product", "complaints", "law", "facilities", "competences",
    "supervision", "executors", "guarantee", "safety", "evaluation",
]  # fmt: skip
"""The fourteen components that every service standard has (Permenpan RB 15/2014; UU 25/2009)."""
