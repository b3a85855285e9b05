"""Phones and a mailbox that remember: senders behind which there is no network, only people who read.

What people write in these tests names a matter (`matter(17)`), by which it is found again wherever it arrives.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Literal, TypeAlias

from bot.clock import Clock
from bot.delivery import EDIT, MENUS, Pause, Sent
from bot.errors import TryLater, Unknown, Unreachable
from bot.telegram.payload import FILES, TAG, read_request
from storage.records import Channel, Outgoing

Trouble: TypeAlias = Literal["not reached", "answer lost", "request lost", "too many"]
"""What becomes of a request: the answer may be lost, although it was carried out."""

Passes: TypeAlias = Callable[[Literal["send", "sent"]], None]

MATTER = re.compile(r"perkara-([a-j]{4})")
NUMBER = re.compile(r"ADU-\d{4}-\d{5}")
LINK = re.compile(r"/aduan/(\w+)")
_SHOWN_AGAIN = re.compile(r"“[^”]*”")  # how a card quotes what was said before


def matter(number: int) -> str:
    """A text that no other one is, and that nothing takes for a code or a number."""
    return f"Ini tentang perkara-{''.join('abcdefghij'[int(digit)] for digit in f'{number:04}')} di kantor"


def matters(text: str) -> Iterator[int]:
    """The matters that a text names, in its order."""
    for found in MATTER.findall(text):
        yield int("".join(str("abcdefghij".index(letter)) for letter in found))


@dataclass
class Bubble:
    """A message of the bot: its text, and what its buttons carry."""

    text: str
    buttons: tuple[str, ...] = ()


@dataclass
class Reader:
    """What somebody was shown. `heard`: the place at which each matter came in a message of its own for the first time.

    `seen` and `numbers` are of everything that was ever on the screen or in the mailbox.
    """

    bubbles: dict[int, Bubble] = field(default_factory=dict)
    heard: dict[object, int] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def looks(self, text: str) -> None:
        self.seen.update(matters(text))
        self.numbers.update(NUMBER.findall(text))

    def hears(self, text: str, *files: object) -> None:
        self.messages.append(text)
        for what in (*matters(text), *files):
            self.heard.setdefault(what, len(self.messages))


class People:
    """Everybody who reads: chats by their number, mailboxes by their address. They outlive every process."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.readers: dict[int | str, Reader] = defaultdict(Reader)
        self.blocked: set[int] = set()
        self.refused: set[object] = set()  # matters that Telegram did not take, because the bot is blocked
        self.troubles: deque[Trouble] = deque()
        self._messages = 0

    def shows(self, method: str, params: Mapping[str, Any]) -> int | None:
        """Carry out a request of the Bot API; answers the number of the message."""
        reader, text = self.readers[params["chat_id"]], unescape(TAG.sub("", params.get("text") or ""))
        rows = params.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
        buttons = tuple(button["callback_data"] for row in rows for button in row if "callback_data" in button)
        reader.looks(text)
        if method == EDIT:
            if params["message_id"] in reader.bubbles:
                reader.bubbles[params["message_id"]] = Bubble(text, buttons)
            return None
        if method in FILES:
            reader.looks(params["caption"])
            reader.hears("", params[FILES[method]])
        else:
            reader.hears(_SHOWN_AGAIN.sub("", text))
        self._messages += 1
        reader.bubbles[self._messages] = Bubble(text, buttons)
        return self._messages

    def reads(self, letter: Mapping[str, Any]) -> None:
        """Put a letter into the mailboxes that it is for."""
        for address in letter["to"]:
            reader = self.readers[address]
            reader.looks(letter["subject"] + letter["text"])
            reader.hears(letter["text"], *(file["file_id"] for file in letter["attachments"]))
            reader.links += LINK.findall(letter["text"])


class Post:
    """Implements `bot.delivery.Sender` for one channel of one process, which ends where `passes` says."""

    def __init__(self, people: People, channel: Channel, passes: Passes) -> None:
        self._people, self._channel, self._passes = people, channel, passes
        self.pause = Pause(people.clock)

    async def send(self, row: Outgoing, message_id: int | None) -> Sent:
        await asyncio.sleep(0)  # as a network lets others go on
        self._passes("send")
        trouble = self._people.troubles.popleft() if self._people.troubles else None
        match trouble:
            case "not reached":
                raise TryLater("No connection", after=None, reached=False)
            case "too many":
                self.pause.extend(3)
                raise TryLater("Too many requests", after=3, reached=True)
            case "request lost":
                raise Unknown("No answer")
        number = self._carry_out(row, message_id)
        self._passes("sent")
        if trouble == "answer lost":
            raise Unknown("No answer")
        return Sent(number)

    def _carry_out(self, row: Outgoing, message_id: int | None) -> int | None:
        if self._channel is Channel.MAIL:
            self._people.reads(row.payload)
            return None
        request = read_request(row.payload, message_id)
        if request.lacks_message():
            anew = request.anew()
            if anew is None:
                return None
            request = anew
        if request.method in MENUS:
            return None
        chat = request.params["chat_id"]
        assert isinstance(chat, int)
        if chat in self._people.blocked:
            self._people.refused.update(matters(str(request.params)))
            raise Unreachable("Forbidden: bot was blocked by the user")
        return self._people.shows(request.method, request.params)
