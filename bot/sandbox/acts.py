"""What people do, and the updates that Telegram makes of it."""

from __future__ import annotations

import re
import secrets
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.sandbox import entities
from bot.sandbox.chats import Chat, Group, Json, Message, Person, Press, World
from bot.sandbox.errors import Impossible
from bot.sandbox.updates import PRESS_LIFE

Kind = Literal["photo", "voice", "video", "sticker", "contact", "location", "document"]
MAX_SIZE = 100 * 1024 * 1024
CAPTIONED = frozenset({"photo", "voice", "video", "document"})
ALBUM_SIZES = 2, 10
LINK = re.compile(
    r"(?:https?://(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/|tg://resolve\?domain=)(?P<bot>[A-Za-z0-9_]{3,32})"
    r"(?:[?&]start=(?P<payload>[A-Za-z0-9_-]{1,64}))?"
)


def private_chat(world: World, person: Person) -> Chat:
    """The chat in which the person can write to the bot now.

    Raises:
        Impossible: Start was not pressed yet, or the bot is blocked.

    """
    if person.blocked:
        raise Impossible(f"{person.first_name} has blocked the bot: unblock it first.")
    if not person.started:
        raise Impossible(f"{person.first_name} has not pressed Start yet.")
    return world.chats[person.id]


def open_link(world: World, person: Person, url: str) -> str:
    """Open a link into the chat; answers what it carries. The bot hears nothing of it until Start is pressed.

    Raises:
        Impossible: It leads somewhere else.

    """
    found = LINK.fullmatch(url.strip())
    if found is None or found["bot"].casefold() != world.profile.username.casefold():
        raise Impossible(f"That is no link to this bot (https://t.me/{world.profile.username}?start=...).", status=422)
    person.opened = found["payload"] or ""
    world.touch(world.chats[person.id])
    return person.opened


def start(world: World, person: Person, payload: str) -> Message:
    """Press Start, which sends what the opened link carries; someone who had blocked the bot comes back with it."""
    if person.blocked:
        unblock(world, person)
    person.started = person.known = True
    carried, person.opened = payload or person.opened or "", None
    return say(world, person, f"/start {carried}".strip())


def say(world: World, person: Person, text: str, replies_to: int | None = None) -> Message:
    chat = private_chat(world, person)
    return _send(world, chat, person, {**_reply(chat, replies_to), **_text(text)})


def _reply(chat: Chat, message_id: int | None) -> Json:
    """The message that is answered, as it stands in the answer: without the one that it answers itself."""
    if message_id is None:
        return {}
    original = chat.message(message_id)
    if original is None:
        raise Impossible("There is no such message.", status=404)
    shape = original.shape()
    shape.pop("reply_to_message", None)
    return {"reply_to_message": shape}


def say_in_group(world: World, person: Person, chat: Chat, text: str) -> tuple[Message, bool]:
    """Write in a group, and whether the bot heard it: in groups a bot hears only commands and its own name."""
    person.known = True
    content = _text(text)
    heard = text.startswith("/") or f"@{world.profile.username}" in text
    message = world.post(chat, person.user(), content)
    if heard:
        world.updates.put("message", message.shape())
    return message, heard


def _text(text: str) -> Json:
    plain, marks = entities.parse(text, "")
    if not plain:
        raise Impossible("An empty text cannot be sent.", status=422)
    return {"text": plain, "entities": marks} if marks else {"text": plain}


def _send(world: World, chat: Chat, person: Person, content: Json) -> Message:
    message = world.post(chat, person.user(), content)
    world.updates.put("message", message.shape())
    return message


def edit(world: World, person: Person, message_id: int, text: str) -> Message:
    message = private_chat(world, person).message(message_id)
    if message is None or message.from_bot or "text" not in message.content:
        raise Impossible("Only an own text message can be edited.", status=404)
    world.edit(message, _text(text), ())
    world.updates.put("edited_message", message.shape())
    return message


def press(world: World, chat: Chat, person: Person, message_id: int, data: str, *, stale: bool) -> Press:
    """Press the button with that data. A stale press takes a button that the message no longer has."""
    message = chat.messages.get(message_id)
    if message is None or (message.deleted and not stale):
        raise Impossible("There is no such message.", status=404)
    shown = {button.data for row in message.keyboard for button in row}
    if data not in (message.offered if stale else shown):
        raise Impossible("The message has no such button.", status=404)
    pressed = world.press(message, data)
    query: Json = {
        "id": pressed.id,
        "from": person.user(),
        "message": message.shape(),
        "chat_instance": str(zlib.crc32(str(chat.id).encode()) << 31),
        "data": data,
    }
    world.updates.put("callback_query", query, PRESS_LIFE)
    return pressed


def block(world: World, person: Person) -> None:
    if not person.blocked:
        person.blocked = True
        _membership(world, person, "member", "kicked")


def unblock(world: World, person: Person) -> None:
    if person.blocked:
        person.blocked = False
        _membership(world, person, "kicked", "member")


def _membership(world: World, person: Person, before: str, after: str) -> None:
    def member(status: str) -> Json:
        until: Json = {"until_date": 0} if status == "kicked" else {}
        return {"user": world.profile.user(), "status": status, **until}

    world.touch(world.chats[person.id])
    change: Json = {
        "chat": person.shape(),
        "from": person.user(),
        "date": int(world.clock.now().timestamp()),
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    }
    world.updates.put("my_chat_member", change)


def found_group(world: World, person: Person, title: str) -> Group:
    """A new group with the bot in it."""
    group = world.add_group(title)
    person.known = True
    bot = world.profile.user()
    change: Json = {
        "chat": group.shape(),
        "from": person.user(),
        "date": int(world.clock.now().timestamp()),
        "old_chat_member": {"user": bot, "status": "left"},
        "new_chat_member": {"user": bot, "status": "member"},
    }
    world.updates.put("my_chat_member", change)
    return group


def forward(world: World, person: Person, message_id: int | None, text: str, author: str) -> Message:
    """Forward a message of this chat, or a text of somebody who hides behind a name."""
    chat = private_chat(world, person)
    date = int(world.clock.now().timestamp())
    if message_id is None:
        content = _text(text)
        origin: Json = {"type": "hidden_user", "date": date, "sender_user_name": author}
    else:
        original = chat.message(message_id)
        if original is None:
            raise Impossible("There is no such message.", status=404)
        content = dict(original.content)
        origin = {"type": "user", "date": int(original.at.timestamp()), "sender_user": original.sender}
    return _send(world, chat, person, {"forward_origin": origin, **content})


@dataclass(frozen=True, slots=True)
class Sending:
    """Something that is not a text. `size` in bytes pretends to a larger file than there is."""

    kind: Kind
    caption: str = ""
    name: str = ""
    size: int | None = None


def attach(world: World, person: Person, sending: Sending, replies_to: int | None = None, album: str = "") -> Message:
    chat = private_chat(world, person)
    content: Json = {"media_group_id": album} if album else {}
    content |= _reply(chat, replies_to)
    content |= ATTACHMENTS[sending.kind](world, person, sending.name, sending.size)
    if sending.caption and sending.kind in CAPTIONED:
        text, marks = entities.parse(sending.caption, "")
        content |= {"caption": text}
        content |= {"caption_entities": marks} if marks else {}
    return _send(world, chat, person, content)


def send_album(world: World, person: Person, sendings: Sequence[Sending], replies_to: int | None) -> list[Message]:
    """Send several at once: to the bot they come one by one, with the same `media_group_id`.

    Raises:
        Impossible: Telegram makes no album of these.

    """
    kinds = {sending.kind for sending in sendings}
    if not ALBUM_SIZES[0] <= len(sendings) <= ALBUM_SIZES[1] or not (
        kinds <= {"photo", "video"} or kinds == {"document"}
    ):
        raise Impossible("An album has 2 to 10 photos and videos, or documents.", status=422)
    album = str(secrets.randbits(53))
    return [attach(world, person, sending, replies_to, album) for sending in sendings]


Attachment: TypeAlias = Callable[[World, Person, str, int | None], Json]


def _photo(world: World, _: Person, name: str, size: int | None) -> Json:
    file = world.files.add("photos", name or "foto.png", "image/png", picture(), size)
    small: Json = {**file.shape(), "width": 90, "height": 60}
    return {"photo": [small, {**file.shape(), "width": 800, "height": 534}]}


def _voice(world: World, _: Person, name: str, size: int | None) -> Json:
    file = world.files.add("voice", name or "suara.oga", "audio/ogg", b"OggS", size)
    return {"voice": {"duration": 4, "mime_type": file.mime, **file.shape()}}


def _video(world: World, _: Person, name: str, size: int | None) -> Json:
    file = world.files.add("videos", name or "video.mp4", "video/mp4", b"\0\0\0\x18ftypmp42", size)
    return {"video": {"duration": 4, "width": 640, "height": 360, "mime_type": file.mime, **file.shape()}}


def _sticker(world: World, _: Person, name: str, size: int | None) -> Json:
    file = world.files.add("stickers", name or "stiker.webp", "image/webp", b"RIFF", size)
    flags = {"type": "regular", "is_animated": False, "is_video": False}
    return {"sticker": {"width": 512, "height": 512, "emoji": "👍", "set_name": "Contoh", **flags, **file.shape()}}


def _contact(_: World, person: Person, name: str, _size: int | None) -> Json:
    first_name = name or person.first_name
    return {"contact": {"phone_number": "+6281200000000", "first_name": first_name, "user_id": person.id}}


def _location(_: World, _person: Person, _name: str, _size: int | None) -> Json:
    return {"location": {"latitude": -6.8886, "longitude": 109.6753}}


def _document(world: World, _: Person, name: str, size: int | None) -> Json:
    file = world.files.add("documents", name or "dokumen.pdf", "application/pdf", b"%PDF-1.4\n%%EOF\n", size)
    return {"document": {"file_name": file.name, "mime_type": file.mime, **file.shape()}}


ATTACHMENTS: dict[Kind, Attachment] = {
    "photo": _photo,
    "voice": _voice,
    "video": _video,
    "sticker": _sticker,
    "contact": _contact,
    "location": _location,
    "document": _document,
}


def picture(width: int = 120, height: int = 80) -> bytes:
    """A small PNG of sky over sea: something to see where people send a photo."""
    sky, sea = bytes((142, 197, 232)), bytes((46, 110, 158))
    rows = b"".join(b"\0" + (sky if row < height * 5 // 8 else sea) * width for row in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
