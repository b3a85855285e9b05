"""Who has which role, on both databases: an invitation serves once, and roles come with the memory of a chat."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING

import pytest

from conversations.people import Role
from storage import Conflict
from storage.records import Memory, StaffRow
from tests.storage.rows import BUDI, NOON, SITI, after, meet

if TYPE_CHECKING:
    from storage import Store


async def _invite(store: Store, role: Role = Role.OFFICER, token: str = "token", email: str = "") -> int:
    async with store.transaction() as tx:
        return await tx.staff.invite(role, "Ratna", email, token, after(60), NOON)


async def _redeem(store: Store, chat: int, token: str = "token", minutes: float = 1) -> StaffRow | None:
    async with store.transaction() as tx:
        return await tx.staff.redeem(token, chat, after(minutes))


async def _appoint(store: Store, role: Role, chat: int | None) -> int:
    async with store.transaction() as tx:
        return await tx.staff.appoint(role, "Ratna", "ratna@example.go.id", chat, NOON)


async def test_an_invitation_is_accepted_once(store: Store) -> None:
    await meet(store, SITI, BUDI)
    number = await _invite(store, email="ratna@example.go.id")
    invited = StaffRow(number, Role.OFFICER, "Ratna", "ratna@example.go.id", None, NOON, None, after(60), None, None)
    async with store.reading() as tx:
        assert await tx.staff.members() == (invited,)
        assert await tx.staff.of(SITI) == ()
    accepted = StaffRow(number, Role.OFFICER, "Ratna", "ratna@example.go.id", SITI, NOON, after(1), None, None, None)
    assert await _redeem(store, SITI) == accepted
    assert await _redeem(store, BUDI) is None
    async with store.reading() as tx:
        assert await tx.staff.members() == await tx.staff.of(SITI) == (accepted,)
        assert await tx.staff.chats(Role.OFFICER) == [(SITI, "id")]
        assert await tx.staff.chats(Role.ADMIN) == []


@pytest.mark.parametrize(("token", "minutes"), [("wrong", 1), ("token", 60), ("token", 61)])
async def test_an_invitation_that_is_unknown_or_too_old_is_worth_nothing(
    store: Store, token: str, minutes: float
) -> None:
    await meet(store, SITI)
    await _invite(store)
    assert await _redeem(store, SITI, token, minutes) is None


async def test_an_invitation_that_was_revoked_is_worth_nothing(store: Store) -> None:
    await meet(store, SITI)
    number = await _invite(store)
    async with store.transaction() as tx:
        assert await tx.staff.revoke(number, NOON)
        assert not await tx.staff.revoke(number, NOON)
        assert await tx.staff.members() == ()
    assert await _redeem(store, SITI) is None


async def test_of_many_who_open_a_link_at_once_one_has_the_role(store: Store) -> None:
    chats = [*range(100, 150)]
    await meet(store, *chats)
    await _invite(store)
    ends = await asyncio.gather(*(_redeem(store, chat) for chat in chats))
    (winner,) = [row for row in ends if row]
    async with store.reading() as tx:
        assert await tx.staff.members() == (winner,)


async def test_who_has_the_role_does_not_use_up_the_link(store: Store) -> None:
    await meet(store, SITI, BUDI)
    await _appoint(store, Role.OFFICER, SITI)
    await _invite(store)
    assert await _redeem(store, SITI) is None
    assert await _redeem(store, BUDI) is not None


async def test_roles_and_registration_come_with_the_memory(store: Store) -> None:
    await meet(store, SITI, BUDI)
    numbers = [await _appoint(store, role, SITI) for role in (Role.OFFICER, Role.ADMIN)]
    async with store.transaction() as tx:
        memories = await tx.memories([SITI, BUDI])
        assert memories[SITI] == Memory(SITI, "id", roles=frozenset({Role.OFFICER, Role.ADMIN}))
        assert memories[BUDI] == Memory(BUDI, "id")
        await tx.save([memories[SITI]], NOON)
        await tx.staff.revoke(numbers[1], NOON)
        assert (await tx.memories([SITI]))[SITI].roles == {Role.OFFICER}


async def test_a_role_is_held_once_at_a_time(store: Store) -> None:
    await meet(store, SITI)
    first = await _appoint(store, Role.OFFICER, SITI)
    with pytest.raises(Conflict):
        await _appoint(store, Role.OFFICER, SITI)
    async with store.transaction() as tx:
        await tx.staff.revoke(first, NOON)
    second = await _appoint(store, Role.OFFICER, SITI)
    async with store.reading() as tx:
        assert [row.id for row in await tx.staff.of(SITI)] == [second]
        assert (await tx.staff.get(first), await tx.staff.get(999)) != (None, None)


async def test_leave_and_deputy(store: Store) -> None:
    away, deputy = [await _appoint(store, Role.OFFICIAL, None) for _ in range(2)]
    async with store.transaction() as tx:
        await tx.staff.leave(away, date(2026, 12, 31), deputy)
        row = await tx.staff.get(away)
        assert row is not None
        assert (row.away_until, row.deputy_id) == (date(2026, 12, 31), deputy)
        await tx.staff.revoke(deputy, NOON)
        row = await tx.staff.get(away)
        assert row is not None
        assert row.deputy_id is None
        await tx.staff.leave(away, None, None)
        row = await tx.staff.get(away)
        assert row is not None
        assert row.away_until is None
