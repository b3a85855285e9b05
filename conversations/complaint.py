"""The life of a complaint: one table, from (status, act) to the next status. Whatever is not in it is refused.

new ─► taken ⇄ waiting ─► answered ─► solved | closed          (closed: nobody answered any more)
└──────┴────────┴─► escalated ─► taken by the official        reopened ─► as new
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from conversations.people import Person


class Status(StrEnum):
    """Where a complaint stands. `answered` is what staff say, `solved` what the employee says."""

    NEW = "new"
    TAKEN = "taken"
    WAITING = "waiting"  # for the employee; the clock stands still
    ESCALATED = "escalated"  # nobody of the next level has taken it yet
    ANSWERED = "answered"
    SOLVED = "solved"
    CLOSED = "closed"  # the employee did not answer any more
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class Level(StrEnum):
    """Who works on it: the officers, or the complaints official."""

    OFFICER = "officer"
    OFFICIAL = "official"


class Act(StrEnum):
    """What can be done: `reply` and `add` are the employee's messages, `overdue` and `silence` the clock's."""

    TAKE = "take"
    ANSWER = "answer"
    ASK = "ask"  # ask back
    REPLY = "reply"
    ADD = "add"
    NOTE = "note"  # seen by staff alone
    MOVE = "move"  # to another category
    ESCALATE = "escalate"
    OVERDUE = "overdue"
    DIRECT = "direct"  # the official gives directions and hands it back
    RETURN = "return"
    CONFIRM = "confirm"
    DENY = "deny"
    SILENCE = "silence"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


Side = Literal["employee", "officer", "official", "clock"]
"""Who acts."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo or document, kept as Telegram's id of it; `size` in bytes."""

    kind: Literal["photo", "document", "voice", "video"]
    file_id: str
    name: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint as it stands. `person` is who filed it, None after an erasure; `holder` the member who works on it.

    `stopped_at`: since when its clock stands still. `nudges` counts what the clock has already done in this status:
    reminders to the employee after an answer, or notices to staff before it is due. `version` grows with every act.
    """

    number: str
    status: Status
    level: Level
    category: str
    text: str
    filed_at: datetime
    due_at: datetime
    since: datetime
    confidential: bool = False
    attachments: tuple[Attachment, ...] = ()
    origin: str = ""
    person: Person | None = None
    name: str = ""
    unit: str = ""
    holder: int | None = None
    holder_name: str = ""
    stopped_at: datetime | None = None
    nudges: int = 0
    next_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the history, which only grows. `internal`: never shown to the employee."""

    at: datetime
    side: Side
    actor: str
    channel: Literal["telegram", "mail", "web", "bot"]
    act: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    internal: bool = False


LIFE: Mapping[tuple[Status, Act], Status] = {}
