"""Complaints as a table for a spreadsheet: one text, whether it leaves by the command line or in a chat.

It opens by a double click in the Excel of an Indonesian office: semicolons between the cells, because the comma is the
decimal sign there, and a byte order mark, by which Excel sees that it is UTF-8. Every cell stands in quotes, so that
LibreOffice, which may take commas for ends of cells as well, leaves the commas of a text alone.

Of confidential complaints it tells neither who, nor what they wrote. They are shown to few, each time anew by their
role; a file is asked for no role once it has left.
"""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING

from conversations.cards import ROLES
from conversations.complaint import Level
from conversations.complaint_words import STATES, category_label
from conversations.people import Role
from conversations.text import N_, Text, Value

if TYPE_CHECKING:
    from bot.catalogs import Catalog
    from conversations.facts import Book
    from storage.records import Exported

SEPARATOR = ";"
BYTE_ORDER_MARK = "\ufeff"

_SIGNS = "=+\\-@＝＋－＠"
_AT_THE_START = re.compile(rf'(?=[\t\r\n]|[\s"]*[{_SIGNS}])')
_FURTHER_ON = re.compile(rf'(?<=[,;\t\r\n])(?=(?:[^\S\t\r\n]|")*[{_SIGNS}])')

_LEVELS: Mapping[Level, Role] = {Level.OFFICER: Role.OFFICER, Level.OFFICIAL: Role.OFFICIAL}


def safe(text: str) -> str:
    """A cell of which no spreadsheet takes anything for a formula (CWE-1236): an apostrophe stands before it.

    Not only at its start: a spreadsheet that goes by another separator ends the cell at a comma or a line break of the
    text, and what follows would be a cell of its own.
    """
    return _FURTHER_ON.sub("'", f"'{text}" if _AT_THE_START.match(text) else text)


async def lines(rows: AsyncIterator[Exported], book: Book, catalog: Catalog) -> AsyncIterator[str]:
    """The table, line by line: the first names the columns, then one a complaint."""
    sheet = _Sheet(book, catalog)
    yield BYTE_ORDER_MARK + _line([catalog.plain(Text(title)) for title in COLUMNS])
    async for row in rows:
        yield _line([make(sheet, row) for make in COLUMNS.values()])


def _line(cells: Sequence[str]) -> str:
    out = StringIO()
    csv.writer(out, delimiter=SEPARATOR, quoting=csv.QUOTE_ALL).writerow([safe(cell) for cell in cells])
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What cells are made with. Moments are those of the city, as every spreadsheet reads and sorts them."""

    book: Book
    catalog: Catalog

    def words(self, said: Value) -> str:
        return self.catalog.plain(Text("{said}", {"said": said}))

    def moment(self, at: datetime | None) -> str:
        return "" if at is None else at.astimezone(self.catalog.zone).strftime("%Y-%m-%d %H:%M")

    def minutes(self, row: Exported) -> str:
        filed_at, answered_at = row.complaint.filed_at, row.answered_at
        return "" if answered_at is None else str(self.book.calendar.service_minutes(filed_at, answered_at))

    def shown(self, row: Exported, text: str) -> str:
        """What is not told of a confidential complaint."""
        return "" if row.complaint.confidential else text


COLUMNS: Mapping[str, Callable[[_Sheet, Exported], str]] = {
    N_("Number"): lambda _, row: row.complaint.number,
    N_("State"): lambda sheet, row: sheet.words(Text(STATES[row.complaint.status])),
    N_("Level"): lambda sheet, row: sheet.words(Text(ROLES[_LEVELS[row.complaint.level]])),
    N_("Category"): lambda sheet, row: sheet.words(category_label(row.complaint, sheet.book)),
    N_("Confidential"): lambda sheet, row: sheet.words(Text(N_("yes") if row.complaint.confidential else N_("no"))),
    N_("Received"): lambda sheet, row: sheet.moment(row.complaint.filed_at),
    N_("Due"): lambda sheet, row: sheet.moment(row.complaint.due_at),
    N_("First answer"): lambda sheet, row: sheet.moment(row.answered_at),
    N_("Minutes of service until the first answer"): lambda sheet, row: sheet.minutes(row),
    N_("Escalated"): lambda sheet, row: sheet.moment(row.escalated_at),
    N_("Closed"): lambda sheet, row: sheet.moment(row.closed_at),
    N_("Held by"): lambda _, row: row.complaint.holder_name,
    N_("Name"): lambda sheet, row: sheet.shown(row, row.complaint.name),
    N_("Unit"): lambda sheet, row: sheet.shown(row, row.complaint.unit),
    N_("Text"): lambda sheet, row: sheet.shown(row, row.complaint.text),
    N_("Files"): lambda _, row: str(len(row.complaint.attachments)),
}
"""What stands in the table, by the msgid of its title."""
