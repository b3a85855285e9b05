"""From Telegram's raw JSON to what happened: pure and total.

    message (private)      Said, Commanded, Shared; about which complaint, if it replies to a message of ours
    edited_message         Shared("edited")
    callback_query         Pressed
    my_chat_member         Left, Returned
    in any other chat      Group
    everything else        Ignored

An update comes from outside and is trusted in nothing: every field may be missing, null, huge or of another type. What
cannot be understood is either not needed, then it is left out, or needed, then the update is `Malformed`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

from bot.envelope import Decoded, Envelope, Group, Ignored, Malformed
from bot.telegram.words import clean_name, clean_text
from conversations.complaint import Attachment
from conversations.events import Commanded, Event, Kind, Left, Pressed, Returned, Said, Shared

Json: TypeAlias = Mapping[str, object]

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

LONGEST_TEXT = 4000  # characters; Telegram allows 4096, and no answer to a question is that long
LONGEST_DATA = 64  # Telegram's limit for what a button carries
LARGEST_ID = 2**63 - 1  # what both databases hold

LONGEST_FILE_ID = 256  # Telegram's own are less than half as long

NUMBER = re.compile(r"\bADU-\d{4}-\d{5,}\b", re.ASCII)
FILE_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_FILE_ID}}}")
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?", re.DOTALL)
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")

# The first that is present names the kind: an animation is also a document, a venue also a location.
KINDS: tuple[tuple[str, Kind], ...] = (
    ("photo", "photo"),
    ("animation", "video"),
    ("video", "video"),
    ("video_note", "video"),
    ("voice", "voice"),
    ("audio", "voice"),
    ("sticker", "sticker"),
    ("document", "document"),
    ("contact", "contact"),
    ("location", "location"),
    ("venue", "location"),
    ("poll", "other"),
    ("dice", "other"),
    ("story", "other"),
    ("game", "other"),
    ("paid_media", "other"),
    ("checklist", "other"),
    ("giveaway", "other"),
    ("invoice", "other"),
)
# What can be sent on by its id. Music, animations and round videos are of other types to Telegram, which refuses to
# send the id of one type as another.
FILES: Final[tuple[Literal["photo", "document", "voice", "video"], ...]] = ("photo", "document", "voice", "video")
FORWARDED = ("forward_origin", "forward_date", "forward_from", "forward_from_chat", "forward_sender_name")
INSIDE = frozenset({"creator", "administrator", "member", "restricted"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose update it is: the parts that every kind of update has."""

    key: str
    chat_id: int
    private: bool
    person: Json


def decode(update: object, at: datetime, username: str = "") -> Decoded:
    """Decode one update received at `at` (aware, UTC) by the bot called `username` (without @, if known).

    Raises `Malformed`, and nothing else.
    """
    if not isinstance(update, Mapping):
        raise Malformed("The update is not an object", key=None, chat_id=None)
    name, part = _part(update)
    chat_id = _chat_id(name, part)
    number = _id(update.get("update_id"))
    if number is None:
        raise Malformed("The update has no number", key=None, chat_id=chat_id)
    key = f"telegram:{number}"
    if name not in ALLOWED_UPDATES:
        return Ignored(key, name or "empty", chat_id)
    if part is None or chat_id is None:
        raise Malformed(f"The update's {name} names no chat", key=key, chat_id=None)
    person = _object(part.get("from"))
    if part.get("sender_chat") is not None:
        return Ignored(key, "written for a chat", chat_id)
    if person is None:
        raise Malformed(f"The update's {name} names no person", key=key, chat_id=chat_id)
    if person.get("is_bot") is True:
        return Ignored(key, "written by a bot", chat_id)
    return _happened(Origin(key, chat_id, _is_private(part), person), name, part, at, username)


def _happened(origin: Origin, name: str, part: Json, at: datetime, username: str) -> Decoded:
    match name:
        case "callback_query":
            return _press(origin, part, at)
        case "my_chat_member":
            return _membership(origin, part, at)
        case _:
            return _message(origin, part, at, username, edited=name == "edited_message")


def _part(update: Json) -> tuple[str, Json | None]:
    """Find what kind of update it is: the one field beside its number."""
    names = [name for name in update if isinstance(name, str) and name != "update_id"]
    name = next((allowed for allowed in ALLOWED_UPDATES if allowed in names), names[0] if names else "")
    return name[:32], _object(update.get(name))


def _chat_id(name: str, part: Json | None) -> int | None:
    """Find the chat; a press on a message that Telegram does not show any more belongs to the person's own chat."""
    if part is None:
        return None
    if name == "callback_query":
        within = _chat_id("message", _object(part.get("message")))
        return _id((_object(part.get("from")) or {}).get("id")) if within is None else within
    return _id((_object(part.get("chat")) or {}).get("id"))


def _is_private(part: Json) -> bool:
    """Whether it came from a private chat. Where the kind of chat is not told, only a positive number is one."""
    holder = part if "chat" in part else _object(part.get("message")) or {}
    chat = _object(holder.get("chat"))
    if chat is None:
        return True  # a press without its message: the chat is the person's own
    kind = chat.get("type")
    if isinstance(kind, str):
        return kind == "private"
    return (_id(chat.get("id")) or 0) > 0


def _press(origin: Origin, press: Json, at: datetime) -> Decoded:
    if not origin.private:
        return Group(origin.key, origin.chat_id, reply=False)
    message = _object(press.get("message")) or {}
    # Without data (a game's button, or a mutilated press) it is like a button of long ago: the question is shown again.
    data = _text(press.get("data"))[:LONGEST_DATA]
    callback_id = _text(press.get("id"))[:LONGEST_DATA]
    return _envelope(
        origin, Pressed(at, data), message_id=_id(message.get("message_id")), callback_id=callback_id or None
    )


def _membership(origin: Origin, change: Json, at: datetime) -> Decoded:
    old = _text((_object(change.get("old_chat_member")) or {}).get("status"))
    new = _text((_object(change.get("new_chat_member")) or {}).get("status"))
    if not origin.private:
        return Group(origin.key, origin.chat_id, reply=new in INSIDE and old not in INSIDE)
    if new == "kicked":
        return _envelope(origin, Left(at))
    if new == "member":
        return _envelope(origin, Returned(at))
    return Ignored(origin.key, "membership", origin.chat_id)


def _message(origin: Origin, message: Json, at: datetime, username: str, *, edited: bool) -> Decoded:
    if not origin.private:
        return Group(origin.key, origin.chat_id, reply=not edited and _addressed(message, username))
    event = Shared(at, "edited") if edited else _content(origin, message, at)
    if event is None:
        return Ignored(origin.key, "service message", origin.chat_id)
    if isinstance(event, Said | Shared) and (about := _about(message)):
        event = replace(event, about=about, aside=not _can_be_answered(message, about))
    return _envelope(origin, event, message_id=_id(message.get("message_id")), written=_written(message))


def _written(message: Json) -> str:
    """Whatever can be read in a message, for the guard: also of what is forwarded, edited or too long."""
    file = _object(message.get("document")) or {}
    return "\n".join(
        filter(None, (_text(message.get("text")), _text(message.get("caption")), _text(file.get("file_name"))))
    )


def _content(origin: Origin, message: Json, at: datetime) -> Event | None:
    if any(message.get(field) is not None for field in FORWARDED):
        return Shared(at, "forwarded")
    if isinstance(message.get("text"), str):
        return _words(origin, _text(message["text"]), at)
    field, kind = next(((field, kind) for field, kind in KINDS if message.get(field) is not None), ("", None))
    caption = clean_text(_text(message.get("caption"))[:LONGEST_TEXT])
    return None if kind is None else Shared(at, kind, caption, _file(field, message))


def _file(field: str, message: Json) -> Attachment | None:
    """What can be sent on by its id; of a photo, which comes in several sizes, the largest."""
    kind = next((kind for kind in FILES if kind == field), None)
    if kind is None:
        return None
    content = message.get(field)
    sizes = [found for one in content if (found := _object(one))] if isinstance(content, list) else []
    file = max(sizes, key=_area, default=None) if kind == "photo" else _object(content)
    file_id = _text((file or {}).get("file_id"))
    if file is None or not FILE_ID.fullmatch(file_id):
        return None
    return Attachment(kind, file_id, clean_name(_text(file.get("file_name"))), max(0, _id(file.get("file_size")) or 0))


def _area(size: Json) -> int:
    return (_id(size.get("width")) or 0) * (_id(size.get("height")) or 0)


def _about(message: Json) -> str:
    """The number of the complaint in the message of ours that this one replies to."""
    replied = _object(message.get("reply_to_message")) or {}
    if (_object(replied.get("from")) or {}).get("is_bot") is not True:  # what people write names what it likes
        return ""
    text = _text(replied.get("text")) or _text(replied.get("caption"))
    # What is about one complaint names it in its first line; a list names many, and an answer to it none of them.
    numbers = set(NUMBER.findall(text))
    return numbers.pop() if len(numbers) == 1 and NUMBER.search(text.partition("\n")[0]) else ""


def _can_be_answered(message: Json, number: str) -> bool:
    """Whether what this one replies to is a file, or has the button to answer: other messages only tell something."""
    replied = _object(message.get("reply_to_message")) or {}
    return not _text(replied.get("text")) or f"/tiket {number} jawab" in _buttons(replied)


def _buttons(message: Json) -> frozenset[str]:
    """What the buttons of a message carry."""
    rows = (_object(message.get("reply_markup")) or {}).get("inline_keyboard")
    cells = [cell for row in rows if isinstance(row, list) for cell in row] if isinstance(rows, list) else []
    return frozenset(_text((_object(cell) or {}).get("callback_data")) for cell in cells)


def _words(origin: Origin, text: str, at: datetime) -> Event:
    if len(text) > LONGEST_TEXT:
        return Shared(at, "long")
    words = clean_text(text)
    if not words:
        return Shared(at, "other")
    command = COMMAND.fullmatch(words)
    if command is None:
        return Said(at, words)
    first_name = clean_name(_text(origin.person.get("first_name")))
    return Commanded(at, command[1].lower(), (command[3] or "").strip(), first_name)


def _addressed(message: Json, username: str) -> bool:
    """Whether a message in a group speaks to the bot: a command, or its name. To another bot's it says nothing."""
    text = clean_text(_text(message.get("text"))[:LONGEST_TEXT])
    if (command := COMMAND.fullmatch(text)) is not None:
        return not command[2] or not username or command[2].casefold() == username.casefold()
    return bool(username) and re.search(rf"@{re.escape(username)}\b", text, re.IGNORECASE) is not None


def _envelope(
    origin: Origin,
    event: Event,
    *,
    message_id: int | None = None,
    callback_id: str | None = None,
    written: str = "",
) -> Envelope:
    language = _text(origin.person.get("language_code"))[:32]
    return Envelope(
        origin.key,
        origin.chat_id,
        event,
        message_id,
        callback_id,
        language if LANGUAGE.fullmatch(language) else None,
        written,
    )


def _object(value: object) -> Json | None:
    return value if isinstance(value, Mapping) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _id(value: object) -> int | None:
    """Read a whole number that the databases can hold; true and false are none."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_ID:
        return value
    return None
