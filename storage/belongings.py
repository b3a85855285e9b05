"""Everything that is kept of one chat: shown, counted, erased. The one list that all three go by."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from conversations.case import for_employee
from conversations.complaint import Happening
from conversations.people import Stored
from storage import complaint_tables, tables
from storage.blanking import Blanking
from storage.complaint_tables import complaints, happenings
from storage.outbox import mail_lane, telegram_lane
from storage.packing import unpack
from storage.records import Channel

if TYPE_CHECKING:
    from typing import Any

_OF_A_PERSON: Final = (
    tables.people,
    tables.sessions,
    tables.certificates,
    tables.renewals,
    tables.alarms,
    tables.employees,
    tables.proofs,
    tables.staff,
    tables.dead_letters,
    complaints,
    complaint_tables.complaint_cards,
    complaint_tables.outage_hits,
)
_STAYS: Final = frozenset({tables.people, tables.staff, tables.proof_mails, complaints, happenings})
"""Tables whose rows an erasure does not simply remove."""

_UNTOLD: Final = frozenset(
    {"id", "complaint_id", "outage_id", "year", "serial", "nudges", "next_at", "version", "extra_minutes", "lookup"}
    | {"claimed_by", "claimed_until", "deputy_id", "holder_id", "actor", "about"}
)
"""Columns of the machinery, and some that mean somebody else; so are all fingerprints."""

_HOLD_JSON: Final = frozenset(
    {
        tables.sessions.c.body,
        tables.outbox.c.payload,
        tables.proofs.c.details,
        complaints.c.attachments,
        happenings.c.attachments,
    }
)

_chat = sa.bindparam("chat", type_=sa.BigInteger)
FORGET_PERSON = sa.delete(tables.people).where(tables.people.c.chat_id == _chat)
FORGET_NAME = (
    sa.update(tables.staff)
    .where(tables.staff.c.chat_id == _chat, ~tables.HOLDS)
    .values(name=sa.bindparam("nameless", type_=sa.LargeBinary), email=None, chat_id=None)
)
SINCE = sa.select(tables.people.c.first_seen_at).where(tables.people.c.chat_id == _chat)


class Belongings(Blanking):
    """What hangs on a chat by its number, its lanes and its fingerprints."""

    async def about(self, chat_id: int) -> dict[str, object]:
        """All of it, opened and ready for JSON: rows by table, times in UTC."""
        kept: dict[str, object] = {"chat_id": chat_id}
        for table, condition in self._places(chat_id):
            rows = (await self._execute(_all_of(table).where(condition).order_by(*table.primary_key))).mappings()
            if shown := [self._told(table, row) for row in rows]:
                kept[table.name] = shown
        return kept

    async def counted(self, chat_id: int) -> Stored:
        """How many rows of each table; a table without any is left out."""
        counts = []
        for table, condition in self._places(chat_id):
            count = sa.select(sa.func.count()).select_from(table).where(condition)
            counts.append((table.name, (await self._execute(count)).scalar_one()))
        since: datetime | None = (await self._execute(SINCE, {"chat": chat_id})).scalar_one_or_none()
        return Stored(tuple((name, rows) for name, rows in counts if rows), since)

    async def erase(self, chat_id: int) -> None:
        """Forget the chat. Of complaints and of a former member of staff a number stays; who has a role keeps it.

        The count of mails stays as well, until it is old: fingerprints, or whoever erases could have mail sent for ever
        to an address that is not theirs. No seal is opened, so that a damaged value can be erased too.
        """
        for table, condition in self._places(chat_id):
            if table not in _STAYS:
                await self._execute(sa.delete(table).where(condition))
        await self.blank_of(chat_id)
        nameless = self._vault.seal(tables.staff.c.name, "")
        await self._execute(FORGET_NAME, {"chat": chat_id, "nameless": nameless})
        await self._execute(FORGET_PERSON, {"chat": chat_id})

    def _places(self, chat_id: int) -> list[tuple[sa.Table, sa.ColumnElement[bool]]]:
        """Tables and which rows of them."""
        lanes = [telegram_lane(chat_id), mail_lane(chat_id, self._vault)]
        counted = [self._vault.fingerprint(purpose, str(chat_id)) for purpose in ("mail from", "copy to")]
        return [
            *((table, table.c.chat_id == chat_id) for table in _OF_A_PERSON),
            (happenings, _of_complaints(chat_id)),
            (tables.outbox, tables.outbox.c.lane.in_(lanes)),
            (tables.proof_mails, tables.proof_mails.c.lookup.in_(counted)),
        ]

    def _told(self, table: sa.Table, row: sa.RowMapping) -> dict[str, object]:
        """A row as its person may see it: of a history that is not all."""
        told = self._readable(table, row)
        if table is not happenings:
            return told
        line = Happening(row["at"], row["side"], "", row["channel"], row["act"], str(told["text"] or ""))
        return {"number": row["number"], **told, "text": for_employee((line,))[0].text}

    def _readable(self, table: sa.Table, row: sa.RowMapping) -> dict[str, object]:
        if table is tables.outbox and row["channel"] == Channel.MAIL.value:
            # What it says is a link and a code, which serve whoever reads the mail and nobody else.
            moments = [tables.outbox.c.due_at, tables.outbox.c.sent_at]
            return {"mail": "to the own address", **{c.name: self._plain(c, row[c.name]) for c in moments}}
        told = [column for column in table.columns if not (column.name in _UNTOLD or column.name.endswith("_lookup"))]
        return {column.name: self._plain(column, row[column.name]) for column in told}

    def _plain(self, column: sa.Column[Any], value: object) -> object:
        """A value as JSON can hold it."""
        match value:
            case bytes():
                text = self._vault.open(column, value)
                return _without_copies(unpack(text)) if column in _HOLD_JSON else text
            case datetime():
                return value.astimezone(UTC).isoformat()
            case date():
                return value.isoformat()
            case _:
                return value


def _without_copies(value: object) -> object:
    """The payload of a document without the document: a copy that held earlier copies would double each time."""
    match value:
        case {"method": "sendDocument", "params": {"document": {"filename": str(name)}}}:
            return {"method": "sendDocument", "document": name}
        case _:
            return value


def _of_complaints(chat_id: int) -> sa.ColumnElement[bool]:
    """The history of this person's complaints, but for what staff noted for staff."""
    theirs = sa.select(complaints.c.id).where(complaints.c.chat_id == chat_id)
    return happenings.c.complaint_id.in_(theirs) & ~happenings.c.internal


def _all_of(table: sa.Table) -> sa.Select[Any]:
    if table is not happenings:
        return sa.select(table)
    return sa.select(happenings, complaints.c.number).join_from(happenings, complaints)
