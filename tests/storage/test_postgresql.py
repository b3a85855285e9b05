"""What only several processes on one server can suffer: they wait for each other, and one loses the lead."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage import Conflict, Store, Unavailable, postgresql
from storage.records import Horizons, Memory
from tests.databases import RING, fresh_url
from tests.storage.rows import BUDI, NOON, SITI, claimed, meet, message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with fresh_url("postgresql", tmp_path) as address:
        yield address


ROOT = Path(__file__).parents[2]
TERMINATE = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"


async def _ask(store: Store, query: str) -> int:
    async with store._database.reader.connect() as connection:
        answer: int = (await connection.exec_driver_sql(query)).scalar_one()
        return answer


async def _somebody_waits(store: Store) -> None:
    while not await _ask(store, "SELECT count(*) FROM pg_locks WHERE NOT granted"):
        pass


async def test_the_second_turn_of_a_person_sees_what_the_first_wrote(store: Store) -> None:
    await meet(store, SITI)

    async def turn() -> str | None:
        async with store.transaction() as tx:
            return (await tx.memories([SITI]))[SITI].session

    async with store.transaction() as first:
        await first.memories([SITI])
        await first.save([Memory(SITI, "id", session="first")], NOON)
        second = asyncio.create_task(turn())
        await _somebody_waits(store)
    assert await second == "first"


async def test_who_writes_while_old_people_are_forgotten_stays(store: Store) -> None:
    await meet(store, SITI, BUDI)
    late = NOON + timedelta(days=9)
    async with store.transaction() as turn:
        (siti,) = (await turn.memories([SITI])).values()
        async with store.transaction() as nightly:
            assert (await nightly.purge(Horizons(persons=late), 9)).rows == {"people": 1}
        await turn.save([replace(siti, heard_at=late, session="{}")], late)
    async with store.transaction() as tx:
        assert set(await tx.memories([SITI, BUDI])) == {SITI}
        assert (await tx.purge(Horizons(persons=late), 9)).rows == {"people": 0}


async def test_two_relays_get_different_messages_and_do_not_wait(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.enqueue([message(str(n), str(n)) for n in range(4)])
    async with store.transaction() as one:
        first = [row.key for row in await one.claim(NOON, NOON, 2, "one")]
        assert (first, await claimed(store, by="two")) == (["0", "1"], ["2", "3"])


async def test_the_lead_cannot_be_taken_while_a_leader_commits(store: Store) -> None:
    async def take() -> int:
        async with store.transaction() as tx:
            return await tx.take_lead()

    async with store.transaction() as relay, store.transaction() as turn:
        await relay.confirm(store.epoch)
        await turn.confirm(store.epoch, 7)
        taking = asyncio.create_task(take())
        await _somebody_waits(store)
        assert not taking.done()
    assert await taking == store.epoch + 1


async def test_a_leader_that_lost_its_connection_is_fenced_off(store: Store, url: str) -> None:
    async def late_commit() -> None:
        async with store.transaction() as tx:
            await tx.remember(["telegram:1"], NOON)
            await tx.confirm(store.epoch)

    await _ask(store, "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'")
    async with await Store.open(url, ring=RING) as newer:
        assert newer.epoch == store.epoch + 1
        with pytest.raises(Conflict):
            await late_commit()
        async with newer.transaction() as tx:
            assert await tx.seen(["telegram:1"]) == set()
            await tx.confirm(newer.epoch)


async def test_a_lost_connection_undoes_the_transaction_and_the_next_one_works(store: Store) -> None:
    async def lose() -> None:
        async with store.transaction() as tx:
            await tx.remember(["telegram:1"], NOON)
            await tx.confirm(store.epoch)
            await _ask(store, f"{TERMINATE} WHERE state = 'idle in transaction' AND pid <> pg_backend_pid()")
            await tx.remember(["telegram:2"], NOON)

    with pytest.raises(Unavailable, match="does not answer"):
        await lose()
    async with store.transaction() as tx:
        assert await tx.seen(["telegram:1", "telegram:2"]) == set()


async def test_two_that_wait_for_each_other_are_told_to_try_again(store: Store) -> None:
    await meet(store, 1, 2)

    async def meet_head_on() -> None:
        async with store.transaction() as one, store.transaction() as two:
            await one.mark_unreachable([1], NOON)
            await two.mark_unreachable([2], NOON)
            await asyncio.gather(one.finish(), two.finish())
            await one.mark_unreachable([2], NOON)
            await two.mark_unreachable([1], NOON)
            await asyncio.gather(one.finish(), two.finish())

    with pytest.raises(Unavailable, match="tried again"):
        await meet_head_on()


async def test_two_processes_that_file_complaints_share_one_row_of_numbers(store: Store, url: str) -> None:
    await meet(store, SITI)

    async def process() -> int:
        command = (sys.executable, "-m", "tests.storage.filing", url, "25")
        running = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        said, _ = await running.communicate()
        return int(said)

    assert [*await asyncio.gather(process(), process())] == [16, 16]
    async with store.reading() as tx:
        numbers = [complaint.number for complaint in await tx.complaints.by_person(SITI)]
    assert sorted(numbers) == [f"ADU-2026-{n:05}" for n in range(1, 33)]


async def test_a_name_or_password_that_is_refused_says_so(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE", 50)
    with pytest.raises(Unavailable, match="refuses this name"):
        await Store.open(url.replace("postgres:@/test_", "postgres:@/gone_"), ring=RING)
