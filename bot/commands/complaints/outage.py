"""AMS does not work, as an administrator says: clocks stand still, and whoever ran into it hears when it is over."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.commands.complaints import course
from bot.commands.complaints.matter import Matter
from bot.commands.trace import note
from conversations import case
from conversations.case import CLOCK
from conversations.complaint import Mark
from conversations.events import Recorded
from conversations.text import N_, Text
from storage import SealBroken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.commands.office import Errand
    from conversations.complaint import Complaint

log = logging.getLogger(__name__)

_WORKS_AGAIN = N_("AMS works again. You can go on where you were: /lanjut")


async def declare(errand: Errand, text: str) -> Recorded:
    """Declare an outage or say it in other words; without a text it is over."""
    if text:
        begins = await errand.tx.outages.declare(text, errand.at)
        errand.scene.outcome.outage = text
        await note(errand, "outage_declared")
        if begins:
            await _stop_all(Matter.of(errand), text)
        return Recorded(errand.at)
    hit = await errand.tx.outages.hit()
    if await errand.tx.outages.lift(errand.at):
        errand.scene.outcome.outage = ""
        await note(errand, "outage_lifted")
        await _resume_all(Matter.of(errand))
        for chat, language in hit:
            if chat != errand.chat_id:
                errand.scene.tell(chat, language, (Text(_WORKS_AGAIN),), ())
    return Recorded(errand.at)


async def _stop_all(matter: Matter, text: str) -> None:
    async for before in _open(matter):
        if (after := case.stopped(before, matter.at, matter.book)) is not before:
            line = case.happening(Mark.STOPPED, CLOCK, matter.at, "bot", text)
            await course.goes_on(matter, before, after, line)


async def _resume_all(matter: Matter) -> None:
    async for before in _open(matter):
        if (after := case.resumed(before, matter.at, matter.book)) is not before:
            await course.goes_on(matter, before, after, case.happening(Mark.RESUMED, CLOCK, matter.at, "bot"))


async def _open(matter: Matter) -> AsyncIterator[Complaint]:
    """Each that is open and can be read: one that is damaged must not keep the clocks of the others."""
    for number in await matter.tx.complaints.open_numbers():
        try:
            complaint = await matter.tx.complaints.get(number)
        except SealBroken:
            log.warning("%s cannot be read; its clock stays as it is", number)
        else:
            if complaint is not None:
                yield complaint
