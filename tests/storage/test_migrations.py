"""The migrations make the tables that the code speaks of, from nothing, once, and wholly."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from alembic.script import ScriptDirectory

from storage import Store, Unavailable, WrongSchema, schema
from tests.databases import RING, Kind, bare_url
from tests.storage.differences import differences
from tests.storage.victims import Victims

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_migrations_make_the_tables_of_the_code(bare: str) -> None:
    async with await Store.open(bare, ring=RING) as store, store._database.writer.begin() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(schema.version) == schema.known_versions()[0]


def test_the_versions_are_those_of_the_migrations() -> None:
    scripts = ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()
    assert schema.known_versions() == tuple(script.revision for script in scripts)


async def test_a_difference_would_be_seen(bare: str) -> None:
    async with await Store.open(bare, ring=RING) as store, store._database.writer.begin() as connection:
        await connection.exec_driver_sql("DROP INDEX ix_outbox_lane")
        await connection.exec_driver_sql("ALTER TABLE people DROP COLUMN language")
        assert len(await connection.run_sync(differences)) == 2


async def test_an_empty_database_is_not_served_without_migrating(bare: str) -> None:
    with pytest.raises(WrongSchema, match="pandu migrate"):
        await Store.open(bare, ring=RING, migrate=False)
    await (await Store.open(bare, ring=RING)).close()
    await (await Store.open(bare, ring=RING, migrate=False)).close()


async def test_looking_at_an_empty_database_makes_nothing(bare: str) -> None:
    with pytest.raises((Unavailable, WrongSchema)):
        await Store.open(bare, ring=RING, read_only=True)


@pytest.mark.parametrize("migrate", [True, False])
async def test_a_newer_database_is_left_alone(store: Store, url: str, *, migrate: bool) -> None:
    async with store._database.writer.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await store.close()
    with pytest.raises(WrongSchema, match="newer version"):
        await Store.open(url, ring=RING, migrate=migrate)


async def test_a_kill_while_migrating_leaves_nothing_half_made(
    kind: Kind,
    tmp_path: Path,
    victims: Victims,
) -> None:
    for point in count(1, step=7):
        async with bare_url(kind, tmp_path) as url:
            killed = victims.run(url, tmp_path / "sent", point)
            async with await Store.open(url, ring=RING) as store, store._database.writer.begin() as connection:
                assert await connection.run_sync(differences) == []
        if not killed or point > 40:
            break
