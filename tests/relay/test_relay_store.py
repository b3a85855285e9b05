"""The relay and its store: leases, what waits there, and what happens when either of them ends."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.relay import LEASE, LONGEST_SEND, relay
from storage.errors import Overtaken, WrongSchema
from storage.records import Kind, State
from tests.relay.stage import Stage, refusing, silent, staged
from tests.telegram_server import Call

FLOOD = "Too Many Requests: retry after 9"


# Leases, and rows that wait in the store


async def test_a_row_whose_lease_might_run_out_is_claimed_anew_before_it_is_sent(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.answers = [refusing(429, FLOOD, retry_after=100)]
        await stage.put(stage.row(1, "a"), stage.row(1, "b"), stage.row(2, "c"))
        await stage.pass_time(99)
        assert len(stage.heard) <= 2
        await stage.pass_time(5)

        assert stage.texts(1)[-2:] == ["a", "b"]
        assert await stage.states() == {State.SENT: 3}
    assert LONGEST_SEND < LEASE


async def test_what_waits_long_waits_in_the_store_and_nothing_of_its_lane_passes_it(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.answers = [refusing(500, "x")] * 9  # the waits add up to minutes
        await stage.put(stage.row(1, "a"))
        await stage.pass_time(200)
        assert set(stage.texts()) == {"a"}
        assert "telegram:1" not in stage.relay._lanes
        await stage.put(stage.row(1, "b"), stage.row(2, "c"))
        await stage.quiet()
        assert stage.texts()[-1] == "c"
        await stage.pass_time(600)

        assert list(dict.fromkeys(stage.texts(1))) == ["a", "b"]
        assert not stage.relay._bookkeeper._books.in_store("telegram:1")
        assert await stage.states() == {State.SENT: 3}


async def test_what_another_process_left_behind_goes_before_what_is_new(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.stop()
        await stage.store_only([stage.row(1, "left"), stage.row(1, "behind"), stage.row(2, "other")])
        stage.renew()
        await stage.put(stage.row(1, "new"))
        await stage.start()

        assert stage.texts(1) == ["left", "behind", "new"]
        assert await stage.states() == {State.SENT: 4}


async def test_a_row_that_was_committed_and_never_handed_over_goes_when_its_lease_is_over(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.store_only([stage.row(1, "a")])  # the turn was told that its commit had failed
        await stage.pass_time(LEASE.total_seconds() + 1)

        assert stage.texts() == ["a"]
        assert await stage.states() == {State.SENT: 1}


async def test_a_call_that_takes_longer_than_its_lease_allows_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "LONGEST_SEND", timedelta(seconds=0.05))
    async with staged(tmp_path) as stage:
        stage.answers = [silent]
        await stage.put(stage.row(1, "a", kind=Kind.NOTICE))
        await asyncio.wait_for(stage.until(lambda: not stage.relay._calls), timeout=5)
        await stage.quiet()

        assert await stage.states() == {State.UNKNOWN: 1}


async def test_the_lease_of_a_process_that_died_runs_out(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.store_only([replace(stage.row(1, "a"), claimed_by="another")])
        stage.relay.look()
        await stage.pass_time(119)
        assert stage.heard == []
        await stage.pass_time(2)
        assert stage.texts() == ["a"]


# Stopping and dying


async def test_stop_gives_back_what_was_not_begun(tmp_path: Path) -> None:
    async with staged(tmp_path, concurrency=1) as stage:
        held: list[Call] = []
        stage.answers = [held.append]
        await stage.put(*(stage.row(chat, f"{chat}", kind=Kind.NOTICE) for chat in range(1, 6)))
        await stage.until(lambda: bool(held))
        stopping = asyncio.create_task(stage.stop())
        await asyncio.sleep(0)
        stage.relay.look()  # nothing is claimed any more
        stage.succeed(held[0])
        await stopping
        assert await stage.states() == {State.SENT: 1, State.QUEUED: 4}

        await stage.restart()
        assert Counter(stage.texts()) == {f"{chat}": 1 for chat in range(1, 6)}


async def test_what_does_not_end_within_the_grace_is_unknown(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.answers = [silent, silent]
        await stage.put(stage.row(1, "notice", kind=Kind.NOTICE), stage.row(2, "answer"))
        await stage.until(lambda: len(stage.heard) == 2)
        await stage.stop(grace=0)

        assert await stage.states() == {State.UNKNOWN: 1, State.QUEUED: 1}


async def test_after_a_crash_only_what_was_not_written_is_sent_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with staged(tmp_path) as stage:
        await stage.put(*(stage.row(chat, f"{chat}-a") for chat in range(1, 101)))
        await stage.quiet()
        late = [stage.row(chat, f"{chat}-b") for chat in range(1, 31)]
        await stage.store_only(late)
        async with stage.store.transaction():  # nobody else can write: sends go on, results wait
            stage.relay.take(late)
            await stage.until(lambda: len(stage.heard) == 130 and not stage.relay._calls)
            await stage.crash()
        assert await stage.states() == {State.SENT: 100, State.QUEUED: 30}

        await stage.restart()
        copies = Counter(stage.texts())
        twice = {text for text, number in copies.items() if number > 1}
        with capsys.disabled():
            print(f"\ncrash between send and settle: {len(twice)} sent again, all of them unsettled")  # noqa: T201 - the figure is what this test is for
        assert twice == {row.key for row in late}
        assert await stage.states() == {State.SENT: 130}


async def test_a_full_disk_delays_the_books_and_nothing_else(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        rows = [stage.row(chat, f"{chat}") for chat in range(1, 2001)]
        await stage.store_only(rows)
        await limit_pages(stage, grow=False)
        stage.relay.take(rows)
        await stage.until(lambda: len(stage.heard) == 2000 and not stage.relay._calls)
        assert (await stage.states())[State.QUEUED] > 0

        await limit_pages(stage, grow=True)
        await stage.pass_time(60)
        assert Counter(stage.texts()) == {row.key: 1 for row in rows}
        assert await stage.states() == {State.SENT: 2000}


async def limit_pages(stage: Stage, *, grow: bool) -> None:
    async with stage.store.transaction() as tx:
        pages = (await tx._connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await tx._connection.exec_driver_sql(f"PRAGMA max_page_count = {10**6 if grow else pages}")


async def test_a_store_that_cannot_be_served_ends_the_relay(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        async with stage.store.transaction() as tx:
            await tx._connection.exec_driver_sql("DROP TABLE outbox")
        stage.relay.look()
        assert stage._running is not None
        with pytest.raises(WrongSchema):
            await stage._running
        stage._running = None


async def test_a_relay_that_was_overtaken_claims_nothing_sends_nothing_and_ends(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        leaders = replace(stage.row(1, "a"), claimed_by="the new leader")
        await stage.store_only([leaders, stage.row(2, "b", born_claimed=False)])
        async with stage.store.transaction() as tx:
            newer = await tx.take_lead()
        stage.relay.look()
        assert stage._running is not None
        with pytest.raises(Overtaken):
            await asyncio.wait_for(stage._running, timeout=5)
        stage._running = None
        await stage.put(stage.row(3, "c"))
        await asyncio.wait({asyncio.ensure_future(asyncio.sleep(0)), *stage.relay._calls.values()})

        assert stage.heard == []
        async with stage.store.transaction() as tx:
            await tx.confirm(newer)
            assert await tx.release("the new leader") == 1


async def test_a_store_that_hangs_does_not_hold_up_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "LAST_WRITE", 0.02)
    async with staged(tmp_path) as stage:
        row = stage.row(1, "a")
        await stage.store_only([row])
        async with stage.store.transaction():
            stage.relay.take([row])
            await stage.until(lambda: len(stage.heard) == 1 and not stage.relay._calls)
            await asyncio.wait_for(stage.relay.stop(grace=0), timeout=5)
            assert stage._running is not None
            assert not stage._running.done()
        await stage._running
        assert await stage.states() == {State.SENT: 1}


async def test_progress_is_the_last_end_of_a_call(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        held: list[Call] = []
        stage.answers = [held.append]
        await stage.put(stage.row(1, "a"))
        await stage.until(lambda: bool(held))
        begun = stage.clock.now()
        stage.clock.advance(100)
        assert stage.relay.progress_at == begun

        stage.succeed(held[0])
        await stage.quiet()
        stage.clock.advance(100)
        assert stage.relay.progress_at == stage.clock.now()


async def test_a_lane_that_is_forgotten_is_not_sent_any_more(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.answers.append(lambda call: call.refuse(429, "Too Many Requests", {"retry_after": 60}))
        await stage.put(stage.row(1, "a"), stage.row(1, "b"))
        await stage.quiet()
        stage.relay.forget(["telegram:1"])
        await stage.pass_time(70)
        await stage.put(stage.row(1, "last"))
        await stage.quiet()
        assert stage.texts() == ["a", "last"]
