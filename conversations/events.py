"""What happened, decoded, in the past tense. `at` is always an aware moment in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias

from conversations.canned import Canned
from conversations.complaint import Act, Attachment, Complaint, Happening
from conversations.filters import Filter
from conversations.people import NOTHING, Account, Claim, Entry, Member, Person, Role, Stored
from conversations.period import Period
from conversations.progress import Progress

Kind = Literal[
    "photo", "document", "voice", "video", "sticker", "contact", "location", "forwarded", "edited", "long", "other"
]

Why = Literal["", "own", "no_officer", "no_official"]
"""What there is to say about an act on a complaint beside whether it was done."""

Secret = Literal["passphrase", "code", "nik", "identity"]
"""What must not be sent here: a passphrase or password, a one-time code, 16 digits, a photo of an identity card."""


@dataclass(frozen=True, slots=True)
class Said:
    """The person wrote a text; `meant` is the option it plainly names, found by the edge, which knows the labels.

    `about` is the number of the complaint that stands in the message to which this one replies; `aside`: that message
    is one that only tells something, so that a reply to it may not be meant for the other side of the complaint.
    """

    at: datetime
    text: str
    meant: str | None = None
    about: str = ""
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """The person pressed a button; `data` is what the button carries."""

    at: datetime
    data: str


@dataclass(frozen=True, slots=True)
class Commanded:
    """The person wrote a command; `name` without its stroke, in lower case; `first_name` only to greet."""

    at: datetime
    name: str
    argument: str = ""
    first_name: str = ""


@dataclass(frozen=True, slots=True)
class Shared:
    """The person sent something that is not a text the guide can read. `about` and `aside` as in `Said`."""

    at: datetime
    kind: Kind
    caption: str = ""
    file: Attachment | None = None
    about: str = ""
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Withheld:
    """The person sent something secret, which the edge has taken away: nobody keeps it, this says only what it was."""

    at: datetime
    what: Secret


@dataclass(frozen=True, slots=True)
class Elapsed:
    """An alarm rang."""

    at: datetime
    alarm: str


@dataclass(frozen=True, slots=True)
class Left:
    """The person blocked the bot."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """The person unblocked the bot."""

    at: datetime


# The answers to commands. `outcome` is one of the command's `outcomes`; `kept` is what a flow keeps of it as an answer.


@dataclass(frozen=True, slots=True)
class CertificateFound:
    """Answer to FindCertificate: the day on which the certificate expires, as far as it was told to us."""

    at: datetime
    expires_on: date | None

    @property
    def outcome(self) -> str:
        return "found" if self.expires_on else "none"

    @property
    def kept(self) -> str:
        return self.expires_on.isoformat() if self.expires_on else ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Answer to a command that stores something."""

    at: datetime
    outcome: ClassVar[str] = "done"
    kept: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class ProofBegun:
    """Answer to BeginProof. `too_many`: mails in the last hour. `off`: this installation sends no mail.

    `until` is the moment up to which link and code of a mail that was sent can be used.
    """

    at: datetime
    outcome: Literal["sent", "too_many", "off"]
    until: datetime | None = None

    @property
    def kept(self) -> str:
        return self.until.isoformat() if self.until else ""


@dataclass(frozen=True, slots=True)
class ProofChecked:
    """Answer to CheckCode. `spent`: there is no valid code (any more). `claimed`: the NIP belongs to another address.

    `signed_out` is the person whose chat was tied to the same employee before.
    """

    at: datetime
    outcome: Literal["proved", "wrong", "spent", "claimed"]
    tries_left: int = 0
    signed_out: Person | None = None
    claim: Claim | None = None

    @property
    def kept(self) -> str:
        return str(self.tries_left) if self.outcome == "wrong" else ""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Answer to Redeem. `spent`: used, expired, unknown or made for another chat; which of them is not told."""

    at: datetime
    outcome: Literal["proved", "claimed", "appointed", "spent"]
    role: Role | None = None
    name: str = ""
    signed_out: Person | None = None
    claim: Claim | None = None
    kept: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class AccountFound:
    """Answer to FindAccount."""

    at: datetime
    account: Account | None
    stored: Stored = NOTHING
    about: str = ""
    kept: ClassVar[str] = ""

    @property
    def outcome(self) -> str:
        return "found" if self.account else "none"


@dataclass(frozen=True, slots=True)
class Erased:
    """Answer to Erase. `staff`: nothing was erased, because the person has a role."""

    at: datetime
    outcome: Literal["erased", "staff"]
    kept: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class StaffFound:
    """Answer to FindStaff: everybody who has a role now."""

    at: datetime
    members: tuple[Member, ...]
    about: str = ""
    outcome: ClassVar[str] = "found"
    kept: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Invited:
    """Answer to Invite: the link to pass on, and until when it can be used."""

    at: datetime
    link: str
    until: datetime
    outcome: ClassVar[str] = "invited"

    @property
    def kept(self) -> str:
        return self.link


@dataclass(frozen=True, slots=True)
class Revoked:
    """Answer to Revoke. `last`: nobody else is admin. `gone`: there is no such member any more."""

    at: datetime
    outcome: Literal["revoked", "last", "gone"]
    name: str = ""
    revoked: Person | None = None
    kept: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class AuditFound:
    """Answer to FindAudit, the newest first."""

    at: datetime
    entries: tuple[Entry, ...]
    about: str = ""
    outcome: ClassVar[str] = "found"
    kept: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class ComplaintFiled:
    """Answer to FileComplaint: the complaint, with its number and until when it is to be answered.

    `vacant`: it is the official's, and there is none who may take it.
    """

    at: datetime
    complaint: Complaint
    vacant: bool = False
    outcome: ClassVar[str] = "filed"

    @property
    def kept(self) -> str:
        return self.complaint.number


@dataclass(frozen=True, slots=True)
class ComplaintFound:
    """Answer to FindComplaint. None: there is none of this number, or not for this person.

    `history` holds what this person may see of it. `mine`: this person filed it, and is its employee, whatever their
    roles. For staff alone: `similar`, answers that solved similar ones; `canned`, the answers that the office keeps;
    `progress`, how far the employee is with the renewal; `alone`, whether there is no officer who may take it back.
    """

    at: datetime
    complaint: Complaint | None
    history: tuple[Happening, ...] = ()
    similar: tuple[str, ...] = ()
    about: str = ""
    mine: bool = False
    progress: Progress | None = None
    alone: bool = False
    canned: tuple[Canned, ...] = ()
    kept: ClassVar[str] = ""

    @property
    def outcome(self) -> str:
        return "found" if self.complaint else "none"


@dataclass(frozen=True, slots=True)
class ComplaintsFound:
    """Answer to FindComplaints, the one that is due first before the others.

    Of the queue a page: the last one, if there is none of the number that was asked for; `count` is how many there are.
    """

    at: datetime
    complaints: tuple[Complaint, ...]
    about: str = ""
    only: Filter = Filter.ALL
    page: int = 1
    count: int = 0
    outcome: ClassVar[str] = "found"
    kept: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class ComplaintHandled:
    """Answer to HandleComplaint. `refused`: not possible as it stands now, `complaint` says how; `gone`: none such.

    `why` says more: it is the person's `own` complaint; there is `no_officer` who may take it back; it was passed on,
    but there is `no_official` who may take it.
    """

    at: datetime
    outcome: Literal["done", "refused", "gone"]
    act: Act
    complaint: Complaint | None = None
    why: Why = ""
    kept: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class ComplaintsExported:
    """Answer to ExportComplaints: how many complaints the table has that was sent, if one was."""

    at: datetime
    outcome: Literal["sent", "none", "too_large"]
    period: Period
    count: int = 0
    kept: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class CannedFound:
    """Answer to FindCanned, the one that was used last before the others; and to RemoveCanned, which says `removed`."""

    at: datetime
    answers: tuple[Canned, ...]
    about: str = ""
    removed: bool | None = None
    outcome: ClassVar[str] = "found"
    kept: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class CannedKept:
    """Answer to KeepCanned. Nothing was kept if the title is `taken` or it is `full`: there are as many as can be."""

    at: datetime
    outcome: Literal["kept", "taken", "full"]
    kept: ClassVar[str] = ""


Answered: TypeAlias = (
    ComplaintFiled
    | ComplaintFound
    | ComplaintsFound
    | ComplaintHandled
    | ComplaintsExported
    | CertificateFound
    | Recorded
    | ProofBegun
    | ProofChecked
    | Redeemed
    | AccountFound
    | Erased
    | StaffFound
    | Invited
    | Revoked
    | AuditFound
    | CannedFound
    | CannedKept
)
Event: TypeAlias = Said | Pressed | Commanded | Shared | Withheld | Elapsed | Left | Returned | Answered
