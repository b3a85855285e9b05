"""What only a file can suffer: a full disk, a second process, a copy, a restore."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage import Conflict, StorageError, Store, Unavailable, WrongSchema, restore, sqlite, sqlite_note
from storage.records import Outgoing
from tests.databases import RING, fresh_url
from tests.storage.rows import NOON, message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture
def file(url: str) -> Path:
    return Path(url.removeprefix("sqlite+aiosqlite:///"))


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with fresh_url("sqlite", tmp_path) as address:
        yield address


# A full disk


async def test_a_full_disk_changes_nothing_and_work_goes_on_when_there_is_room(store: Store) -> None:
    await _limit_pages(store, 0)
    for _ in range(3):
        with pytest.raises(Unavailable, match="disk of the database is full"):
            await _fill(store, "too much", 100)
    assert await _keys(store) == 0
    await _limit_pages(store, 1_000_000)
    await _fill(store, "fits", 100)
    assert await _keys(store) == 100


async def test_a_disk_that_refuses_a_commit_changes_nothing(store: Store, file: Path) -> None:
    await _fill(store, "before", 1)
    # Pages wait in memory, so it is the commit that meets the end of the file.
    with _largest_file(file.with_name(f"{file.name}-wal").stat().st_size + 8192):
        for _ in range(3):
            with pytest.raises(Unavailable, match=r"Check its disk|Make room"):
                await _fill(store, "too much", 100)
        assert await _keys(store) == 1
    await _fill(store, "after", 100)
    assert await _keys(store) == 101
    async with store._database.reader.connect() as connection:
        assert (await connection.exec_driver_sql("PRAGMA integrity_check")).scalar() == "ok"


async def _limit_pages(store: Store, spare: int) -> None:
    async with store._database.writer.begin() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages + spare}")


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes: what a full disk is, without filling one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def _fill(store: Store, name: str, rows: int) -> None:
    async with store.transaction() as tx:
        keys = [f"{name} {n}" for n in range(rows)]
        await tx.remember(keys, NOON)
        await tx.enqueue([Outgoing(key, key, {"text": "x" * 2000}, NOON) for key in keys])


async def _keys(store: Store) -> int:
    async with store.reading() as tx:
        rows = (await tx.counts()).rows
    assert rows["inbox"] == rows["outbox"]
    return rows["inbox"]


# How the file is opened


async def test_one_connection_writes_durably_and_readers_cannot(store: Store) -> None:
    async with store._database.writer.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "query_only")
        values = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar() for name in pragmas]
    assert values == ["wal", 2, 1, 0]
    assert store._database.writer.pool.size() == 1  # type: ignore[attr-defined]  # a queue pool, by the driver
    async with store._database.reader.connect() as connection:
        assert (await connection.exec_driver_sql("PRAGMA query_only")).scalar() == 1


async def test_the_file_is_for_its_owner_and_its_folder_is_made(tmp_path: Path) -> None:
    file = tmp_path / "data" / "new" / "pandu.db"
    await (await Store.open(f"sqlite+aiosqlite:///{file}", ring=RING)).close()
    assert file.stat().st_mode & 0o777 == 0o600


async def test_looking_at_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        await Store.open(f"sqlite+aiosqlite:///{tmp_path}/none.db", ring=RING, read_only=True)


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear Sir or Madam, " * 500)
    with pytest.raises(Unavailable, match="damaged"):
        await Store.open(f"sqlite+aiosqlite:///{file}", ring=RING)
    assert file.read_text().startswith("Dear Sir")


async def test_the_lock_names_the_process_and_ends_with_it(store: Store, url: str) -> None:
    with pytest.raises(Conflict, match=rf"pid {os.getpid()}\)"):
        await Store.open(url, ring=RING)
    ring = "from storage import Ring, Store; ring = Ring.parse(Ring.new_key())"
    script = f"import asyncio; {ring}; asyncio.run(Store.open({url!r}, ring=ring))"
    command = [sys.executable, "-c", script]
    second = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
    _, said = await second.communicate()
    assert b"Stop it first" in said
    await store.close()
    await (await Store.open(url, ring=RING)).close()


async def test_closing_waits_for_the_transaction_that_goes_on(store: Store, url: str) -> None:
    async with store.transaction() as tx:
        closing_down = asyncio.create_task(store.close())
        await tx.remember(["telegram:1"], NOON)
        with pytest.raises(Conflict):
            await Store.open(url, ring=RING)
    await closing_down
    async with await Store.open(url, ring=RING) as opened, opened.reading() as reading:
        assert await reading.seen(["telegram:1"]) == {"telegram:1"}


def test_an_old_sqlite_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    assert sqlite_note() is None
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    assert "Before 3.51.3" in (sqlite_note() or "")


# Copies


async def test_a_backup_is_one_moment_of_a_store_in_use(store: Store, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    writing = asyncio.create_task(_keep_writing(store))
    try:
        counts = [(await store.backup(copy)).rows for _ in range(5)]
    finally:
        writing.cancel()
    assert all(rows["inbox"] == rows["outbox"] for rows in counts)
    assert [rows["inbox"] for rows in counts] == sorted(rows["inbox"] for rows in counts)
    assert _beside(copy) == ["copy.db"]
    assert copy.stat().st_mode & 0o777 == 0o600
    with pytest.raises(asyncio.CancelledError):
        await writing


def _beside(file: Path) -> list[str]:
    return [path.name for path in file.parent.iterdir() if path.name.startswith(file.name)]


def _content(file: Path) -> bytes:
    return file.read_bytes()


async def _keep_writing(store: Store) -> None:
    for n in range(1_000_000):
        async with store.transaction() as tx:
            await tx.remember([f"telegram:{n}"], NOON)
            await tx.enqueue([message(f"telegram:{n}:0")])


async def test_a_backup_that_cannot_be_written_leaves_the_last_one(store: Store, file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    await store.backup(copy)
    was = copy.read_bytes()
    await _fill(store, "more", 100)
    with _largest_file(65536), pytest.raises(Unavailable):
        await store.backup(copy)
    assert copy.read_bytes() == was
    with pytest.raises(StorageError, match="over its own database"):
        await store.backup(file)
    with pytest.raises(Unavailable, match="cannot be written"):
        await store.backup(tmp_path / "nowhere" / "copy.db")


async def test_restore_puts_the_copy_back_and_keeps_what_was_there(
    store: Store,
    url: str,
    file: Path,
    tmp_path: Path,
) -> None:
    copy = tmp_path / "copy.db"
    await _fill(store, "early", 3)
    await store.backup(copy)
    await _fill(store, "late", 4)
    with pytest.raises(Conflict):
        restore(copy, file)
    # As after a kill: the last transactions are in the log only.
    killed = tmp_path / "killed.db"
    for part in ("", "-wal"):
        shutil.copyfile(f"{file}{part}", f"{killed}{part}")
    assert restore(copy, killed).rows["inbox"] == 3
    for name, keys in ((killed, 3), (Path(f"{killed}.before-restore"), 7)):
        async with await Store.open(f"sqlite+aiosqlite:///{name}", ring=RING) as opened:
            assert await _keys(opened) == keys
    await store.close()
    assert restore(copy, file).rows["inbox"] == 3
    async with await Store.open(url, ring=RING) as opened:
        assert opened.epoch == store.epoch + 1


async def test_each_restore_keeps_what_was_there(store: Store, file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    await store.backup(copy)
    await _fill(store, "late", 4)
    await store.close()
    late = _content(file)
    for _ in range(3):
        restore(copy, file)
    kept = [Path(f"{file}.before-restore{number}") for number in ("", ".2", ".3")]
    assert [_content(path) == late for path in kept] == [True, False, False]


async def test_a_restore_that_was_interrupted_is_no_new_beginning(
    store: Store, url: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.db"
    await store.backup(copy)
    await _fill(store, "late", 4)
    await store.close()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            restore(copy, file)
    with pytest.raises(Unavailable, match="Run `pandu restore` again"):
        await Store.open(url, ring=RING)
    restore(copy, file)
    async with await Store.open(url, ring=RING) as opened:
        assert await _keys(opened) == 0
    async with await Store.open(f"{url}.before-restore", ring=RING) as kept:
        assert await _keys(kept) == 4


async def test_a_copy_that_is_not_whole_is_not_restored(store: Store, file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    await _fill(store, "row", 100)
    await store.backup(copy)
    await store.close()
    was = _content(file)
    whole = copy.read_bytes()
    copy.write_bytes(whole[:40960] + b"\xff" * 8192 + whole[49152:])
    with pytest.raises(Unavailable, match="damaged"):
        restore(copy, file)
    copy.write_bytes(whole)
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WrongSchema, match="newer"):
        restore(copy, file)
    with closing(sqlite3.connect(tmp_path / "other.db", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE other (id INTEGER)")
    with pytest.raises(WrongSchema, match="not a database of Pandu"):
        restore(tmp_path / "other.db", file)
    with pytest.raises(Unavailable):
        restore(tmp_path / "none.db", file)
    assert _content(file) == was


def test_the_lock_of_a_file_lies_beside_it(tmp_path: Path) -> None:
    lock = sqlite.lock_of(tmp_path / "pandu.db")
    lock.acquire()
    lock.release()
    assert (tmp_path / "pandu.db.lock").read_text() == f"{os.getpid()}\n"
