"""Formatted text as Telegram reads it: its HTML, its refusals, and the commands and links it finds by itself.

Offsets and lengths count UTF-16 code units, as in the Bot API; those in refusals count UTF-8 bytes, as Telegram's.
The wording follows `parse_html` of TDLib (td/telegram/MessageEntity.cpp).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.sandbox.errors import Refused, bad_request

Entity: TypeAlias = dict[str, object]

TYPES = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})(?![0-9a-fA-F])|#([0-9]{1,7})(?![0-9])|([a-zA-Z]+));?")
NAME = re.compile(r"[^\s=>]*")
TOKEN = re.compile(r"[A-Za-z0-9.\-]*")
SPACES = re.compile(r"\s*")
SCHEME = re.compile(r"(https?|tg|ton|mailto|tel):", re.IGNORECASE)
HOST = re.compile(r"[\w-]+(\.[\w-]+)+([/?#:]|$)")
FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)])"
    r"|(?P<email>[\w.+-]+@[\w-]+\.[\w.-]*\w)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w+)?)"
)


def units(text: str) -> int:
    """How long Telegram takes a text to be: UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


@dataclass(slots=True)
class _Open:
    tag: str
    kind: str
    href: str
    offset: int
    begin: int


@dataclass(slots=True)
class _Reader:
    """Reads marked-up text from left to right, as TDLib does, and gathers the plain text and its entities."""

    source: str
    at: int = 0
    plain: list[str] = field(default_factory=list)
    length: int = 0
    stack: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def read(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            match self.source[self.at]:
                case "&":
                    self._reference()
                case "<" if self.source.startswith("</", self.at):
                    self._end_tag()
                case "<":
                    self._start_tag()
                case char:
                    self._take(char)
                    self.at += 1
        if self.stack:
            raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return "".join(self.plain), self.entities

    def _take(self, text: str) -> None:
        self.plain.append(text)
        self.length += units(text)

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    def _reference(self) -> None:
        match = REFERENCE.match(self.source, self.at)
        char = _referenced(match) if match else None
        if match is None or char is None:  # an unknown reference is plain text
            self._take("&")
            self.at += 1
        else:
            self._take(char)
            self.at = match.end()

    def _start_tag(self) -> None:
        begin = self.at
        end = self.at + 1
        while end < len(self.source) and self.source[end] != ">" and not self.source[end].isspace():
            end += 1
        if end == len(self.source):
            raise _cannot_parse(f"Unclosed start tag at byte offset {self._byte(begin)}")
        tag = self.source[begin + 1 : end].lower()
        if tag not in TYPES:
            raise _cannot_parse(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        self.at = end
        attributes = self._attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        kind = "expandable_blockquote" if tag == "blockquote" and "expandable" in attributes else TYPES[tag]
        self.stack.append(_Open(tag, kind, attributes.get("href", ""), self.length, len(self.plain)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        """The attributes of a start tag, with the reader left behind its `>`."""
        found: dict[str, str] = {}
        while self._skip_spaces() and self.source[self.at] != ">":
            name = self._match(NAME)
            if not name:
                raise _cannot_parse(f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}')
            found[name] = ""
            if self._skip_spaces() and self.source[self.at] == "=":
                self.at += 1
                if not self._skip_spaces():
                    raise _cannot_parse(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
                found[name] = self._value()
        if self.at >= len(self.source):
            raise _cannot_parse(f"Unclosed start tag at byte offset {self._byte(begin)}")
        self.at += 1
        return found

    def _value(self) -> str:
        quote = self.source[self.at]
        if quote in {'"', "'"}:
            end = self.source.find(quote, self.at + 1)
            value = self.source[self.at + 1 : end]
            self.at = end + 1 if end >= 0 else len(self.source)
            return REFERENCE.sub(_replaced, value)
        begin = self.at
        value = self._match(TOKEN).lower()
        if self.at < len(self.source) and self.source[self.at] != ">" and not self.source[self.at].isspace():
            raise _cannot_parse(f"Unexpected end of name token at byte offset {self._byte(begin)}")
        return value

    def _match(self, pattern: re.Pattern[str]) -> str:
        """Take what the pattern finds here, which may be nothing."""
        match = pattern.match(self.source, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def _skip_spaces(self) -> bool:
        """Whether there is anything after the spaces."""
        self._match(SPACES)
        return self.at < len(self.source)

    def _end_tag(self) -> None:
        begin = self.at
        if not self.stack:
            raise _cannot_parse(f"Unexpected end tag at byte offset {self._byte(begin)}")
        end = self.source.find(">", begin)
        if end < 0:
            raise _cannot_parse(f"Unclosed end tag at byte offset {self._byte(begin)}")
        tag = self.source[begin + 2 : end].strip().lower()
        opened = self.stack.pop()
        if tag and tag != opened.tag:
            raise _cannot_parse(
                f'Unmatched end tag at byte offset {self._byte(begin)}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        self.at = end + 1
        if self.length > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: Entity = {"type": opened.kind, "offset": opened.offset, "length": self.length - opened.offset}
        if opened.tag == "a":
            url = _checked_link(opened.href or "".join(self.plain[opened.begin :]))
            if url is None:
                return  # Telegram keeps the words and drops a link that leads nowhere
            entity["url"] = url
        if opened.tag in {"code", "pre"}:  # nothing is formatted inside code
            self.entities = [inner for inner in self.entities if _span(inner)[0] < opened.offset]
        self.entities.append(entity)


def _cannot_parse(reason: str) -> Refused:
    return bad_request(f"can't parse entities: {reason}")


def _checked_link(url: str) -> str | None:
    if SCHEME.match(url):
        return url
    if not HOST.match(url):
        return None
    return f"http://{url}" if re.search(r"[/?#]", url) else f"http://{url}/"


def _referenced(match: re.Match[str]) -> str | None:
    if match[3]:
        return NAMED.get(match[3])
    code = int(match[1], 16) if match[1] else int(match[2])
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - the surrogates of UTF-16
        raise _cannot_parse(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return chr(code) if 0 < code < 0x10FFFF else None  # noqa: PLR2004 - the last code point of Unicode


def _replaced(match: re.Match[str]) -> str:
    return _referenced(match) or match[0]


def parse(text: str, parse_mode: str) -> tuple[str, list[Entity]]:
    """Plain text and its entities, trimmed as Telegram trims.

    Raises:
        Refused: The mark-up is not what Telegram takes. The sandbox knows the parse mode HTML alone.

    """
    entities: list[Entity] = []
    if parse_mode.lower() == "html":
        text, entities = _Reader(text).read()
    elif parse_mode:
        raise bad_request("unsupported parse_mode")
    return _trimmed(text, entities)


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    stripped = text.strip()
    dropped = units(text[: len(text) - len(text.lstrip())])
    total = units(stripped)
    kept: list[Entity] = []
    for entity in entities:
        begin, end = _span(entity)
        begin, end = max(begin - dropped, 0), min(end - dropped, total)
        if end > begin:
            kept.append({**entity, "offset": begin, "length": end - begin})
    kept += _found(stripped, kept)
    kept.sort(key=lambda entity: (_span(entity)[0], -_span(entity)[1]))
    return stripped, kept


def _span(entity: Entity) -> tuple[int, int]:
    offset, length = entity["offset"], entity["length"]
    assert isinstance(offset, int)  # noqa: S101 - only this module writes these fields
    assert isinstance(length, int)  # noqa: S101 - as above
    return offset, offset + length


def _found(text: str, marked: list[Entity]) -> list[Entity]:
    """Links, addresses and commands that Telegram marks by itself, outside code and links."""
    closed = [_span(entity) for entity in marked if entity["type"] in {"code", "pre", "text_link"}]
    found: list[Entity] = []
    for match in FOUND.finditer(text):
        begin = units(text[: match.start()])
        end = begin + units(match[0])
        if match.lastgroup and not any(begin < stop and start < end for start, stop in closed):
            found.append({"type": match.lastgroup, "offset": begin, "length": end - begin})
    return found
