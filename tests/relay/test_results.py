"""What became of messages goes along with the transaction of a turn, if one is under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from storage.records import Kind, Memory, State
from tests.relay.stage import Stage, refusing, staged


@asynccontextmanager
async def turn(stage: Stage) -> AsyncIterator[None]:
    """A turn during which things happen; at its end it writes, as turns do, and is committed unless they raise."""
    with stage.relay.results() as write:
        yield
        async with stage.store.transaction() as tx:
            await write(tx)


async def sent(stage: Stage, number: int) -> None:
    """Until so many requests have been answered, and the bookkeeper has decided what to do about it."""
    await stage.until(lambda: len(stage.heard) == number and not stage.relay._calls and decided(stage))


def decided(stage: Stage) -> bool:
    return not stage.relay._bookkeeper._dirty.is_set()


async def is_blocked(stage: Stage) -> None:
    """The first person is known, and has blocked the bot."""
    async with stage.store.transaction() as tx:
        await tx.save([Memory(1)], stage.clock.now())
    stage.answers = [refusing(403, "Forbidden: bot was blocked by the user")]


async def ends(stage: Stage) -> asyncio.Task[None]:
    """Begin to stop; answers when the last results are to be written."""
    stopping = asyncio.create_task(stage.stop())
    await stage.until(lambda: stage.relay._bookkeeper._over.is_set() and decided(stage))
    return stopping


async def test_what_ends_during_a_turn_is_committed_with_it(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        async with turn(stage):
            await stage.put(stage.row(1, "a"), stage.row(2, "b"))
            await sent(stage, 2)
            assert not stage.writing()  # no transaction is begun for them alone
            assert await stage.states() == {State.QUEUED: 2}
        assert await stage.states() == {State.SENT: 2}


async def test_what_a_failed_turn_took_along_is_written_after_it(tmp_path: Path) -> None:
    async def fail(stage: Stage) -> None:
        with stage.relay.results() as write:
            await stage.put(stage.row(1, "a"))
            await sent(stage, 1)
            async with stage.store.transaction() as tx:
                await write(tx)
                raise KeyError

    async with staged(tmp_path) as stage:
        with pytest.raises(KeyError):
            await fail(stage)
        await stage.quiet()
        assert await stage.states() == {State.SENT: 1}
        assert stage.texts() == ["a"]


async def test_a_turn_that_writes_nothing_leaves_them_to_the_relay(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        with stage.relay.results():
            await stage.put(stage.row(1, "a"))
            await sent(stage, 1)
        await stage.quiet()
        assert await stage.states() == {State.SENT: 1}


async def test_whoever_wants_to_know_hears_of_it_when_it_is_committed(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.answers = [refusing(400, "Bad Request: message is too long")]
        async with turn(stage):
            await stage.put(replace(stage.row(1, "a"), about="17"))
            await sent(stage, 1)
            assert stage.losses == 0
        assert stage.losses == 1


async def test_who_cannot_be_reached_is_marked_by_the_relay_itself(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await is_blocked(stage)
        async with turn(stage):
            await stage.put(stage.row(1, "a"))
            await sent(stage, 1)
        await stage.quiet()
        async with stage.store.reading() as tx:
            assert await tx.unreachable([1]) == {1}


async def test_a_lane_with_more_in_the_store_goes_on_in_order(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.stop()
        await stage.store_only([stage.row(1, "a"), stage.row(1, "b")])
        stage.renew()
        async with turn(stage):
            await stage.start()  # finds the first, sends it, and has to look for the second
        await stage.put(stage.row(1, "c"))
        await stage.quiet()
        assert stage.texts() == ["a", "b", "c"]
        assert await stage.states() == {State.SENT: 3}


async def test_the_end_waits_for_the_turn_that_takes_them_along(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        async with turn(stage):
            await stage.put(stage.row(1, "a"))
            await sent(stage, 1)
            stopping = await ends(stage)
            assert not stopping.done()
        await stopping
        assert await stage.states() == {State.SENT: 1}


async def test_the_end_writes_what_a_turn_failed_to_take_along(tmp_path: Path) -> None:
    async def fail(stage: Stage) -> None:
        async with turn(stage):
            await stage.put(stage.row(1, "a", kind=Kind.NOTICE))
            await sent(stage, 1)
            stopping.append(await ends(stage))
            raise KeyError

    stopping: list[asyncio.Task[None]] = []
    async with staged(tmp_path) as stage:
        with pytest.raises(KeyError):
            await fail(stage)
        await stopping[0]
        assert await stage.states() == {State.SENT: 1}


async def test_the_end_also_gives_back_what_waits_while_a_turn_goes_on(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        async with turn(stage):
            await stage.put(stage.row(1, "a"))
            await sent(stage, 1)
            stage.sender.pause.extend(60)
            await stage.put(stage.row(2, "b"))
            stopping = await ends(stage)
        await stopping
        assert await stage.states() == {State.SENT: 1, State.QUEUED: 1}


async def test_what_does_not_go_along_is_written_between_turns_without_a_gap(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await is_blocked(stage)
        async with turn(stage):
            await stage.put(stage.row(1, "a"))
            await stage.until(lambda: len(stage.heard) == 1 and not stage.relay._calls)
            for _ in range(20):
                async with turn(stage):
                    pass
            assert await stage.states() == {State.DEAD: 1}
