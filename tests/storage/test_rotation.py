"""A new secret key takes over everything, at once or after a kill; what is sealed with a lost key says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from conversations.people import Role
from storage import Ring, SealBroken, Store, rotation
from storage.rotation import Walk, walks
from storage.tables import SEALED
from tests.databases import RING, SECRET_KEY
from tests.storage.complaining import TEXT
from tests.storage.people import BUDI_SAYS, NIP, SITI_SAYS
from tests.storage.rows import BUDI, NOON, SITI, message
from tests.storage.test_complaint_erasure import complain
from tests.storage.test_erasure import live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage import Transaction

NEW_KEY = Ring.new_key()
NEW, BOTH = Ring.parse(NEW_KEY), Ring.parse(f"{NEW_KEY},{SECRET_KEY}")


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "SLICE", 2)


async def _fill(store: Store) -> str:
    for chat in (SITI, BUDI):
        await live(store, chat)
    for chat in (SITI, BUDI):
        await complain(store, chat)
    async with store.transaction() as tx:
        await tx.enqueue([message(str(n), str(n)) for n in range(5)])
        await tx.outages.declare("AMS", NOON)
        member = await tx.staff.appoint(Role.OFFICER, "", "", None, NOON)
        await tx.canned.keep("Peramban", "Mohon pakai Chrome.", member, NOON)
    return store.fingerprint("nip", NIP)


async def _sealed(store: Store) -> list[bytes]:
    async with store._database.reader.connect() as connection:
        found: list[bytes] = []
        for column in SEALED:
            found += (await connection.execute(sa.select(column).where(column.is_not(None)))).scalars()
        return found


async def _is_whole(store: Store) -> bool:
    async with store.transaction() as tx:
        siti = await tx.employees.of(SITI)
        session = (await tx.memories([BUDI]))[BUDI].session
        letters = await tx.dead_letters(9)
        rows = await tx.claim(NOON, NOON, 20, "relay")
        (complaint,) = await tx.complaints.by_person(SITI)
        history = await tx.complaints.history(complaint.number)
        outage = await tx.outage()
        (canned,) = await tx.canned.all()
    assert siti is not None
    assert (canned.title, canned.text) == ("Peramban", "Mohon pakai Chrome.")
    assert (complaint.text, history[2].text, outage) == (TEXT, "Firefox", "AMS")
    return (siti.nip, siti.email, session, len(letters), len(rows)) == (
        NIP, SITI_SAYS.email, f'{{"name":"{BUDI_SAYS.name}"}}', 2, 9
    )  # fmt: skip


async def test_a_new_key_takes_over_when_the_store_is_opened(store: Store, url: str) -> None:
    fingerprint = await _fill(store)
    await store.close()
    async with await Store.open(url, ring=BOTH) as opened:
        assert all(map(NEW.is_newest, await _sealed(opened)))
        assert await opened.reseal() == 0
        assert await _is_whole(opened)
    async with await Store.open(url, ring=NEW) as opened:
        assert await _is_whole(opened)
        assert opened.fingerprint("nip", NIP) == fingerprint


async def test_a_rotation_that_was_killed_goes_on(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await _fill(store)
    await store.close()

    def some() -> Sequence[Walk]:
        raise_after = walks()[:4]
        return [*raise_after, _Killed(SEALED[4])]

    with monkeypatch.context() as patched:
        patched.setattr("storage.store.walks", some)
        with pytest.raises(KeyboardInterrupt):
            await Store.open(url, ring=BOTH)
    async with await Store.open(url, ring=BOTH, read_only=True) as halfway:
        newest = [NEW.is_newest(sealed) for sealed in await _sealed(halfway)]
        assert True in newest
        assert False in newest
        async with halfway.reading() as tx:
            assert (await tx.employees.of(SITI)) is not None
    with pytest.raises(SealBroken):
        await Store.open(url, ring=NEW)  # the vault is the last, so a key that is still needed is missed at once
    async with await Store.open(url, ring=BOTH) as opened:
        assert all(map(NEW.is_newest, await _sealed(opened)))
        assert await _is_whole(opened)


class _Killed(Walk):
    def ahead(self) -> sa.Select[tuple[object, ...]]:
        raise KeyboardInterrupt


@pytest.mark.parametrize("read_only", [True, False])
async def test_a_key_that_is_not_the_one_of_the_database_says_so(store: Store, url: str, *, read_only: bool) -> None:
    await _fill(store)
    await store.close()
    with pytest.raises(SealBroken, match="PANDU_SECRET_KEY"):
        await Store.open(url, ring=NEW, read_only=read_only)
    async with await Store.open(url, ring=RING) as opened:
        assert await _is_whole(opened)


async def test_a_value_that_was_changed_is_not_taken_for_another(store: Store) -> None:
    await _fill(store)
    async with store._database.writer.begin() as connection:
        await connection.exec_driver_sql("UPDATE employees SET email = name")

    async def read(tx: Transaction) -> None:
        await tx.employees.of(SITI)

    with pytest.raises(SealBroken, match="pandu restore"):
        async with store.reading() as tx:
            await read(tx)
