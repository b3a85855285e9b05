"""What storage takes and gives back: one frozen record a row, times as aware moments in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from conversations.people import Role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from conversations.complaint import Act, Complaint
    from conversations.progress import Renewal


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
    FILE = "file"  # an answer that holds a file made for it: sent again, and emptied as soon as it has ended
    PARTING = "parting"  # the last word to somebody who was forgotten: its row goes as soon as it has ended


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
    sends it itself. `about` is a word of whoever wants to know if it does not arrive; several messages may share it.
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
    about: str | None = None


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
class Lost:
    """A message that somebody wants to know of, and that did not arrive, as far as anybody knows.

    `payload` is empty if there is nothing to be read any more: what a mail said goes when it has ended.
    """

    channel: Channel
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one chat: the session as JSON, and the key of the message that shows its question.

    `roles`, `registered` and `complained` (whether it has filed a complaint) are loaded with it and never saved by it:
    staff, employees and complaints have tables of their own.
    `heard_at` is the last sign of life; it is stored when it is newer by a day.
    """

    chat_id: int
    language: str | None = None
    unreachable_since: datetime | None = None
    session: str | None = None
    screen: str | None = None
    expires_on: date | None = None
    roles: frozenset[Role] = frozenset()
    registered: bool = False
    complained: bool = False
    heard_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Renewing:
    """What is kept of somebody's renewal: the session as JSON, the day that was told of the certificate, all requests.

    These stand in `renewals`, the oldest first.
    """

    session: str | None = None
    expires_on: date | None = None
    renewals: tuple[Renewal, ...] = ()


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
class Employee:
    """An employee whose e-mail address was proved from this chat."""

    id: int
    chat_id: int
    name: str
    unit: str
    email: str
    nip: str | None
    consented_at: datetime
    verified_at: datetime


@dataclass(frozen=True, slots=True)
class Registered:
    """An employee who was just registered; `moved_from` is the chat that was signed out by it."""

    employee: Employee
    moved_from: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that was asked for and is not given yet; one a chat. `details` is what the person wrote, as JSON."""

    chat_id: int
    token_lookup: str
    code_lookup: str
    details: str
    consented_at: datetime
    expires_at: datetime
    tries_left: int


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff. `chat_id` is None until the invitation is accepted, and for who has e-mail only."""

    id: int
    role: Role
    name: str
    email: str | None
    chat_id: int | None
    invited_at: datetime
    accepted_at: datetime | None
    token_until: datetime | None
    away_until: date | None
    deputy_id: int | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A line of the audit. `hash` covers all the others, and with `previous` all lines before."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, str]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole audit found: its last hash, or the number of the first line that is wrong."""

    count: int
    last_hash: str
    broken_at: int | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """A complaint as a report needs it. The moments are those of the last end, the first answer, the first escalation.

    An escalation by the clock counts as one.
    """

    complaint: Complaint
    closed_at: datetime | None
    answered_at: datetime | None
    escalated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of complaints, which one it is, and how many there are on all pages."""

    complaints: tuple[Complaint, ...]
    page: int
    count: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many complaints are open. Of those that staff has to do something about: due on this day, or before now.

    `waiting` ones wait for the employee: with a question, or with an answer. They are those of the filter.
    """

    open: int
    due_today: int
    overdue: int
    waiting: int


@dataclass(frozen=True, slots=True)
class WebLink:
    """A one-time link that lets a member of staff do one thing to a complaint. `used_at` is None until it was used."""

    number: str
    act: Act
    staff_id: int
    until: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outage:
    """What an administrator declared about AMS; `lifted_at` is None while it lasts."""

    text: str
    declared_at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Horizons:
    """What is older than these moments is forgotten; None keeps it for ever.

    `inbox` for the keys of updates, `sent` for messages that arrived, `troubled` for messages and updates that went
    wrong, `idle` for sessions that nobody touched, `proofs` for proofs that expired, `proof_mails` for the count of
    mails, `renewals` for those that were issued, `persons` for whole people whom nobody heard of, `staff` for the names
    of members whose role ended and of invitations that nobody accepted, `complaints` for the texts of those that are
    closed, `links` for one-time links that expired.
    """

    inbox: datetime | None = None
    sent: datetime | None = None
    troubled: datetime | None = None
    idle: datetime | None = None
    proofs: datetime | None = None
    proof_mails: datetime | None = None
    renewals: datetime | None = None
    persons: datetime | None = None
    staff: datetime | None = None
    complaints: datetime | None = None
    links: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of each, for `doctor`, `backup` and tests."""

    rows: Mapping[str, int] = field(default_factory=dict)
