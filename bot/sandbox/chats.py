"""Everything that Telegram would know: people, groups, chats and messages, in memory.

Whatever changes gets the next number of one counter, its version; so anybody can ask what is new since the last look,
and no look costs more than what has changed.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.clock import MovableClock
from bot.sandbox import keyboards
from bot.sandbox.errors import Impossible
from bot.sandbox.files import Files
from bot.sandbox.keyboards import Keyboard
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.profile import Profile
from bot.sandbox.updates import PRESS_LIFE, Updates

Json: TypeAlias = dict[str, object]

TYPING = timedelta(seconds=5)
FIRST_PERSON = 710_000_001
FIRST_GROUP = -4_000_001


class Signal:
    """Wakes everybody who waits for the next change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def fire(self) -> None:
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait(self, seconds: float) -> bool:
        """Whether it fired before that many (real) seconds were over."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return True


@dataclass(slots=True)
class Person:
    """`known` once the bot has seen the person, in a chat or a group. `role` is only shown on the page.

    `opened` is what the link carries that the person opened last: Start is shown, and sends it when it is pressed.
    """

    id: int
    first_name: str
    language_code: str | None
    role: str = ""
    started: bool = False
    blocked: bool = False
    known: bool = False
    opened: str | None = None

    def user(self) -> Json:
        shape: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.language_code is not None:
            shape["language_code"] = self.language_code
        return shape

    def shape(self) -> Json:
        """The private chat with this person, as it stands in the Bot API."""
        return {"id": self.id, "first_name": self.first_name, "type": "private"}


@dataclass(slots=True)
class Group:
    """A group that the bot is in."""

    id: int
    title: str

    def shape(self) -> Json:
        return {"id": self.id, "title": self.title, "type": "group", "all_members_are_administrators": True}


@dataclass(slots=True, eq=False)
class Message:
    """`content` is what the Bot API shows of it (text, photo, …); `offered` every data its buttons ever carried."""

    id: int
    chat: Chat
    sender: Json
    at: datetime
    content: Json
    keyboard: Keyboard = ()
    edited_at: datetime | None = None
    deleted: bool = False
    version: int = 0
    offered: set[str] = field(default_factory=set)

    @property
    def from_bot(self) -> bool:
        return self.sender["is_bot"] is True

    def shape(self) -> Json:
        """As it stands in the Bot API."""
        if self.deleted:
            return {"message_id": self.id, "chat": self.chat.peer.shape(), "date": 0}
        shape: Json = {
            "message_id": self.id,
            "from": self.sender,
            "chat": self.chat.peer.shape(),
            "date": int(self.at.timestamp()),
        }
        if self.edited_at is not None:
            shape["edit_date"] = int(self.edited_at.timestamp())
        shape |= self.content
        if self.keyboard:
            shape["reply_markup"] = keyboards.shape(self.keyboard)
        return shape


@dataclass(slots=True)
class Press:
    """A pressed button; its query waits for the bot's answer."""

    id: str
    chat: Chat
    message_id: int
    data: str
    at: datetime
    answered: bool = False


@dataclass(slots=True)
class Answer:
    """What the bot answered to a press: a short notice, or an alert."""

    query: str
    text: str
    alert: bool
    version: int


@dataclass(slots=True, eq=False)
class Chat:
    """`messages` in the order of their last change."""

    peer: Person | Group
    messages: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    waiting: dict[str, Press] = field(default_factory=dict)
    answer: Answer | None = None
    typing_until: datetime | None = None
    version: int = 0
    changed: Signal = field(default_factory=Signal)

    @property
    def id(self) -> int:
        return self.peer.id

    def message(self, message_id: int) -> Message | None:
        """The message, unless it was deleted."""
        message = self.messages.get(message_id)
        return None if message is None or message.deleted else message

    def since(self, version: int) -> list[Message]:
        """What is new or changed since then, by id."""
        changed: list[Message] = []
        for message in reversed(self.messages.values()):
            if message.version <= version:
                break
            changed.append(message)
        return sorted(changed, key=lambda message: message.id)


class Topics:
    """What changed since a listener last looked: `chat:<id>`, `people`, `commands`, `mailbox`, `clock`."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._signal = asyncio.Event()

    def add(self, topic: str) -> None:
        self._changed.add(topic)
        self._signal.set()

    async def next(self) -> list[str]:
        await self._signal.wait()
        self._signal.clear()
        changed, self._changed = self._changed, set()
        return sorted(changed)


class World:
    """One bot and the people around it."""

    def __init__(self, clock: MovableClock, bot_id: int) -> None:
        self.id = secrets.token_hex(8)
        self.clock = clock
        self.updates = Updates(clock)
        self.files = Files()
        self.profile = Profile(bot_id)
        self.mailbox = Mailbox(clock, lambda: self.tell("mailbox"))
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.presses: OrderedDict[str, Press] = OrderedDict()
        self.version = 0
        self._messages = 0
        self._next_group = FIRST_GROUP
        self._next_person = FIRST_PERSON
        self._listeners: set[Topics] = set()

    # Who is here

    def add_person(self, first_name: str, language_code: str | None, role: str, person_id: int | None) -> Person:
        if person_id is None:
            while self._next_person in self.chats:
                self._next_person += 1
            person_id = self._next_person
        elif person_id in self.chats:
            raise Impossible(f"There is already somebody with the id {person_id}.")
        person = Person(person_id, first_name, language_code, role)
        self.people[person.id] = person
        self.chats[person.id] = Chat(person)
        self.tell("people")
        return person

    def add_group(self, title: str) -> Group:
        group = Group(self._next_group, title)
        self._next_group -= 1
        self.chats[group.id] = Chat(group)
        self.tell("people")
        return group

    # Messages

    def post(self, chat: Chat, sender: Json, content: Json, keyboard: Keyboard = ()) -> Message:
        """A new message. Its number is the next of all chats, as in a bot's one mailbox at Telegram."""
        self._messages += 1
        message = Message(self._messages, chat, sender, self.clock.now(), content, keyboard)
        message.offered.update(_data(keyboard))
        if message.from_bot:
            chat.typing_until = None
        self._touch_message(message)
        return message

    def edit(self, message: Message, content: Json, keyboard: Keyboard) -> None:
        if content != message.content:
            message.edited_at = self.clock.now()
        message.content = content
        message.keyboard = keyboard
        message.offered.update(_data(keyboard))
        self._touch_message(message)

    def delete(self, message: Message) -> None:
        message.deleted = True
        self._touch_message(message)

    # Buttons

    def press(self, message: Message, data: str) -> Press:
        now = self.clock.now()
        while self.presses and next(iter(self.presses.values())).at + PRESS_LIFE <= now:
            _, old = self.presses.popitem(last=False)
            old.chat.waiting.pop(old.id, None)
        press = Press(str(secrets.randbits(62)), message.chat, message.id, data, now)
        self.presses[press.id] = press
        message.chat.waiting[press.id] = press
        self.touch(message.chat)
        return press

    def live_press(self, query: str) -> Press | None:
        press = self.presses.get(query)
        return None if press is None or press.at + PRESS_LIFE <= self.clock.now() else press

    def answer(self, press: Press, text: str, *, alert: bool) -> None:
        press.answered = True
        press.chat.waiting.pop(press.id, None)
        self.touch(press.chat)
        if text:
            press.chat.answer = Answer(press.id, text, alert, self.version)

    # Who hears of it

    def typing(self, chat: Chat) -> None:
        chat.typing_until = self.clock.now() + TYPING
        self.touch(chat)

    def touch(self, chat: Chat) -> None:
        self.tell(f"chat:{chat.id}")
        chat.version = self.version
        chat.changed.fire()

    def tell(self, topic: str) -> None:
        self.version += 1
        for listener in self._listeners:
            listener.add(topic)

    def listen(self) -> Topics:
        topics = Topics()
        self._listeners.add(topics)
        return topics

    def leave(self, topics: Topics) -> None:
        self._listeners.discard(topics)

    def _touch_message(self, message: Message) -> None:
        self.touch(message.chat)
        message.version = self.version
        message.chat.messages[message.id] = message
        message.chat.messages.move_to_end(message.id)


def _data(keyboard: Keyboard) -> Iterator[str]:
    return (button.data for button in keyboards.every(keyboard) if button.data is not None)
