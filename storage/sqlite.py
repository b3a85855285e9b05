"""SQLite: one file, one process, one connection that writes and checkpoints.

- A second process is kept out by a lock on `<file>.lock`, which the system releases however the process ends.
- The writing connection begins each transaction with `BEGIN IMMEDIATE`, and transactions wait in line for it in order.
- A commit is on the disk when it returns (`synchronous=FULL`); the write-ahead log lets readers go on meanwhile.
- What is deleted is overwritten with zeroes (`secure_delete`), in the file at once, in the log when it is scrubbed.
- Readers open the file read-only: such a connection cannot checkpoint either, not even as the last one that closes.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import copies
from storage.driver import connect
from storage.errors import Overtaken, Unavailable
from storage.failures import of_sqlite
from storage.shielding import to_the_end

if TYPE_CHECKING:
    from pathlib import Path

    from storage.driver import Connection
    from storage.records import Counts

READERS: Final = 2
PATIENCE: Final = 5000  # milliseconds
SCRUBBING: Final = 100  # the same, while everybody else waits
SAFE_VERSION: Final = (3, 51, 3)

# cache_size in KiB when negative; times in milliseconds; sizes in bytes.
COMMON: Final = (f"busy_timeout={PATIENCE}", "temp_store=MEMORY", "trusted_schema=OFF")
WRITING: Final = (
    *COMMON,
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "cache_size=-2048",
    "journal_size_limit=67108864",
)
READING: Final = (*COMMON, "query_only=ON", "cache_size=-1024")


def sqlite_note() -> str | None:
    """What to know about the SQLite of this machine; None if there is nothing."""
    if sqlite3.sqlite_version_info >= SAFE_VERSION:
        return None
    safe = ".".join(map(str, SAFE_VERSION))
    return (
        f"SQLite is {sqlite3.sqlite_version}. Before {safe} two connections that write at once can damage the file; "
        "Pandu writes with one. Let no other program write to its database."
    )


class FileLock:
    """A lock on a file, held by one process at a time; the file names the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock. `Overtaken`: another process has it; `Unavailable`: the file cannot be opened."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be opened ({error.strerror}). Check the folder.") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(file, 32).decode(errors="replace").strip() or "unknown"
            os.close(file)
            raise Overtaken(
                f"Another process (pid {holder}) serves {self._path.with_suffix('')}. "
                "Stop it first, or set PANDU_DATABASE_URL to another file.",
            ) from error
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def release(self) -> None:
        """Give the lock back. The file stays: to remove it would let two processes hold a lock each."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def lock_of(file: Path) -> FileLock:
    """The lock of a database file."""
    return FileLock(file.with_name(f"{file.name}.lock"))


class SQLite:
    """The database in one file."""

    def __init__(self, file: Path) -> None:
        self.turn = asyncio.Lock()
        self.writer = _engine(file, WRITING, begin="BEGIN IMMEDIATE", mode="rwc", connections=1)
        self.reader = _engine(file, READING, begin="BEGIN", mode="ro", connections=READERS)
        self._file = file
        self._lock = lock_of(file)

    async def lead(self) -> None:
        """Lock the file; a new one is readable by its owner alone."""
        self._lock.acquire()
        copies.verify_present(self._file)
        try:
            self._file.touch(mode=0o600)
        except OSError as error:
            raise Unavailable(f"{self._file} cannot be written ({error.strerror}). Check the folder.") from error

    async def backup(self, path: Path) -> Counts:
        """Copy the file while it is in use: the copy is one moment, and transactions go on meanwhile."""
        return await asyncio.to_thread(copies.backup, self._file, path)

    async def scrub(self) -> bool:
        """Move the log into the file and empty it; False: a reader still needs it."""
        busy = await self._alone(f"PRAGMA busy_timeout={SCRUBBING}", "PRAGMA wal_checkpoint(TRUNCATE)")
        await self._alone(f"PRAGMA busy_timeout={PATIENCE}")
        return busy == [0]

    async def rewrite(self) -> None:
        """Write the file anew, page by page, and empty the log."""
        await self._alone("VACUUM")
        await self.scrub()

    async def close(self) -> None:
        """Wait for a transaction to end, then close the readers first: whoever closes last, the writer, checkpoints."""
        async with self.turn:
            try:
                await self.reader.dispose()
                await self.writer.dispose()
            finally:
                self._lock.release()

    async def _alone(self, *statements: str) -> list[object]:
        """Do what no transaction can hold, while nobody else writes; answers the first column of the last."""
        async with self.turn, self.writer.connect() as connection:
            driver = cast("Connection", (await connection.get_raw_connection()).driver_connection)
            try:
                for statement in statements:
                    rows = await to_the_end(driver.execute_fetchall(statement))
            except sqlite3.Error as error:
                kind, sentence = of_sqlite(error)
                raise kind(sentence) from error
        return [row[0] for row in rows]


def _engine(file: Path, pragmas: tuple[str, ...], *, begin: str, mode: str, connections: int) -> AsyncEngine:
    return create_async_engine(
        "sqlite+aiosqlite:///file",
        async_creator=partial(connect, f"file:{quote(str(file.absolute()))}?mode={mode}", pragmas, begin),
        hide_parameters=True,  # an error may be logged, what people wrote may not
        max_overflow=0,
        pool_size=connections,
    )
