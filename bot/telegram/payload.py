"""The request that an outbox row carries, read and checked.

    {"method": "sendMessage", "params": {"chat_id": 1, "text": "...", "parse_mode": "HTML"}, "if_gone": "skip"}

`if_gone` says what becomes of an edit whose message is not there any more: "send" makes a new message of it, "skip"
(the default) lets it be. `params.message_id` may be missing: then it is that of the row which this one edits.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.delivery import EDIT
from bot.errors import Refused

METHODS = frozenset({EDIT, "sendMessage"})

TAG = re.compile(
    r"</?(?:b|strong|i|em|u|ins|s|strike|del|a|code|pre|span|blockquote|tg-spoiler|tg-emoji)\b[^<>]*>", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the Bot API."""

    method: str
    params: Mapping[str, object]
    if_gone_send: bool = False

    def lacks_message(self) -> bool:
        """Whether this edits a message and nobody knows which."""
        return self.method == EDIT and "message_id" not in self.params

    def anew(self) -> Request | None:
        """Make a new message of an edit whose message is gone; None if it is to be let be."""
        if not self.if_gone_send or "text" not in self.params:
            return None
        return Request("sendMessage", {name: value for name, value in self.params.items() if name != "message_id"})

    def plain(self) -> Request:
        """Leave the markup out: tags stripped, characters unescaped."""
        params = {name: value for name, value in self.params.items() if name not in {"parse_mode", "entities"}}
        text = self.params.get("text")
        if isinstance(text, str) and self.params.get("parse_mode") == "HTML":
            params["text"] = html.unescape(TAG.sub("", text))
        return Request(self.method, params, self.if_gone_send)


def read_request(payload: Mapping[str, object], message_id: int | None) -> Request:
    """Read a row's payload; `message_id` stands in where the payload names none. Raises `Refused`."""
    method, params, if_gone = payload.get("method"), payload.get("params"), payload.get("if_gone", "skip")
    # A method unknown to Telegram is answered like a wrong token, and would stop everything.
    if not isinstance(method, str) or method not in METHODS:
        raise Refused("The payload names no method that sends or changes a message")
    if not isinstance(params, Mapping) or not isinstance(params.get("chat_id"), int):
        raise Refused("The payload names no chat")
    if if_gone not in {"send", "skip"}:
        raise Refused('The payload\'s if_gone is neither "send" nor "skip"')
    if method == EDIT and message_id is not None:
        params = {"message_id": message_id, **params}
    return Request(method, params, if_gone == "send")
