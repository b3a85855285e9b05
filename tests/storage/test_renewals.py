"""What is kept of somebody's renewal is read at once, as it is, and goes with the person."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from conversations.progress import Renewal
from storage.records import Memory, Renewing
from storage.tables import sessions
from tests.storage.rows import BUDI, NOON, SITI, after, meet

if TYPE_CHECKING:
    from storage import Store

DAY = date(2026, 11, 20)
SESSION = '{"turn": 3}'


async def kept(store: Store, chat: int = SITI) -> Renewing:
    async with store.reading() as tx:
        return await tx.renewals.of(chat)


async def test_of_who_has_nothing_there_is_nothing(store: Store) -> None:
    await meet(store, SITI)
    assert await kept(store) == await kept(store, 999) == Renewing()


async def test_it_holds_the_session_the_certificate_and_every_request_in_order(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.save([Memory(SITI, "id", session=SESSION, expires_on=DAY), Memory(BUDI, "id")], NOON)
        await tx.record_submission(SITI, NOON, after(60), NOON)
        await tx.record_issue(SITI, after(30))
        await tx.record_submission(BUDI, after(1), after(61), after(1))
        await tx.record_submission(SITI, after(100), after(200), after(100))
        assert await tx.renewals.of(SITI) == Renewing(
            SESSION, DAY, (Renewal(NOON, after(60), after(30)), Renewal(after(100), after(200)))
        )
    assert await kept(store, BUDI) == Renewing(renewals=(Renewal(after(1), after(61)),))


async def test_a_damaged_session_hides_nothing_else(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.save([Memory(SITI, "id", session=SESSION, expires_on=DAY)], NOON)
        await tx.record_submission(SITI, NOON, after(60), NOON)
        await tx._execute(sa.update(sessions).values(body=b"damaged"))
    assert await kept(store) == Renewing(None, DAY, (Renewal(NOON, after(60)),))


async def test_nothing_is_left_of_who_was_erased(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.save([Memory(SITI, "id", session=SESSION, expires_on=DAY)], NOON)
        await tx.record_submission(SITI, NOON, after(60), NOON)
        await tx.erase(SITI)
    assert await kept(store) == Renewing()
