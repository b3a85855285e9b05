"""What a step asks of the world.

Messages leave by the outbox; alarms are stored; a command is done inside the same transaction and answers with one
event. `outcomes` names what that event can say; a flow that gives the command leads on from each of them. Nothing here
says how, or to which address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias

from conversations.complaint import Act, Attachment
from conversations.filters import Filter
from conversations.people import Colleague, Details, Person, Role
from conversations.period import Period
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
class Tell:
    """A new message to somebody else: to everybody who has a role, to one member of staff, or to one person."""

    to: Role | Colleague | Person
    parts: Parts
    keyboard: Keyboard = ()


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

    outcomes: ClassVar = ("done",)
    language: str


@dataclass(frozen=True, slots=True)
class FindCertificate:
    """Answered by CertificateFound."""

    outcomes: ClassVar = ("found", "none")


@dataclass(frozen=True, slots=True)
class RecordCertificate:
    """Remember the day on which the certificate expires. Answered by Recorded."""

    outcomes: ClassVar = ("done",)
    expires_on: date


@dataclass(frozen=True, slots=True)
class RecordSubmission:
    """Remember when issuance was requested and until when it is due. Answered by Recorded."""

    outcomes: ClassVar = ("done",)
    submitted_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class RecordIssue:
    """Remember that the certificate was issued. Answered by Recorded."""

    outcomes: ClassVar = ("done",)


# Registration: an employee is tied to a chat by proof.


@dataclass(frozen=True, slots=True)
class BeginProof:
    """Send a one-time link and a code to the e-mail address. Answered by ProofBegun."""

    outcomes: ClassVar = ("sent", "too_many", "off")
    details: Details
    consented_at: datetime


@dataclass(frozen=True, slots=True)
class CheckCode:
    """Compare the code that was typed. Answered by ProofChecked."""

    outcomes: ClassVar = ("proved", "wrong", "spent", "claimed")
    code: str


@dataclass(frozen=True, slots=True)
class Redeem:
    """Use the one-time token of a link, of an invitation or of a registration. Answered by Redeemed."""

    outcomes: ClassVar = ("proved", "claimed", "appointed", "spent")
    token: str


@dataclass(frozen=True, slots=True)
class FindAccount:
    """Look up what is known and kept of this chat; `about` comes back with the answer. Answered by AccountFound."""

    outcomes: ClassVar = ("found", "none")
    about: str = ""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take back the consent: the registration goes, the guide stays. Answered by Recorded."""

    outcomes: ClassVar = ("done",)


@dataclass(frozen=True, slots=True)
class Erase:
    """Forget this chat altogether. Answered by Erased; what is said after it is the last thing that is sent."""

    outcomes: ClassVar = ("erased", "staff")


@dataclass(frozen=True, slots=True)
class SendCopy:
    """Send everything that is kept of this chat to it, as a file. Answered by Recorded."""

    outcomes: ClassVar = ("done",)
    caption: Text


# Complaints


@dataclass(frozen=True, slots=True)
class FileComplaint:
    """Take a complaint in. `origin` says where the guide stood and what was tried. Answered by ComplaintFiled."""

    outcomes: ClassVar = ("filed",)
    category: str
    text: str
    confidential: bool = False
    attachments: tuple[Attachment, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class FindComplaint:
    """Look up one complaint that this person may see; `about` comes back. Answered by ComplaintFound."""

    outcomes: ClassVar = ("found", "none")
    number: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class FindComplaints:
    """Look up the complaints of this person (`mine`) or those that their roles may see and that are open (`queue`).

    Of the queue a page, and `only` a part of it. `about` comes back. Answered by ComplaintsFound.
    """

    outcomes: ClassVar = ("found",)
    which: Literal["mine", "queue"]
    about: str = ""
    only: Filter = Filter.ALL
    page: int = 1


@dataclass(frozen=True, slots=True)
class HandleComplaint:
    """Do something to a complaint, as the person and the roles of this chat allow. Answered by ComplaintHandled.

    `canned` is the number of the canned answer that the words are.
    """

    outcomes: ClassVar = ("done", "refused", "gone")
    number: str
    act: Act
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    category: str = ""
    canned: int = 0


@dataclass(frozen=True, slots=True)
class ExportComplaints:
    """Send this chat a table of the complaints that were filed in a period. Answered by ComplaintsExported."""

    outcomes: ClassVar = ("sent", "none", "too_large")
    period: Period


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give all that waits for the complaints official to whoever has just become one, here. Answered by Recorded."""

    outcomes: ClassVar = ("done",)


@dataclass(frozen=True, slots=True)
class DeclareOutage:
    """AMS does not work, in the words of `text`; empty: it works again. Answered by Recorded."""

    outcomes: ClassVar = ("done",)
    text: str = ""


# Canned answers


@dataclass(frozen=True, slots=True)
class FindCanned:
    """Look up all canned answers; `about` comes back. Answered by CannedFound."""

    outcomes: ClassVar = ("found",)
    about: str = ""


@dataclass(frozen=True, slots=True)
class KeepCanned:
    """Keep an answer for the office, the one to complaint `number` if it is one. Answered by CannedKept."""

    outcomes: ClassVar = ("kept", "taken", "full")
    title: str
    text: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class RemoveCanned:
    """Remove a canned answer. Answered by CannedFound, with those that are left."""

    outcomes: ClassVar = ("found",)
    id: int


# Staff


@dataclass(frozen=True, slots=True)
class FindStaff:
    """Look up all members of staff; `about` comes back with the answer. Answered by StaffFound."""

    outcomes: ClassVar = ("found",)
    about: str = ""


@dataclass(frozen=True, slots=True)
class Invite:
    """Make a one-time link for a new member of staff. Answered by Invited."""

    outcomes: ClassVar = ("invited",)
    role: Role
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Revoke:
    """Take a member's role away. Answered by Revoked."""

    outcomes: ClassVar = ("revoked", "last", "gone")
    member: int


@dataclass(frozen=True, slots=True)
class GrantLeave:
    """Note until when (that day included) a member is away, and who stands in. Answered by Recorded."""

    outcomes: ClassVar = ("done",)
    member: int
    until: date | None = None
    deputy: int | None = None


@dataclass(frozen=True, slots=True)
class FindAudit:
    """Look up the last entries of the audit, or those that hold the words of `about`. Answered by AuditFound."""

    outcomes: ClassVar = ("found",)
    about: str = ""


@dataclass(frozen=True, slots=True)
class RecordRefusal:
    """Note that somebody asked for what their roles do not allow. Answered by Recorded."""

    outcomes: ClassVar = ("done",)
    what: str


Message: TypeAlias = Say | Revise | Settle
Command: TypeAlias = (
    ChooseLanguage
    | FindCertificate
    | RecordCertificate
    | RecordSubmission
    | RecordIssue
    | BeginProof
    | CheckCode
    | Redeem
    | FindAccount
    | Withdraw
    | Erase
    | SendCopy
    | FindStaff
    | Invite
    | Revoke
    | GrantLeave
    | FindAudit
    | RecordRefusal
    | FileComplaint
    | FindComplaint
    | FindComplaints
    | HandleComplaint
    | ExportComplaints
    | HandOver
    | DeclareOutage
    | FindCanned
    | KeepCanned
    | RemoveCanned
)
Effect: TypeAlias = Message | Tell | SetAlarm | DropAlarm | Command
