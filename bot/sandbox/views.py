"""Chats as people see them: the JSON that the people API gives."""

from __future__ import annotations

from bot.sandbox.chats import Chat, Group, Json, Message, Person, World
from bot.sandbox.mailbox import Mail

KINDS = ("photo", "voice", "video", "sticker", "contact", "location", "document")


def person(who: Person) -> Json:
    return {
        "id": who.id,
        "name": who.first_name,
        "language": who.language_code,
        "role": who.role,
        "started": who.started,
        "blocked": who.blocked,
    }


def chat(world: World, seen: Chat, after: int) -> Json:
    """What is new in a chat since version `after`; 0 gives all of it."""
    now = world.clock.now()
    view: Json = {
        "id": seen.id,
        "version": seen.version,
        "bot": world.profile.first_name,
        "typing": seen.typing_until is not None and seen.typing_until > now,
        "waiting": [
            {"query": press.id, "message": press.message_id, "data": press.data}
            for press in seen.waiting.values()
            if world.live_press(press.id) is not None
        ],
        "answer": None,
        "messages": [message(one) for one in seen.since(after)],
    }
    if seen.answer is not None:
        answer = seen.answer
        view["answer"] = {"query": answer.query, "text": answer.text, "alert": answer.alert, "version": answer.version}
    match seen.peer:
        case Group(title=title):
            view["title"] = title
        case who:
            view |= {"started": who.started, "blocked": who.blocked, "opened": who.opened}
    return view


def message(seen: Message) -> Json:
    """One bubble. `kind` is `text` or what was sent instead; `at` in UTC."""
    if seen.deleted:
        return {"id": seen.id, "version": seen.version, "deleted": True}
    content = seen.content
    kind = next((kind for kind in KINDS if kind in content), "text")
    return {
        "id": seen.id,
        "version": seen.version,
        "deleted": False,
        "from": "bot" if seen.from_bot else seen.sender["id"],
        "name": seen.sender["first_name"],
        "at": seen.at.isoformat(),
        "edited": seen.edited_at is not None,
        "kind": kind,
        "text": content.get("text", content.get("caption", "")),
        "entities": content.get("entities", content.get("caption_entities", [])),
        "file": _file(content),
        "forwarded": _forwarded(content.get("forward_origin")),
        "replied": _replied(content.get("reply_to_message")),
        "album": content.get("media_group_id"),
        "buttons": [
            [{"text": button.text, "data": button.data, "url": button.url} for button in row] for row in seen.keyboard
        ],
    }


def _file(content: Json) -> Json | None:
    match content:
        case {"photo": [*_, dict(largest)]}:
            return {"id": largest["file_id"], "name": "", "size": largest["file_size"]}
        case {"document": dict(document)}:
            return {"id": document["file_id"], "name": document["file_name"], "size": document["file_size"]}
        case _:
            return None


def _forwarded(origin: object) -> str | None:
    match origin:
        case {"sender_user_name": str(name)} | {"sender_user": {"first_name": str(name)}}:
            return name
        case _:
            return None


def _replied(original: object) -> Json | None:
    """The message that this one answers, as far as it shows above it."""
    match original:
        case {"message_id": int(number), "from": {"first_name": str(name)}, **rest}:
            kind = next((kind for kind in KINDS if kind in rest), "text")
            return {"id": number, "name": name, "kind": kind, "text": rest.get("text", rest.get("caption", ""))}
        case _:
            return None


def mail(letter: Mail) -> Json:
    """One mail; `text` is its text part."""
    return {
        "number": letter.number,
        "at": letter.at.isoformat(),
        "from": letter.sender,
        "to": list(letter.recipients),
        "subject": letter.subject,
        "text": letter.text,
        "headers": [list(header) for header in letter.headers],
        "files": [{"name": name, "size": size} for name, size in letter.files],
    }
