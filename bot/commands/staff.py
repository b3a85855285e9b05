"""Who has which role. An invitation is a one-time link; whoever opens it first has the role, and admins are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.commands.complaints.handover import hand_over
from bot.commands.complaints.leaving import leave
from bot.commands.office import Errand
from bot.commands.trace import note
from bot.scene import person_of
from conversations.effects import GrantLeave, Invite
from conversations.events import Invited, Recorded, Redeemed, Revoked, StaffFound
from conversations.people import Member, Role
from storage.records import StaffRow

LIFETIME = timedelta(hours=48)
"""How long an invitation can be accepted."""


async def find(errand: Errand, about: str) -> StaffFound:
    rows = await errand.tx.staff.members()
    return StaffFound(errand.at, tuple(_member(row, errand.today) for row in rows), about)


async def invite(errand: Errand, command: Invite) -> Invited:
    token, until = errand.office.tokens.token(), errand.at + LIFETIME
    lookup = errand.fingerprint("token", token)
    number = await errand.tx.staff.invite(command.role, command.name, command.email, lookup, until, errand.at)
    await note(errand, "invited", f"staff:{number}", {"role": command.role.value})
    row = await errand.tx.staff.get(number)
    if row is not None and row.role is Role.OFFICIAL and row.email and errand.office.sends_mail:
        await hand_over(errand, row)
    return Invited(errand.at, errand.office.link(token), until)


async def redeem(errand: Errand, lookup: str) -> Redeemed:
    """Use the token of an invitation."""
    row = await errand.tx.staff.redeem(lookup, errand.chat_id, errand.at)
    if row is None:
        return Redeemed(errand.at, "spent")
    errand.scene.memory = replace(errand.scene.memory, roles=errand.scene.memory.roles | {row.role})
    await note(errand, "accepted", f"staff:{row.id}", {"role": row.role.value})
    return Redeemed(errand.at, "appointed", role=row.role, name=row.name)


async def revoke(errand: Errand, number: int) -> Revoked:
    """End a role, unless nobody else is admin. What was loaded of the person for this batch ends as well."""
    members = await errand.tx.staff.members()
    row = next((row for row in members if row.id == number), None)
    if row is None:
        return Revoked(errand.at, "gone")
    if row.role is Role.ADMIN and not any(m.role is Role.ADMIN and m.accepted_at and m.id != number for m in members):
        return Revoked(errand.at, "last", row.name)
    await note(errand, "revoked", f"staff:{number}", {"role": row.role.value})  # as who they still are
    await errand.tx.staff.revoke(number, errand.at)
    await leave(errand, number)
    if row.chat_id is None:
        return Revoked(errand.at, "revoked", row.name)
    scene, left = errand.scene, frozenset(m.role for m in members if m.chat_id == row.chat_id and m.id != number)
    if row.chat_id == scene.chat_id:
        scene.memory = replace(scene.memory, roles=left)
    elif (known := scene.outcome.memories.get(row.chat_id)) is not None:  # they write in this very batch
        scene.outcome.memories[row.chat_id] = replace(known, roles=left)
    if row.chat_id != scene.chat_id:
        languages = await errand.tx.languages([row.chat_id])
        scene.offer_commands(row.chat_id, languages.get(row.chat_id), left)
    return Revoked(errand.at, "revoked", row.name, person_of(row.chat_id))


async def grant_leave(errand: Errand, command: GrantLeave) -> Recorded:
    if await errand.tx.staff.leave(command.member, command.until, command.deputy):
        await _note_leave(errand, command)
    return Recorded(errand.at)


async def _note_leave(errand: Errand, command: GrantLeave) -> None:
    details = {"until": command.until.isoformat() if command.until else "", "deputy": str(command.deputy or "")}
    details = {name: value for name, value in details.items() if value}
    await note(errand, "leave", f"staff:{command.member}", details)


def _member(row: StaffRow, today: date) -> Member:
    """The member as of today: a leave that is over is none."""
    away = row.away_until if row.away_until is not None and row.away_until >= today else None
    return Member(row.id, row.role, row.name, row.email or "", row.chat_id is not None, away, row.deputy_id)
