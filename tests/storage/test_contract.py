"""What storage promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from storage import Conflict, Overtaken, StorageError, Store, Unavailable, WrongSchema, postgresql
from storage.records import Alarm, DeadLetter, Horizons, Memory, Settled, State
from storage.tables import renewals
from tests.databases import RING
from tests.storage.rows import BUDI, NOON, SITI, after, meet, message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from storage import Transaction
    from tests.databases import Kind


# The inbox


async def test_a_key_is_remembered_once(store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.seen(["telegram:1", "telegram:2"]) == set()
        await tx.remember(["telegram:1"], NOON)
    async with store.transaction() as tx:
        assert await tx.seen(["telegram:1", "telegram:2"]) == {"telegram:1"}
    with pytest.raises(Conflict):
        async with store.transaction() as tx:
            await tx.remember(["telegram:2", "telegram:1"], NOON)
    async with store.reading() as tx:
        assert await tx.seen(["telegram:1", "telegram:2"]) == {"telegram:1"}


async def test_nothing_to_ask_or_to_write_is_fine(store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.seen([]) == set()
        assert await tx.memories([]) == {}
        assert await tx.message_ids([]) == {}
        await tx.remember([], NOON)
        await tx.save([], NOON)
        await tx.enqueue([])
        assert await tx.claim(NOON, NOON, 10, "relay") == []


async def test_the_offset_is_kept(store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.next_offset() is None
        await tx.confirm(store.epoch, 2**31 + 5)
        await tx.confirm(store.epoch)
    async with store.reading() as tx:
        assert await tx.next_offset() == 2**31 + 5


# Transactions


async def test_what_raises_changes_nothing(store: Store) -> None:
    async def change_and_raise() -> None:
        async with store.transaction() as tx:
            await tx.remember(["telegram:1"], NOON)
            raise KeyError

    with pytest.raises(KeyError):
        await change_and_raise()
    async with store.transaction() as tx:
        assert await tx.seen(["telegram:1"]) == set()


async def test_what_is_written_is_there_for_whoever_asks_next_and_gone_when_it_is_undone(store: Store) -> None:
    async def ask_and_raise() -> None:
        async with store.transaction() as tx:
            await tx.remember(["telegram:1"], NOON)
            assert await tx.seen(["telegram:1", "telegram:2"]) == {"telegram:1"}
            await tx.remember(["telegram:2"], NOON)
            raise KeyError

    for _ in range(2):
        with pytest.raises(KeyError):
            await ask_and_raise()
    await _remember(store, "telegram:1")


async def test_what_the_commit_meets_is_raised_and_undone(store: Store) -> None:
    await _remember(store, "telegram:1")
    with pytest.raises(Conflict, match="stored already"):
        await _remember(store, "telegram:2", "telegram:1")
    async with store.transaction() as tx:
        assert await tx.seen(["telegram:1", "telegram:2"]) == {"telegram:1"}


async def test_a_caught_failure_is_not_committed(store: Store) -> None:
    async def catch(failing: Transaction) -> None:
        await failing.remember(["telegram:2"], NOON)
        await failing.remember(["telegram:1"], NOON)  # written with what is asked next
        for _ in range(2):
            with pytest.raises(Conflict, match="stored already"):
                await failing.seen(["telegram:1"])
        with pytest.raises(Conflict, match="stored already"):
            await failing.remember(["telegram:3"], NOON)

    await _remember(store, "telegram:1")
    with pytest.raises(Conflict):
        await _in_transaction(store, catch)
    async with store.reading() as tx:
        assert await tx.seen(["telegram:2"]) == set()


async def test_reading_is_one_moment_and_cannot_write(store: Store) -> None:
    async with store.reading() as before:
        assert await before.seen(["telegram:1"]) == set()
        await _remember(store, "telegram:1")
        assert await before.seen(["telegram:1"]) == set()
    async with store.reading() as now:
        assert await now.seen(["telegram:1"]) == {"telegram:1"}
    with pytest.raises(Unavailable):
        async with store.reading() as tx:
            await tx.remember(["telegram:2"], NOON)


@pytest.mark.parametrize("point", ["begin", "statement", "commit"])
async def test_a_cancellation_leaves_all_or_nothing(store: Store, point: str) -> None:
    engine = store._database.writer.sync_engine
    reconnections: list[object] = []
    event.listen(engine, "connect", lambda *new: reconnections.append(new))
    if point == "statement":
        event.listen(engine, "before_cursor_execute", lambda *_: task.cancel(), once=True)
    else:
        event.listen(engine, point, lambda _: task.cancel(), once=True)
    task = asyncio.create_task(_remember(store, "telegram:1"))
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.transaction() as tx:
        assert await tx.seen(["telegram:1"]) == ({"telegram:1"} if point == "commit" else set())
        await tx.remember(["telegram:2"], NOON)
    # A second connection would write beside the first, whose thread has not heard of the cancellation.
    assert reconnections == []


async def test_who_stops_waiting_for_a_turn_leaves_the_line_in_order(store: Store) -> None:
    async with store.transaction() as tx:
        waiting = [asyncio.create_task(_remember(store, f"telegram:{n}")) for n in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        assert await tx.seen(["telegram:0"]) == set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), asyncio.CancelledError, type(None)]
    async with store.reading() as reading:
        assert await reading.seen([f"telegram:{n}" for n in range(3)]) == {"telegram:0", "telegram:2"}


# Moments


async def test_a_moment_comes_back_as_it_was_in_utc(store: Store) -> None:
    await meet(store, SITI)
    jakarta = NOON.astimezone(timezone(timedelta(hours=7)))
    ancient = datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    async with store.transaction() as tx:
        await tx.set_alarms([Alarm(SITI, "noon", jakarta), Alarm(SITI, "ancient", ancient)])
        due = await tx.due_alarms(NOON, 10)
    assert due == [Alarm(SITI, "ancient", ancient), Alarm(SITI, "noon", NOON)]
    assert due[1].due_at.tzinfo is UTC
    assert due[1].due_at.microsecond == 123456


async def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        async with store.transaction() as tx:
            await tx.remember(["telegram:1"], NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="no time zone"):
        async with store.reading() as tx:
            await tx.due_alarms(NOON.replace(tzinfo=None), 1)


async def test_a_number_that_no_column_holds_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        async with store.transaction() as tx:
            await tx.save([Memory(2**70)], NOON)


# People


async def test_a_session_is_stored_and_replaced(store: Store) -> None:
    siti = Memory(SITI, "id", None, '{"turn":1}', "telegram:1:0")
    async with store.transaction() as tx:
        assert await tx.memories([SITI, BUDI]) == {}
        await tx.save([siti, Memory(BUDI)], NOON)
    moved = Memory(SITI, "en", NOON, None, "telegram:2:0")
    async with store.transaction() as tx:
        assert await tx.memories([SITI, BUDI, 5]) == {SITI: siti, BUDI: Memory(BUDI)}
        await tx.save([moved], after(1))
    async with store.reading() as tx:
        assert await tx.memories([SITI]) == {SITI: moved}


async def test_a_person_is_written_only_when_something_changed(store: Store) -> None:
    await meet(store, SITI)
    written: list[str] = []
    async with store.transaction() as tx:
        loaded = (await tx.memories([SITI]))[SITI]
        engine = store._database.writer.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *args: written.append(args[2].split()[2]))
        await tx.save([loaded], NOON)
        await tx.save([Memory(SITI, "id", session="{}")], NOON)
        await tx.save([Memory(SITI, "en", session="{}")], NOON)
    assert written == ["sessions", "people"]


async def test_who_is_unreachable_since_when(store: Store) -> None:
    await meet(store, SITI, BUDI)
    async with store.transaction() as tx:
        await tx.mark_unreachable([SITI, 999], NOON)
        await tx.mark_unreachable([SITI], after(5))
        known = await tx.memories([SITI, BUDI])
        assert [known[chat].unreachable_since for chat in (SITI, BUDI)] == [NOON, None]


async def test_certificate_and_renewals(store: Store) -> None:
    await meet(store, SITI)
    for expires_on in (date(2026, 12, 1), date(2028, 12, 1)):
        async with store.transaction() as tx:
            memory = (await tx.memories([SITI]))[SITI]
            await tx.save([replace(memory, expires_on=expires_on)], NOON)
    async with store.transaction() as tx:
        assert (await tx.memories([SITI]))[SITI].expires_on == date(2028, 12, 1)
        await tx.record_submission(SITI, NOON, after(60), NOON)
        await tx.record_submission(SITI, after(5), after(90), NOON)
        for minute in (100, 101):
            await tx.record_issue(SITI, after(minute))
        await tx.record_submission(SITI, after(200), after(260), after(200))
    async with store._database.reader.connect() as connection:
        rows = (await connection.execute(sa.select(renewals).order_by(renewals.c.id))).mappings().all()
    assert [(row["submitted_at"], row["due_at"], row["issued_at"]) for row in rows] == [
        (after(5), after(90), after(100)),
        (after(200), after(260), None),
    ]


async def test_rows_of_nobody_are_refused_and_those_of_a_person_go_with_it(store: Store) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        async with store.transaction() as tx:
            await tx.set_alarms([Alarm(SITI, "ask", NOON)])
    async with store.transaction() as tx:
        await tx.set_alarms([Alarm(SITI, "ask", NOON)])
        await tx.save([Memory(SITI, expires_on=date(2026, 12, 1))], NOON)
    async with store._database.writer.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM people")
    async with store.reading() as tx:
        counts = (await tx.counts()).rows
    assert {name for name, rows in counts.items() if rows} == {"intake", "vault"}


# Alarms


async def test_alarms_ring_in_order_and_are_replaced_by_name(store: Store) -> None:
    await meet(store, SITI, BUDI)
    async with store.transaction() as tx:
        assert await tx.next_alarm() is None
        await tx.set_alarms([Alarm(SITI, "ask", after(9)), Alarm(BUDI, "ask", after(2)), Alarm(SITI, "due", after(3))])
        await tx.set_alarms([Alarm(SITI, "ask", after(1))])
        assert await tx.next_alarm() == after(1)
        assert await tx.due_alarms(NOON, 10) == []
        due = await tx.due_alarms(after(3), 2)
        assert due == [Alarm(SITI, "ask", after(1)), Alarm(BUDI, "ask", after(2))]
        await tx.drop_alarms([(SITI, "ask"), (SITI, "never set")])
        assert await tx.next_alarm() == after(2)


# Dead letters, purge


async def test_a_dead_letter_keeps_what_cannot_be_stored(store: Store) -> None:
    letter = DeadLetter("R-1", "telegram:1", None, 'half \ud83d and "\x00"', "ValueError", NOON)
    async with store.transaction() as tx:
        await tx.bury([letter, DeadLetter("R-2", "telegram:2", SITI, "{}", "KeyError", after(1))])
        newest, oldest = await tx.dead_letters(10)
        assert (newest.reference, newest.chat_id) == ("R-2", SITI)
        assert oldest.raw == 'half \\ud83d and "\\x00"'
        assert len(await tx.dead_letters(1)) == 1


async def test_purge_forgets_what_is_old_and_done(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.remember(["old"], NOON)
        await tx.remember(["new"], after(10))
        await tx.enqueue([message(key, key) for key in ("waits", "sent", "sent late", "dead", "unknown")])
        await tx.settle([Settled("sent", State.SENT, NOON, 1), Settled("sent late", State.SENT, after(10), 1)])
        await tx.settle([Settled("dead", State.DEAD, NOON, 1), Settled("unknown", State.UNKNOWN, NOON, 1)])
        await tx.bury([DeadLetter("R-1", "old", None, "{}", "KeyError", NOON)])
    async with store.transaction() as tx:
        assert (await tx.purge(Horizons(), 9)).rows == {}
        assert (await tx.purge(Horizons(inbox=after(5), sent=after(5)), 9)).rows == {"inbox": 1, "outbox": 1}
        assert await tx.seen(["old", "new"]) == {"new"}
        gone = await tx.purge(Horizons(inbox=after(5), sent=after(5), troubled=after(1)), 9)
        assert gone.rows == {"inbox": 0, "outbox": 2, "dead_letters": 1}
        assert await tx.count_states() == {State.QUEUED: 1, State.SENT: 1, State.DEAD: 0, State.UNKNOWN: 0}


async def test_purge_forgets_no_more_at_once_than_it_may(store: Store) -> None:
    chats = [*range(1, 6)]
    async with store.transaction() as tx:
        await tx.remember([str(n) for n in range(5)], NOON)
        await tx.save([Memory(chat, "id", session="{}") for chat in chats], NOON)
        await tx.bury([DeadLetter(str(n), "old", None, "{}", "KeyError", NOON) for n in range(5)])
    everything = Horizons(inbox=after(5), troubled=after(5), idle=after(5))
    slices = []
    async with store.transaction() as tx:
        for _ in range(5):
            slices.append((await tx.purge(everything, 4)).rows)  # noqa: PERF401 - ruff cannot tell, it awaits
        counts = (await tx.counts()).rows
    assert [sum(rows.values()) for rows in slices] == [4, 4, 4, 3, 0]
    assert (counts["inbox"], counts["dead_letters"]) == (0, 0)


async def test_a_forgotten_session_leaves_the_person_and_the_reminder(store: Store) -> None:
    async with store.transaction() as tx:
        siti = Memory(SITI, "id", session="{}", expires_on=date(2028, 11, 2))
        await tx.save([siti, Memory(BUDI, "id", session="{}")], NOON)
        await tx.set_alarms([Alarm(SITI, "expiry", after(60))])
    async with store.transaction() as tx:
        await tx.save([replace((await tx.memories([BUDI]))[BUDI], session="[]")], after(10))
    async with store.transaction() as tx:
        assert (await tx.purge(Horizons(idle=after(5)), 9)).rows == {"sessions": 1}
        memories = await tx.memories([SITI, BUDI])
        assert (memories[SITI].session, memories[SITI].language, memories[BUDI].session) == (None, "id", "[]")
        assert memories[SITI].expires_on == date(2028, 11, 2)
        assert await tx.next_alarm() == after(60)


# Who leads


async def test_a_second_process_is_told_so(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE", 50)
    with pytest.raises(Overtaken, match=r"Another process .*serves"):
        await Store.open(url, ring=RING)
    await _remember(store, "telegram:1")


async def test_the_epoch_grows_with_each_leader(url: str) -> None:
    epochs = []
    for _ in range(3):
        async with await Store.open(url, ring=RING) as opened:
            epochs.append(opened.epoch)
    assert epochs == list(range(epochs[0], epochs[0] + 3))


async def test_who_no_longer_leads_commits_nothing(store: Store) -> None:
    async with store.transaction() as tx:
        newer = await tx.take_lead()

    async def change(offset: int | None) -> None:
        async with store.transaction() as tx:
            await tx.remember(["telegram:1"], NOON)
            await tx.confirm(store.epoch, offset)

    for offset in (None, 5):
        with pytest.raises(Overtaken, match="serves"):
            await change(offset)
    async with store.transaction() as tx:
        assert await tx.seen(["telegram:1"]) == set()
        assert await tx.next_offset() is None
        await tx.confirm(newer, 5)


async def test_reading_beside_the_leader(store: Store, url: str) -> None:
    await _remember(store, "telegram:1")
    async with await Store.open(url, ring=RING, read_only=True) as beside, beside.reading() as tx:
        assert await tx.seen(["telegram:1"]) == {"telegram:1"}
        assert beside.epoch == 0


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("nonsense", "not the address"),
        ("mysql://localhost/pandu", "begins with"),
        ("sqlite+aiosqlite:///:memory:", "begins with"),
        ("sqlite+aiosqlite:////proc/nowhere/pandu.db", "cannot be opened"),
        ("postgresql+asyncpg://127.0.0.1:1/pandu", "does not answer"),
    ],
)
async def test_an_address_that_does_not_work_says_why(address: str, sentence: str) -> None:
    with pytest.raises(Unavailable, match=sentence):
        await Store.open(address, ring=RING)


async def test_other_tables_are_told_apart_from_a_dead_database(store: Store) -> None:
    async with store._database.writer.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE inbox RENAME TO lost")
    with pytest.raises(WrongSchema, match="pandu migrate"):
        await _remember(store, "telegram:1")


async def test_backup_says_how_where_it_is_not_ours(store: Store, kind: Kind, tmp_path: Path) -> None:
    if kind == "postgresql":
        with pytest.raises(StorageError, match="pg_dump"):
            await store.backup(tmp_path / "copy.db")
    else:
        assert (await store.backup(tmp_path / "copy.db")).rows["intake"] == 1


async def _in_transaction(store: Store, act: Callable[[Transaction], Awaitable[None]]) -> None:
    async with store.transaction() as tx:
        await act(tx)


async def _remember(store: Store, *keys: str) -> None:
    async with store.transaction() as tx:
        await tx.remember(keys, NOON)


async def _rows(store: Store, query: str) -> list[tuple[object, ...]]:
    async with store._database.reader.connect() as connection:
        return [tuple(row) for row in await connection.exec_driver_sql(query)]
