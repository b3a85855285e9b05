"""What the outbox promises on both databases: order in a lane, leases, one end for each message (G4, G5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from storage import Conflict
from storage.records import Channel, Outgoing, Priority, Settled, State
from storage.tables import outbox
from tests.storage.rows import NOON, after, claimed, message

if TYPE_CHECKING:
    from storage import Store


async def test_a_message_comes_back_as_it_went_in(store: Store) -> None:
    whole = Outgoing("k", "siti", {"text": "“é” \ud83d\x00", "n": [1, None, True]}, NOON, edits="j", attempts=3)
    async with store.transaction() as tx:
        await tx.enqueue([whole])
        (row,) = await tx.claim(NOON, after(1), 10, "relay")
    assert (row.payload, row.edits, row.attempts, row.due_at) == (whole.payload, "j", 3, NOON)
    assert (row.claimed_until, row.claimed_by) == (after(1), "relay")


async def test_a_message_is_not_enqueued_twice(store: Store) -> None:
    with pytest.raises(Conflict):
        async with store.transaction() as tx:
            await tx.enqueue([message("a"), message("b"), message("a")])
    assert await claimed(store) == []


async def test_a_lane_goes_one_at_a_time_in_order_and_lanes_side_by_side(store: Store) -> None:
    await _enqueue(store, message("s1"), message("s2"), message("b1", "budi"), message("s3", priority=Priority.NOTICE))
    assert await claimed(store) == ["s1", "b1"]
    assert await claimed(store) == []
    await _settle(store, Settled("s1", State.SENT, NOON, 1))
    assert await claimed(store) == ["s2"]
    await _settle(store, Settled("s2", State.DEAD, NOON, 1, "refused"))
    assert await claimed(store) == ["s3"]


async def test_conversations_go_before_campaigns(store: Store) -> None:
    await _enqueue(
        store,
        message("c", "1", priority=Priority.CAMPAIGN),
        message("n", "2", priority=Priority.NOTICE),
        message("a1", "3"),
        message("a2", "4"),
    )
    assert await claimed(store, limit=3) == ["a1", "a2", "n"]


async def test_a_lease_that_ran_out_is_given_to_the_next(store: Store) -> None:
    await _enqueue(store, message("a"))
    assert await claimed(store, 0, lease=1, by="one") == ["a"]
    assert await claimed(store, 0.99, by="two") == []
    assert await claimed(store, 1, by="two") == ["a"]


async def test_a_message_claimed_at_birth_is_its_own_process_until_then(store: Store) -> None:
    await _enqueue(store, message("a", claimed_until=after(1)), message("b"))
    assert await claimed(store) == []
    async with store.reading() as tx:
        assert await tx.next_due(NOON) == after(1)
    async with store.transaction() as tx:
        assert await tx.release("somebody else") == 0
        assert await tx.release("turn") == 1
    assert await claimed(store) == ["a"]


async def test_a_message_that_waits_again_holds_its_lane(store: Store) -> None:
    await _enqueue(store, message("a"), message("b"), message("c", "budi", due_at=after(30)))
    await claimed(store)
    await _settle(store, Settled("a", State.QUEUED, NOON, 1, "429", due_at=after(10)))
    async with store.reading() as tx:
        assert await tx.next_due(NOON) == after(10)
        assert await tx.next_due(after(12)) == after(12)
    assert await claimed(store, 9) == []
    async with store.transaction() as tx:
        (row,) = await tx.claim(after(10), after(11), 10, "relay")
        assert (row.key, row.attempts) == ("a", 1)


async def test_what_has_ended_stays_ended(store: Store) -> None:
    await _enqueue(store, message("a"))
    await _settle(store, Settled("a", State.SENT, NOON, 1, message_id=77))
    await _settle(store, Settled("a", State.QUEUED, NOON, 2), Settled("a", State.DEAD, NOON, 3, "late"))
    async with store.reading() as tx:
        assert await tx.message_ids(["a", "b"]) == {"a": 77}
        assert await tx.count_states() == {State.QUEUED: 0, State.SENT: 1, State.DEAD: 0, State.UNKNOWN: 0}
        assert await tx.next_due(NOON) is None


async def test_release_voids_every_claim(store: Store) -> None:
    await _enqueue(store, message("a"), message("b", "budi"))
    await claimed(store, lease=600)
    async with store.transaction() as tx:
        assert await tx.release() == 2
    assert await claimed(store) == ["a", "b"]


async def test_a_damaged_message_is_dead_and_the_others_go(store: Store) -> None:
    await _enqueue(store, message("a"), message("b"), message("c", "budi"))
    async with store.transaction() as tx:
        (sealed,) = (await tx._execute(sa.select(outbox.c.payload).where(outbox.c.key == "a"))).scalars()
        damaged = bytes([*sealed[:-1], sealed[-1] ^ 1])
        await tx._execute(sa.update(outbox).where(outbox.c.key == "a").values(payload=damaged))
    assert sorted(await claimed(store)) == ["b", "c"]
    async with store.reading() as tx:
        assert (await tx.count_states())[State.DEAD] == 1
        (error,) = (await tx._execute(sa.select(outbox.c.error).where(outbox.c.key == "a"))).scalars()
        assert tx._vault.open(outbox.c.error, error).startswith("SealBroken: ")


async def test_what_somebody_wants_to_know_of_is_found_once_all_of_it_has_ended(store: Store) -> None:
    told, letter = [replace(message(key, "budi"), about="17 budi") for key in "ab"], message("c", "budi")
    await _enqueue(store, replace(message("0", "siti"), about="17 siti"), *told, letter)
    await _settle(store, *(Settled(key, State.DEAD, NOON, 1) for key in ("a", "c")))
    assert await _lost(store) == []  # there is more to come of it; of the letter nobody wants to know
    await _settle(store, Settled("b", State.SENT, NOON, 1), Settled("0", State.UNKNOWN, NOON, 1))
    assert await _lost(store) == ["17 siti", "17 budi"]
    assert await _lost(store, 1) == ["17 siti"]

    async with store.transaction() as tx:
        (one,) = await tx.take_lost("17 budi")
        assert await tx.take_lost("17 budi") == []
    assert (one.channel, one.payload) == (Channel.TELEGRAM, message("a").payload)
    assert await _lost(store) == ["17 siti"]


async def test_what_was_lost_comes_in_its_order_and_a_damaged_one_says_nothing(store: Store) -> None:
    await _enqueue(store, *(replace(message(key), about="17") for key in "abc"))
    await _settle(store, *(Settled(key, State.DEAD, NOON, 1) for key in "cab"))
    async with store.transaction() as tx:
        await tx._execute(sa.update(outbox).where(outbox.c.key == "b").values(payload=b"damaged"))
        assert [lost.payload for lost in await tx.take_lost("17")] == [message("a").payload, {}, message("c").payload]


async def test_what_is_taken_is_taken_only_with_what_was_done_about_it(store: Store) -> None:
    await _enqueue(store, replace(message("a"), about="17"))
    await _settle(store, Settled("a", State.DEAD, NOON, 1))

    async def take(*also: Outgoing) -> None:
        async with store.transaction() as tx:
            assert len(await tx.take_lost("17")) == 1
            await tx.enqueue(also)

    with pytest.raises(Conflict):
        await take(message("a"))
    assert await _lost(store) == ["17"]


async def _lost(store: Store, limit: int = 9) -> list[str]:
    async with store.reading() as tx:
        return await tx.lost(limit)


async def _enqueue(store: Store, *messages: Outgoing) -> None:
    async with store.transaction() as tx:
        await tx.enqueue(messages)


async def _settle(store: Store, *outcomes: Settled) -> None:
    async with store.transaction() as tx:
        await tx.settle(outcomes)
