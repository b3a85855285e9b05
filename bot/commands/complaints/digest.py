"""What staff read at opening time: how many complaints are open, due today, overdue, waiting for the employee."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.commands.complaints.duty import has_mail, within_reach
from bot.commands.complaints.filing import seen_by
from bot.commands.complaints.telling import chats_of, paragraphs_of, readers_of, write
from conversations.effects import Button
from conversations.people import Role
from conversations.text import N_, Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.commands.complaints.matter import Matter
    from conversations.facts import Book
    from storage.records import Backlog, StaffRow

READERS = frozenset({Role.OFFICER, Role.OFFICIAL, Role.ADMIN})

_SUBJECT = N_("Pandu: complaints of today")
_DIGEST = N_(
    "<b>Complaints this morning</b>\nOpen: {open}\nDue today: {due_today}\nOverdue: {overdue}\n"
    "Waiting for the employee: {waiting}"
)
_QUEUE = N_("Show them")
_UNREAD = N_("The complaints of this morning did not reach {who}. Please tell {who}, and see that the work goes on.")

_WRITTEN = re.compile(r"morning (\d{4}-\d\d-\d\d) staff:(\d+)( mailed)?")


@dataclass(frozen=True, slots=True)
class Morning:
    """The count of a morning for a member of staff: it comes back by this. `mailed`: it went by mail."""

    day: str
    member: int
    mailed: bool = False

    def write(self) -> str:
        return f"morning {self.day} staff:{self.member}{' mailed' if self.mailed else ''}"

    @classmethod
    def read(cls, text: str) -> Morning | None:
        found = _WRITTEN.fullmatch(text)
        return None if found is None else cls(found[1], int(found[2]), found[3] is not None)


def next_digest(at: datetime, book: Book) -> datetime:
    """The next opening time after this moment."""
    opens = book.calendar.received(at)
    return opens if opens > at else book.calendar.next_morning(at)


def marker(matter: Matter) -> str:
    """What the inbox remembers of a morning."""
    return f"digest:{matter.today.isoformat()}"


async def send(matter: Matter) -> bool:
    """Say good morning once a working day, however often this is asked; answers whether this was the moment.

    Nothing is said while nothing has waited since before the office opened. Complaints are counted here and not read,
    so that one which cannot be read costs nobody the morning.
    """
    calendar = matter.book.calendar
    said = marker(matter)
    oldest = await matter.tx.complaints.oldest()
    opened = calendar.received(matter.book.midnight(matter.today))
    if oldest is None or oldest >= opened or not calendar.is_open(matter.at) or await matter.tx.seen([said]):
        return False
    await matter.tx.remember([said], matter.at)
    rows = [row for row in await matter.tx.staff.members() if row.role in READERS]
    for chat in dict.fromkeys(row.chat_id for row in rows if row.chat_id is not None):
        await _send(matter, [row for row in rows if row.chat_id == chat])
    for row in rows:
        if row.chat_id is None and row.email:
            await _send(matter, [row])
    return True


async def _send(matter: Matter, rows: list[StaffRow]) -> None:
    """Write to one member, of what their roles let them see."""
    backlog = await _backlog(matter, frozenset(row.role for row in rows), rows[0].chat_id)
    if not backlog.open:
        return
    said = Text(
        _DIGEST,
        {"open": backlog.open, "due_today": backlog.due_today, "overdue": backlog.overdue, "waiting": backlog.waiting},
    )
    reached = await within_reach(matter, rows)
    for chat, language, member in await readers_of(matter, reached):
        about = Morning(matter.today.isoformat(), member.id).write()
        matter.post.tell(chat, language, (said,), ((Button(Text(_QUEUE), "/antrean"),),), about=about)
    for row in reached:
        if row.chat_id is None:
            _mail(matter, row, paragraphs_of([matter.post.catalog_of(None).html((said,))]))


async def unread(matter: Matter, morning: Morning, words: Sequence[str]) -> None:
    """It did not arrive: the same words go by mail, and where there is none, or that came back, the admins are told."""
    members = await matter.tx.staff.members()
    row = next((one for one in members if one.id == morning.member), None)
    if row is None:
        return
    if has_mail(matter, row) and not morning.mailed:
        _mail(matter, row, words)
        return
    admins = [one for one in members if one.role is Role.ADMIN and one.chat_id != row.chat_id]
    for chat, language in await chats_of(matter, admins):
        matter.post.tell(chat, language, (Text(_UNREAD, {"who": row.name}),), ())


def _mail(matter: Matter, row: StaffRow, paragraphs: Sequence[str]) -> None:
    if row.email:
        about = Morning(matter.today.isoformat(), row.id, mailed=True).write()
        write(matter, f"mail:staff:{row.id}", row.email, None, Text(_SUBJECT), paragraphs, about=about)


async def _backlog(matter: Matter, roles: frozenset[Role], chat: int | None) -> Backlog:
    """What these roles see, without what was filed in this chat itself."""
    levels, confidential = seen_by(roles)
    day_end = matter.book.midnight(matter.today + timedelta(days=1))
    return await matter.tx.complaints.counts_for_digest(
        levels, matter.at, day_end, confidential=confidential, besides=chat
    )
