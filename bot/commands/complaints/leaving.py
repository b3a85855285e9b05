"""Somebody is not on the staff any more: what they had is nobody's, and waits for the others as if it were new.

It is done when the role ends, and looked at again whenever a complaint rings and each morning: so what could not be
read then is not forgotten, nor what nobody had taken before the last officer went.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.complaints import course
from bot.commands.complaints.access import vacant
from bot.commands.complaints.matter import Matter
from conversations import case
from conversations.complaint import Level
from storage import SealBroken

if TYPE_CHECKING:
    from bot.commands.office import Errand
    from conversations.complaint import Complaint

log = logging.getLogger(__name__)


async def leave(errand: Errand, member: int) -> None:
    """Release all that a member had whose role has just ended; who ended it is told as the others are."""
    matter = replace(Matter.of(errand), chat_id=None)
    for number in await matter.tx.complaints.held_by(member):
        try:
            complaint = await matter.tx.complaints.get(number)
            if complaint is not None:
                await release(matter, complaint)
        except SealBroken:
            log.warning("%s cannot be read; it is not released", number)


async def release(matter: Matter, complaint: Complaint) -> Complaint:
    """Release a complaint that was read in this transaction if nobody has it; answers how it stands then."""
    there = {member.id for member in await matter.tx.staff.members()}
    gone = complaint.holder is not None and complaint.holder not in there
    alone = Level.OFFICER in await vacant(matter, complaint.person)
    rung = case.released(complaint, matter.at, matter.book, gone=gone, alone=alone)
    return complaint if rung is None else await course.goes_on(matter, complaint, rung.complaint, rung.happening)
