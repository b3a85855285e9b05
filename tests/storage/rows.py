"""The moments and records that the tests of storage speak of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.records import Memory, Outgoing, Priority

if TYPE_CHECKING:
    from storage import Store

NOON = datetime(2026, 11, 23, 5, 0, 0, 123456, tzinfo=UTC)
SITI, BUDI = 7_000_000_001, 42


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def message(
    key: str,
    lane: str = "siti",
    *,
    due_at: datetime = NOON,
    priority: Priority = Priority.ANSWER,
    claimed_until: datetime | None = None,
) -> Outgoing:
    by = "turn" if claimed_until else None
    payload = {"method": "sendMessage", "text": f"{key} “é” \ud83d\x00"}
    return Outgoing(key, lane, payload, due_at, priority=priority, claimed_until=claimed_until, claimed_by=by)


async def meet(store: Store, *chats: int) -> None:
    """Have these people in the store."""
    async with store.transaction() as transaction:
        await transaction.save([Memory(chat, "id") for chat in chats], NOON)


async def claimed(
    store: Store, minutes: float = 0, *, limit: int = 100, lease: float = 1, by: str = "relay"
) -> list[str]:
    """The keys that a relay is given that many minutes after noon."""
    async with store.transaction() as transaction:
        rows = await transaction.claim(after(minutes), after(minutes + lease), limit, by)
    return [row.key for row in rows]
