"""Whatever is done to the audit is found, on both databases; cutting off its end needs a hash that was written down."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest

from storage import StorageError
from storage.records import Verdict
from tests.storage.rows import NOON, after

if TYPE_CHECKING:
    from storage import Store
    from tests.databases import Kind

ROWS: Final = 5


@pytest.fixture
async def written(store: Store) -> Verdict:
    for n in range(1, ROWS + 1):
        await _append(store, f"staff:{n}", "invited", f"staff:{n + 1}", n)
    return await _verify(store)


async def _append(store: Store, actor: str, action: str, subject: str, minutes: float) -> None:
    async with store.transaction() as tx:
        await tx.audit.append(actor, action, subject, {"role": "officer", "note": "é 100% \x00"}, after(minutes))


async def _verify(store: Store) -> Verdict:
    async with store.reading() as tx:
        return await tx.audit.verify()


async def _tamper(store: Store, kind: Kind, *statements: str) -> None:
    """Change what the program never changes, as somebody with the database's password can."""
    off = ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]
    async with store._database.writer.begin() as connection:
        for statement in (*(off if kind == "sqlite" else ["SET session_replication_role = replica"]), *statements):
            await connection.exec_driver_sql(statement)
        if kind == "postgresql":
            await connection.exec_driver_sql("SET session_replication_role = origin")


async def test_the_chain_holds(store: Store, written: Verdict) -> None:
    assert (written.count, written.broken_at, len(written.last_hash)) == (ROWS, None, 64)
    async with store.reading() as tx:
        rows = await tx.audit.last(10)
    assert [row.id for row in rows] == [5, 4, 3, 2, 1]
    assert [row.previous for row in rows] == [*(row.hash for row in rows[1:]), ""]
    assert rows[0].hash == written.last_hash
    assert (rows[0].actor, rows[0].subject, rows[0].at) == ("staff:5", "staff:6", after(5))
    assert rows[0].details == {"role": "officer", "note": "é 100% \x00"}


async def test_an_empty_audit_is_fine(store: Store) -> None:
    assert await _verify(store) == Verdict(0, "")


async def test_it_is_searched_by_words(store: Store, written: Verdict) -> None:
    await _append(store, "cli", "revoked", "staff:2", 9)
    async with store.reading() as tx:
        assert [row.id for row in await tx.audit.last(10, "STAFF:2")] == [6, 2, 1]
        assert [row.id for row in await tx.audit.last(1, "officer")] == [written.count + 1]
        assert [row.id for row in await tx.audit.last(10, "staff:2 revoked")] == [6]
        assert await tx.audit.last(10, "staff_2") == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 5"]
)
async def test_it_is_only_added_to(store: Store, written: Verdict, statement: str) -> None:
    with pytest.raises(Exception, match="only added to"):
        async with store._database.writer.begin() as connection:
            await connection.exec_driver_sql(statement)
    assert await _verify(store) == written


@pytest.mark.parametrize("row", [1, 3, ROWS])
@pytest.mark.parametrize(
    "change",
    [
        "actor = 'staff:9'",
        "action = 'revoked'",
        "subject = 'staff:9'",
        "details = '{}'",
        "previous = 'f'",
        "hash = replace(hash, substr(hash, 1, 1), 'x')",
        "id = 77",
    ],
)
@pytest.mark.usefixtures("written")
async def test_a_changed_field_is_found(store: Store, kind: Kind, row: int, change: str) -> None:
    await _tamper(store, kind, f"UPDATE audit SET {change} WHERE id = {row}")  # noqa: S608 - a test's own words
    assert (await _verify(store)).broken_at == row


@pytest.mark.usefixtures("written")
async def test_a_changed_moment_is_found(store: Store, kind: Kind) -> None:
    later = "at + 1" if kind == "sqlite" else "at + interval '1 microsecond'"
    await _tamper(store, kind, f"UPDATE audit SET at = {later} WHERE id = 2")  # noqa: S608 - as above
    assert (await _verify(store)).broken_at == 2


@pytest.mark.parametrize("row", [1, 3])
@pytest.mark.usefixtures("written")
async def test_a_missing_row_is_found(store: Store, kind: Kind, row: int) -> None:
    await _tamper(store, kind, f"DELETE FROM audit WHERE id = {row}")  # noqa: S608 - a test's own words
    assert (await _verify(store)).broken_at == row


@pytest.mark.usefixtures("written")
async def test_a_gap_that_was_closed_is_found(store: Store, kind: Kind) -> None:
    await _tamper(store, kind, "DELETE FROM audit WHERE id = 3", "UPDATE audit SET id = 3 WHERE id = 4")
    assert (await _verify(store)).broken_at == 3


@pytest.mark.usefixtures("written")
async def test_rows_in_another_order_are_found(store: Store, kind: Kind) -> None:
    swaps = [f"UPDATE audit SET id = {new} WHERE id = {old}" for old, new in ((2, 99), (3, 2), (99, 3))]  # noqa: S608 - as above
    await _tamper(store, kind, *swaps)
    assert (await _verify(store)).broken_at == 2


async def test_a_tail_that_was_cut_off_is_seen_by_the_last_hash(store: Store, kind: Kind, written: Verdict) -> None:
    await _tamper(store, kind, "DELETE FROM audit WHERE id > 3")
    cut = await _verify(store)
    assert (cut.count, cut.broken_at) == (3, None)
    assert cut.last_hash != written.last_hash
    async with store.reading() as tx:
        assert (await tx.audit.verify(f"3:{cut.last_hash}")).broken_at is None
        assert (await tx.audit.verify(f"5:{written.last_hash}")).broken_at == 4
        assert (await tx.audit.verify(f"3:{written.last_hash}")).broken_at == 3
        with pytest.raises(StorageError, match="NUMBER:HASH"):
            await tx.audit.verify("nonsense")


async def test_many_at_once_make_one_chain(store: Store) -> None:
    await asyncio.gather(*(_append(store, f"person:{n}", "refused", "", n) for n in range(30)))
    verdict = await _verify(store)
    assert (verdict.count, verdict.broken_at) == (30, None)


async def test_what_is_rolled_back_leaves_no_gap(store: Store, written: Verdict) -> None:
    async def fail() -> None:
        async with store.transaction() as tx:
            await tx.audit.append("cli", "invited", "staff:1", {}, NOON)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    await _append(store, "cli", "invited", "staff:1", 9)
    verdict = await _verify(store)
    assert (verdict.count, verdict.broken_at) == (written.count + 1, None)
