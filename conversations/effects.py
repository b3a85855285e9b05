"""What a step asks of the world.

Messages leave by the outbox; alarms are stored; a command is done inside the same transaction and answers with one
event. Nothing here says how, or to which address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from conversations.text import Text, Words


@dataclass(frozen=True, slots=True)
class Button:
    """Carries `data` back when pressed, or opens `url`."""

    label: Text | Words
    data: str = ""
    url: str = ""


Keyboard: TypeAlias = tuple[tuple[Button, ...], ...]
Parts: TypeAlias = tuple[Text | Words, ...]


@dataclass(frozen=True, slots=True)
class Say:
    """A new message to the person in the chat; its parts are paragraphs. `asks`: it holds the present question."""

    parts: Parts
    keyboard: Keyboard = ()
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Revise:
    """Change the message whose button was pressed, in place."""

    parts: Parts
    keyboard: Keyboard = ()
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Settle:
    """Leave the question that stood before this step readable, without its buttons, with the answer if one came."""

    parts: Parts


@dataclass(frozen=True, slots=True)
class SetAlarm:
    """Ring at `at`; an alarm of the same name is replaced."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DropAlarm:
    name: str


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """From here on the person reads this language. Answered by Recorded."""

    language: str


@dataclass(frozen=True, slots=True)
class FindCertificate:
    """Answered by CertificateFound."""


@dataclass(frozen=True, slots=True)
class RecordCertificate:
    """Remember the day on which the certificate expires. Answered by Recorded."""

    expires_on: date


@dataclass(frozen=True, slots=True)
class RecordSubmission:
    """Remember when issuance was requested and until when it is due. Answered by Recorded."""

    submitted_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class RecordIssue:
    """Remember that the certificate was issued. Answered by Recorded."""


Message: TypeAlias = Say | Revise | Settle
Command: TypeAlias = ChooseLanguage | FindCertificate | RecordCertificate | RecordSubmission | RecordIssue
Effect: TypeAlias = Message | SetAlarm | DropAlarm | Command
