"""A database of the first version, which kept everything in plain text, goes on where it was, sealed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

import pytest
from alembic import command
from alembic.config import Config

from storage import Store, WrongSchema, schema
from storage import store as store_module
from storage.records import Memory, Settled, State
from storage.sqlite import SQLite
from tests.databases import RING, bare_url
from tests.storage.differences import differences
from tests.storage.rows import NOON, SITI

if TYPE_CHECKING:
    from sqlalchemy import Connection

CANARY: Final = "Surat Rekomendasi “Siti”"
ROWS: Final = Template("""
INSERT INTO people VALUES ($siti, 'id', NULL, $at);
INSERT INTO sessions VALUES ($siti, '{"said":"$canary"}', 'k0', $at);
INSERT INTO certificates VALUES ($siti, '2028-12-01', $at);
INSERT INTO dead_letters VALUES ('R-1', 'k', NULL, '$canary', 'KeyError', $at);
UPDATE intake SET epoch = 4, next_offset = 9
""")
MESSAGE: Final = Template("""
INSERT INTO outbox (key, lane, channel, kind, priority, payload, due_at, attempts, state)
VALUES ('k$n', 'lane $n', 'telegram', 'answer', 0, '{"text":"$canary"}', $at, 0, 'queued')
""")
PLAIN: Final = Template("""
SELECT position(convert_to('Surat Rekomendasi', 'UTF8') IN pg_read_binary_file(pg_relation_filepath('$table')))
""")
MESSAGES: Final = 1203  # more than are sealed at once


async def _make(url: str) -> None:
    database = store_module._database(url)
    await database.lead()
    async with database.writer.begin() as connection:
        await connection.run_sync(_fill)
    await database.close()


def _fill(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    at = "1795410000123456" if connection.dialect.name == "sqlite" else f"'{NOON.isoformat()}'"
    told = {"siti": SITI, "canary": CANARY, "at": at}
    messages = [MESSAGE.substitute(told, n=n) for n in range(MESSAGES)]
    for statement in (*ROWS.substitute(told).split(";"), *messages):
        connection.exec_driver_sql(statement)


async def test_everything_is_still_there(bare: str) -> None:
    await _make(bare)
    with pytest.raises(WrongSchema, match="older version"):
        await Store.open(bare, ring=RING, read_only=True)
    async with await Store.open(bare, ring=RING) as store:
        assert store.epoch == 5
        async with store._database.writer.begin() as connection:
            assert await connection.run_sync(differences) == []
        async with store.transaction() as tx:
            siti = Memory(SITI, "id", None, f'{{"said":"{CANARY}"}}', "k0", date(2028, 12, 1))
            assert await tx.memories([SITI]) == {SITI: siti}
            rows = await tx.claim(NOON, NOON, 9999, "relay")
            assert ({row.payload["text"] for row in rows}, len(rows)) == ({CANARY}, MESSAGES)
            assert [letter.raw for letter in await tx.dead_letters(9)] == [CANARY]
            assert await tx.next_offset() == 9
            await tx.save([Memory(SITI, "en", session="{}")], NOON)
            await tx.settle([Settled("k0", State.DEAD, NOON, 1, "refused")])


async def test_nothing_plain_is_left_in_the_file(tmp_path: Path) -> None:
    async with bare_url("sqlite", tmp_path) as url:
        await _make(url)
        assert _shows_canary(tmp_path)
        async with await Store.open(url, ring=RING):
            assert not _shows_canary(tmp_path)


async def test_a_kill_between_migration_and_rewrite_only_puts_it_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(_: SQLite) -> None:
        raise KeyboardInterrupt

    async with bare_url("sqlite", tmp_path) as url:
        await _make(url)
        with monkeypatch.context() as patched:
            patched.setattr(SQLite, "rewrite", die)
            with pytest.raises(KeyboardInterrupt):
                await Store.open(url, ring=RING)
        async with await Store.open(url, ring=RING):
            assert not _shows_canary(tmp_path)


async def test_no_row_of_the_server_holds_a_plain_column(tmp_path: Path) -> None:
    async with bare_url("postgresql", tmp_path) as url:
        await _make(url)
        async with await Store.open(url, ring=RING) as store, store._database.writer.begin() as connection:
            await connection.exec_driver_sql("CHECKPOINT")
            for table in ("sessions", "outbox", "dead_letters"):
                assert (await connection.exec_driver_sql(PLAIN.substitute(table=table))).scalar_one() == 0


def _shows_canary(folder: Path) -> bool:
    return any(CANARY.encode() in file.read_bytes() for file in folder.iterdir())
