"""A message about a complaint did not arrive: its history says so, another way is used, and somebody is told.

The relay ends the row; the word that it carries is what is left to do, and the transaction that does it takes the word
out. So a crash between the two only delays it, and it is done once.

    Telegram, to the employee ─► e-mail, once ─► whoever works on it is told; without an address they have to call
    Telegram, to staff        ─► e-mail        ─► or the admins and the leadership are told
    e-mail, to either         ─► the same, without another way
    Telegram, of what came by mail ─► the admins and the leadership are told: no letter because of a letter
    Telegram, the count of the morning ─► e-mail ─► or the admins are told

Each goes one step further down, and what the admins and the leadership are told carries no word: it ends there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, cast

from bot.commands.complaints import course, digest, escalation, telling
from bot.commands.complaints.about import About
from bot.commands.complaints.duty import has_mail
from bot.commands.complaints.renewing import progress_of
from conversations import case
from conversations.complaint import ENDED, Attachment, Complaint
from conversations.people import Role
from storage.records import Channel, StaffRow

if TYPE_CHECKING:
    from bot.commands.complaints.matter import Matter


async def report(matter: Matter, word: str) -> None:
    """Do what has to be done about what was lost of this; nothing, if that was done already."""
    lost = await matter.tx.take_lost(word)
    if (morning := digest.Morning.read(word)) is not None:
        if lost:
            await digest.unread(matter, morning, telling.paragraphs_of(_words([one.payload for one in lost])))
        return
    about = About.read(word)
    for channel in dict.fromkeys(one.channel for one in lost):
        complaint = await matter.tx.complaints.get(about.number)
        if complaint is not None:
            await _report(matter, complaint, about, channel, [one.payload for one in lost if one.channel is channel])


async def _report(
    matter: Matter, complaint: Complaint, about: About, channel: Channel, payloads: Sequence[Mapping[str, object]]
) -> None:
    words, files = _words(payloads), [file for payload in payloads if (file := _file(payload))]
    tried: Literal["telegram", "mail"] = "mail" if channel is Channel.MAIL else "telegram"
    unheard = telling.Unheard(words)
    if about.member is None:
        by_mail = channel is Channel.TELEGRAM and bool(words) and await telling.has_address(matter, complaint)
        rung = case.undelivered(complaint, unheard.first_words, tried, matter.at, by_mail=by_mail)
        after = await course.goes_on(matter, complaint, rung.complaint, rung.happening)
        if by_mail:
            unheard = replace(unheard, files=await _files(matter, after, files))
            await telling.mail_employee(matter, unheard, after)
        return
    member = next((one for one in await matter.tx.staff.members() if one.id == about.member), None)
    if member is None:
        return  # of the staff no more: nothing of it is theirs
    by_mail = channel is Channel.TELEGRAM and has_mail(matter, member) and not about.chat
    rung = case.undelivered(complaint, unheard.first_words, tried, matter.at, member=member.name, by_mail=by_mail)
    after = await course.goes_on(matter, complaint, rung.complaint, rung.happening)
    if by_mail:
        await _mail_member(matter, member, after, about, words)


async def _mail_member(
    matter: Matter, member: StaffRow, complaint: Complaint, about: About, words: Sequence[str]
) -> None:
    """An official gets everything with links to act; that again only for the links, if a letter went in any case."""
    if member.role is not Role.OFFICIAL or complaint.status in ENDED:
        if not about.mailed:
            again = About(complaint.number, complaint.version, member.id).write()
            telling.mail_member(matter, member, telling.paragraphs_of(words), complaint, about=again)
    elif not about.mailed or matter.office.public_url:
        history = await matter.tx.complaints.history(complaint.number)
        progress = await progress_of(matter, complaint)
        await escalation.write(matter, replace(member, chat_id=None), complaint, history, progress)


async def _files(matter: Matter, complaint: Complaint, file_ids: Sequence[str]) -> tuple[Attachment, ...]:
    """The files of these ids, with the names under which they came."""
    history = await matter.tx.complaints.history(complaint.number)
    known = [*complaint.attachments, *(file for line in history for file in line.attachments)]
    return tuple({file.file_id: file for file in known if file.file_id in file_ids}.values())


def _params(payload: Mapping[str, object]) -> Mapping[str, object]:
    params = payload.get("params")
    return cast("Mapping[str, object]", params) if isinstance(params, Mapping) else {}


def _words(payloads: Sequence[Mapping[str, object]]) -> list[str]:
    """What was said, with Telegram's markup; of files alone the one caption that they share."""
    said = [str(_params(payload).get("text", "")) for payload in payloads]
    captions = dict.fromkeys(str(_params(payload).get("caption", "")) for payload in payloads)
    return list(filter(None, said)) or list(filter(None, captions))


def _file(payload: Mapping[str, object]) -> str:
    """Telegram's id of the file that a message was, if it was one."""
    kind = next((kind for kind, method in telling.METHODS.items() if method == payload.get("method")), "")
    return str(_params(payload).get(kind, ""))
