"""The door to what is remembered: open it, and read or write in transactions."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from storage import copies, schema
from storage.errors import Unavailable
from storage.failures import plainly
from storage.postgresql import PostgreSQL
from storage.rotation import walks
from storage.shielding import to_the_end
from storage.sqlite import SQLite, lock_of
from storage.transaction import Transaction
from storage.vault import owe, owes, pay, unlock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Self

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from storage.database import Database
    from storage.records import Counts
    from storage.sealing import Ring
    from storage.vault import Vault


class Store:
    """One open database: `async with await Store.open(url, ring=ring) as store`.

    `epoch` counts the processes that led it, this one included; 0 if it is open for reading.
    """

    def __init__(self, database: Database, ring: Ring) -> None:
        self._database = database
        self._ring = ring
        self._vault: Vault
        self.epoch = 0

    @classmethod
    async def open(cls, url: str, *, ring: Ring, migrate: bool = True, read_only: bool = False) -> Store:
        """Open the database at `url` (`sqlite+aiosqlite:///data/pandu.db`, `postgresql+asyncpg://host/name`).

        For writing, this process becomes the only one that does, brings the tables to this version if `migrate`,
        raises the epoch, and seals anew what was sealed with an older key than the first of `ring`. Raises
        `Unavailable`, `Overtaken`, `WrongSchema` or `SealBroken`; then nothing stays open.
        """
        store = cls(_database(url), ring)
        try:
            await (store._look() if read_only else store._lead(migrate=migrate))
        except BaseException:
            await to_the_end(store.close())
            raise
        return store

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Write: all of it is stored when the block ends, or nothing if it raises.

        On SQLite one at a time, in the order in which they were asked for. A cancellation inside the block undoes it;
        one that comes while it commits is raised when that is done.
        """
        async with self._database.turn, _begun(self._database.writer, self._vault, writes=True) as transaction:
            yield transaction

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Read one moment of the database, beside whoever writes; writing raises."""
        async with _begun(self._database.reader, self._vault, writes=False) as transaction:
            yield transaction

    async def backup(self, path: Path) -> Counts:
        """Copy the database to `path` while it is in use; answers how many rows the checked copy has of each table.

        Raises `StorageError`: not possible here, or the copy could not be written.
        """
        return await self._database.backup(path)

    def fingerprint(self, purpose: str, value: str) -> str:
        """What a value is stored and looked up as: 32 hex digits that only this database can make of it.

        Purposes keep fingerprints apart: `email` and `nip` of an employee, `token`, `code`, and for the count of mails
        `mail from` (a chat) and `mail to` (an address).
        """
        return self._vault.fingerprint(purpose, value)

    async def reseal(self) -> int:
        """Seal anew what was sealed with an older key; answers how many values.

        It may be interrupted at any moment: each value names its key, and the vault's own turn comes last.
        """
        async with self.reading() as tx:
            if await tx.rotation.is_done():
                return 0
        count = 0
        for column in walks():
            while not column.done:
                async with self.transaction() as tx:
                    count += await tx.rotation.go_on(column)
        return count

    async def scrub(self) -> bool:
        """Have nothing on the disk of what was erased; False: somebody still reads what was before, try again later."""
        with plainly():
            return await self._database.scrub()

    async def close(self) -> None:
        """End all connections and let another process lead."""
        await self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _look(self) -> None:
        with plainly():
            async with self._database.reader.connect() as connection:
                await connection.run_sync(schema.verify)
                self._vault = await connection.run_sync(partial(unlock, ring=self._ring, make=False))

    async def _lead(self, *, migrate: bool) -> None:
        await self._database.lead()
        with plainly():
            async with self._database.writer.begin() as connection:
                changed = migrate and await connection.run_sync(partial(schema.upgrade, ring=self._ring))
                await connection.run_sync(schema.verify)
                self._vault = await connection.run_sync(partial(unlock, ring=self._ring, make=True))
                if changed:
                    await connection.run_sync(partial(owe, ring=self._ring))
                owed = await connection.run_sync(owes)
            if owed:
                await self._rewrite()
        async with self.transaction() as transaction:
            self.epoch = await transaction.take_lead()
        await self.reseal()

    async def _rewrite(self) -> None:
        """Leave nothing of what a migration removed; the debt is in the database, so a kill only puts it off."""
        await self._database.rewrite()
        async with self._database.writer.begin() as connection:
            await connection.run_sync(pay)


def restore(backup: Path, target: Path) -> Counts:
    """Put the copy `backup` in the place of the SQLite file `target`, checked first; answers what it holds.

    What was there stays beside it as `<target>.before-restore`, or with a number if there is such a file already.
    `Overtaken`: a process serves `target`; `Unavailable`, `WrongSchema`: the copy is damaged or of a newer version.
    Then `target` is as it was.
    """
    copies.check(backup)
    lock = lock_of(target)
    lock.acquire()
    try:
        return copies.put_back(backup, target)
    finally:
        lock.release()


def _database(url: str) -> Database:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise Unavailable("PANDU_DATABASE_URL is not the address of a database.") from error
    match address.drivername:
        case "sqlite+aiosqlite" if address.database and address.database != ":memory:":
            return SQLite(Path(address.database))
        case "postgresql+asyncpg":
            return PostgreSQL(address)
    raise Unavailable(
        "PANDU_DATABASE_URL begins with `sqlite+aiosqlite:///` and a file, or with `postgresql+asyncpg://`.",
    )


@asynccontextmanager
async def _begun(engine: AsyncEngine, vault: Vault, *, writes: bool) -> AsyncIterator[Transaction]:
    connection = engine.connect()
    try:
        with plainly():
            await to_the_end(_begin(connection))
        transaction = Transaction(connection, vault, writes=writes)
        yield transaction
        await transaction.finish()
        with plainly():
            await to_the_end(connection.commit())
    finally:
        if connection.sync_connection is not None:
            await to_the_end(_give_back(connection))


async def _begin(connection: AsyncConnection) -> None:
    await connection.start()
    await connection.begin()


async def _give_back(connection: AsyncConnection) -> None:
    """Undo what was not committed; a connection that cannot even do that is not used again.

    SQLAlchemy's `close` alone would leave a transaction open whose commit has failed.
    """
    try:
        await connection.rollback()
    except SQLAlchemyError:
        await connection.invalidate()
    await connection.close()
