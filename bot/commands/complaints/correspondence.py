"""What comes by mail about complaints: answers, automatic ones, letters that came back. No mail is ever answered.

Whatever it is, staff read it in a chat and it stands in the history; the employee is told nothing of it. Only what the
employee answers to a letter of ours counts as if it had been written in the chat.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from bot.commands.complaints import course
from bot.mail.incoming import Answer, Automatic, Bounced, Unread
from bot.scene import chat_of
from conversations import case
from conversations.case import CLOCK, Actor
from conversations.complaint import Act, Complaint, Mark, Status
from conversations.guard import identity_in, secret_in
from conversations.people import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.commands.complaints.matter import Matter
    from bot.mail.incoming import Known
    from storage import Transaction

KEPT = timedelta(days=32)
"""How long a mail is known again: longer than it is looked for in the mailbox, which is when it could come twice."""


async def correspondents(tx: Transaction, complaint: Complaint) -> Mapping[str, Actor]:
    """Who is written to about a complaint, by address in small letters: who answers from there speaks for them."""
    found: dict[str, Actor] = {}
    for member in await tx.staff.members():
        if member.email and member.role is Role.OFFICIAL:
            found[member.email.casefold()] = Actor("official", member.id, member.name)
        elif member.email and member.role is Role.OFFICER and not complaint.confidential:
            found.setdefault(member.email.casefold(), Actor("officer", member.id, member.name))
    employee = None if complaint.person is None else await tx.employees.of(chat_of(complaint.person))
    if employee is not None:
        found[employee.email.casefold()] = Actor("employee", name=complaint.name)
    return found


async def receive(matter: Matter, mail: Known) -> None:
    """Do what a mail brings; nothing, if its complaint is none, or was erased since: then nothing of it is kept."""
    complaint = None if mail.number is None else await matter.tx.complaints.get(mail.number)
    if complaint is None or complaint.person is None:
        return
    known = await correspondents(matter.tx, complaint)
    match mail:
        case Answer():
            if (who := known.get(mail.sender)) is not None:
                await _answered(matter, complaint, who, mail)
            else:  # who had the role only until a moment ago
                await _noted(matter, complaint, Mark.UNREAD, mail.sender, known)
        case Unread():
            await _noted(matter, complaint, Mark.UNREAD, mail.sender, known)
        case Automatic():
            await _noted(matter, complaint, Mark.AUTOMATIC, mail.sender, known)
        case Bounced():
            what = Mark.BOUNCED if mail.for_good else Mark.DELAYED
            await _noted(matter, complaint, what, mail.recipient, known)
        case _:
            assert_never(mail)


async def _answered(matter: Matter, complaint: Complaint, who: Actor, mail: Answer) -> None:
    if _secret(mail):
        await _happened(matter, complaint, Mark.WITHHELD, who)
        return
    text = "\n".join(part for part in (mail.text, *(f"📎 {name}" for name in mail.files)) if part)
    if who.side == "employee" and await _spoke(matter, complaint, who, text):
        return
    await _happened(matter, complaint, Mark.MAIL_ANSWER, who, text)
    if who.member is not None:
        await matter.tx.audit.append(f"staff:{who.member}", "complaint_mailed", complaint.number, {}, matter.at)


async def _spoke(matter: Matter, before: Complaint, who: Actor, text: str) -> bool:
    """What the employee writes by mail counts as if written in the chat; False: not any more, the complaint ended."""
    act = Act.REPLY if before.status is Status.WAITING else Act.ADD
    after = case.step(before, act, who, matter.at, matter.book, outage=bool(matter.post.outcome.outage))
    if after is None:
        return False
    await course.goes_on(matter, before, after, case.happening(act, who, matter.at, matter.channel, text))
    return True


async def _noted(
    matter: Matter, complaint: Complaint, what: Mark, address: str, known: Mapping[str, Actor]
) -> None:  # fmt: skip
    """Note what a machine says of an address, once a day: machines say it as often as they are written to.

    All addresses that nobody was written to at count as one: there could be any number of them.
    """
    who = known.get(address)
    about = matter.tx.fingerprint("mail said", f"{what} {complaint.number} {address if who else ''}")
    said = f"mail:said:{about}:{matter.today.isoformat()}"
    if await matter.tx.seen([said]):
        return
    await matter.tx.remember([said], matter.at)
    await _happened(matter, complaint, what, who or CLOCK, "" if who else address)


async def _happened(matter: Matter, complaint: Complaint, what: Mark, who: Actor, text: str = "") -> None:
    after = replace(complaint, version=complaint.version + 1)
    line = case.happening(what, who, matter.at, matter.channel, text)
    await course.goes_on(matter, complaint, after, line)


def _secret(mail: Answer) -> bool:
    """Whether there is something in it that nobody may keep, as in what is written in the chat."""
    return secret_in(mail.text, expects_code=False) is not None or any(map(identity_in, mail.files))
