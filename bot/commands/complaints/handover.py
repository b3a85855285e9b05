"""An official is appointed: everything that waits for one reaches them at that moment.

Whoever accepts in a chat gets cards there. Who is invited with an address is written to at once: some officials have
e-mail only, and never open the link.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.complaints import escalation, telling
from bot.commands.complaints.access import others, vacant
from bot.commands.complaints.matter import Matter
from bot.commands.complaints.renewing import progress_of
from conversations import case
from conversations.complaint import Complaint, Level, Mark, Status
from conversations.events import Recorded
from conversations.notices import handing_over
from conversations.people import Role
from storage import SealBroken

if TYPE_CHECKING:
    from bot.commands.office import Errand
    from storage.records import StaffRow

log = logging.getLogger(__name__)

_UNTAKEN = frozenset({Status.ESCALATED, Status.REOPENED})


async def to_chat(errand: Errand) -> Recorded:
    """Give it to the official who has just accepted in this chat."""
    rows = await errand.tx.staff.of(errand.chat_id)
    official = next((row for row in rows if row.role is Role.OFFICIAL), None)
    if official is not None:
        await errand.tx.save([errand.scene.memory], errand.at)  # who has just come reads it in their language
        await hand_over(errand, official)
    return Recorded(errand.at)


async def hand_over(errand: Errand, official: StaffRow) -> None:
    """Give an official all that nobody works on, but for what they filed themselves."""
    matter = replace(Matter.of(errand), chat_id=None)
    for number in await matter.tx.complaints.open_numbers(Level.OFFICIAL):
        try:
            complaint = await matter.tx.complaints.get(number)
            if complaint is not None and _waits(complaint) and official in await others(matter.tx, complaint.person):
                await _give(matter, complaint, official)
        except SealBroken:
            log.warning("%s cannot be read; it is not handed over", number)


def _waits(complaint: Complaint) -> bool:
    """Whether nobody has taken it."""
    return complaint.level is Level.OFFICIAL and complaint.status in _UNTAKEN


async def _give(matter: Matter, waiting: Complaint, official: StaffRow) -> None:
    history = await matter.tx.complaints.history(waiting.number)
    line = case.happening(Mark.HANDED, case.CLOCK, matter.at, "bot")
    complaint = await matter.tx.complaints.save(waiting, waiting, line)
    progress = await progress_of(matter, complaint)
    if official.chat_id is None:
        await escalation.write(matter, official, complaint, (*history, line), progress)
        return
    missing = await vacant(matter, complaint.person)
    packet = handing_over(complaint, (*history, line), matter.book, missing, progress)
    news = telling.News(complaint, history, line, progress, has_come=True)
    await telling.give(matter, packet, news, news.every_file, [official])
