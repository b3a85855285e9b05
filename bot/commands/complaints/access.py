"""Who may see a complaint, and as whom somebody acts on it: asked at the moment of use, of what storage says then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.scene import person_of
from conversations import case
from conversations.case import Actor
from conversations.complaint import Act, Complaint, Side
from conversations.people import Role, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.commands.office import Errand
    from bot.scene import Scene
    from storage.records import StaffRow

_LONGEST_SERIAL = 9
_ROLES: dict[Side, Role] = {"officer": Role.OFFICER, "official": Role.OFFICIAL}


async def found(errand: Errand, number: str, *, lock: bool = True) -> Complaint | None:
    """The complaint of this number, as far as this chat may see it; others are as if they were not there."""
    complaint = await errand.tx.complaints.get(await _full_number(errand, number), lock=lock)
    return complaint if complaint is not None and may_see(complaint, errand.scene) else None


def is_mine(complaint: Complaint, scene: Scene) -> bool:
    return complaint.person == person_of(scene.chat_id)


def may_see(complaint: Complaint, scene: Scene) -> bool:
    return case.may_see(complaint, scene.standing, mine=is_mine(complaint, scene))


def sees_all_of_it(complaint: Complaint, scene: Scene) -> bool:
    """Whether it is seen with staff's eyes: with internal notes, and answers to similar ones."""
    return case.may_see(complaint, scene.standing, mine=False)


async def actor(errand: Errand, complaint: Complaint, act: Act) -> Actor | None:
    """As whom this chat does this; None: not at all, as it stands now."""
    scene = errand.scene
    side = case.acting(complaint, scene.standing, act, mine=is_mine(complaint, scene))
    if side is None:
        return None
    if side == "employee":
        return Actor(side, name=complaint.name)
    return _member(await errand.tx.staff.of(errand.chat_id), side)


def staff_actor(rows: Sequence[StaffRow], complaint: Complaint, act: Act) -> Actor | None:
    """As whom somebody with these roles does this."""
    side = case.acting(complaint, Standing(frozenset(row.role for row in rows)), act, mine=False)
    return None if side is None else _member(rows, side)


def _member(rows: Sequence[StaffRow], side: Side) -> Actor | None:
    row = next((row for row in rows if row.role is _ROLES.get(side)), None)
    return None if row is None else Actor(side, row.id, row.name)


async def _full_number(errand: Errand, number: str) -> str:
    """The whole number. In chats `17` is this year's; early in a year it may still be last year's."""
    short = number.strip().lstrip("#")
    if not (short.isascii() and short.isdigit() and len(short) <= _LONGEST_SERIAL):
        return short.upper()
    year = errand.book.calendar.today(errand.at).year
    this, last = (f"ADU-{each:04}-{int(short):05}" for each in (year, year - 1))
    complaints = errand.tx.complaints
    unknown = await complaints.get(this, lock=False) is None
    return last if unknown and await complaints.get(last, lock=False) is not None else this
