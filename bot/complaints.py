"""The commands that read complaints, also while Pandu serves: the history of one, and all of them as a table."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from bot.app import load_service
from bot.catalogs import DEFAULT, LANGUAGES, load
from bot.clock import SystemClock
from bot.keeping import FILE, opened
from bot.plainly import plainly
from bot.settings import read_settings
from bot.spreadsheet import lines
from conversations.facts import Book
from storage import StorageError

if TYPE_CHECKING:
    from conversations.complaint import Complaint, Happening


@click.command()
@click.argument("number")
@plainly
def complaint(number: str) -> None:
    """Print a complaint and its whole history. NUMBER is ADU-2026-00017, or 17 for one of this year."""
    settings = read_settings()
    book = Book.of(load_service(settings))

    async def read() -> None:
        wanted = whole(number, book.calendar.today(SystemClock().now()).year)
        async with opened(settings, read_only=True) as store, store.reading() as tx:
            found = await tx.complaints.get(wanted, lock=False)
            if found is None:
                raise StorageError(f"There is no complaint {wanted}.")
            history = await tx.complaints.history(wanted)
        for line in told(found, history, book):
            click.echo(line)

    asyncio.run(read())


@click.command()
@click.option("--csv", "file", type=FILE, required=True, help="The file to write, for a spreadsheet.")
@click.option("--language", type=click.Choice(LANGUAGES), default=DEFAULT, show_default=True)
@plainly
def complaints(file: Path, language: str) -> None:
    """Write all complaints into a table, the one that /ekspor sends.

    Of confidential ones it tells neither who, nor what they wrote.
    """
    settings = read_settings()
    book = Book.of(load_service(settings))
    catalog = load(book.service.zone.tz)[language]

    async def write() -> int:
        count = -1  # the first line names the columns
        async with opened(settings, read_only=True) as store, store.reading() as tx:
            with private(file) as out:
                async for line in lines(tx.complaints.export(), book, catalog):
                    out.write(line)
                    count += 1
        return count

    click.echo(f"{file}: {asyncio.run(write())} complaints. It holds personal data: only you can read it.")


def whole(number: str, year: int) -> str:
    """The whole number of what somebody typed; `17` is one of this year."""
    typed = number.strip().lstrip("#")
    return f"ADU-{year:04}-{int(typed):05}" if typed.isascii() and typed.isdigit() else typed.upper()


def told(found: Complaint, history: Sequence[Happening], book: Book) -> Iterator[str]:
    """A complaint and what happened to it, line by line; times are those of the city."""
    unknown = "somebody whose data were erased" if found.person is None else "somebody who is not registered"
    who = ", ".join(part for part in (found.name, found.unit) if part) or unknown
    holder = f", {found.holder_name}" if found.holder_name else ""
    yield f"{found.number}  {found.status}, {found.level}{holder}{', confidential' if found.confidential else ''}"
    yield f"Category  {found.category}"
    yield f"Filed     {_moment(found.filed_at, book)}"
    yield f"Due       {_moment(found.due_at, book)}"
    yield f"From      {who}"
    for title, text in (("Text", found.text), ("Origin", found.origin)):
        if text:
            yield f"{title:10}{_indented(text)}"
    if found.attachments:
        yield f"Files     {', '.join(file.name or file.kind for file in found.attachments)}"
    yield ""
    for one in history:
        minutes = book.calendar.service_minutes(found.filed_at, one.at)
        by = f"{one.side} {one.actor}".strip()
        inner = " (internal)" if one.internal else ""
        yield f"{_moment(one.at, book)}  {minutes:6} min  {one.act}{inner}  by {by}, {one.channel}"
        if one.text:
            yield f"{'':10}{_indented(one.text)}"
        if one.attachments:
            yield f"{'':10}[{', '.join(file.name or file.kind for file in one.attachments)}]"


@contextmanager
def private(file: Path) -> Iterator[TextIO]:
    """Write a file that only its owner can read, and that is there only when it is complete."""
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            yield out
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _moment(at: datetime, book: Book) -> str:
    return at.astimezone(book.service.zone.tz).strftime("%Y-%m-%d %H:%M")


def _indented(text: str) -> str:
    """A text of several lines; whatever would move a terminal's cursor is left out."""
    lines = ("".join(sign for sign in line if sign.isprintable()) for line in text.splitlines())
    return f"\n{'':10}".join(lines)


COMMANDS = (complaint, complaints)
"""What `pandu` offers of this."""
