"""What the office knows beside a conversation, with memory: its staff, one employee, its audit. It answers commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from conversations import case
from conversations.canned import MOST, Canned
from conversations.case import Actor
from conversations.complaint import SIDES, Complaint, Happening, Level, Side
from conversations.effects import (
    Command,
    DeclareOutage,
    Erase,
    ExportComplaints,
    FileComplaint,
    FindAccount,
    FindAudit,
    FindCanned,
    FindComplaint,
    FindComplaints,
    FindStaff,
    GrantLeave,
    HandleComplaint,
    HandOver,
    Invite,
    KeepCanned,
    RecordRefusal,
    Redeem,
    RemoveCanned,
    Revoke,
    SendCopy,
    Withdraw,
)
from conversations.events import (
    AccountFound,
    Answered,
    AuditFound,
    CannedFound,
    CannedKept,
    ComplaintFiled,
    ComplaintFound,
    ComplaintHandled,
    ComplaintsExported,
    ComplaintsFound,
    Erased,
    Invited,
    Recorded,
    Redeemed,
    Revoked,
    StaffFound,
)
from conversations.facts import Book
from conversations.people import Account, Details, Entry, Member, Role, Stored

SINCE = datetime.fromisoformat("2026-11-02T09:00:00+07:00")
SITI = Account(Details("Siti", "Diskominfo", "siti@pekalongankota.go.id", "199003172014032005"), SINCE, SINCE)
BUDI = Member(3, Role.ADMIN, "Budi", reached=True)
RATNA = Member(4, Role.OFFICER, "Ratna", "ratna@pekalongankota.go.id", reached=True)
AGUS = Member(5, Role.OFFICER, "Agus")
LINK = "https://t.me/pandu_bot?start=abc"

STORED = Stored((("people", 1), ("employees", 1), ("certificates", 1), ("alarms", 2), ("proofs", 0)), SINCE)


class Office:
    """Keeps what the storage would keep, as far as a conversation can tell. Complaints are all of the one who talks."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.complaints: dict[str, Complaint] = {}
        self.history: dict[str, tuple[Happening, ...]] = {}
        self.similar: tuple[str, ...] = ()
        self.canned: tuple[Canned, ...] = ()
        self.outage = ""
        self.mine = False
        self.members = [BUDI, RATNA, AGUS]
        self.account: Account | None = None
        self.stored = STORED
        self.entries: tuple[Entry, ...] = ()
        self.links: dict[str, Redeemed] = {}
        self.has_role = False
        self.refusals: list[str] = []

    def carry_out(self, command: Command, at: datetime) -> Answered:  # noqa: C901, PLR0912 - one case a command
        match command:
            case Redeem(token):
                return self.links.pop(token, Redeemed(at, "spent"))
            case FindAccount(about):
                return AccountFound(at, self.account, self.stored, about)
            case Erase():
                return Erased(at, "staff" if self.has_role else "erased")
            case FindStaff(about):
                return StaffFound(at, tuple(self.members), about)
            case Invite(role, name, email):
                self.members.append(Member(len(self.members) + 3, role, name, email))
                return Invited(at, LINK, at + timedelta(hours=48))
            case Revoke(number):
                return self._revoke(number, at)
            case FindAudit(about):
                return AuditFound(at, self.entries, about)
            case FileComplaint():
                return self._file(command, at)
            case FindComplaint(number, about):
                found = self.complaints.get(self.full(number))
                history = self.history.get(self.full(number), ())
                return ComplaintFound(at, found, history, self.similar, about, mine=self.mine, canned=self.canned)
            case FindComplaints(_, about, only, page):
                count = len(self.complaints)
                return ComplaintsFound(at, tuple(self.complaints.values()), about, only, page=page, count=count)
            case HandleComplaint():
                return self._handle(command, at)
            case ExportComplaints(period):
                count = len(self.complaints)
                return ComplaintsExported(at, "sent" if count else "none", period, count)
            case FindCanned(about):
                return CannedFound(at, self.canned, about)
            case KeepCanned(title, text):
                return self._keep(Canned(len(self.canned) + 1, title, text), at)
            case RemoveCanned(number):
                known = self.canned
                self.canned = tuple(each for each in known if each.id != number)
                return CannedFound(at, self.canned, removed=self.canned != known)
            case _:
                self._note(command)
                return Recorded(at)

    def _keep(self, canned: Canned, at: datetime) -> CannedKept:
        if any(each.title == canned.title for each in self.canned):
            return CannedKept(at, "taken")
        if len(self.canned) == MOST:
            return CannedKept(at, "full")
        self.canned = (canned, *self.canned)
        return CannedKept(at, "kept")

    def _note(self, command: Command) -> None:
        match command:
            case Withdraw():
                self.account = None
            case GrantLeave(number, until, deputy):
                self.members = [
                    replace(one, away_until=until, deputy=deputy) if one.id == number else one for one in self.members
                ]
            case RecordRefusal(what):
                self.refusals.append(what)
            case SendCopy() | HandOver():
                pass
            case DeclareOutage(text):
                self.outage = text
            case _:
                raise AssertionError(f"{command} is not of the office")

    @staticmethod
    def full(number: str) -> str:
        return f"ADU-2026-{int(number):05}" if number.isascii() and number.isdecimal() else number

    def _file(self, command: FileComplaint, at: datetime) -> ComplaintFiled:
        number = self.full(str(len(self.complaints) + 1))
        self.complaints[number] = complaint = case.file(command, number, at, self.book, person="somebody")
        self.history[number] = (case.filed(complaint, Actor("employee")),)
        return ComplaintFiled(at, complaint)

    def _handle(self, command: HandleComplaint, at: datetime) -> ComplaintHandled:
        before = self.complaints.get(self.full(command.number))
        if before is None:
            return ComplaintHandled(at, "gone", command.act)
        level: Side = "officer" if before.level is Level.OFFICER else "official"
        actor = Actor("employee") if "employee" in SIDES[command.act] else Actor(level, RATNA.id, RATNA.name)
        after = case.step(before, command.act, actor, at, self.book, category=command.category)
        if after is None:
            return ComplaintHandled(at, "refused", command.act, before)
        line = case.happening(command.act, actor, at, "telegram", command.text, command.attachments)
        self.complaints[after.number] = after
        self.history[after.number] = (*self.history[after.number], line)
        return ComplaintHandled(at, "done", command.act, after)

    def _revoke(self, number: int, at: datetime) -> Revoked:
        one = next((one for one in self.members if one.id == number), None)
        if one is None:
            return Revoked(at, "gone")
        if one.role is Role.ADMIN and sum(other.role is Role.ADMIN for other in self.members) == 1:
            return Revoked(at, "last", one.name)
        self.members.remove(one)
        return Revoked(at, "revoked", one.name, f"chat of {one.name}" if one.reached else None)
