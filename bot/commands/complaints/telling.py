"""Who is told of what happened to a complaint, and by which way: Telegram, and mail where that reaches nobody."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.commands.complaints import escalation
from bot.commands.complaints.duty import deputies, in_place_of, on_duty
from bot.mail import thread
from bot.mail.letter import Letter
from bot.scene import chat_of
from conversations.complaint import CAME_BY_MAIL, ENDED, Act, Attachment, Complaint, Happening, Mark
from conversations.people import Colleague, Role
from conversations.text import N_, Text
from storage.records import Channel, Memory, StaffRow

if TYPE_CHECKING:
    from bot.commands.complaints.matter import Matter
    from conversations.effects import Parts, Tell

METHODS: Mapping[str, str] = {
    "photo": "sendPhoto",
    "document": "sendDocument",
    "voice": "sendVoice",
    "video": "sendVideo",
}

_TO_EMPLOYEE = frozenset({Act.ANSWER, Act.ASK})

TAG = re.compile(r"</?(?:b|i|code)>")  # what our texts are marked with; what people write is escaped in them

_SUBJECT = N_("Pandu: complaint {number}")
_UNREACHABLE_MAILED = N_(
    "Complaint <b>{number}</b>: the employee cannot be reached on Telegram, so the last message went by e-mail."
)
_UNREACHABLE = N_(
    "Complaint <b>{number}</b>: the employee cannot be reached, neither on Telegram nor by e-mail. The last message "
    "did not arrive; it stands in the history of the complaint."
)
_INSTEAD = N_("Who has this complaint does not read Telegram, so this comes to you.")


@dataclass(frozen=True, slots=True)
class News:
    """What is told: the complaint as it is now and what happened to it. `has_come`: officials get the packet of it."""

    complaint: Complaint
    history: Sequence[Happening]
    happening: Happening
    has_come: bool = False

    @property
    def for_staff(self) -> tuple[Attachment, ...]:
        """Files that came with it, unless staff sent them to the employee."""
        return () if self.happening.act in _TO_EMPLOYEE else self.happening.attachments

    @property
    def for_employee(self) -> tuple[Attachment, ...]:
        return self.happening.attachments if self.happening.act in _TO_EMPLOYEE else ()

    @property
    def every_file(self) -> tuple[Attachment, ...]:
        """Each file of the complaint once."""
        files = (*self.complaint.attachments, *(file for line in self.history for file in line.attachments))
        return tuple({file.file_id: file for file in files}.values())


async def tell(matter: Matter, tells: Iterable[Tell], news: News) -> None:
    """Tell everybody what concerns them, each with the files that belong to it; who did it reads it in the answer."""
    members = await matter.tx.staff.members()
    if news.happening.act in CAME_BY_MAIL:
        await _tell_in_chats(matter, tells, news, members)
        return
    for one in tells:
        match one.to:
            case Role.OFFICIAL:
                await _tell_officials(matter, one, news, on_duty(members, Role.OFFICIAL, matter.today))
            case Role.LEADER:  # who reads numbers and dates, and no files
                await _tell_members(matter, one, news, (), on_duty(members, Role.LEADER, matter.today))
            case Role() as role:
                those = on_duty(members, role, matter.today)
                if news.happening.act == Mark.UNTAKEN:
                    those += deputies(members, role, matter.today)
                await _tell_members(matter, one, news, news.for_staff, those)
            case Colleague(number):
                at_hand = in_place_of(members, number, matter.today)
                at_hand = at_hand or on_duty(members, Role(news.complaint.level.value), matter.today)
                await _tell_members(matter, one, news, news.for_staff, at_hand)
            case person:
                await _tell_person(matter, one, chat_of(person), news)


def relay(matter: Matter, chat_id: int, files: Sequence[Attachment], complaint: Complaint) -> None:
    """Send files on by their id; the number in the caption is what a reply to one of them is about."""
    for file in files:
        params = {"chat_id": chat_id, file.kind: file.file_id, "caption": complaint.number}
        matter.post.ask_telegram(METHODS[file.kind], chat_id, params)


async def chats_of(matter: Matter, members: Sequence[StaffRow]) -> list[tuple[int, str | None]]:
    """The chats of members who have one, each once, with the language that is read there."""
    chats = dict.fromkeys(member.chat_id for member in members if member.chat_id is not None)
    languages: dict[int, str | None] = {}
    for role in sorted({member.role for member in members}):
        languages.update(await matter.tx.staff.chats(role))
    return [(chat, languages.get(chat)) for chat in chats]


async def concerned(matter: Matter, complaint: Complaint) -> tuple[StaffRow, ...]:
    """Who of the staff has it in hand: its holder, or who stands in, or everybody on duty of its level."""
    members = await matter.tx.staff.members()
    holders = () if complaint.holder is None else in_place_of(members, complaint.holder, matter.today)
    return holders or on_duty(members, Role(complaint.level.value), matter.today)


async def memory_of(matter: Matter, chat_id: int) -> Memory | None:
    """What is remembered of a chat, as this batch has left it so far."""
    here = matter.post.outcome.memories.get(chat_id)
    return here if here is not None else (await matter.tx.memories([chat_id])).get(chat_id)


async def _tell_in_chats(matter: Matter, tells: Iterable[Tell], news: News, members: Sequence[StaffRow]) -> None:
    """Tell of what came by mail, each chat once; no letter is written because of a letter.

    If nobody who has the complaint in hand reads a chat, others do: they are to tell them.
    """
    told: set[int] = set()
    for one in tells:
        match one.to:
            case Role() as role:
                those = on_duty(members, role, matter.today)
            case Colleague(number):
                those = in_place_of(members, number, matter.today)
                those = those or on_duty(members, Role(news.complaint.level.value), matter.today)
            case _:  # the employee never reads of what came by mail
                continue
        chats, parts, keyboard = await chats_of(matter, those), one.parts, one.keyboard
        if not chats and not told:
            roles = (Role.ADMIN,) if news.complaint.confidential else (Role.OFFICER, Role.ADMIN)
            others = [member for role in roles for member in on_duty(members, role, matter.today)]
            chats, keyboard, parts = await chats_of(matter, others), (), (*parts, Text(_INSTEAD))
        for chat, language in chats:
            if chat not in told:
                told.add(chat)
                matter.post.tell(chat, language, parts, keyboard)


async def _tell_officials(matter: Matter, one: Tell, news: News, officials: Sequence[StaffRow]) -> None:
    """Tell the officials. When it has come to them, all files follow, and this message is the card that they keep."""
    if not news.has_come:
        await _tell_members(matter, one, news, news.for_staff, officials)
        return
    files = () if news.happening.act == Mark.PACKET else news.every_file
    for chat, language in await chats_of(matter, officials):
        if chat != matter.chat_id:
            key = matter.post.tell(chat, language, one.parts, one.keyboard)
            relay(matter, chat, files, news.complaint)
            await matter.tx.complaints.put_card(news.complaint.number, chat, key)


async def _tell_members(
    matter: Matter, one: Tell, news: News, files: Sequence[Attachment], members: Sequence[StaffRow]
) -> None:
    for chat, language in await chats_of(matter, members):
        if chat != matter.chat_id:
            matter.post.tell(chat, language, one.parts, one.keyboard)
            relay(matter, chat, files, news.complaint)
    for member in dict.fromkeys(members):
        if member.chat_id is not None or not member.email:
            continue
        if member.role is not Role.OFFICIAL or news.complaint.status in ENDED:
            known = member.role in {Role.OFFICER, Role.OFFICIAL}
            _mail(matter, f"mail:staff:{member.id}", member.email, None, one, news.complaint, answers=known)
        elif not news.has_come:  # by mail alone nobody can act without fresh links, nor see what was said before
            await escalation.write(matter, member, news.complaint, news.history)


async def _tell_person(matter: Matter, one: Tell, chat_id: int, news: News) -> None:
    """Tell one person. Whoever blocked the bot is written to instead, and staff read that it was so."""
    known = await memory_of(matter, chat_id)
    if known is None:
        return
    if known.unreachable_since is None:
        matter.post.tell(chat_id, known.language, one.parts, one.keyboard)
        relay(matter, chat_id, news.for_employee, news.complaint)
        return
    employee = await matter.tx.employees.of(chat_id)
    mailed = employee is not None and matter.office.sends_mail
    if employee is not None and mailed:
        lane = f"mail:{matter.tx.fingerprint('email', employee.email)}"  # as an erasure looks for it
        _mail(matter, lane, employee.email, known.language, one, news.complaint, answers=True)
    said = Text(_UNREACHABLE_MAILED if mailed else _UNREACHABLE, {"number": news.complaint.number})
    for chat, language in await chats_of(matter, await concerned(matter, news.complaint)):
        matter.post.tell(chat, language, (said,), ())


def _mail(
    matter: Matter, lane: str, address: str, language: str | None, one: Tell, complaint: Complaint, *, answers: bool
) -> None:
    """The same words as a letter; buttons stay behind, they are for the chat. `answers`: those of this reader count."""
    subject = Text(_SUBJECT, {"number": complaint.number})
    reply_to = None
    if answers and matter.office.reads_mail:
        reply_to = thread.reply_to(complaint.number, matter.tx.fingerprint(thread.PURPOSE, complaint.number))
    write(matter, lane, address, language, subject, one.parts, reply_to)


def write(
    matter: Matter,
    lane: str,
    address: str,
    language: str | None,
    subject: Text,
    parts: Parts,
    reply_to: str | None = None,
) -> None:
    """Enqueue a letter; nothing, where this installation sends none. `reply_to` as a letter takes it."""
    if not matter.office.sends_mail:
        return
    key, catalog = matter.post.key(), matter.post.catalog_of(language)
    paragraphs = [unmarked(catalog.html((part,))) for part in parts]
    letter = Letter.of(key, to=address, subject=catalog.plain(subject), paragraphs=paragraphs, reply_to=reply_to)
    matter.post.outcome.add(key, lane, letter.payload(), matter.at, channel=Channel.MAIL)


def unmarked(marked: str) -> str:
    """Words for a mail, out of words with Telegram's markup."""
    return html.unescape(TAG.sub("", marked))
