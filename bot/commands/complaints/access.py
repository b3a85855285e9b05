"""Who may see a complaint, and as whom somebody acts on it: asked at the moment of use, of what storage says then.

Whoever filed one is its employee and nobody else, whatever their roles are: `others` are those who can work on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.complaints.duty import is_manned
from bot.scene import chat_of, person_of
from conversations import case
from conversations.case import Actor
from conversations.complaint import Act, Complaint, Level, Side
from conversations.people import Role, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.commands.complaints.matter import Matter
    from bot.commands.office import Errand
    from bot.scene import Scene
    from conversations.people import Person
    from storage import Transaction
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
    return case.reads_all(complaint, scene.standing, mine=is_mine(complaint, scene))


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


async def others(tx: Transaction, person: Person | None) -> tuple[StaffRow, ...]:
    """All of the staff but this person: by the chat, and who has none by the official address proved in it."""
    members = await tx.staff.members()
    if person is None:
        return members
    chat = chat_of(person)
    employee = await tx.employees.of(chat)
    addresses = {one.email.casefold() for one in members if one.chat_id == chat and one.email}
    if employee is not None:
        addresses.add(employee.email.casefold())
    return tuple(
        one
        for one in members
        if one.chat_id != chat and not (one.chat_id is None and one.email and one.email.casefold() in addresses)
    )


async def vacant(matter: Matter, person: Person | None) -> frozenset[Level]:
    """The levels on which there is nobody who may work on what this person has filed."""
    members = await others(matter.tx, person)
    return frozenset(level for level in Level if not is_manned(members, level, by_mail=matter.office.sends_mail))


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
