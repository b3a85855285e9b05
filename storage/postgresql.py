"""PostgreSQL: several processes may stand by, one leads.

The leader holds an advisory lock on a connection of its own, so the server gives the lead away the moment that the
leader is gone. A leader that was only paused does not know that: therefore each transaction checks the epoch as well.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import StorageError
from storage.failures import plainly
from storage.tables import SEALED

if TYPE_CHECKING:
    from pathlib import Path

    from storage.records import Counts

CONNECTIONS: Final = 4

# The letters of "pandu": any number does, if no other program on the same database locks it.
LEADER: Final = int.from_bytes(b"pandu", "big")

# How long a starting process waits for the one before it to be gone from the server; milliseconds.
PATIENCE: Final = 2000

# asyncpg: seconds. A transaction whose process was paused is ended by the server, or it would hold its rows for ever.
CONNECTING: Final = {
    "timeout": 5,
    "command_timeout": 60,
    "server_settings": {
        "application_name": "pandu",
        "idle_in_transaction_session_timeout": "60s",
        "timezone": "UTC",
    },
}


class PostgreSQL:
    """The database on a server."""

    def __init__(self, url: URL) -> None:
        self.turn = nullcontext()  # rows are locked where they are used
        self.writer = create_async_engine(
            url,
            connect_args=CONNECTING,
            hide_parameters=True,  # an error may be logged, what people wrote may not
            pool_pre_ping=True,
            pool_size=CONNECTIONS,
        )
        self.reader: AsyncEngine = self.writer.execution_options(
            isolation_level="REPEATABLE READ",
            postgresql_readonly=True,
        )
        self._standing = create_async_engine(
            url,
            connect_args=CONNECTING,
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
        )
        self._patient = create_async_engine(
            url,
            connect_args={**CONNECTING, "command_timeout": None},
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
        )
        self._lead: AsyncConnection | None = None

    async def lead(self) -> None:
        """Take the advisory lock."""
        with plainly():
            self._lead = await self._standing.connect()
            await self._lead.execute(text(f"SET lock_timeout = {PATIENCE}"))
            await self._lead.execute(text("SELECT pg_advisory_lock(:leader)"), {"leader": LEADER})

    async def backup(self, path: Path) -> Counts:
        """Refuse: the server has a better tool."""
        raise StorageError(f"This database is on PostgreSQL. Copy it with `pg_dump --format=custom --file={path}`.")

    async def scrub(self) -> bool:
        """Leave it to the server, whose autovacuum gives the room of removed rows to others."""
        return True

    async def rewrite(self) -> None:
        """Write the tables anew that hold sealed columns: a dropped column stays in the rows that had it.

        Copies of the server's own (its write-ahead log, base backups, replicas) are older and keep what was plain until
        the server recycles them: whoever migrates a database of the first version has to see to that.
        """
        names = ", ".join(sorted({column.table.name for column in SEALED}))
        async with self._patient.connect() as connection:
            await connection.execute(text(f"VACUUM FULL {names}"))

    async def close(self) -> None:
        """Close the connections; the one that leads is the last."""
        await self.writer.dispose()
        if self._lead is not None:
            await self._lead.close()
        await self._standing.dispose()
