"""From what a step says to the requests that Telegram takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from bot.catalogs import Catalog
from conversations.effects import Button, Keyboard, Message, Parts, Revise, Say, Settle

_NO_PREVIEW = {"is_disabled": True}


@dataclass(frozen=True, slots=True)
class Target:
    """A message that can be changed: by its Telegram id, or by the key under which it was enqueued.

    Kept in storage as text: `#17` or the key.
    """

    message_id: int | None = None
    key: str | None = None

    @classmethod
    def read(cls, text: str | None) -> Target | None:
        if not text:
            return None
        return cls(message_id=int(text[1:])) if text.startswith("#") else cls(key=text)

    def write(self) -> str:
        return f"#{self.message_id}" if self.message_id is not None else self.key or ""


@dataclass(frozen=True, slots=True)
class Composed:
    """A request, and the key of the message it edits if the Telegram id is not known yet."""

    payload: Mapping[str, object]
    edits: str | None = None
    new: bool = True


def compose(message: Message, chat_id: int, target: Target | None, catalog: Catalog) -> Composed | None:
    """The request for a message; None when there is nothing to change any more."""
    match message:
        case Say():
            return _send(chat_id, message.parts, message.keyboard, catalog)
        case Revise():
            if target is None:
                return _send(chat_id, message.parts, message.keyboard, catalog)
            return _edit(chat_id, message.parts, message.keyboard, target, "send", catalog)
        case Settle():
            return None if target is None else _edit(chat_id, message.parts, (), target, "skip", catalog)
        case _:
            assert_never(message)


def _send(chat_id: int, parts: Parts, keyboard: Keyboard, catalog: Catalog) -> Composed:
    params = {"chat_id": chat_id, **_content(parts, keyboard, catalog)}
    return Composed({"method": "sendMessage", "params": params})


def _edit(chat_id: int, parts: Parts, keyboard: Keyboard, target: Target, if_gone: str, catalog: Catalog) -> Composed:
    params: dict[str, object] = {"chat_id": chat_id, **_content(parts, keyboard, catalog)}
    if target.message_id is not None:
        params["message_id"] = target.message_id
    payload = {"method": "editMessageText", "params": params, "if_gone": if_gone}
    return Composed(payload, edits=target.key if target.message_id is None else None, new=False)


def _content(parts: Parts, keyboard: Keyboard, catalog: Catalog) -> dict[str, object]:
    content: dict[str, object] = {
        "text": catalog.html(parts),
        "parse_mode": "HTML",
        "link_preview_options": _NO_PREVIEW,
    }
    if keyboard:
        content["reply_markup"] = {"inline_keyboard": [[_button(b, catalog) for b in row] for row in keyboard]}
    return content


def _button(button: Button, catalog: Catalog) -> dict[str, str]:
    text = catalog.plain(button.label)
    return {"text": text, "url": button.url} if button.url else {"text": text, "callback_data": button.data}
