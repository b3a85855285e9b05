"""What a database says when it fails, in the words of `storage.errors`.

Drivers speak in numbers: SQLite's primary result code (https://sqlite.org/rescode.html) and PostgreSQL's five-letter
SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html).
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.errors import Conflict, Overtaken, StorageError, Unavailable, WrongSchema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    Meaning: TypeAlias = tuple[type[StorageError | ValueError], str]

BUSY: Final = "Another transaction is in the way; this one is tried again."
DAMAGED: Final = "The database file is damaged. Stop the program and put back a copy with `pandu restore`."
NO_ANSWER: Final = "The database does not answer. Check that its server runs; it is tried again."
NO_ROOM: Final = "The disk of the database is full. Make room on it; work goes on by itself."
NOT_LET_IN: Final = "The database server refuses this name, password or database. Check PANDU_DATABASE_URL."
NOT_STORABLE: Final = "The database cannot hold this value."
NOT_WRITABLE: Final = "The database file cannot be read or written. Check its disk, folder and permissions."
OTHER_PROCESS: Final = "Another process serves this database. Stop it first, or give this one a database of its own."
OTHER_TABLES: Final = "The tables are not those of this version. Run `pandu migrate` with the newest version."
STORED_ALREADY: Final = "The same thing is stored already: another process, or an earlier run, did this work."

SQLITE: Final[Mapping[int, Meaning]] = {
    sqlite3.SQLITE_BUSY: (Unavailable, BUSY),
    sqlite3.SQLITE_LOCKED: (Unavailable, BUSY),
    sqlite3.SQLITE_CORRUPT: (Unavailable, DAMAGED),
    sqlite3.SQLITE_NOTADB: (Unavailable, DAMAGED),
    sqlite3.SQLITE_FULL: (Unavailable, NO_ROOM),
    sqlite3.SQLITE_CANTOPEN: (Unavailable, NOT_WRITABLE),
    sqlite3.SQLITE_IOERR: (Unavailable, NOT_WRITABLE),
    sqlite3.SQLITE_PERM: (Unavailable, NOT_WRITABLE),
    sqlite3.SQLITE_READONLY: (Unavailable, NOT_WRITABLE),
    sqlite3.SQLITE_CONSTRAINT: (ValueError, NOT_STORABLE),
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: (Conflict, STORED_ALREADY),
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: (Conflict, STORED_ALREADY),
    sqlite3.SQLITE_ERROR: (WrongSchema, OTHER_TABLES),
}
"""By extended code, then by primary code, which is its lowest byte."""

POSTGRESQL: Final[Mapping[str, Meaning]] = {
    "08": (Unavailable, NO_ANSWER),
    "22": (ValueError, NOT_STORABLE),
    "23": (ValueError, NOT_STORABLE),
    "23505": (Conflict, STORED_ALREADY),
    "25006": (Unavailable, NOT_WRITABLE),
    "28": (Unavailable, NOT_LET_IN),
    "3D": (Unavailable, NOT_LET_IN),
    "40": (Unavailable, BUSY),
    "42": (WrongSchema, OTHER_TABLES),
    "53": (Unavailable, NO_ANSWER),
    "53100": (Unavailable, NO_ROOM),
    "55P03": (Overtaken, OTHER_PROCESS),
    "57": (Unavailable, NO_ANSWER),
    "58": (Unavailable, NOT_WRITABLE),
}
"""By state, then by class, which is its first two letters."""


@contextmanager
def plainly() -> Iterator[None]:
    """Raise what a driver raises as a `StorageError`; a value that cannot be stored as a `ValueError`."""
    try:
        yield
    except DBAPIError as error:
        kind, sentence = meaning(error)
        raise kind(sentence) from error
    except StatementError as error:
        # A value was refused on its way to the driver: what was raised there says it best.
        raise error.orig or error from error
    except OverflowError as error:
        raise ValueError(NOT_STORABLE) from error
    except (OSError, PoolTimeout) as error:
        raise Unavailable(f"{NO_ANSWER} ({error})") from error


def meaning(error: DBAPIError) -> Meaning:
    """Tell the class and the sentence for what a driver said."""
    cause = error.orig
    if error.connection_invalidated:
        return Unavailable, NO_ANSWER
    if isinstance(cause, sqlite3.Error):
        return of_sqlite(cause)
    state = str(getattr(cause, "sqlstate", None) or "08")
    return POSTGRESQL.get(state) or POSTGRESQL.get(state[:2]) or (Unavailable, f"{NO_ANSWER} (SQLSTATE {state})")


def of_sqlite(error: sqlite3.Error) -> Meaning:
    """Tell the class and the sentence for what SQLite said."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR)  # not set by errors of the module itself
    return SQLITE.get(code) or SQLITE.get(code & 0xFF) or (Unavailable, f"{NOT_WRITABLE} ({error.sqlite_errorname})")
