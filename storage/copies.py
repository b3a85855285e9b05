"""Copies of a SQLite file: made while it is in use, checked before anybody relies on them, put back with care."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from itertools import chain, count
from typing import TYPE_CHECKING
from urllib.parse import quote

from storage import schema
from storage.errors import StorageError, Unavailable, WrongSchema
from storage.failures import of_sqlite
from storage.records import Counts
from storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def backup(file: Path, path: Path) -> Counts:
    """Copy `file` to `path`, checked; answers how many rows the copy has of each table.

    What was at `path` is replaced only by a copy that is whole. `Unavailable`: it could not be written or is damaged.
    """
    if path.exists() and path.samefile(file):
        raise StorageError("A backup cannot be written over its own database. Give another file.")
    with _plainly(path), _unfinished(path) as copy:
        _copy(file, copy)
        counts = check(copy)
        copy.replace(path)
        sync(path.parent)
    return counts


def put_back(path: Path, target: Path) -> Counts:
    """Make `target` the checked copy at `path`, and keep what was there as `<target>.before-restore`.

    Whoever calls holds the lock of `target`. At each moment `target` is whole or missing, and it is missing only when
    what was there is kept: `verify_present` tells that from a database that never was.
    """
    with _plainly(target), _unfinished(target) as copy:
        _copy(path, copy)
        counts = check(copy)
        _keep(target)
        # An old write-ahead log beside the new file would be played into it, and the old file is not whole without it.
        for part in ("", "-wal", "-shm"):
            target.with_name(f"{target.name}{part}").unlink(missing_ok=True)
        sync(target.parent)
        copy.replace(target)
        sync(target.parent)
    return counts


def verify_present(file: Path) -> None:
    """Refuse to begin anew where a restore was interrupted. `Unavailable`: it was."""
    kept = file.with_name(f"{file.name}.before-restore")
    if kept.exists() and not file.exists():
        raise Unavailable(
            f"{file} is missing: putting a copy back was interrupted. Run `pandu restore` again; what was there before "
            f"is {kept}."
        )


def check(path: Path) -> Counts:
    """Open a copy, check each page, index and version of it, and count its rows. `Unavailable`, `WrongSchema`."""
    with _plainly(path), closing(_open(path, mode="ro")) as connection:
        findings = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
        if findings != ["ok"]:
            raise Unavailable(f"{path} is damaged ({findings[0]}). Take another copy.")
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise Unavailable(f"{path} is damaged (rows without their person). Take another copy.")
        versions = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
        schema.verify_version(versions[0] if versions else None, old_is_fine=True)
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return Counts({name: _count(connection, name) for name in names if name in metadata.tables})


def _keep(file: Path) -> None:
    """Give a file and its log a second name that no earlier one has."""
    if not file.exists():
        return
    names = chain([f"{file.name}.before-restore"], (f"{file.name}.before-restore.{number}" for number in count(2)))
    kept = next(name for name in names if not file.with_name(name).exists())
    for part in ("-wal", ""):
        old = file.with_name(f"{file.name}{part}")
        if old.exists():
            file.with_name(f"{kept}{part}").unlink(missing_ok=True)  # the log of a try that got no further
            file.with_name(f"{kept}{part}").hardlink_to(old)
    sync(file.parent)


def _count(connection: sqlite3.Connection, table: str) -> int:
    row: tuple[int] = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 - one of our tables
    return row[0]


def _copy(source: Path, copy: Path) -> None:
    """Copy one moment of `source`, in one step: in smaller ones, each commit meanwhile would start it anew."""
    with closing(_open(source, mode="ro")) as origin, closing(_open(copy, mode="rwc")) as target:
        origin.backup(target, pages=-1)
        # A copy is one file, also when it is opened: no log beside it.
        target.execute("PRAGMA journal_mode=DELETE")
    sync(copy)


def _open(path: Path, *, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode={mode}", uri=True, isolation_level=None)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """A place beside `path` for a file that is not whole yet; nothing of it stays behind."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL, 0o600))
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _plainly(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        kind, sentence = of_sqlite(error)
        if issubclass(kind, WrongSchema):
            raise WrongSchema(f"{path} is not a database of Pandu.") from error
        raise kind(f"{path}: {sentence}") from error
    except OSError as error:
        raise Unavailable(f"{path} cannot be written ({error.strerror}). Check its disk and folder.") from error
