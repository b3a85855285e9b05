"""Which members of staff are there today, who stands in for those who are not, and whether there is anybody at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from conversations.complaint import Level
from conversations.people import Role
from storage.records import StaffRow

if TYPE_CHECKING:
    from bot.commands.complaints.matter import Matter


def on_duty(members: Sequence[StaffRow], role: Role, today: date) -> tuple[StaffRow, ...]:
    """Who of a role is there, and the deputies of the others; all of the role, if that would leave nobody."""
    reached = [member for member in members if member.chat_id is not None or member.email]
    of_role = [member for member in reached if member.role is role]
    by_id = {member.id: member for member in reached}
    there = _once(found for member in of_role if (found := _present(member, by_id, today)) is not None)
    return there or tuple(of_role)


def deputies(members: Sequence[StaffRow], role: Role, today: date) -> tuple[StaffRow, ...]:
    """The deputies of everybody of a role: they are asked too when these do not get to it."""
    by_id = {member.id: member for member in members}
    named = (by_id.get(member.deputy_id) for member in members if member.role is role and member.deputy_id is not None)
    return _once(found for one in named if one is not None and (found := _present(one, by_id, today)) is not None)


def in_place_of(members: Sequence[StaffRow], number: int, today: date) -> tuple[StaffRow, ...]:
    """A member, and who stands in while they are away; nobody, if there is no such member any more."""
    by_id = {member.id: member for member in members}
    if (member := by_id.get(number)) is None:
        return ()
    present = _present(member, by_id, today)
    return (member,) if present is None else _once((member, present))


def is_manned(members: Sequence[StaffRow], level: Level, *, by_mail: bool) -> bool:
    """Whether there is somebody who can act on this level: in a chat, or as an official by mail, if any is sent."""
    role = Role(level.value)
    by_mail = by_mail and role is Role.OFFICIAL
    return any(one.role is role and (one.chat_id is not None or (by_mail and one.email)) for one in members)


async def within_reach(matter: Matter, members: Sequence[StaffRow]) -> tuple[StaffRow, ...]:
    """The same as they can be reached: who blocked the bot has no chat, and without an address is passed over.

    Where that would leave nobody, all of them: then it is tried, and what does not arrive comes back.
    """
    blocked = await matter.tx.unreachable([member.chat_id for member in members if member.chat_id is not None])
    if not blocked:
        return tuple(members)
    as_reached = [replace(member, chat_id=None) if member.chat_id in blocked else member for member in members]
    return tuple(one for one in as_reached if one.chat_id is not None or has_mail(matter, one)) or tuple(members)


def has_mail(matter: Matter, member: StaffRow) -> bool:
    """Whether mail reaches them."""
    return bool(member.email) and matter.office.sends_mail


def _present(member: StaffRow, by_id: Mapping[int, StaffRow], today: date) -> StaffRow | None:
    """Follow the deputies to somebody who is there; two may name each other."""
    asked: set[int] = set()
    one: StaffRow | None = member
    while one is not None and one.id not in asked:
        if one.away_until is None or one.away_until < today:
            return one
        asked.add(one.id)
        one = None if one.deputy_id is None else by_id.get(one.deputy_id)
    return None


def _once(members: Iterable[StaffRow]) -> tuple[StaffRow, ...]:
    return tuple({member.id: member for member in members}.values())
