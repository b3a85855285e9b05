"""Somebody acts on a complaint: in a chat, or by a one-time link of a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.complaints import course
from bot.commands.complaints.access import actor, found, is_mine, others, staff_actor, vacant
from bot.commands.complaints.matter import Matter
from bot.commands.trace import note
from bot.web.links import PURPOSE, Outcome
from conversations import case
from conversations.complaint import BACK, SIDES, Act, Attachment, Complaint, Level
from conversations.events import ComplaintHandled

if TYPE_CHECKING:
    from bot.commands.office import Errand
    from conversations.case import Actor
    from conversations.effects import HandleComplaint
    from conversations.events import Why


async def handle(errand: Errand, command: HandleComplaint) -> ComplaintHandled:
    """Do one act, if this person may and the complaint stands so; whoever comes second is told how it stands."""
    act, complaint = command.act, await found(errand, command.number)
    if complaint is None:
        return ComplaintHandled(errand.at, "gone", act)
    matter = Matter.of(errand)
    who, missing = await actor(errand, complaint, act), await vacant(matter, complaint.person)
    why: Why = "own" if is_mine(complaint, errand.scene) and "employee" not in SIDES[act] else ""
    if who is not None and act in BACK and Level.OFFICER in missing:
        who, why = None, "no_officer"
    after = None
    if who is not None:
        after = await _act(matter, complaint, who, act, command.text, command.attachments, command.category)
    if who is None or after is None:
        return ComplaintHandled(errand.at, "refused", act, complaint, why)
    if command.canned:
        await errand.tx.canned.use(command.canned, errand.at)
    if who.side != "employee":
        await note(errand, f"complaint_{act.value}", complaint.number)
    up = act is Act.ESCALATE and Level.OFFICIAL in missing
    return ComplaintHandled(errand.at, "done", act, after, "no_official" if up else "")


async def handle_by_link(matter: Matter, token: str, text: str) -> Outcome:
    """Do what a one-time link is for. It is used up by what it did, not by a refusal: that can be mended."""
    lookup = matter.tx.fingerprint(PURPOSE, token)
    link = await matter.tx.links.look(lookup)
    if link is None or link.used_at is not None or link.until <= matter.at:
        return Outcome("spent")
    member = next((row for row in await matter.tx.staff.members() if row.id == link.staff_id), None)
    complaint = await matter.tx.complaints.get(link.number)
    if member is None or complaint is None:
        return Outcome("spent")
    barred = link.act in BACK and Level.OFFICER in await vacant(matter, complaint.person)
    barred = barred or member not in await others(matter.tx, complaint.person)
    who = None if barred else staff_actor((member,), complaint, link.act)
    after = None if who is None else await _act(matter, complaint, who, link.act, text)
    if after is None:
        return Outcome("refused", complaint.status)
    await matter.tx.links.use(lookup, matter.at)
    action = f"complaint_{link.act.value}"
    await matter.tx.audit.append(f"staff:{member.id}", action, complaint.number, {"by": "link"}, matter.at)
    return Outcome("done", after.status)


async def _act(
    matter: Matter,
    before: Complaint,
    who: Actor,
    what: Act,
    text: str = "",
    attachments: tuple[Attachment, ...] = (),
    category: str = "",
) -> Complaint | None:
    """Do one act on a complaint that was read in this transaction; None: as it stands, it is refused."""
    outage = bool(matter.post.outcome.outage)
    after = case.step(before, what, who, matter.at, matter.book, category=category, outage=outage)
    if after is None:
        return None
    line = case.happening(what, who, matter.at, matter.channel, text, attachments)
    return await course.goes_on(matter, before, after, line)
