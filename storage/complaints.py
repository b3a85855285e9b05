"""Complaints: filed under a number, changed one act at a time, found again by whoever may see them.

What may be done to one is decided in `conversations`; here it is kept. An act writes the complaint as it stands then
and a line of its history, together. Whoever reads one in order to change it holds it until the transaction ends.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from functools import cache
from typing import TYPE_CHECKING, Final, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conversations.complaint import ENDED, Act, Attachment, Complaint, Happening, Level, Status
from conversations.filters import PER_PAGE, Filter
from storage.complaint_tables import OPEN, complaint_cards, complaints, counters, happenings
from storage.errors import Conflict, SealBroken
from storage.packing import pack, unpack
from storage.people import upsert
from storage.queue import owed, shown_by, visible
from storage.records import Backlog, Exported, Listed
from storage.similar import Similar
from storage.tables import staff

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from storage.tables import Row

log = logging.getLogger(__name__)

FILED_ONCE: Final = frozenset({"chat_id", "text", "origin", "name", "unit", "attachments", "filed_at", "confidential"})
"""Columns that no act changes: an erasure empties them, and nothing fills them again."""

SLICE: Final = 200

_moment = complaints.c.filed_at.type
_number = complaints.c.number == sa.bindparam("which")
_id = sa.select(complaints.c.id).where(_number).scalar_subquery()

FOUND = sa.select(complaints, staff.c.name.label("holder_name")).join_from(complaints, staff, isouter=True)
GET = FOUND.where(_number)
ORDER = (complaints.c.closed_at.is_not(None), complaints.c.due_at, complaints.c.id)
BY_PERSON = FOUND.where(complaints.c.chat_id == sa.bindparam("chat", type_=sa.BigInteger)).order_by(*ORDER)
NUMBERS_OF = (
    sa.select(complaints.c.number)
    .where(complaints.c.chat_id == sa.bindparam("chat", type_=sa.BigInteger))
    .order_by(complaints.c.id)
)
HELD_BY = (
    sa.select(complaints.c.number)
    .where(OPEN, complaints.c.holder_id == sa.bindparam("member", type_=sa.BigInteger))
    .order_by(complaints.c.id)
)
ADD = sa.insert(complaints).inline()
CHANGE = sa.update(complaints).where(_number, complaints.c.version == sa.bindparam("read_version"))
HAPPEN = sa.insert(happenings).inline()
HISTORY = sa.select(happenings).where(happenings.c.complaint_id == _id).order_by(happenings.c.id)

DUE = (
    sa.select(complaints.c.number)
    .where(complaints.c.next_at <= sa.bindparam("now", type_=_moment))
    .order_by(complaints.c.next_at, complaints.c.id)
    .limit(sa.bindparam("rows", type_=sa.Integer))
)
OPEN_NUMBERS = sa.select(complaints.c.number).where(OPEN).order_by(complaints.c.due_at, complaints.c.id)
NEXT_RING = sa.select(sa.func.min(complaints.c.next_at)).where(complaints.c.next_at.is_not(None))
OLDEST = sa.select(sa.func.min(complaints.c.filed_at)).where(OPEN)
POSTPONE = sa.update(complaints).where(_number).values(next_at=sa.bindparam("later", type_=_moment))

CARDS = (
    sa.select(complaint_cards.c.chat_id, complaint_cards.c.key)
    .where(complaint_cards.c.complaint_id == _id)
    .order_by(complaint_cards.c.chat_id)
)


def _first(*acts: Act) -> sa.ColumnElement[Any]:
    """When one of these was done to a complaint for the first time."""
    done = (happenings.c.complaint_id == complaints.c.id, happenings.c.act.in_([act.value for act in acts]))
    return sa.select(sa.func.min(happenings.c.at)).where(*done).correlate(complaints).scalar_subquery()


EXPORT = (
    FOUND.add_columns(
        _first(Act.ANSWER).label("answered_at"),
        _first(Act.ESCALATE, Act.OVERDUE).label("escalated_at"),
    )
    .where(complaints.c.id > sa.bindparam("after", type_=sa.BigInteger))
    .order_by(complaints.c.id)
    .limit(sa.bindparam("rows", type_=sa.Integer))
)


def numbered(year: int, serial: int) -> str:
    """How a complaint is called; in chats the serial alone does for this year's."""
    return f"ADU-{year:04}-{serial:05}"


class Complaints(Similar):
    """`tx.complaints`."""

    async def file(self, complaint: Complaint, year: int, *happened: Happening) -> Complaint:
        """Keep a new complaint; answers it with the number that it has from now on.

        `year` is that of the city at the moment of filing. Numbers have no gaps: the counter is a row of the same
        transaction, held until its end, so what is undone gives its number back and nobody took the next one meanwhile.
        """
        serial: int = (
            await self._execute(_counting(self._dialect), {"name": f"complaints {year}", "last": 1})
        ).scalar_one()
        filed = replace(complaint, number=numbered(year, serial))
        await self._execute(ADD, {"year": year, "serial": serial, "number": filed.number, **self._row(filed)})
        await self._happen(filed.number, happened)
        if not filed.confidential:
            await self._learn(filed.number, filed.text)
        return filed

    async def get(self, number: str, *, lock: bool = True) -> Complaint | None:
        """The complaint as it stands. In a transaction that writes nobody else can change it until the end."""
        reading = GET.with_for_update(of=complaints) if lock and self._writes else GET
        row = (await self._execute(reading, {"which": number})).mappings().one_or_none()
        return None if row is None else self._complaint(row)

    async def save(self, before: Complaint, after: Complaint, *happened: Happening) -> Complaint:
        """Keep what became of a complaint that was read as `before`, and what happened; answers it as it is kept.

        `Conflict`: somebody changed it since it was read; nothing is written then.
        """
        after = replace(after, version=max(after.version, before.version + 1))
        row = {name: value for name, value in self._row(after).items() if name not in FILED_ONCE}
        which: Row = {"which": before.number, "read_version": before.version}
        if (await self._execute(CHANGE.values(**row), which)).rowcount == 0:
            raise Conflict(f"{before.number} was changed by somebody else meanwhile.")
        await self._happen(before.number, happened)
        return after

    async def history(self, number: str) -> tuple[Happening, ...]:
        """Everything that happened to it, internal lines as well, the oldest first."""
        return tuple(map(self._happening, (await self._execute(HISTORY, {"which": number})).mappings()))

    # Many at once

    async def by_person(self, chat_id: int) -> tuple[Complaint, ...]:
        """Those of this chat: open ones first, then by when they are due."""
        rows = (await self._execute(BY_PERSON, {"chat": chat_id})).mappings()
        return tuple(complaint for _, complaint in self._readable(rows))

    async def numbers_of(self, chat_id: int) -> list[str]:
        """Numbers of those of this chat, ended or not; nothing of them is opened."""
        return list((await self._execute(NUMBERS_OF, {"chat": chat_id})).scalars())

    async def held_by(self, member: int) -> list[str]:
        """Numbers of the open ones that this member of staff has; nothing of them is opened."""
        return list((await self._execute(HELD_BY, {"member": member})).scalars())

    async def queue(
        self,
        levels: Collection[Level],
        now: datetime,
        *,
        confidential: bool,
        besides: int | None = None,
        only: Filter = Filter.ALL,
        members: Collection[int] = (),
        page: int = 1,
    ) -> Listed:
        """A page of the open ones on these levels, and if `confidential` of all that are, by when they are due.

        Those of the chat `besides` are left out. `only`: a part of them; `members`: who holds those that are "mine".
        """
        wanted = visible(levels, confidential=confidential, besides=besides) & shown_by(only, now, members) & OPEN
        count: int = (
            await self._execute(sa.select(sa.func.count()).select_from(complaints).where(wanted))
        ).scalar_one()
        page = min(max(page, 1), max(1, -(-count // PER_PAGE)))
        shown = FOUND.where(wanted).order_by(*ORDER).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
        rows = (await self._execute(shown)).mappings()
        return Listed(tuple(complaint for _, complaint in self._readable(rows)), page, count)

    def _readable(self, rows: Iterable[sa.RowMapping]) -> Iterator[tuple[sa.RowMapping, Complaint]]:
        """Those that can be opened, with their rows: one that is damaged must not hide the others."""
        for row in rows:
            try:
                complaint = self._complaint(row)
            except SealBroken:
                log.warning("%s cannot be read; it is left out of the list", row["number"])
            else:
                yield row, complaint

    async def open_numbers(self, level: Level | None = None) -> list[str]:
        """Numbers of all open ones, or of those on one level, by when they are due; nothing of them is opened."""
        wanted = OPEN_NUMBERS if level is None else OPEN_NUMBERS.where(complaints.c.level == level.value)
        return list((await self._execute(wanted)).scalars())

    async def counts_for_digest(
        self,
        levels: Collection[Level],
        now: datetime,
        day_end: datetime,
        *,
        confidential: bool,
        besides: int | None = None,
    ) -> Backlog:
        """How many open ones there are of those that `queue` would give; `day_end` is when this day is over.

        Those of the chat `besides` are not counted.
        """
        ours, waits = owed(), shown_by(Filter.WAITING, now)
        counted = sa.select(
            sa.func.count().label("open"),
            sa.func.count().filter(ours, complaints.c.due_at >= now, complaints.c.due_at < day_end).label("due_today"),
            sa.func.count().filter(shown_by(Filter.OVERDUE, now)).label("overdue"),
            sa.func.count().filter(waits).label("waiting"),
        ).where(OPEN, visible(levels, confidential=confidential, besides=besides))
        return Backlog(**(await self._execute(counted)).mappings().one())

    async def export(self, since: datetime | None = None, until: datetime | None = None) -> AsyncIterator[Exported]:
        """Complaints by number, with the moments that a report needs; read in slices.

        All of them, or those that were filed at `since` or later and before `until`.
        """
        wanted = EXPORT
        if since is not None:
            wanted = wanted.where(complaints.c.filed_at >= since)
        if until is not None:
            wanted = wanted.where(complaints.c.filed_at < until)
        last = 0
        while rows := (await self._execute(wanted, {"after": last, "rows": SLICE})).mappings().all():
            for row, complaint in self._readable(rows):
                yield Exported(complaint, row["closed_at"], row["answered_at"], row["escalated_at"])
            last = rows[-1]["id"]

    # The clock

    async def due(self, now: datetime, limit: int) -> list[str]:
        """Numbers of complaints whose `next_at` has come, the oldest first.

        Nothing of them is opened yet, so that one that cannot be read does not keep the others from being rung.
        """
        return list((await self._execute(DUE, {"now": now, "rows": limit})).scalars())

    async def next_ring(self) -> datetime | None:
        """When the next complaint is due to ring."""
        next_at: datetime | None = (await self._execute(NEXT_RING)).scalar_one()
        return next_at

    async def oldest(self) -> datetime | None:
        """When the oldest of those was filed that are open; None while none is. Nothing of it is opened."""
        filed_at: datetime | None = (await self._execute(OLDEST)).scalar_one()
        return filed_at

    async def postpone(self, number: str, until: datetime) -> None:
        """Ring one later that could not be rung now, without reading it."""
        await self._execute(POSTPONE, {"which": number, "later": until})

    # Cards

    async def card_keys(self, number: str) -> list[tuple[int, str]]:
        """The chats of staff that show it, and the key of the message that does."""
        return [(row.chat_id, row.key) for row in await self._execute(CARDS, {"which": number})]

    async def put_card(self, number: str, chat_id: int, key: str) -> None:
        """Note which message shows it in this chat from now on; an earlier one there is only history."""
        complaint_id = (await self._execute(sa.select(_id), {"which": number})).scalar_one()
        row: Row = {"complaint_id": complaint_id, "chat_id": chat_id, "key": key}
        await self._execute(upsert(self._dialect, complaint_cards, "key"), row)

    # Rows

    async def _happen(self, number: str, happened: Sequence[Happening]) -> None:
        if not happened:
            return
        complaint_id = (await self._execute(sa.select(_id), {"which": number})).scalar_one()
        await self._execute(HAPPEN, [{"complaint_id": complaint_id, **self._line(line)} for line in happened])

    def _row(self, complaint: Complaint) -> Row:
        seal = self._vault.seal
        return {
            "chat_id": None if complaint.person is None else int(complaint.person.removeprefix("telegram:")),
            "status": complaint.status.value,
            "level": complaint.level.value,
            "category": complaint.category,
            "confidential": complaint.confidential,
            "text": seal(complaints.c.text, complaint.text),
            "origin": self._seal(complaints.c.origin, complaint.origin),
            "name": self._seal(complaints.c.name, complaint.name),
            "unit": self._seal(complaints.c.unit, complaint.unit),
            "attachments": self._seal(complaints.c.attachments, _packed(complaint.attachments)),
            "holder_id": complaint.holder,
            "filed_at": complaint.filed_at,
            "due_at": complaint.due_at,
            "since": complaint.since,
            "stopped_at": complaint.stopped_at,
            "nudges": complaint.nudges,
            "next_at": complaint.next_at,
            "version": complaint.version,
            "extra_minutes": complaint.extra_minutes,
            "closed_at": complaint.since if complaint.status in ENDED else None,
        }

    def _complaint(self, row: sa.RowMapping) -> Complaint:
        columns = complaints.c
        return Complaint(
            number=row["number"],
            status=Status(row["status"]),
            level=Level(row["level"]),
            category=row["category"],
            text=self._open(columns.text, row["text"]) or "",
            filed_at=row["filed_at"],
            due_at=row["due_at"],
            since=row["since"],
            confidential=row["confidential"],
            attachments=_unpacked(self._open(columns.attachments, row["attachments"])),
            origin=self._open(columns.origin, row["origin"]) or "",
            person=None if row["chat_id"] is None else f"telegram:{row['chat_id']}",
            name=self._open(columns.name, row["name"]) or "",
            unit=self._open(columns.unit, row["unit"]) or "",
            holder=row["holder_id"],
            holder_name=self._open(staff.c.name, row["holder_name"]) or "",
            stopped_at=row["stopped_at"],
            nudges=row["nudges"],
            next_at=row["next_at"],
            version=row["version"],
            extra_minutes=row["extra_minutes"],
        )

    def _line(self, happening: Happening) -> Row:
        return {
            "at": happening.at,
            "side": happening.side,
            "actor": self._seal(happenings.c.actor, happening.actor),
            "channel": happening.channel,
            "act": happening.act,
            "text": self._seal(happenings.c.text, happening.text),
            "attachments": self._seal(happenings.c.attachments, _packed(happening.attachments)),
            "internal": happening.internal,
        }

    def _happening(self, row: sa.RowMapping) -> Happening:
        return Happening(
            at=row["at"],
            side=row["side"],
            actor=self._open(happenings.c.actor, row["actor"]) or "",
            channel=row["channel"],
            act=row["act"],
            text=self._open(happenings.c.text, row["text"]) or "",
            attachments=_unpacked(self._open(happenings.c.attachments, row["attachments"])),
            internal=row["internal"],
        )


@cache
def _counting(dialect: str) -> sa.Executable:
    statement = sqlite.insert(counters) if dialect == "sqlite" else postgresql.insert(counters)
    return statement.on_conflict_do_update(index_elements=["name"], set_={"last": counters.c.last + 1}).returning(
        counters.c.last
    )


def _packed(attachments: Sequence[Attachment]) -> str:
    return pack([asdict(attachment) for attachment in attachments]) if attachments else ""


def _unpacked(text: str | None) -> tuple[Attachment, ...]:
    return tuple(Attachment(**told) for told in cast("list[Any]", unpack(text))) if text else ()
