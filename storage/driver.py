"""aiosqlite with one trip to its thread for each statement whose answer is waited for.

SQLite runs in a thread, and a trip there and back costs more than most statements do. aiosqlite makes four of them for
one: open a cursor, execute, fetch, close. Here the thread does all four at once and brings the rows back. Lists of rows
are written without an answer: they go along with the next statement or the commit, which raises what they met.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import aiosqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

Parameters: TypeAlias = "Sequence[object]"
Result: TypeAlias = "tuple[list[sqlite3.Row], object, int, int | None]"


class Cursor:
    """What SQLAlchemy asks of a cursor; the rows are here when `execute` returns."""

    arraysize = 1
    description: object = None
    rowcount = -1
    lastrowid: int | None = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[sqlite3.Row] = []

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Parameters = ()) -> None:
        self._take(await self._connection.run(lambda cursor: cursor.execute(statement, parameters)))

    async def executemany(self, statement: str, parameters: Sequence[Parameters]) -> None:
        self._connection.put_off(statement, parameters)

    async def fetchall(self) -> list[sqlite3.Row]:
        return self._rows

    async def close(self) -> None:
        self._rows = []

    def _take(self, result: Result) -> None:
        self._rows, self.description, self.rowcount, self.lastrowid = result


class Connection(aiosqlite.Connection):
    """A connection whose cursors stay in the thread. `begin` goes there with the first statement of a transaction."""

    begin: str
    _begun = False
    _waiting: Sequence[tuple[str, Sequence[Parameters]]] = ()

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy only needs what Cursor has
        return Cursor(self)

    def put_off(self, statement: str, rows: Sequence[Parameters]) -> None:
        """Do this before whatever goes to the thread next."""
        self._waiting = (*self._waiting, (statement, rows))

    async def run(self, action: Callable[[sqlite3.Cursor], object]) -> Result:
        """Do `action` with a new cursor in the thread, and bring back what it found."""
        result: Result = await self._execute(self._complete, action)  # type: ignore[no-untyped-call]  # aiosqlite's own
        return result

    async def commit(self) -> None:
        """Commit if there is something to."""
        if self._begun or self._waiting:
            await self._execute(self._finish)  # type: ignore[no-untyped-call]  # as above

    async def rollback(self) -> None:
        """Roll back if there is something to: SQLAlchemy asks for it whenever it puts a connection back."""
        self._begun, self._waiting = False, ()
        if self.in_transaction:
            await super().rollback()

    def _complete(self, action: Callable[[sqlite3.Cursor], object]) -> Result:
        cursor = self._conn.cursor()
        try:
            self._catch_up(cursor)
            action(cursor)
            return cursor.fetchall(), cursor.description, cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()

    def _finish(self) -> None:
        cursor = self._conn.cursor()
        try:
            self._catch_up(cursor)
        finally:
            cursor.close()
        self._begun = False
        self._conn.commit()

    def _catch_up(self, cursor: sqlite3.Cursor) -> None:
        """Begin the transaction if it has not, and do what was put off."""
        if not self._begun:
            cursor.execute(self.begin)
            self._begun = True
        waiting, self._waiting = self._waiting, ()
        for statement, rows in waiting:
            cursor.executemany(statement, rows)


async def connect(address: str, pragmas: Sequence[str], begin: str) -> Connection:
    """Open a SQLite file by its URI and set its pragmas; `begin` is the statement that opens its transactions."""
    connection = Connection(partial(sqlite3.connect, address, uri=True, isolation_level=None), iter_chunk_size=1)
    thread = connection._thread  # noqa: SLF001 - aiosqlite has no other way to it
    thread.daemon = True  # else a process that did not close it never ends
    connection.begin = begin
    try:
        await connection
        for pragma in pragmas:
            await connection.execute_fetchall(f"PRAGMA {pragma}")
    except BaseException:
        await connection.close()
        thread.join()  # its last words go to the event loop, which may be gone when they come
        raise
    return connection
