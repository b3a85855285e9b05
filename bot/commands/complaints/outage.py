"""AMS does not work, as an administrator says: clocks stand still, and whoever ran into it hears when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.complaints import course
from bot.commands.complaints.matter import Matter
from bot.commands.trace import note
from conversations import case
from conversations.case import CLOCK
from conversations.complaint import Level, Mark
from conversations.events import Recorded
from conversations.text import N_, Text

if TYPE_CHECKING:
    from bot.commands.office import Errand

_WORKS_AGAIN = N_("AMS works again. You can go on where you were: /lanjut")
EVERYTHING = 100_000
"""More complaints than are ever open at a time."""


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
    for number in await _open(matter):
        before = await matter.tx.complaints.get(number)
        if before is not None and (after := case.stopped(before, matter.at, matter.book)) is not before:
            line = case.happening(Mark.STOPPED, CLOCK, matter.at, "bot", text)
            await course.goes_on(matter, before, after, line)


async def _resume_all(matter: Matter) -> None:
    for number in await _open(matter):
        before = await matter.tx.complaints.get(number)
        if before is not None and (after := case.resumed(before, matter.at, matter.book)) is not before:
            await course.goes_on(matter, before, after, case.happening(Mark.RESUMED, CLOCK, matter.at, "bot"))


async def _open(matter: Matter) -> list[str]:
    every = await matter.tx.complaints.queue(frozenset(Level), confidential=True, limit=EVERYTHING)
    return [complaint.number for complaint in every]
