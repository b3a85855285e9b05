"""Answers that the office keeps. The audit says who kept or removed which, by its number, and nothing of its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.trace import note
from conversations.events import CannedFound, CannedKept

if TYPE_CHECKING:
    from bot.commands.office import Errand
    from conversations.effects import KeepCanned


async def find(errand: Errand, about: str) -> CannedFound:
    return CannedFound(errand.at, await errand.tx.canned.all(), about)


async def keep(errand: Errand, command: KeepCanned) -> CannedKept:
    """Keep one more, as the member of staff that this chat is."""
    title = command.title.casefold()
    if any(each.title.casefold() == title for each in await errand.tx.canned.all()):
        return CannedKept(errand.at, "taken")  # two buttons that read the same help nobody
    member, *_ = await errand.tx.staff.of(errand.chat_id)
    number = await errand.tx.canned.keep(command.title, command.text, member.id, errand.at)
    if number is None:
        return CannedKept(errand.at, "full")
    await note(errand, "canned_kept", f"canned:{number}", {"complaint": command.number} if command.number else {})
    return CannedKept(errand.at, "kept")


async def remove(errand: Errand, number: int) -> CannedFound:
    removed = await errand.tx.canned.remove(number)
    if removed:
        await note(errand, "canned_removed", f"canned:{number}")
    return CannedFound(errand.at, await errand.tx.canned.all(), removed=removed)
