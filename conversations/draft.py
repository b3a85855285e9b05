"""A message in the making: words and attachments, collected until they are enough. Kept in a session as plain JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from conversations.complaint import Attachment
from conversations.text import N_, Text, Value

if TYPE_CHECKING:
    from conversations.events import Kind

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes: what Telegram lets a bot fetch, and so what can still be mailed."""

LONG = 500
"""Characters from which on a message of staff is shown once more before it goes."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`ready`: the words were ready-made, so whoever sends them reads them once more. `canned`: the answer they are."""

    text: str = ""
    files: tuple[Attachment, ...] = ()
    ready: bool = False
    canned: int = 0

    @classmethod
    def read(cls, kept: str) -> Draft:
        """Total: what `write` did not write is taken for the words themselves."""
        try:
            return _ADAPTER.validate_json(kept)
        except ValidationError:
            return cls(kept)

    def write(self) -> str:
        return _ADAPTER.dump_json(self, exclude_defaults=True).decode()

    def said(self, text: str) -> Draft:
        """With more words below those that were there."""
        return replace(self, text="\n".join(part for part in (self.text, text.strip()) if part))

    @property
    def shown(self) -> Value:
        lines: list[Value] = [self.text] if self.text else []
        if self.files:
            lines.append(Text(N_("📎 attachments: {number}"), {"number": len(self.files)}))
        return tuple(lines)


_ADAPTER = TypeAdapter(Draft)


def is_file(kind: Kind) -> bool:
    """Whether this could be added to a message, or is refused as such."""
    return kind in ("photo", "document", "voice", "video")
