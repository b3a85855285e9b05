"""Who does something, and the line that the audit keeps of it: nothing personal, only references to rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.catalogs import Catalog
from bot.commands.office import Errand
from conversations.desk import ACTIONS
from conversations.events import AuditFound
from conversations.people import Entry
from conversations.text import Text
from storage.records import AuditRow

SELDOM = timedelta(hours=1)
LOOKED_AT = 2000  # the newest, in which words are looked for
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


async def note_refusal(errand: Errand, what: str) -> None:
    """Write down that somebody was refused; once an hour, so that nobody can fill the audit."""
    who = await actor(errand)
    before = await errand.tx.audit.last(1, f"{who} refused")
    if not before or before[0].at <= errand.at - SELDOM:
        await errand.tx.audit.append(who, "refused", "", {"what": what}, errand.at)


async def find_audit(errand: Errand, about: str) -> AuditFound:
    """The last lines, those with the words of `about` if there are any, with the names of staff instead of numbers."""
    names = {f"staff:{member.id}": member.name for member in await errand.tx.staff.members()}
    rows = await errand.tx.audit.last(LOOKED_AT if about else SHOWN)
    for reference in {word for row in rows for word in (row.actor, row.subject) if word.startswith("staff:")}:
        if reference not in names and (gone := await errand.tx.staff.get(int(reference.removeprefix("staff:")))):
            names[reference] = gone.name or reference
    await note(errand, "audit_read")
    catalog = errand.scene.catalog
    found = [row for row in rows if all(_speaks_of(row, word, names, catalog) for word in about.casefold().split())]
    entries = tuple(
        Entry(
            row.id,
            row.at,
            names.get(row.actor, row.actor),
            row.action,
            names.get(row.subject, row.subject),
            tuple(row.details.items()),
        )
        for row in found[:SHOWN]
    )
    return AuditFound(errand.at, entries, about)


def _speaks_of(row: AuditRow, word: str, names: Mapping[str, str], catalog: Catalog) -> bool:
    """Whether a word stands in a line as it is shown, or is a reference of it as it is stored."""
    action = catalog.plain(Text(ACTIONS[row.action])) if row.action in ACTIONS else ""
    shown = (names.get(row.actor, ""), row.action, action, names.get(row.subject, ""), *row.details.values())
    return word in (row.actor, row.subject) or any(word in part.casefold() for part in shown)
