"""Who does something, and the line that the audit keeps of it: nothing personal, only references to rows."""

from __future__ import annotations

from collections.abc import Mapping

from bot.commands.office import Errand
from conversations.events import AuditFound
from conversations.people import Entry

SHOWN = 30
"""Entries that one look at the audit gives."""


async def actor(errand: Errand) -> str:
    """`staff:3`, `employee:12`, or for somebody who is neither a pseudonym of the chat."""
    tx, chat_id = errand.tx, errand.chat_id
    if errand.scene.memory.roles:
        return f"staff:{(await tx.staff.of(chat_id))[0].id}"
    if errand.scene.memory.registered and (employee := await tx.employees.of(chat_id)) is not None:
        return f"employee:{employee.id}"
    return f"person:{errand.fingerprint('person', chat_id)[:8]}"


async def note(errand: Errand, action: str, subject: str = "", details: Mapping[str, str] | None = None) -> None:
    """Write a line into the audit: the person of this chat did something."""
    await errand.tx.audit.append(await actor(errand), action, subject, details or {}, errand.at)


async def find_audit(errand: Errand, about: str) -> AuditFound:
    """The last lines, those with the words of `about` if there are any, with the names of staff instead of numbers."""
    names = {f"staff:{member.id}": member.name for member in await errand.tx.staff.members()}
    rows = await errand.tx.audit.last(SHOWN, " ".join(_stored(word, names) for word in about.split()))
    for reference in {word for row in rows for word in (row.actor, row.subject) if word.startswith("staff:")}:
        if reference not in names and (gone := await errand.tx.staff.get(int(reference.removeprefix("staff:")))):
            names[reference] = gone.name or reference
    await note(errand, "audit_read")
    entries = tuple(
        Entry(
            row.id,
            row.at,
            names.get(row.actor, row.actor),
            row.action,
            names.get(row.subject, row.subject),
            tuple(row.details.items()),
        )
        for row in rows
    )
    return AuditFound(errand.at, entries, about)


def _stored(word: str, names: Mapping[str, str]) -> str:
    """A word of a search as it is stored: the name of somebody who has a role is a reference there."""
    found = [reference for reference, name in names.items() if word.casefold() in name.casefold()]
    return found[0] if len(found) == 1 else word
