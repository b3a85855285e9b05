"""An update after decoding: what happened, in which chat, under which key. Known to the edge alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from conversations.events import Event


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event of a private chat.

    `key` makes it unique ("telegram:<update_id>"). `message_id` is the message that was sent, or whose button was
    pressed, `callback_id` the press to acknowledge. `language_code` is Telegram's word for the person's language
    (IETF tag), `written` whatever can be read in the message: for the guard alone, it goes no further.
    """

    key: str
    chat_id: int
    event: Event
    message_id: int | None = None
    callback_id: str | None = None
    language_code: str | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Something in a chat that is not private. `reply`: the bot was addressed, and says its one sentence."""

    key: str
    chat_id: int
    reply: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """An update that is none of the bot's business; `reason` is one word or two, for counting."""

    key: str
    reason: str
    chat_id: int | None = None


Decoded: TypeAlias = Envelope | Group | Ignored


class Malformed(Exception):  # noqa: N818 - named like the other answers of decoding, it is one of them
    """An update that is not what Telegram documents. `key` and `chat_id` are there if the update still had them."""

    def __init__(self, reason: str, *, key: str | None, chat_id: int | None) -> None:
        super().__init__(reason)
        self.key = key
        self.chat_id = chat_id
