"""What storage takes and gives back: one frozen record a row, times as aware moments in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Channel(StrEnum):
    TELEGRAM = "telegram"
    MAIL = "mail"


class Priority(IntEnum):
    """Lower goes first."""

    ANSWER = 0
    NOTICE = 1
    CAMPAIGN = 2


class Kind(StrEnum):
    """What a message is, which decides what happens when nobody knows whether it arrived."""

    ANSWER = "answer"  # sent again: a second copy is harmless
    NOTICE = "notice"  # not sent again: marked unknown and shown to an admin


class State(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send.

    `key` is unique, so that the same message cannot be enqueued twice; `lane` keeps the order of one chat or mail
    thread. `payload` is plain JSON: the request to make. `edits` is the key of the message that this one changes in
    place, when its Telegram id is not known yet. `claimed_until` and `claimed_by` are set at birth by a process that
    sends it itself.
    """

    key: str
    lane: str
    payload: Mapping[str, object]
    due_at: datetime
    channel: Channel = Channel.TELEGRAM
    kind: Kind = Kind.ANSWER
    priority: Priority = Priority.ANSWER
    edits: str | None = None
    claimed_until: datetime | None = None
    attempts: int = 0
    claimed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a message: its new state, and for one that goes on waiting (`queued`), until when.

    `at` is the moment of the outcome; `attempts` counts the requests made so far, this one included.
    """

    key: str
    state: State
    at: datetime
    attempts: int
    error: str | None = None
    message_id: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one chat: the session as JSON, and the key of the message that shows its question."""

    chat_id: int
    language: str | None = None
    unreachable_since: datetime | None = None
    session: str | None = None
    screen: str | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    chat_id: int
    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An update that could not be handled, kept with its error. `reference` is what the person was told."""

    reference: str
    key: str
    chat_id: int | None
    raw: str
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Horizons:
    """What is older than these moments is forgotten; None keeps it for ever.

    `inbox` for the keys of updates, `sent` for messages that arrived, `troubled` for messages and updates that went
    wrong, `idle` for sessions that nobody touched.
    """

    inbox: datetime | None = None
    sent: datetime | None = None
    troubled: datetime | None = None
    idle: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of each, for `doctor`, `backup` and tests."""

    rows: Mapping[str, int] = field(default_factory=dict)
