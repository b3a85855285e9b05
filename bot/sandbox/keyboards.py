"""Inline keyboards, refused as Telegram refuses them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from bot.sandbox.errors import Refused, bad_request
from bot.sandbox.params import Params

MAX_DATA_BYTES = 64
MAX_BUTTONS = 100
MAX_URL = 2048
URL_SCHEMES = {"http", "https", "tg", "ton"}
KINDS = {
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
}


@dataclass(frozen=True, slots=True)
class Button:
    """A button of one of the two kinds that the sandbox shows: one that carries data, or a link."""

    text: str
    data: str | None = None
    url: str | None = None

    def shape(self) -> dict[str, object]:
        """As it stands in the Bot API."""
        kind: dict[str, object] = {"url": self.url} if self.data is None else {"callback_data": self.data}
        return {"text": self.text, **kind}


Keyboard: TypeAlias = tuple[tuple[Button, ...], ...]


def shape(keyboard: Keyboard) -> dict[str, object]:
    return {"inline_keyboard": [[button.shape() for button in row] for row in keyboard]}


def every(keyboard: Keyboard) -> Iterator[Button]:
    for row in keyboard:
        yield from row


def read(params: Params) -> Keyboard:
    """The keyboard of a request, empty where it carries none.

    Raises:
        Refused: Telegram would not take it, or the sandbox does not show its kind.

    """
    if not params.has("reply_markup"):
        return ()
    markup = params.json("reply_markup", "reply keyboard markup")
    if markup is None and params.values["reply_markup"] == "":
        return ()
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if not markup:
            return ()
        raise bad_request("the sandbox shows inline keyboards alone")
    keyboard = _rows(markup["inline_keyboard"])
    if sum(len(row) for row in keyboard) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return keyboard


def _rows(rows: object) -> Keyboard:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    read_rows = (tuple(_button(button) for button in row) for row in rows)
    return tuple(row for row in read_rows if row)


def _button(raw: object) -> Button:
    if not isinstance(raw, dict):
        raise _cannot_parse("InlineKeyboardButton must be an Object")
    text = _string(raw, "text")
    if text is None:
        raise _cannot_parse('Can\'t find field "text"')
    if not text.strip():
        raise bad_request("keyboard button text must be non-empty")
    kinds = KINDS & raw.keys()
    if not kinds:
        raise _cannot_parse("Text buttons are unallowed in the inline keyboard")
    if len(kinds) > 1:  # Telegram takes one of them without a word; its manual demands exactly one
        raise _cannot_parse("exactly one of the optional fields must be used")
    if kinds == {"callback_data"}:
        return Button(text, data=_data(_string(raw, "callback_data") or ""))
    if kinds == {"url"}:
        return Button(text, url=_url(_string(raw, "url") or ""))
    raise _cannot_parse(f"the sandbox does not show buttons with {kinds.pop()}")


def _string(raw: dict[str, object], name: str) -> str | None:
    if name not in raw:
        return None
    value = raw[name]
    if not isinstance(value, str):
        raise _cannot_parse(f'Field "{name}" must be of type String')
    return value


def _data(data: str) -> str:
    if not 1 <= len(data.encode()) <= MAX_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return data


def _url(url: str) -> str:
    if not url or len(url) > MAX_URL or re.search(r"[\s\x00-\x1f]", url):
        raise bad_request("BUTTON_URL_INVALID")
    whole = url if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", url) else f"http://{url}"
    try:
        parts = urlsplit(whole)
    except ValueError as error:
        raise bad_request("BUTTON_URL_INVALID") from error
    if parts.scheme not in URL_SCHEMES:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    if parts.scheme in {"http", "https"} and "." not in (parts.hostname or ""):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return whole


def _cannot_parse(reason: str) -> Refused:
    return bad_request(f"can't parse inline keyboard button: {reason}")
