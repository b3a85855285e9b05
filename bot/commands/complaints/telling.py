"""Who is told of what happened to a complaint, and by which way: Telegram, and mail where that reaches nobody."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bot.commands.complaints import escalation
from bot.commands.complaints.about import About
from bot.commands.complaints.access import others
from bot.commands.complaints.duty import deputies, has_mail, in_place_of, on_duty, within_reach
from bot.mail import thread
from bot.mail.letter import Letter
from bot.mail.packet import LEFT_OUT_OFFICE, enclosures, unread, who_reads
from bot.scene import chat_of
from conversations.complaint import CAME_BY_MAIL, ENDED, Act, Attachment, Complaint, Happening, Mark
from conversations.people import Colleague, Role
from conversations.text import N_, Text
from storage.records import Channel, Memory, StaffRow

if TYPE_CHECKING:
    from bot.commands.complaints.matter import Matter
    from conversations.effects import Tell
    from conversations.progress import Progress

METHODS: Mapping[str, str] = {
    "photo": "sendPhoto",
    "document": "sendDocument",
    "voice": "sendVoice",
    "video": "sendVideo",
}

_READERS = frozenset({Role.ADMIN, Role.LEADER})
"""They are told numbers and dates, and get no files."""

_TO_EMPLOYEE = frozenset({Act.ANSWER, Act.ASK})

TAG = re.compile(r"</?(?:b|i|code)>")  # what our texts are marked with; what people write is escaped in them

_SUBJECT = N_("Pandu: complaint {number}")
_FIRST_WORDS = 120
_REPLY = N_("You can answer by replying to this e-mail.")
_INSTEAD = N_("Who has this complaint does not read Telegram, so this comes to you.")


class Reader(NamedTuple):
    """A member of staff in a chat, and the language that is read there."""

    chat_id: int
    language: str | None
    member: StaffRow


@dataclass(frozen=True, slots=True)
class Unheard:
    """What does not reach the employee on Telegram: the messages with their markup, and the files."""

    marked: Sequence[str]
    files: Sequence[Attachment] = ()

    @property
    def first_words(self) -> str:
        """The head of the first message."""
        said = paragraphs_of(self.marked)
        return said[0][:_FIRST_WORDS] if said else ""


@dataclass(frozen=True, slots=True)
class News:
    """What is told: the complaint as it is now and what happened to it. `has_come`: officials get the packet of it.

    `progress`: how far the employee is with the renewal, for letters to officials.
    `aside`: it is told beside other news, which bring officials the packet of it as a letter.
    """

    complaint: Complaint
    history: Sequence[Happening]
    happening: Happening
    progress: Progress | None
    has_come: bool = False
    aside: bool = False

    def about(self, member: StaffRow | None = None, *, mailed: bool = False, chat: bool = False) -> str | None:
        """What comes back if a message of this does not arrive; nothing of what is told when nothing else was left."""
        if self.happening.act in {Mark.STAFF_LOST, Mark.STAFF_MAIL_LOST}:
            return None
        number = None if member is None else member.id
        return About(self.complaint.number, self.complaint.version, number, mailed, chat).write()

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


async def tell(matter: Matter, tells: Iterable[Tell], news: News) -> Unheard | None:
    """Tell everybody what concerns them, each with the files that belong to it; who did it reads it in the answer.

    Answers what the employee does not read, because they blocked the bot.
    """
    unheard: Unheard | None = None
    members = await others(matter.tx, news.complaint.person)
    if news.happening.act in CAME_BY_MAIL:
        await _tell_in_chats(matter, tells, news, members)
        return None
    for one in tells:
        match one.to:
            case Role.OFFICIAL:
                await _tell_officials(matter, one, news, on_duty(members, Role.OFFICIAL, matter.today))
            case Role() as role if role in _READERS:
                await _tell_members(matter, one, news, (), on_duty(members, role, matter.today))
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
                unheard = await _tell_person(matter, one, chat_of(person), news) or unheard
    return unheard


def relay(
    matter: Matter, chat_id: int, files: Sequence[Attachment], complaint: Complaint, *, about: str | None = None
) -> None:
    """Send files on by their id; the number in the caption is what a reply to one of them is about."""
    for file in files:
        params = {"chat_id": chat_id, file.kind: file.file_id, "caption": complaint.number}
        matter.post.ask_telegram(METHODS[file.kind], chat_id, params, about=about)


async def chats_of(matter: Matter, members: Sequence[StaffRow]) -> list[tuple[int, str | None]]:
    """The chats of members who have one, each once, with the language that is read there."""
    return [(reader.chat_id, reader.language) for reader in await readers_of(matter, members)]


async def readers_of(matter: Matter, members: Sequence[StaffRow]) -> list[Reader]:
    """The members who have a chat, each chat once."""
    by_chat: dict[int, StaffRow] = {}
    for member in members:
        if member.chat_id is not None:
            by_chat.setdefault(member.chat_id, member)
    languages: dict[int, str | None] = {}
    for role in sorted({member.role for member in members}):
        languages.update(await matter.tx.staff.chats(role))
    return [Reader(chat, languages.get(chat), member) for chat, member in by_chat.items()]


async def memory_of(matter: Matter, chat_id: int) -> Memory | None:
    """What is remembered of a chat, as this batch has left it so far."""
    here = matter.post.outcome.memories.get(chat_id)
    return here if here is not None else (await matter.tx.memories([chat_id])).get(chat_id)


async def _tell_in_chats(matter: Matter, tells: Iterable[Tell], news: News, members: Sequence[StaffRow]) -> None:
    """Tell of what came by mail, each chat once; no letter is written because of a letter.

    If nobody who has the complaint in hand reads a chat, others do: they are to tell them, and of a confidential one
    read no more than that something came. What does not arrive all the same comes back.
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
        parts, keyboard = one.parts, one.keyboard
        if not (read := await _reading(matter, those)) and not told:
            roles = (Role.ADMIN,) if news.complaint.confidential else (Role.OFFICER, Role.ADMIN)
            others = [member for role in roles for member in on_duty(members, role, matter.today)]
            keyboard, parts = (), (*(parts[:1] if news.complaint.confidential else parts), Text(_INSTEAD))
            read = await _reading(matter, others) or (*those, *others)
        for chat, language, member in await readers_of(matter, read):
            if chat not in told:
                told.add(chat)
                matter.post.tell(chat, language, parts, keyboard, about=news.about(member, chat=True))


async def _reading(matter: Matter, members: Sequence[StaffRow]) -> tuple[StaffRow, ...]:
    """Those who have a chat and did not block it."""
    blocked = await matter.tx.unreachable([member.chat_id for member in members if member.chat_id is not None])
    return tuple(member for member in members if member.chat_id is not None and member.chat_id not in blocked)


async def _tell_officials(matter: Matter, one: Tell, news: News, officials: Sequence[StaffRow]) -> None:
    """Tell the officials. When it has come to them, all files follow, and this message is the card that they keep."""
    if not news.has_come:
        await _tell_members(matter, one, news, news.for_staff, officials)
        return
    await give(matter, one, news, () if news.happening.act == Mark.PACKET else news.every_file, officials)


async def give(
    matter: Matter, one: Tell, news: News, files: Sequence[Attachment], officials: Sequence[StaffRow]
) -> None:
    """Put the packet, with its files, on the screens of officials as the card of the complaint."""
    for chat, language, member in await readers_of(matter, await within_reach(matter, officials)):
        if chat != matter.chat_id:
            about = news.about(member, mailed=has_mail(matter, member))
            key = matter.post.tell(chat, language, one.parts, one.keyboard, about=about)
            relay(matter, chat, files, news.complaint, about=about)
            await matter.tx.complaints.put_card(news.complaint.number, chat, key)


async def _tell_members(
    matter: Matter, one: Tell, news: News, files: Sequence[Attachment], members: Sequence[StaffRow]
) -> None:
    members = await within_reach(matter, members)
    for chat, language, member in await readers_of(matter, members):
        if chat != matter.chat_id:
            about = news.about(member)
            matter.post.tell(chat, language, one.parts, one.keyboard, about=about)
            relay(matter, chat, files, news.complaint, about=about)
    for member in dict.fromkeys(members):
        if member.chat_id is not None or not member.email:
            continue
        if member.role is not Role.OFFICIAL or news.complaint.status in ENDED:
            paragraphs = paragraphs_of([matter.post.catalog_of(None).html(one.parts)])
            mail_member(matter, member, paragraphs, news.complaint, about=news.about(member))
        elif not (news.has_come or news.aside):  # by mail alone nobody can act without fresh links, nor see the rest
            await escalation.write(matter, member, news.complaint, news.history, news.progress)


async def _tell_person(matter: Matter, one: Tell, chat_id: int, news: News) -> Unheard | None:
    """Tell one person, unless they blocked the bot."""
    known = await memory_of(matter, chat_id)
    if known is None:
        return None
    if known.unreachable_since is not None:
        return Unheard((matter.post.catalog_of(known.language).html(one.parts),), news.for_employee)
    about = news.about()
    matter.post.tell(chat_id, known.language, one.parts, one.keyboard, about=about)
    relay(matter, chat_id, news.for_employee, news.complaint, about=about)
    return None


async def has_address(matter: Matter, complaint: Complaint) -> bool:
    """Whether a letter goes to the employee."""
    if complaint.person is None or not matter.office.sends_mail:
        return False
    return await matter.tx.employees.of(chat_of(complaint.person)) is not None


async def mail_employee(matter: Matter, unheard: Unheard, complaint: Complaint) -> None:
    """The same words as a letter, with the files; buttons stay behind, they are for the chat."""
    if complaint.person is None:
        return
    chat_id = chat_of(complaint.person)
    employee = await matter.tx.employees.of(chat_id)
    if employee is None:
        return
    known = await memory_of(matter, chat_id)
    language = None if known is None else known.language
    about = About(complaint.number, complaint.version).write()
    subject = Text(_SUBJECT, {"number": complaint.number})
    lane = matter.tx.mail_lane(chat_id)  # as an erasure looks for it
    write(
        matter, lane, employee.email, language, subject, paragraphs_of(unheard.marked),
        files=unheard.files, about=about, answers=Text(_REPLY), reply_to=_reply_to(matter, complaint),
    )  # fmt: skip


def mail_member(
    matter: Matter, member: StaffRow, paragraphs: Sequence[str], complaint: Complaint, *, about: str | None
) -> None:
    """The same for a member of staff; nothing, if they have no address."""
    if member.email:
        subject = Text(_SUBJECT, {"number": complaint.number})
        known = member.role in {Role.OFFICER, Role.OFFICIAL}  # whose answers count, see `correspondence`
        write(
            matter, f"mail:staff:{member.id}", member.email, None, subject, paragraphs,
            about=about, answers=who_reads(complaint), reply_to=_reply_to(matter, complaint) if known else None,
        )  # fmt: skip


def _reply_to(matter: Matter, complaint: Complaint) -> str | None:
    """Where answers go, as a letter takes it; None: nobody reads them."""
    if not matter.office.reads_mail:
        return None
    return thread.reply_to(complaint.number, matter.tx.fingerprint(thread.PURPOSE, complaint.number))


def write(  # what makes a letter
    matter: Matter,
    lane: str,
    address: str,
    language: str | None,
    subject: Text,
    paragraphs: Sequence[str],
    *,
    files: Sequence[Attachment] = (),
    about: str | None = None,
    answers: Text | None = None,
    reply_to: str | None = None,
) -> None:
    """Enqueue a letter; nothing, where this installation sends none.

    Its last words are about answers: `answers`, if they come to `reply_to`, and else that nobody reads them.
    """
    if not matter.office.sends_mail:
        return
    key, catalog = matter.post.key(), matter.post.catalog_of(language)
    last = unread(matter.office.chat, matter.book) if reply_to is None or answers is None else answers
    said = (*paragraphs, catalog.plain(last))
    letter = Letter.of(key, to=address, subject=catalog.plain(subject), paragraphs=said, reply_to=reply_to)
    letter = letter.enclosing(enclosures(files), catalog.plain(Text(LEFT_OUT_OFFICE)))
    matter.post.outcome.add(key, lane, letter.payload(), matter.at, channel=Channel.MAIL, about=about)


def paragraphs_of(marked: Iterable[str]) -> list[str]:
    """Paragraphs of a mail, out of messages with Telegram's markup."""
    return [html.unescape(TAG.sub("", paragraph)) for one in marked for paragraph in one.split("\n\n")]
