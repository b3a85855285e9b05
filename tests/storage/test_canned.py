"""Canned answers, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conversations.canned import MOST, Canned
from conversations.people import Role
from storage.complaint_tables import canned_answers
from tests.storage.rows import BUDI, NOON, SITI, after, meet

if TYPE_CHECKING:
    from storage import Store


@pytest.fixture
async def ratna(store: Store) -> int:
    """A member of staff."""
    await meet(store, SITI, BUDI)
    async with store.transaction() as tx:
        return await tx.staff.appoint(Role.OFFICER, "Ratna", "", BUDI, NOON)


async def test_the_one_that_was_used_last_comes_first(store: Store, ratna: int) -> None:
    async with store.transaction() as tx:
        assert await tx.canned.all() == ()
        first = await tx.canned.keep("Ganti peramban", "Mohon pakai “Chrome”.", ratna, NOON)
        second = await tx.canned.keep("Hapus cache", "Mohon hapus cache.", ratna, after(1))
    assert first is not None
    assert second is not None
    chrome, cache = (
        Canned(first, "Ganti peramban", "Mohon pakai “Chrome”."),
        Canned(second, "Hapus cache", "Mohon hapus cache."),
    )
    async with store.transaction() as tx:
        assert await tx.canned.all() == (cache, chrome)
        await tx.canned.use(first, after(2))
        await tx.canned.use(second + 100, after(3))
    async with store.reading() as tx:
        assert await tx.canned.all() == (chrome, cache)


async def test_one_is_removed_once(store: Store, ratna: int) -> None:
    async with store.transaction() as tx:
        number = await tx.canned.keep("Ganti peramban", "Mohon pakai Chrome.", ratna, NOON)
        assert number is not None
        assert await tx.canned.remove(number)
        assert not await tx.canned.remove(number)
        assert await tx.canned.all() == ()


async def test_there_are_only_so_many(store: Store, ratna: int) -> None:
    async with store.transaction() as tx:
        kept = [await tx.canned.keep(f"Contoh {n}", "Mohon dicoba.", ratna, after(n)) for n in range(MOST)]
        assert None not in kept
        assert await tx.canned.keep("Satu lagi", "Mohon dicoba.", ratna, NOON) is None
        assert await tx.canned.remove(kept[3] or 0)
        assert await tx.canned.keep("Satu lagi", "Mohon dicoba.", ratna, NOON) is not None
        assert len(await tx.canned.all()) == MOST


async def test_they_stay_with_the_office_when_whoever_kept_them_is_gone(store: Store, ratna: int) -> None:
    async with store.transaction() as tx:
        await tx.canned.keep("Ganti peramban", "Mohon pakai Chrome.", ratna, NOON)
        await tx.staff.revoke(ratna, NOON)
        await tx.erase(BUDI)
    async with store.reading() as tx:
        assert [each.title for each in await tx.canned.all()] == ["Ganti peramban"]
        assert "canned_answers" not in await tx.about(BUDI)
        gone = await tx.staff.get(ratna)
        assert gone is not None
        assert gone.name == ""


async def test_one_that_is_damaged_keeps_the_others_from_nobody(store: Store, ratna: int) -> None:
    async with store.transaction() as tx:
        broken = await tx.canned.keep("Rusak", "Mohon dicoba.", ratna, NOON)
        await tx.canned.keep("Utuh", "Mohon dicoba.", ratna, NOON)
    async with store._database.writer.begin() as connection:
        await connection.execute(canned_answers.update().where(canned_answers.c.id == broken).values(text=b"x" * 60))
    async with store.reading() as tx:
        assert [each.title for each in await tx.canned.all()] == ["Utuh"]
