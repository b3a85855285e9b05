"""What the office knows beside a conversation, with memory: its staff, one employee, its audit. It answers commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from conversations.effects import (
    Command,
    Erase,
    FindAccount,
    FindAudit,
    FindStaff,
    GrantLeave,
    Invite,
    RecordRefusal,
    Redeem,
    Revoke,
    SendCopy,
    Withdraw,
)
from conversations.events import (
    AccountFound,
    Answered,
    AuditFound,
    Erased,
    Invited,
    Recorded,
    Redeemed,
    Revoked,
    StaffFound,
)
from conversations.people import Account, Details, Entry, Member, Role, Stored

SINCE = datetime.fromisoformat("2026-11-02T09:00:00+07:00")
SITI = Account(Details("Siti", "Diskominfo", "siti@pekalongankota.go.id", "199003172014032005"), SINCE, SINCE)
BUDI = Member(3, Role.ADMIN, "Budi", reached=True)
RATNA = Member(4, Role.OFFICER, "Ratna", "ratna@pekalongankota.go.id", reached=True)
AGUS = Member(5, Role.OFFICER, "Agus")
LINK = "https://t.me/pandu_bot?start=abc"

STORED = Stored((("people", 1), ("employees", 1), ("certificates", 1), ("alarms", 2), ("proofs", 0)), SINCE)


class Office:
    """Keeps what the storage would keep, as far as a conversation can tell."""

    def __init__(self) -> None:
        self.members = [BUDI, RATNA, AGUS]
        self.account: Account | None = None
        self.stored = STORED
        self.entries: tuple[Entry, ...] = ()
        self.links: dict[str, Redeemed] = {}
        self.has_role = False
        self.refusals: list[str] = []

    def carry_out(self, command: Command, at: datetime) -> Answered:
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
            case _:
                self._note(command)
                return Recorded(at)

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
            case SendCopy():
                pass
            case _:
                raise AssertionError(f"{command} is not of the office")

    def _revoke(self, number: int, at: datetime) -> Revoked:
        one = next((one for one in self.members if one.id == number), None)
        if one is None:
            return Revoked(at, "gone")
        if one.role is Role.ADMIN and sum(other.role is Role.ADMIN for other in self.members) == 1:
            return Revoked(at, "last", one.name)
        self.members.remove(one)
        return Revoked(at, "revoked", one.name, f"chat of {one.name}" if one.reached else None)
