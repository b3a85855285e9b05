"""Complaints as a file in the chat of who asked for it; in the audit stand who, which period and how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.trace import note
from bot.scene import LARGEST_FILE
from bot.spreadsheet import lines
from conversations import export
from conversations.events import ComplaintsExported

if TYPE_CHECKING:
    from datetime import date, datetime

    from bot.commands.office import Errand
    from conversations.effects import ExportComplaints


async def send(errand: Errand, command: ExportComplaints) -> ComplaintsExported:
    """Enqueue the table of a period; one that is too large is given up as soon as that shows."""
    period = command.period
    since, until = _midnight(errand, period.first), _midnight(errand, period.after)
    written, size = list[str](), 0
    async for line in lines(errand.tx.complaints.export(since, until), errand.book, errand.scene.catalog):
        written.append(line)
        size += len(line.encode())
        if size > LARGEST_FILE:
            return ComplaintsExported(errand.at, "too_large", period)
    count = len(written) - 1  # without the titles
    if not count:
        return ComplaintsExported(errand.at, "none", period)
    errand.scene.send_file(_filename(command), "".join(written), export.caption(period, count))
    await note(errand, "exported", details={"period": period.write(), "complaints": str(count)})
    return ComplaintsExported(errand.at, "sent", period, count)


def _midnight(errand: Errand, day: date | None) -> datetime | None:
    return None if day is None else errand.book.midnight(day)


def _filename(command: ExportComplaints) -> str:
    return f"aduan-{command.period.write()}.csv"
