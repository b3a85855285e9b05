"""The escalation packet: everything about a complaint that an official needs to decide, as a letter. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.mail import thread
from bot.mail.enclosures import fitting
from bot.mail.letter import Enclosed, Letter
from conversations.complaint import Act, Attachment, Complaint, Happening, Mark, Side
from conversations.complaint_words import origin_of
from conversations.progress import progress_text
from conversations.text import N_, Text, Value, Words, shortened

if TYPE_CHECKING:
    from bot.catalogs import Catalog
    from conversations.facts import Book
    from conversations.progress import Progress

_ENDS, _LINE_LENGTH = 20, 300  # lines of the history from its beginning and its end; letters of each
LONGEST_TEXT = 4_000  # characters of one entry; the whole history is in the chat

_SUBJECT = N_("[{number}] Complaint for you: {category}")
_AGAIN = N_("[{number}] Reminder {count}: complaint for you: {category}")
_GREETING = N_("Good day, {name}.")
_OPENING = N_("Complaint {number} needs you. It is due {due}.")
_NOBODY_YET = N_("Complaint {number} still needs you. It is due {due}. Nobody has taken it over yet.")
_WHO = N_("From: {who}\nUnit: {unit}\nCategory: {category}")
_UNNAMED = N_("somebody who is not registered")
_NO_UNIT = N_("not known")
_TEXT = N_("What they write:\n{text}")
_ORIGIN = N_("Where the guide stood, and what was tried:\n{origin}")
_WHY = N_("Why it comes to you: {why}")
_TIMELINE = N_("What happened so far, in minutes of service since it was filed:\n{lines}")
_LINE = N_("• {minutes} min, {at}: {what}")
_LINE_TEXT = N_("• {minutes} min, {at}: {what}\n  “{text}”")
_FILES = N_("Files with this letter: {files}")
_CONFIDENTIAL_NOTE = N_("This complaint is confidential: please do not pass it on.")
_LINKS = N_("To act, open one of these links and confirm there. Each serves once, for seven days.\n\n{links}")
_LINK = N_("{label}:\n{link}")
_IN_CHAT = N_("In Telegram, write /tiket {number} to Pandu:\n{chat}")
_TO_STAFF = N_("Answers to this e-mail are read by staff, not by the employee.")
_TO_FEW = N_("Answers to this e-mail are read by the complaints official alone.")
_TO_ANSWER = N_("To answer the employee, please use the links or Telegram.")
_NO_REPLY = N_("Nobody reads answers to this e-mail: please use the links, or Telegram.")
_UNREAD = N_(
    "Nobody reads answers to this e-mail. To answer, please open Pandu again in {chat}, or call the office: {phones}."
)
_LEFT_OUT = N_("Not enclosed: too much for one e-mail, or not to be fetched. Please see it in the chat, {chat}:")
LEFT_OUT_OFFICE = N_("Not enclosed: too much for one e-mail, or not to be fetched. Please ask the office for it:")

_CONFIDENTIAL = N_("the employee wants it to be seen by the complaints official alone.")
_STRAIGHT = N_("there is no officer who may take it.")
_OVERDUE = N_("it was not solved until it was due.")
_BY_HAND = N_("the officer cannot solve it: “{text}”")
_BY_HAND_PLAIN = N_("the officer cannot solve it.")

LABELS: Mapping[Act, str] = {
    Act.TAKE: N_("Take over"),
    Act.DIRECT: N_("Give directions to the officer"),
    Act.RETURN: N_("Return it to the officer, with a reason"),
    Act.ANSWER: N_("It is solved: answer the employee"),
}
"""What an official can do by a link, in the order of the letter."""

_DID: Mapping[str, str] = {
    Mark.FILED: N_("the complaint was filed"),
    Act.TAKE: N_("taken by {who}"),
    Act.ANSWER: N_("answered by {who}"),
    Act.ASK: N_("{who} asked the employee"),
    Act.REPLY: N_("the employee replied"),
    Act.ADD: N_("the employee added something"),
    Act.NOTE: N_("note of {who}"),
    Act.MOVE: N_("moved to another category by {who}"),
    Act.ESCALATE: N_("escalated by {who}"),
    Act.OVERDUE: N_("overdue, escalated by itself"),
    Act.DIRECT: N_("directions of {who}"),
    Act.RETURN: N_("returned by {who}"),
    Act.CONFIRM: N_("the employee says that it is solved"),
    Act.DENY: N_("the employee says that it is not solved"),
    Act.SILENCE: N_("the employee did not answer any more"),
    Act.WITHDRAW: N_("withdrawn by the employee"),
    Act.REOPEN: N_("reopened by the employee"),
    Mark.UNTAKEN: N_("nobody had taken it: the deputy was told"),
    Mark.HALF: N_("half of the time had gone: the officers were told"),
    Mark.PACKET: N_("sent to the complaints official again"),
    Mark.VACANT: N_("administrators and leaders were told that nobody may take it"),
    Mark.HANDED: N_("given to the complaints official who was appointed"),
    Mark.RELEASED: N_("who had taken it is not on the staff any more"),
    Mark.UNSTAFFED: N_("passed on, because there is no officer who may take it"),
    Mark.PROMPTED: N_("the complaints official was reminded"),
    Mark.REMINDED: N_("the employee was reminded of the question"),
    Mark.ASKED_AGAIN: N_("the employee was asked again whether it is solved"),
    Mark.RECOUNTED: N_("due later, because of days without service"),
    Mark.STOPPED: N_("AMS did not work: the clock stopped"),
    Mark.RESUMED: N_("AMS works again: the clock goes on"),
    Mark.MAIL_ANSWER: N_("answer by e-mail of {who}"),
    Mark.AUTOMATIC: N_("an automatic answer of {who} came by e-mail"),
    Mark.WITHHELD: N_("an e-mail of {who} held something secret and was not kept"),
    Mark.UNREAD: N_("an e-mail of {who} came that is taken for no answer"),
    Mark.DELAYED: N_("a letter has not arrived yet"),
    Mark.BOUNCED: N_("a letter came back: it did not arrive"),
    Mark.MAILED: N_("a message did not reach the employee on Telegram; it went by e-mail"),
    Mark.LOST: N_("a message did not reach the employee on Telegram, and there is no other way"),
    Mark.MAIL_LOST: N_("an e-mail did not reach the employee"),
    Mark.STAFF_MAILED: N_("a message did not reach a member of staff on Telegram; it went by e-mail"),
    Mark.STAFF_LOST: N_("a message did not reach a member of staff on Telegram, and there is no other way"),
    Mark.STAFF_MAIL_LOST: N_("an e-mail did not reach a member of staff"),
}
_WHO_DID: Mapping[Side, str] = {
    "employee": N_("the employee"),
    "officer": N_("the officer"),
    "official": N_("the complaints official"),
    "clock": N_("Pandu"),
}


@dataclass(frozen=True, slots=True)
class Addressee:
    """The official a packet is for; `links` are the one-time addresses of the acts that stand open to them.

    `chat` is the address of the chat with the bot, empty for who has e-mail only.
    """

    name: str
    email: str
    links: Mapping[Act, str]
    chat: str = ""


def packet(
    complaint: Complaint,
    history: Sequence[Happening],
    book: Book,
    catalog: Catalog,
    to: Addressee,
    *,
    signature: str,
    progress: Progress | None = None,
    copy: int = 0,
    answers_read: bool = False,
) -> Letter:
    """The letter about one escalation; `copy` counts its repetitions, `signature` is the number's (`thread.PURPOSE`).

    `progress`: how far the employee is with the renewal. `answers_read`: what is answered to it gets into the history.

    The Message-ID is made of number, copy and signature, so one row repeated is the same mail, and the next repetition
    another. Raises nothing: what is too long is cut.
    """
    category = category_of(complaint, book)
    values: dict[str, Value] = {"number": complaint.number, "category": category, "count": copy}
    parts = tuple(_parts(complaint, history, book, to, progress, copy, answers_read=answers_read))
    paragraphs = [catalog.plain(part) for part in parts]
    written = Letter.of(
        "",
        to=to.email,
        subject=catalog.plain(Text(_AGAIN if copy else _SUBJECT, values)),
        paragraphs=paragraphs,
        reply_to=thread.reply_to(complaint.number, signature),
        message_id=thread.message_id(complaint.number, signature, copy),
    )
    left_out = Text(_LEFT_OUT, {"chat": to.chat}) if to.chat else Text(LEFT_OUT_OFFICE)
    return written.enclosing(_enclosed(complaint, history), catalog.plain(left_out))


def category_of(complaint: Complaint, book: Book) -> Words | str:
    """The name of the category, or its id if the service file has it no more."""
    return label_of(complaint.category, book)


def label_of(category: str, book: Book) -> Words | str:
    for known in book.service.complaint_categories:
        if known.id == category:
            return known.label
    return category


def who_reads(complaint: Complaint) -> Text:
    """Who reads what staff answer to a letter about it."""
    return Text(_TO_FEW if complaint.confidential else _TO_STAFF)


def unread(chat: str, book: Book) -> Text:
    """That nobody reads what is answered to a letter, and what does reach us; `chat`: where the bot is found."""
    return Text(_UNREAD, {"chat": chat, "phones": ", ".join(book.service.office.phones)})


def did(happening: Happening) -> Text:
    """What somebody did, without their name."""
    said = _DID.get(happening.act)
    if said is None:
        return Text(happening.act)
    return Text(said, {"who": Text(_WHO_DID[happening.side])} if "{who}" in said else {})


def _parts(
    complaint: Complaint,
    history: Sequence[Happening],
    book: Book,
    to: Addressee,
    progress: Progress | None,
    copy: int,
    *,
    answers_read: bool,
) -> Iterator[Text]:
    number: dict[str, Value] = {"number": complaint.number}
    yield Text(_GREETING, {"name": to.name})
    yield Text(_NOBODY_YET if copy else _OPENING, {**number, "due": complaint.due_at})
    if complaint.confidential:
        yield Text(_CONFIDENTIAL_NOTE)
    who: Value = complaint.name or Text(_UNNAMED)
    unit: Value = complaint.unit or Text(_NO_UNIT)
    yield Text(_WHO, {"who": who, "unit": unit, "category": category_of(complaint, book)})
    yield Text(_TEXT, {"text": _cut(complaint.text)})
    if (tried := origin_of(complaint.origin, book)) is not None:
        yield Text(_ORIGIN, {"origin": tried})
    if progress is not None:
        yield progress_text(progress, book)
    yield Text(_WHY, {"why": _why(complaint, history)})
    if history:
        shown = history if len(history) <= 2 * _ENDS else (*history[:_ENDS], *history[-_ENDS:])
        yield Text(_TIMELINE, {"lines": tuple(_line(complaint, one, book) for one in shown)})
    if names := [one.name for one in fitting(_enclosed(complaint, history))]:
        yield Text(_FILES, {"files": ", ".join(names)})
    if answers_read:
        yield who_reads(complaint)
        yield Text(_TO_ANSWER)
    else:
        yield Text(_NO_REPLY) if to.links or to.chat else unread("Telegram", book)
    if to.links:
        given = [(label, to.links[act]) for act, label in LABELS.items() if act in to.links]
        links = [Text(_LINK, {"label": Text(label), "link": link}) for label, link in given]
        yield Text(_LINKS, {"links": _spaced(links)})
    if to.chat:
        yield Text(_IN_CHAT, {**number, "chat": to.chat})


def _why(complaint: Complaint, history: Sequence[Happening]) -> Text:
    """The last word on it: escalated by hand with a reason, by the clock, or the official's from the beginning."""
    for one in reversed(history):
        if one.act == Act.OVERDUE:
            return Text(_OVERDUE)
        if one.act == Mark.UNSTAFFED:
            return Text(_STRAIGHT)
        if one.act == Act.ESCALATE:
            return Text(_BY_HAND, {"text": _cut(one.text)}) if one.text else Text(_BY_HAND_PLAIN)
    return Text(_CONFIDENTIAL if complaint.confidential else _STRAIGHT)


def _line(complaint: Complaint, one: Happening, book: Book) -> Text:
    minutes = book.calendar.service_minutes(complaint.filed_at, one.at)
    values: dict[str, Value] = {"minutes": minutes, "at": one.at, "what": did(one)}
    if not one.text or one.act == Mark.FILED:  # its text stands above
        return Text(_LINE, values)
    return Text(_LINE_TEXT, {**values, "text": shortened(one.text, _LINE_LENGTH)})


def _enclosed(complaint: Complaint, history: Sequence[Happening]) -> tuple[Enclosed, ...]:
    return enclosures([*complaint.attachments, *(file for one in history for file in one.attachments)])


def enclosures(files: Sequence[Attachment]) -> tuple[Enclosed, ...]:
    """Each file once, in the order in which they came, under a name that fits a letter."""
    once = {file.file_id: file for file in files}.values()
    return tuple(Enclosed(one.file_id, _name(one, place), one.size, one.kind) for place, one in enumerate(once, 1))


_ENDINGS = {"photo": ".jpg", "document": "", "voice": ".ogg", "video": ".mp4"}


def _name(file: Attachment, place: int) -> str:
    """A file name of one line, without folders; a photo has none of its own."""
    given = "".join(sign for sign in file.name if sign.isprintable() and sign not in '/\\"')[-100:].strip(" .")
    return given or f"{file.kind}-{place}{_ENDINGS[file.kind]}"


def _spaced(links: Sequence[Text]) -> Value:
    """Each link with an empty line before the next one."""
    return tuple(piece for link in links for piece in (link, ""))[:-1]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
