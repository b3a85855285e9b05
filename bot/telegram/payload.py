"""The request that an outbox row carries, read and checked.

    {"method": "sendMessage", "params": {"chat_id": 1, "text": "...", "parse_mode": "HTML"}, "if_gone": "skip"}
    {"method": "sendDocument", "params": {"chat_id": 1, "document": {"filename": "data.json", "content": "{}"}}}
    {"method": "sendPhoto", "params": {"chat_id": 1, "photo": "<file id>", "caption": "..."}}
    {"method": "deleteMessage", "params": {"chat_id": 1, "message_id": 9}}
    {"method": "setMyCommands", "params": {"scope": {"type": "chat", "chat_id": 1}, "commands": [...]}}

`if_gone` says what becomes of an edit whose message is not there any more: "send" makes a new message of it, "skip"
(the default) lets it be. `params.message_id` may be missing: then it is that of the row which this one edits.
`public` is true in what may be read by everybody: nothing else goes to a group.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.delivery import DELETE, EDIT, MENUS
from bot.errors import Refused

FILES = {"sendPhoto": "photo", "sendDocument": "document", "sendVoice": "voice", "sendVideo": "video"}
"""Methods that send a file, and the parameter that names it: by Telegram's id, or a document made here."""

METHODS = frozenset({"sendMessage", EDIT, DELETE, *FILES}) | MENUS

TAG = re.compile(
    r"</?(?:b|strong|i|em|u|ins|s|strike|del|a|code|pre|span|blockquote|tg-spoiler|tg-emoji)\b[^<>]*>", re.IGNORECASE
)
FILE_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")  # neither an address to fetch nor a file to upload
FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LARGEST_DOCUMENT = 5_000_000  # characters; it is kept in the outbox until it is sent


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the Bot API."""

    method: str
    params: Mapping[str, object]
    if_gone_send: bool = False

    @property
    def uploads(self) -> bool:
        """Whether a file made here goes with it, and not the id of one that Telegram has."""
        return isinstance(self.params.get("document"), Mapping)

    def lacks_message(self) -> bool:
        """Whether this changes a message and nobody knows which."""
        return self.method in {EDIT, DELETE} and "message_id" not in self.params

    def anew(self) -> Request | None:
        """Make a new message of an edit whose message is gone; None if it is to be let be."""
        if not self.if_gone_send or "text" not in self.params:
            return None
        return Request("sendMessage", {name: value for name, value in self.params.items() if name != "message_id"})

    def plain(self) -> Request:
        """Leave the markup out: tags stripped, characters unescaped."""
        params = {name: value for name, value in self.params.items() if name not in {"parse_mode", "entities"}}
        for name in ("text", "caption"):
            text = self.params.get(name)
            if isinstance(text, str) and self.params.get("parse_mode") == "HTML":
                params[name] = html.unescape(TAG.sub("", text))
        return Request(self.method, params, self.if_gone_send)


def read_request(payload: Mapping[str, object], message_id: int | None) -> Request:
    """Read a row's payload; `message_id` stands in where the payload names none. Raises `Refused`."""
    method, params, if_gone = payload.get("method"), payload.get("params"), payload.get("if_gone", "skip")
    # A method unknown to Telegram is answered like a wrong token, and would stop everything.
    if not isinstance(method, str) or method not in METHODS:
        raise Refused("The payload names no method of the outbox")
    if not isinstance(params, Mapping) or (chat_id := _chat_id(method, params)) is None:
        raise Refused("The payload names no chat")
    if chat_id < 0 and payload.get("public") is not True:
        raise Refused("Only what is public may be said in a group")
    if if_gone not in {"send", "skip"}:
        raise Refused('The payload\'s if_gone is neither "send" nor "skip"')
    if method in FILES:
        _check_file(method, params.get(FILES[method]))
    if method in {EDIT, DELETE} and message_id is not None:
        params = {"message_id": message_id, **params}
    return Request(method, params, if_gone == "send")


def _chat_id(method: str, params: Mapping[str, object]) -> int | None:
    """Find whom a request is for; a menu that names no chat would be everybody's."""
    holder: object = params.get("scope") if method in MENUS else params
    if not isinstance(holder, Mapping) or (method in MENUS and holder.get("type") != "chat"):
        return None
    chat_id = holder.get("chat_id")
    return chat_id if isinstance(chat_id, int) and not isinstance(chat_id, bool) else None


def _check_file(method: str, file: object) -> None:
    if isinstance(file, str):
        if not FILE_ID.fullmatch(file):
            raise Refused("The payload's file is named by something that is no file id")
    elif method != "sendDocument" or not _is_document(file):
        raise Refused("The payload's document needs a plain filename and a content that is a text of bounded size")


def _is_document(document: object) -> bool:
    if not isinstance(document, Mapping):
        return False
    filename, content = document.get("filename"), document.get("content")
    named = isinstance(filename, str) and FILENAME.fullmatch(filename) is not None
    return named and isinstance(content, str) and 0 < len(content) <= LARGEST_DOCUMENT
