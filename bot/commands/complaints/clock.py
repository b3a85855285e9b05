"""A complaint rings: what is due by the clock happens to it, once, because the same transaction sets its next alarm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.commands.complaints import course, leaving
from bot.commands.complaints.access import vacant
from conversations import case, timing
from conversations.complaint import Level, Mark

if TYPE_CHECKING:
    from bot.commands.complaints.matter import Matter
    from conversations.complaint import Complaint

_SOON = timedelta(minutes=1)  # nothing is looked at again at the very moment at which it was looked at


async def ring(matter: Matter, number: str) -> None:
    """Ring one complaint whose alarm has come; one that somebody dealt with meanwhile is let be."""
    complaint = await matter.tx.complaints.get(number)
    if complaint is None or complaint.next_at is None or complaint.next_at > matter.at:
        return
    complaint = await leaving.release(matter, await _recount(matter, complaint))
    alone = Level.OFFICIAL in await vacant(matter, complaint.person)
    rung = case.ring(complaint, matter.at, matter.book, vacant=alone)
    if rung is not None:
        await course.goes_on(matter, complaint, rung.complaint, rung.happening)
        return
    next_at = timing.next_alarm(complaint, matter.book, matter.at)
    if next_at is None:
        await matter.tx.complaints.save(complaint, replace(complaint, next_at=None))
    else:
        await matter.tx.complaints.postpone(number, max(next_at, matter.at + _SOON))


async def look(matter: Matter, number: str) -> None:
    """Look each morning, long before it would ring, whether days were closed since, and whether who has it is there."""
    complaint = await matter.tx.complaints.get(number)
    if complaint is not None:
        await leaving.release(matter, await _recount(matter, complaint))


async def _recount(matter: Matter, complaint: Complaint) -> Complaint:
    """Move the due moment of a complaint that was read in this transaction, if days were closed since it was filed."""
    after = case.recomputed(complaint, matter.at, matter.book)
    if after is complaint:
        return complaint
    return await course.goes_on(matter, complaint, after, case.happening(Mark.RECOUNTED, case.CLOCK, matter.at, "bot"))
