"""People who chat with the bot, for the tour and for tests: the people API, typed.

async with People(sandbox.page_url) as people:
    siti = await people.add("Siti", language="id")
    await siti.start()
    await siti.hears("Selamat datang")
    await siti.presses("Ya, sudah")
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, TypeAlias, TypeVar

import aiohttp
from pydantic import TypeAdapter

from bot.sandbox.acts import Kind
from bot.sandbox.errors import Impossible, SandboxError
from bot.sandbox.faults import Fault, MailFault
from bot.sandbox.seen import (
    Answer,
    Bubble,
    Call,
    Chat,
    Command,
    Mail,
    Now,
    Opened,
    Pressed,
    Queued,
    Titled,
    Who,
)

WITHIN = 10.0
"""Seconds (real ones) that a person waits before giving up."""
HELD = 20.0  # seconds that one request for news is held open at most

Seen = TypeVar("Seen")
_MAILS = TypeAdapter(tuple[Mail, ...])
_COMMANDS = TypeAdapter(tuple[Command, ...])
_CALLS = TypeAdapter(tuple[Call, ...])
_WHOS = TypeAdapter(tuple[Who, ...])
Body: TypeAlias = dict[str, object]


class Unheard(SandboxError):  # noqa: N818 - what the person would say
    """A person waited for something that the bot did not say; the message shows the chat."""


class People:
    """A session with the people API of a sandbox at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=HELD + 30)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(self, method: str, path: str, body: Body | None = None) -> bytes:
        """One call of the people API.

        Raises:
            Impossible: The sandbox says that this cannot be done.

        """
        if self._session is None:
            raise RuntimeError("Enter `async with People(...)` first.")
        async with self._session.request(method, f"{self._url}/people{path}", json=body) as answer:
            content = await answer.read()
            if not answer.ok:
                raise Impossible(content.decode(errors="replace"), answer.status)
            return content

    async def add(self, name: str, *, language: str | None = "id", role: str = "", id: int | None = None) -> Person:  # noqa: A002 - what Telegram calls it
        body: Body = {"first_name": name, "role": role}
        body |= {} if language is None else {"language_code": language}
        body |= {} if id is None else {"id": id}
        who = Who.model_validate_json(await self.request("POST", "", body))
        return Person(self, who.id, who.name)

    async def named(self, name: str) -> Person:
        """Somebody who is already there, such as one of the page's four."""
        for who in _WHOS.validate_json(await self.request("GET", "")):
            if who.name == name:
                return Person(self, who.id, who.name)
        raise Impossible(f"There is nobody called {name}.", status=404)

    async def now(self) -> datetime:
        return Now.model_validate_json(await self.request("GET", "/clock")).now

    async def pass_time(self, by: timedelta) -> datetime:
        """Move the sandbox's clock forward; answers the new moment in UTC."""
        body: Body = {"seconds": by.total_seconds()}
        return Now.model_validate_json(await self.request("POST", "/clock", body)).now

    async def fail(self, fault: Fault) -> None:
        """Let the bot's next calls meet a fault."""
        await self.request("POST", "/faults", fault.model_dump())

    async def heal(self) -> None:
        """Take away the faults that have not struck yet."""
        await self.request("DELETE", "/faults")

    async def fail_mail(self, fault: MailFault) -> None:
        """Let the next mails meet a fault; the mailbox is down until `heal_mail` if that is the fault."""
        await self.request("POST", "/mailbox/faults", fault.model_dump())

    async def heal_mail(self) -> None:
        """Take away the faults of the mailbox, and open it again."""
        await self.request("DELETE", "/mailbox/faults")

    async def mails(self, after: int = 0) -> tuple[Mail, ...]:
        """The mails with a number above `after`, oldest first."""
        return _MAILS.validate_json(await self.request("GET", f"/mailbox?after={after}"))

    async def calls(self) -> tuple[Call, ...]:
        """What the bot called, oldest first."""
        return _CALLS.validate_json(await self.request("GET", "/calls"))

    async def put_update(self, raw: Body) -> int:
        """Put a raw update into the bot's queue, as it stands; answers its id."""
        return Queued.model_validate_json(await self.request("POST", "/updates", raw)).update_id


@dataclass(slots=True)
class _Log:
    """A chat as one of its members last saw it."""

    people: People
    id: int
    version: int = 0
    since: int = 0
    answer: Answer | None = None
    typing: bool = False
    bubbles: dict[int, Bubble] = field(default_factory=dict)

    @property
    def chat(self) -> list[Bubble]:
        return [self.bubbles[number] for number in sorted(self.bubbles)]

    async def look(self, wait: float = 0) -> None:
        """Take in what changed, waiting that many seconds for something to change."""
        content = await self.people.request("GET", f"/chats/{self.id}?after={self.version}&wait={wait}")
        view = Chat.model_validate_json(content)
        for message in view.messages:
            if isinstance(message, Bubble):
                self.bubbles[message.id] = message
            else:
                self.bubbles.pop(message.id, None)
        self.version, self.answer, self.typing = view.version, view.answer, view.typing

    async def waits(self, found: Callable[[list[Bubble]], Seen | None], within: float) -> Seen:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        await self.look()
        while not (seen := found(self.chat)):
            left = deadline - loop.time()
            if left <= 0:
                raise Unheard(f"Waited {within:g} s in vain. The chat:\n{told(self.chat)}")
            await self.look(wait=min(left, HELD))
        return seen

    async def hears(self, part: str, within: float) -> Bubble:
        def heard(chat: list[Bubble]) -> Bubble | None:
            for bubble in reversed(chat):
                if bubble.from_bot and bubble.version > self.since and part in bubble.text:
                    return bubble
            return None

        return await self.waits(heard, within)


def told(chat: list[Bubble]) -> str:
    """The chat as people read it."""
    lines: list[str] = []
    for bubble in chat:
        lines.append(f"{'<' if bubble.from_bot else '>'} {bubble.text or bubble.kind}")
        lines += [f"    [{'] ['.join(button.text for button in row)}]" for row in bubble.buttons]
    return "\n".join(lines) or "(nothing was said)"


class Person:
    """Somebody with a phone. What is heard counts from the person's own last act on."""

    def __init__(self, people: People, id: int, name: str) -> None:  # noqa: A002 - what Telegram calls it
        self.id = id
        self.name = name
        self._people = people
        self._log = _Log(people, id)

    @property
    def chat(self) -> list[Bubble]:
        """The private chat with the bot as last seen, oldest bubble first."""
        return self._log.chat

    @property
    def answer(self) -> Answer | None:
        """What the bot answered to the last press that it answered with words."""
        return self._log.answer

    @property
    def typing(self) -> bool:
        """Whether the bot was seen typing."""
        return self._log.typing

    async def start(self, payload: str = "") -> None:
        """Press Start; after a link was opened, that sends what the link carries."""
        await self._does("POST", "start", {"payload": payload})

    async def opens(self, link: str) -> str:
        """Open a link into the chat with the bot; answers what it carries. The bot hears nothing before Start."""
        return Opened.model_validate_json(await self._does("POST", "links", {"url": link})).payload

    async def follows(self, link: str) -> None:
        """Open a link into the chat, and press Start."""
        await self.opens(link)
        await self.start()

    async def downloads(self, bubble: Bubble) -> bytes:
        """The file in a message."""
        if bubble.file is None:
            raise Impossible("There is no file in this message.", status=404)
        return await self._people.request("GET", f"/files/{bubble.file.id}")

    async def says(self, text: str, *, replying_to: int | None = None) -> Bubble:
        """Write to the bot; `replying_to` is the message that this one answers."""
        body: Body = {"text": text, "reply_to": replying_to}
        return Bubble.model_validate_json(await self._does("POST", "messages", body))

    async def edits(self, message_id: int, text: str) -> None:
        await self._does("PATCH", f"messages/{message_id}", {"text": text})

    async def shows(
        self,
        kind: Kind,
        *,
        caption: str = "",
        name: str = "",
        size: int | None = None,
        replying_to: int | None = None,
    ) -> None:
        """Send a photo, a voice message …; `size` in bytes pretends to a larger file."""
        body: Body = {"kind": kind, "caption": caption, "name": name, "size": size, "reply_to": replying_to}
        await self._does("POST", "attachments", body)

    async def shows_album(self, *kinds: Kind, caption: str = "") -> None:
        """Send several photos, or documents, at once; the caption stands under the first."""
        items = [{"kind": kind, "caption": "" if place else caption} for place, kind in enumerate(kinds)]
        await self._does("POST", "albums", {"items": items})

    async def forwards(self, text: str, author: str = "Seseorang") -> None:
        """Forward a text of somebody else."""
        await self._does("POST", "forwards", {"text": text, "author": author})

    async def forwards_message(self, message_id: int) -> None:
        """Forward a message of this chat."""
        await self._does("POST", "forwards", {"message": message_id})

    async def presses(self, label: str, *, within: float = WITHIN) -> str:
        """Press the button with this label, or one that begins with it, on the newest message that has it.

        Waits until there is one; answers the query's id.
        """

        def newest(chat: list[Bubble]) -> tuple[int, str] | None:
            for bubble in reversed(chat):
                named = [one for one in bubble.each_button() if one.data is not None and one.text.startswith(label)]
                named.sort(key=lambda button: button.text != label)
                if named and named[0].data is not None:
                    return bubble.id, named[0].data
            return None

        message_id, data = await self._log.waits(newest, within)
        return await self.presses_data(message_id, data)

    async def presses_data(self, message_id: int, data: str, *, stale: bool = False) -> str:
        """Press by what the button carries; `stale` presses one that the message no longer shows."""
        content = await self._does("POST", "presses", {"message": message_id, "data": data, "stale": stale})
        return Pressed.model_validate_json(content).query

    async def blocks(self) -> None:
        await self._does("POST", "block", {})

    async def unblocks(self) -> None:
        await self._does("POST", "unblock", {})

    async def founds(self, title: str) -> Group:
        """Found a group with the bot in it."""
        titled = Titled.model_validate_json(await self._does("POST", "groups", {"title": title}))
        return Group(self._people, titled.id, titled.title)

    async def commands(self) -> tuple[Command, ...]:
        """What stands behind this person's menu button."""
        return _COMMANDS.validate_json(await self._people.request("GET", f"/{self.id}/commands"))

    async def looks(self) -> list[Bubble]:
        """The chat as it is now."""
        await self._log.look()
        return self.chat

    async def waits(self, found: Callable[[list[Bubble]], Seen | None], *, within: float = WITHIN) -> Seen:
        """Wait until `found` finds something in the chat, and answer that.

        Raises:
            Unheard: It was not there `within` seconds.

        """
        return await self._log.waits(found, within)

    async def hears(self, part: str, *, within: float = WITHIN) -> Bubble:
        """Wait until the bot says something with these words, or edits a message so; answers the newest such bubble.

        Raises:
            Unheard: The bot did not say it `within` seconds.

        """
        return await self._log.hears(part, within)

    async def _does(self, method: str, what: str, body: Body) -> bytes:
        await self._log.look()
        self._log.since = self._log.version
        return await self._people.request(method, f"/{self.id}/{what}", body)


class Group:
    """A group with the bot in it."""

    def __init__(self, people: People, id: int, title: str) -> None:  # noqa: A002 - what Telegram calls it
        self.id = id
        self.title = title
        self._people = people
        self._log = _Log(people, id)

    @property
    def chat(self) -> list[Bubble]:
        return self._log.chat

    async def says(self, person: Person, text: str) -> None:
        """Let a person write; the bot hears commands and texts with its name, nothing else."""
        await self._log.look()
        self._log.since = self._log.version
        await self._people.request("POST", f"/{person.id}/messages", {"text": text, "chat": self.id})

    async def hears(self, part: str, *, within: float = WITHIN) -> Bubble:
        """Wait until the bot says something with these words.

        Raises:
            Unheard: The bot did not say it `within` seconds.

        """
        return await self._log.hears(part, within)
