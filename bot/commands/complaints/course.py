"""What follows when something has happened to a complaint: it is stored, told, and every screen that shows it changes.

This is the one place through which an act of a chat, of a link and of the clock all go, so none of them can forget a
part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.complaints import escalation, screens, telling
from bot.commands.complaints.access import vacant
from bot.commands.complaints.renewing import progress_of
from conversations.complaint import Mark
from conversations.notices import notices

if TYPE_CHECKING:
    from bot.commands.complaints.matter import Matter
    from conversations.complaint import Complaint, Happening


async def begins(matter: Matter, filed: Complaint, happening: Happening) -> Complaint:
    """Store a new complaint under its number, tell those who are to take it, and show it to them."""
    after = await matter.tx.complaints.file(filed, matter.today.year, happening)
    await _follow(matter, None, after, happening)
    return after


async def goes_on(matter: Matter, before: Complaint, after: Complaint, happening: Happening) -> Complaint:
    """Store what became of a complaint that was read in this transaction, and let everybody know."""
    stored = await matter.tx.complaints.save(before, after, happening)
    await _follow(matter, before, stored, happening)
    return stored


async def _follow(matter: Matter, before: Complaint | None, after: Complaint, happening: Happening) -> None:
    matter.post.outcome.rings = True
    # Of whom was erased nothing that was said is shown any more; so nothing of it is opened.
    history = await matter.tx.complaints.history(after.number) if after.person is not None else ()
    shown = dict(await matter.tx.complaints.card_keys(after.number))  # before anybody is given a new one
    progress = await progress_of(matter, after)
    tells = notices(before, after, happening, matter.book, await vacant(matter, after.person), progress)
    has_come = escalation.is_due(before, after, happening)
    await telling.tell(matter, tells, telling.News(after, history, happening, progress, has_come=has_come))
    await screens.show(matter, after, history, happening, shown, progress)
    if has_come:
        await escalation.send(matter, after, history, progress, again=happening.act == Mark.PACKET)
