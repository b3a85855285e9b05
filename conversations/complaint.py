"""The life of a complaint: one table, from (status, act) to the next status. Whatever is not in it is refused.

new ─► taken ⇄ waiting ─► answered ─► solved | closed          (closed: nobody answered any more)
└──────┴────────┴─► escalated ─► taken by the official        reopened ─► as new

The ladder is that of the service standard: the employee complains to the officer, who answers until there is a
solution; what the officer cannot solve goes to the complaints official, who works on it until it is solved. Who may do
an act stands in `SIDES`. Drawn in docs/complaint.md by `make diagrams`.
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


class Mark(StrEnum):
    """What stands in the history beside acts: that it was filed, what the program did by itself, what came by mail."""

    FILED = "filed"
    UNTAKEN = "untaken"  # staff were told that nobody has taken it
    HALF = "half"  # staff were told that half of the time has gone
    PACKET = "packet"  # the official was given everything once more
    VACANT = "vacant"  # administrators and leaders were told that there is no official who may take it
    HANDED = "handed"  # an official who was appointed since was given everything
    RELEASED = "released"  # who had it is not on the staff any more: nobody has it now
    UNSTAFFED = "unstaffed"  # there is no officer any more who may take it: it went on to the official
    PROMPTED = "prompted"  # the official who works on it was reminded
    REMINDED = "reminded"  # the employee was reminded of our question
    ASKED_AGAIN = "asked_again"  # the employee was asked again whether it is solved
    RECOUNTED = "recounted"  # it is due later, because of days that were closed since
    STOPPED = "stopped"  # AMS does not work: the clock stands still
    RESUMED = "resumed"
    MAIL_ANSWER = "mail_answer"  # somebody answered a letter; the employee is not told
    AUTOMATIC = "automatic"  # a machine did: they may be away
    WITHHELD = "withheld"  # somebody did, with something secret: nobody keeps it
    UNREAD = "unread"  # a letter came that is taken for no answer: somebody has to look into the mailbox
    DELAYED = "delayed"  # a letter has not arrived yet
    BOUNCED = "bounced"  # a letter came back
    MAILED = "mailed"  # a message did not reach the employee on Telegram, so it went by e-mail
    LOST = "lost"  # the same, and there is no other way
    MAIL_LOST = "mail_lost"  # nor did an e-mail
    STAFF_MAILED = "staff_mailed"  # the same of a message to a member of staff, who is named
    STAFF_LOST = "staff_lost"
    STAFF_MAIL_LOST = "staff_mail_lost"


CAME_BY_MAIL = frozenset({Mark.MAIL_ANSWER, Mark.AUTOMATIC, Mark.WITHHELD, Mark.UNREAD, Mark.DELAYED, Mark.BOUNCED})
"""Told to staff in chats alone: a letter about a letter could go round for ever. `side` is whose mailbox it is."""

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
    """A complaint as it stands. `person` is who filed it, None after an erasure.

    `holder`: the member who works on it, or, while it is escalated, the officer who did. `stopped_at`: since when its
    clock stands still; `extra_minutes` of service were added to its time limit. `nudges` counts what the clock has done
    in this status: reminders to the employee, or to staff. `version` grows with every act.
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
    extra_minutes: int = 0


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


_S, _A = Status, Act

LIFE: Mapping[tuple[Status, Act], Status] = {
    (_S.NEW, _A.TAKE): _S.TAKEN,
    (_S.NEW, _A.ANSWER): _S.ANSWERED,
    (_S.NEW, _A.ASK): _S.WAITING,
    (_S.NEW, _A.ESCALATE): _S.ESCALATED,
    (_S.NEW, _A.OVERDUE): _S.ESCALATED,
    (_S.NEW, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.NEW, _A.REPLY): _S.NEW,
    (_S.NEW, _A.ADD): _S.NEW,
    (_S.NEW, _A.NOTE): _S.NEW,
    (_S.NEW, _A.MOVE): _S.NEW,
    (_S.TAKEN, _A.ANSWER): _S.ANSWERED,
    (_S.TAKEN, _A.ASK): _S.WAITING,
    (_S.TAKEN, _A.ESCALATE): _S.ESCALATED,
    (_S.TAKEN, _A.OVERDUE): _S.ESCALATED,
    (_S.TAKEN, _A.DIRECT): _S.NEW,
    (_S.TAKEN, _A.RETURN): _S.NEW,
    (_S.TAKEN, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.TAKEN, _A.REPLY): _S.TAKEN,
    (_S.TAKEN, _A.ADD): _S.TAKEN,
    (_S.TAKEN, _A.NOTE): _S.TAKEN,
    (_S.TAKEN, _A.MOVE): _S.TAKEN,
    (_S.WAITING, _A.REPLY): _S.TAKEN,  # as if nobody had taken it, if nobody has it: see `case.step`
    (_S.WAITING, _A.ADD): _S.TAKEN,  # as above
    (_S.WAITING, _A.ASK): _S.WAITING,
    (_S.WAITING, _A.ANSWER): _S.ANSWERED,
    (_S.WAITING, _A.ESCALATE): _S.ESCALATED,
    (_S.WAITING, _A.SILENCE): _S.CLOSED,
    (_S.WAITING, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.WAITING, _A.NOTE): _S.WAITING,
    (_S.WAITING, _A.MOVE): _S.WAITING,
    (_S.ESCALATED, _A.TAKE): _S.TAKEN,
    (_S.ESCALATED, _A.ANSWER): _S.ANSWERED,
    (_S.ESCALATED, _A.ASK): _S.WAITING,
    (_S.ESCALATED, _A.DIRECT): _S.TAKEN,  # by the officer who had it; it is new if nobody had
    (_S.ESCALATED, _A.RETURN): _S.TAKEN,  # as above
    (_S.ESCALATED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ESCALATED, _A.REPLY): _S.ESCALATED,
    (_S.ESCALATED, _A.ADD): _S.ESCALATED,
    (_S.ESCALATED, _A.NOTE): _S.ESCALATED,
    (_S.ESCALATED, _A.MOVE): _S.ESCALATED,
    (_S.ANSWERED, _A.CONFIRM): _S.SOLVED,
    (_S.ANSWERED, _A.DENY): _S.REOPENED,
    (_S.ANSWERED, _A.SILENCE): _S.CLOSED,
    (_S.ANSWERED, _A.ANSWER): _S.ANSWERED,
    (_S.ANSWERED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ANSWERED, _A.REPLY): _S.REOPENED,  # whoever writes after an answer is not to be closed as silent
    (_S.ANSWERED, _A.ADD): _S.REOPENED,
    (_S.ANSWERED, _A.NOTE): _S.ANSWERED,
    (_S.REOPENED, _A.TAKE): _S.TAKEN,
    (_S.REOPENED, _A.ANSWER): _S.ANSWERED,
    (_S.REOPENED, _A.ASK): _S.WAITING,
    (_S.REOPENED, _A.ESCALATE): _S.ESCALATED,
    (_S.REOPENED, _A.OVERDUE): _S.ESCALATED,
    (_S.REOPENED, _A.DIRECT): _S.NEW,
    (_S.REOPENED, _A.RETURN): _S.NEW,
    (_S.REOPENED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.REOPENED, _A.REPLY): _S.REOPENED,
    (_S.REOPENED, _A.ADD): _S.REOPENED,
    (_S.REOPENED, _A.CONFIRM): _S.SOLVED,
    (_S.REOPENED, _A.NOTE): _S.REOPENED,
    (_S.REOPENED, _A.MOVE): _S.REOPENED,
    (_S.SOLVED, _A.REOPEN): _S.REOPENED,
    (_S.SOLVED, _A.NOTE): _S.SOLVED,
    (_S.CLOSED, _A.REOPEN): _S.REOPENED,
    (_S.CLOSED, _A.NOTE): _S.CLOSED,
    (_S.WITHDRAWN, _A.NOTE): _S.WITHDRAWN,
}

_STAFF: frozenset[Side] = frozenset({"officer", "official"})

SIDES: Mapping[Act, frozenset[Side]] = {
    **dict.fromkeys((_A.TAKE, _A.ANSWER, _A.ASK, _A.NOTE, _A.MOVE), _STAFF),
    **dict.fromkeys((_A.DIRECT, _A.RETURN), frozenset[Side]({"official"})),
    _A.ESCALATE: frozenset({"officer"}),
    **dict.fromkeys((_A.REPLY, _A.ADD, _A.CONFIRM, _A.DENY, _A.WITHDRAW, _A.REOPEN), frozenset[Side]({"employee"})),
    **dict.fromkeys((_A.OVERDUE, _A.SILENCE), frozenset[Side]({"clock"})),
}
"""Whose act it is. Staff act on what is at their own level."""

BACK = frozenset({_A.DIRECT, _A.RETURN})
"""The official hands it back to the officers."""

ENDED = frozenset({_S.SOLVED, _S.CLOSED, _S.WITHDRAWN})
"""Nobody is expected to do anything any more; every other complaint is open."""

HELD = frozenset({_S.WAITING, _S.ANSWERED})
"""It is the employee's turn: the clock stands still."""
