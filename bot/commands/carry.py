"""From a command to who does it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from bot.commands import privacy, registration, renewal, staff, trace
from bot.commands.complaints import canned, export, filing, handling, handover, outage
from bot.commands.office import Errand
from conversations.effects import (
    BeginProof,
    CheckCode,
    ChooseLanguage,
    Command,
    DeclareOutage,
    Erase,
    ExportComplaints,
    FileComplaint,
    FindAccount,
    FindAudit,
    FindCanned,
    FindCertificate,
    FindComplaint,
    FindComplaints,
    FindStaff,
    GrantLeave,
    HandleComplaint,
    HandOver,
    Invite,
    KeepCanned,
    RecordCertificate,
    RecordIssue,
    RecordRefusal,
    RecordSubmission,
    Redeem,
    RemoveCanned,
    Revoke,
    SendCopy,
    Withdraw,
)
from conversations.events import Answered, Recorded

if TYPE_CHECKING:
    from datetime import datetime

    from bot.commands.office import Office
    from bot.scene import Scene
    from conversations.facts import Book
    from storage import Transaction


class Commands:
    """Does commands inside the transaction; each is answered by one event."""

    def __init__(self, office: Office) -> None:
        self.office = office

    async def carry_out(  # noqa: C901, PLR0912 - one case a command
        self, tx: Transaction, scene: Scene, command: Command, book: Book, at: datetime
    ) -> Answered:
        errand = Errand(tx, scene, self.office, book, at)
        match command:
            case ChooseLanguage(language):
                scene.memory = replace(scene.memory, language=language)
                return Recorded(at)
            case FindCertificate() | RecordCertificate() | RecordSubmission() | RecordIssue():
                return await renewal.carry_out(errand, command)
            case BeginProof():
                return await registration.begin(errand, command)
            case CheckCode(code):
                return await registration.check_code(errand, code)
            case Redeem(token):
                lookup = errand.fingerprint("token", token)
                return await registration.redeem(errand, lookup) or await staff.redeem(errand, lookup)
            case FindAccount(about):
                return await privacy.find(errand, about)
            case Withdraw():
                return await privacy.withdraw(errand)
            case Erase():
                return await privacy.erase(errand)
            case SendCopy():
                return await privacy.copy(errand, command)
            case FindStaff(about):
                return await staff.find(errand, about)
            case Invite():
                return await staff.invite(errand, command)
            case Revoke(member):
                return await staff.revoke(errand, member)
            case GrantLeave():
                return await staff.grant_leave(errand, command)
            case FindAudit(about):
                return await trace.find_audit(errand, about)
            case RecordRefusal(what):
                await trace.note_refusal(errand, what)
                return Recorded(at)
            case FileComplaint():
                return await filing.file(errand, command)
            case FindComplaint():
                return await filing.find(errand, command)
            case FindComplaints():
                return await filing.find_many(errand, command)
            case HandleComplaint():
                return await handling.handle(errand, command)
            case ExportComplaints():
                return await export.send(errand, command)
            case HandOver():
                return await handover.to_chat(errand)
            case DeclareOutage(text):
                return await outage.declare(errand, text)
            case FindCanned(about):
                return await canned.find(errand, about)
            case KeepCanned():
                return await canned.keep(errand, command)
            case RemoveCanned(number):
                return await canned.remove(errand, number)
            case _:
                assert_never(command)
