"""What follows when something has happened to a complaint: it is stored, told, and every screen that shows it changes.

This is the one place through which an act of a chat, of a link and of the clock all go, so none of them can forget a
part of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.complaints import escalation, screens, telling
from bot.commands.complaints.access import vacant
from bot.commands.complaints.renewing import progress_of
from conversations import case
from conversations.complaint import Level, Mark
from conversations.notices import notices

if TYPE_CHECKING:
    from bot.commands.complaints.matter import Matter
    from conversations.complaint import Complaint, Happening


async def begins(matter: Matter, filed: Complaint, happening: Happening) -> Complaint:
    """Store a new complaint under its number, tell those who are to take it, and show it to them."""
    after = await matter.tx.complaints.file(filed, matter.today.year, happening)
    return await _follow(matter, None, after, happening)


async def goes_on(matter: Matter, before: Complaint, after: Complaint, happening: Happening) -> Complaint:
    """Store what became of a complaint that was read in this transaction, and let everybody know."""
    stored = await matter.tx.complaints.save(before, after, happening)
    return await _follow(matter, before, stored, happening)


async def _follow(matter: Matter, before: Complaint | None, after: Complaint, happening: Happening) -> Complaint:
    """Let everybody know; answers the complaint as it is stored after that."""
    matter.post.outcome.rings = True
    # Of whom was erased nothing that was said is shown any more; so nothing of it is opened.
    history = await matter.tx.complaints.history(after.number) if after.person is not None else ()
    shown = dict(await matter.tx.complaints.card_keys(after.number))  # before anybody is given a new one
    missing, progress = await vacant(matter, after.person), await progress_of(matter, after)
    tells = notices(before, after, happening, matter.book, missing, progress)
    has_come = escalation.is_due(before, after, happening)
    unheard = await telling.tell(matter, tells, telling.News(after, history, happening, progress, has_come=has_come))
    now = after
    if unheard is not None:
        news = telling.News(after, history, happening, progress, aside=has_come)
        now, line = await _by_mail(matter, news, unheard, missing)
        history = (*history, line)
    await screens.show(matter, now, history, happening, shown, progress, alone=Level.OFFICER in missing)
    if has_come:
        await escalation.send(matter, after, history, progress, again=happening.act == Mark.PACKET)
    return now


async def _by_mail(
    matter: Matter, told: telling.News, unheard: telling.Unheard, missing: frozenset[Level]
) -> tuple[Complaint, Happening]:
    """The employee blocked the bot: it goes by e-mail, if they have any; history and staff are told, the actor too."""
    before = told.complaint
    by_mail = await telling.has_address(matter, before)
    rung = case.undelivered(before, unheard.first_words, "telegram", matter.at, by_mail=by_mail)
    after = await matter.tx.complaints.save(before, rung.complaint, rung.happening)
    if by_mail:
        await telling.mail_employee(matter, unheard, after)
    news = replace(told, complaint=after, history=(*told.history, rung.happening), happening=rung.happening)
    tells = notices(before, after, rung.happening, matter.book, missing)
    await telling.tell(replace(matter, chat_id=None), tells, news)
    return after, rung.happening
