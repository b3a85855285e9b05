"""The cards of a complaint on the screens of staff: each shows how it stands now, whoever changed it.

A card is only a view. One that was deleted, or whose message was forgotten, is left alone; nothing depends on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.commands.complaints.about import About
from bot.commands.complaints.access import others
from bot.commands.complaints.duty import on_duty, within_reach
from bot.commands.complaints.telling import chats_of, mail_member, paragraphs_of, readers_of, relay
from bot.scene import person_of
from conversations import case
from conversations.complaint import Level, Mark
from conversations.complaint_cards import card, outline, view_of
from conversations.people import Role, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.commands.complaints.matter import Matter
    from conversations.complaint import Complaint, Happening
    from conversations.progress import Progress

    History: TypeAlias = tuple[Happening, ...]


async def show(
    matter: Matter,
    complaint: Complaint,
    history: History,
    happening: Happening,
    shown: Mapping[int, str],
    progress: Progress | None,
    *,
    alone: bool,
) -> None:
    """Change the cards that are `shown`, by chat; a new complaint comes to the officers on duty as a new one.

    `alone`: there is no officer who may take it back.
    """
    if happening.act == Mark.FILED:
        if complaint.level is Level.OFFICER:
            await _deal(matter, complaint, history, progress)
        return
    await renew(matter, complaint, history, shown, progress, alone=alone)


async def renew(
    matter: Matter,
    complaint: Complaint,
    history: History,
    shown: Mapping[int, str],
    progress: Progress | None = None,
    *,
    alone: bool = False,
) -> None:
    """Change the cards that are `shown`, by chat."""
    members = [member for member in await matter.tx.staff.members() if member.chat_id in shown]
    for chat, language in await chats_of(matter, members):
        roles = frozenset(member.role for member in members if member.chat_id == chat)
        if complaint.person == person_of(chat):
            seen = card(complaint, history, "employee", matter.book)
            matter.post.renew(chat, language, shown[chat], seen.parts, seen.keyboard)
        elif case.reads_all(complaint, Standing(roles), mine=False):
            view = view_of(complaint, roles)
            seen = card(complaint, history, view, matter.book, progress=progress, alone=alone)
            matter.post.renew(chat, language, shown[chat], seen.parts, seen.keyboard)
        elif complaint.confidential:
            seen = outline(complaint, matter.book)
            matter.post.renew(chat, language, shown[chat], seen.parts, ())
        else:
            # It is with others now. How it stands is still to be seen, but not what these say among themselves.
            seen = card(complaint, (), "reader", matter.book)
            matter.post.renew(chat, language, shown[chat], seen.parts, ())


async def _deal(matter: Matter, complaint: Complaint, history: History, progress: Progress | None) -> None:
    """Put a new card, with its files, on the screen of every officer who is there; who has mail alone is written to."""
    members = await others(matter.tx, complaint.person)
    officers = await within_reach(matter, on_duty(members, Role.OFFICER, matter.today))
    dealt = card(complaint, history, "officer", matter.book, progress=progress)
    for chat, language, member in await readers_of(matter, officers):
        about = About(complaint.number, complaint.version, member.id).write()
        key = matter.post.tell(chat, language, dealt.parts, dealt.keyboard, about=about)
        await matter.tx.complaints.put_card(complaint.number, chat, key)
        relay(matter, chat, complaint.attachments, complaint, about=about)
    for member in officers:
        if member.chat_id is None:
            paragraphs = paragraphs_of([matter.post.catalog_of(None).html(dealt.parts)])
            about = About(complaint.number, complaint.version, member.id).write()
            mail_member(matter, member, paragraphs, complaint, about=about)
