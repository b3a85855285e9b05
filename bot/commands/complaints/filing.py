"""Complaints are filed, and found again by whoever may see them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.complaints import course
from bot.commands.complaints.access import found, is_mine, sees_all_of_it, vacant
from bot.commands.complaints.matter import Matter
from bot.commands.complaints.renewing import progress_of
from bot.scene import person_of
from conversations import case
from conversations.case import Actor
from conversations.complaint import Level
from conversations.events import ComplaintFiled, ComplaintFound, ComplaintsFound
from conversations.people import Role

if TYPE_CHECKING:
    from bot.commands.office import Errand
    from conversations.effects import FileComplaint, FindComplaint, FindComplaints


async def file(errand: Errand, command: FileComplaint) -> ComplaintFiled:
    """Take a complaint in, of anybody; name and unit are those that an employee has proved."""
    outage = bool(errand.scene.outcome.outage)
    employee = await errand.tx.employees.of(errand.chat_id)
    name, unit = (employee.name, employee.unit) if employee is not None else ("", "")
    person, matter = person_of(errand.chat_id), Matter.of(errand)
    missing = await vacant(matter, person)
    complaint = case.file(
        command, "", errand.at, errand.book,
        person=person, name=name, unit=unit, outage=outage, straight=Level.OFFICER in missing,
    )  # fmt: skip
    if outage:
        await errand.tx.outages.note_hit([errand.chat_id])
    complaint = await course.begins(matter, complaint, case.filed(complaint, Actor("employee", name=name)))
    errand.scene.memory = replace(errand.scene.memory, complained=True)
    return ComplaintFiled(errand.at, complaint, vacant=complaint.level in missing)


async def find(errand: Errand, command: FindComplaint) -> ComplaintFound:
    """Look one up, with as much of its history as this chat may see."""
    complaint = await found(errand, command.number, lock=False)
    if complaint is None:
        return ComplaintFound(errand.at, None, about=command.about)
    mine = is_mine(complaint, errand.scene)
    if not mine and not sees_all_of_it(complaint, errand.scene):
        return ComplaintFound(errand.at, case.wordless(complaint), about=command.about)
    history = await errand.tx.complaints.history(complaint.number)
    if mine:
        return ComplaintFound(errand.at, complaint, case.for_employee(history), about=command.about, mine=True)
    similar = await errand.tx.complaints.similar(complaint.text, besides=complaint.number)
    canned = await errand.tx.canned.all()
    errand.scene.found = complaint.number
    matter = Matter.of(errand)
    alone, progress = Level.OFFICER in await vacant(matter, complaint.person), await progress_of(matter, complaint)
    return ComplaintFound(
        errand.at, complaint, history, similar, command.about, progress=progress, alone=alone, canned=canned
    )


async def find_many(errand: Errand, command: FindComplaints) -> ComplaintsFound:
    """Those of this chat, or the open ones that its roles let it see."""
    if command.which == "mine":
        some = errand.scene.memory.complained  # most have none, and ask for their status all the same
        mine = await errand.tx.complaints.by_person(errand.chat_id) if some else ()
        return ComplaintsFound(errand.at, mine, command.about)
    levels, confidential = seen_by(errand.scene.memory.roles)
    listed = await errand.tx.complaints.queue(
        levels, errand.at, confidential=confidential, besides=errand.chat_id,
        only=command.only, members=[row.id for row in await errand.tx.staff.of(errand.chat_id)], page=command.page,
    )  # fmt: skip
    return ComplaintsFound(
        errand.at, listed.complaints, command.about, command.only, page=listed.page, count=listed.count
    )


def seen_by(roles: frozenset[Role]) -> tuple[frozenset[Level], bool]:
    """The levels that these roles see, and whether confidential ones too, as `case.may_see` has it for each one."""
    if Role.ADMIN in roles:
        return frozenset(Level), True
    levels = {Level.OFFICER} if Role.OFFICER in roles else set()
    return frozenset(levels | ({Level.OFFICIAL} if Role.OFFICIAL in roles else set())), Role.OFFICIAL in roles
