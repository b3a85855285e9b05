"""One chat during one envelope, and what a whole batch brings about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.catalogs import DEFAULT, Catalog
from bot.compose import Target, compose
from bot.envelope import Envelope
from bot.outlet import Claim
from conversations.cards import commands_for
from conversations.effects import Keyboard, Message, Parts, Revise, Say, Settle
from conversations.events import Elapsed, Left, Pressed
from conversations.people import Person, Role, Standing
from conversations.text import Text, Words
from storage.records import Channel, Kind, Memory, Outgoing, Priority

LARGEST_FILE = 4_000_000
"""Bytes of a file that is made for a chat. Bots may send 50 MB; but it waits in the outbox, and in memory, until a slow
line has taken it within the time of one call."""


def lane_of(chat_id: int) -> str:
    return f"telegram:{chat_id}"


def person_of(chat_id: int) -> Person:
    """How the core names somebody who is to be told something."""
    return lane_of(chat_id)


def chat_of(person: Person) -> int:
    """The chat that `person_of` named."""
    return int(person.removeprefix("telegram:"))


def row_key(key: str, part: object, at: datetime) -> str:
    """The key of a message: update, place and day. Telegram's ids begin anew some day, and rows outlive the inbox."""
    return f"{key}:{part}.{at.year:04}{at.month:02}{at.day:02}"  # strftime takes eight times as long


@dataclass(slots=True)
class Outcome:
    """What a batch brings about, collected so that each table is written once. An alarm that is None is dropped.

    `outage` is what stands declared about AMS as the batch goes on, `hit` who was told so. `rings`: complaints have
    other alarms than before.
    """

    memories: dict[int, Memory]
    claim: Claim
    rows: list[Outgoing] = field(default_factory=list)
    alarms: dict[tuple[int, str], datetime | None] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    """Lanes whose earlier rows are nowhere any more: what of them is in memory must not be sent."""
    outage: str = ""
    hit: set[int] = field(default_factory=set)
    rings: bool = False

    def add(
        self,
        key: str,
        lane: str,
        payload: Mapping[str, object],
        at: datetime,
        *,
        edits: str | None = None,
        kind: Kind = Kind.ANSWER,
        channel: Channel = Channel.TELEGRAM,
        about: str | None = None,
    ) -> None:
        row = Outgoing(
            key,
            lane,
            payload,
            at,
            channel=channel,
            kind=kind,
            priority=Priority.NOTICE if kind is Kind.NOTICE else Priority.ANSWER,
            edits=edits,
            claimed_by=self.claim.by,
            claimed_until=self.claim.until,
            about=about,
        )
        self.rows.append(row)

    def forget(self, chat_id: int) -> None:
        """Leave nothing of a chat that was just erased but the word that it was."""
        self.erased.add(chat_id)
        self.memories.pop(chat_id, None)
        for name in [name for chat, name in self.alarms if chat == chat_id]:
            del self.alarms[chat_id, name]
        lane = lane_of(chat_id)
        self.rows = [row for row in self.rows if row.lane != lane or row.kind is Kind.PARTING]
        self.dropped.add(lane)

    def drop(self, lane: str) -> None:
        """Leave nothing of a lane that was just taken out of storage."""
        self.rows = [row for row in self.rows if row.lane != lane]
        self.dropped.add(lane)


class Post:
    """What leaves because of one update or one alarm, to whichever chats: keys in order, the languages, the outcome."""

    def __init__(self, origin: str, at: datetime, catalogs: Mapping[str, Catalog], outcome: Outcome) -> None:
        self._origin, self._catalogs = origin, catalogs
        self.at, self.outcome = at, outcome
        self._count = 0

    def catalog_of(self, language: str | None) -> Catalog:
        return self._catalogs.get(language or DEFAULT, self._catalogs[DEFAULT])

    def key(self) -> str:
        """The key of the next message of this origin."""
        self._count += 1
        return row_key(self._origin, self._count - 1, self.at)

    def tell(
        self, chat_id: int, language: str | None, parts: Parts, keyboard: Keyboard, *, about: str | None = None
    ) -> str:
        """Write to somebody, in the language that they read; answers the key of the message.

        `about`: what comes back if it does not arrive.
        """
        key = self.key()
        said = compose(Say(parts, keyboard), chat_id, None, self.catalog_of(language))
        if said is not None:
            self.outcome.add(key, lane_of(chat_id), said.payload, self.at, about=about)
        return key

    def renew(self, chat_id: int, language: str | None, shown: str, parts: Parts, keyboard: Keyboard) -> None:
        """Change a message that was sent under the key `shown`; if it is gone, so it is."""
        edit = compose(Revise(parts, keyboard), chat_id, Target(key=shown), self.catalog_of(language))
        if edit is not None:
            payload = {**edit.payload, "if_gone": "skip"}
            self.outcome.add(self.key(), lane_of(chat_id), payload, self.at, edits=edit.edits)

    def ask_telegram(
        self, method: str, chat_id: int, params: Mapping[str, object], *, about: str | None = None
    ) -> None:
        """Something else than a message that has to be done in a chat, in its order, however long Telegram is away."""
        self.outcome.add(self.key(), lane_of(chat_id), {"method": method, "params": params}, self.at, about=about)


class Scene(Post):
    """One chat during one envelope: which message can change, which language is read, what was said so far."""

    def __init__(self, envelope: Envelope, memory: Memory, catalogs: Mapping[str, Catalog], outcome: Outcome) -> None:
        super().__init__(envelope.key, envelope.event.at, catalogs, outcome)
        self._envelope = envelope
        self.memory, self.chat_id = memory, envelope.chat_id
        self._screen = memory.screen
        pressed = envelope.message_id if isinstance(envelope.event, Pressed) else None
        self._before = Target(message_id=pressed) if pressed is not None else Target.read(memory.screen)
        self._kind = Kind.NOTICE if isinstance(envelope.event, Elapsed) else Kind.ANSWER
        self.erased = False
        self.found = ""  # the number of the complaint that a member of staff looks at
        self.cards: dict[str, str] = {}  # by the numbers of complaints, the keys of messages that show them to staff

    @property
    def catalog(self) -> Catalog:
        return self.catalog_of(self.memory.language)

    @property
    def standing(self) -> Standing:
        return Standing(self.memory.roles, self.memory.registered, self.outcome.outage)

    def show(self, message: Message) -> None:
        composed = compose(message, self.chat_id, self._before, self.catalog)
        if composed is None:
            return
        key = self.key()
        kind = Kind.PARTING if self.erased else self._kind
        self.outcome.add(key, lane_of(self.chat_id), composed.payload, self.at, edits=composed.edits, kind=kind)
        if isinstance(message, Settle):
            return
        if self.found and any(b.data == f"/tiket {self.found} riwayat" for row in message.keyboard for b in row):
            self.cards[self.found] = key
        if self.outcome.outage and any(self.outcome.outage in _said(part) for part in message.parts):
            self.outcome.hit.add(self.chat_id)
        if not message.asks:
            return
        if composed.new:
            self._screen = key
        elif self._before is not None:
            self._screen = self._before.write()

    def remembered(self, session: str) -> Memory:
        """What the chat is remembered as after this; whoever writes is alive, and can be reached unless they left."""
        event = self._envelope.event
        if isinstance(event, Elapsed):
            return replace(self.memory, session=session, screen=self._screen)
        away = self.at if isinstance(event, Left) else None
        return replace(self.memory, session=session, screen=self._screen, unreachable_since=away, heard_at=self.at)

    def send_file(self, name: str, content: str, caption: Parts) -> None:
        """A file made here, for this chat alone; `LARGEST_FILE` bytes at most."""
        params = {
            "chat_id": self.chat_id,
            "caption": self.catalog.html(caption),
            "parse_mode": "HTML",
            "document": {"filename": name, "content": content},
        }
        payload = {"method": "sendDocument", "params": params}
        self.outcome.add(self.key(), lane_of(self.chat_id), payload, self.at, kind=Kind.FILE)

    def offer_commands(self, chat_id: int, language: str | None, roles: frozenset[Role]) -> None:
        """Show a member of staff the commands of their roles; somebody without a role sees everybody's again."""
        params: dict[str, object] = {"scope": {"type": "chat", "chat_id": chat_id}}
        if not roles:
            self.ask_telegram("deleteMyCommands", chat_id, params)
            return
        catalog = self.catalog_of(language)
        offered = commands_for(Standing(roles)).items()
        params["commands"] = [{"command": name, "description": catalog.plain(Text(says))} for name, says in offered]
        self.ask_telegram("setMyCommands", chat_id, params)

    def delete_said(self) -> None:
        """Take back what the person just sent, as far as Telegram lets a bot."""
        if self._envelope.message_id is not None:
            params = {"chat_id": self.chat_id, "message_id": self._envelope.message_id}
            self.ask_telegram("deleteMessage", self.chat_id, params)


def _said(part: Text | Words) -> tuple[object, ...]:
    """What stands in a paragraph beside its own words."""
    return tuple(part.values.values()) if isinstance(part, Text) else ()
