"""What is kept of a chat: shown, copied, taken back, erased (UU 27/2022 on personal data)."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.commands.office import Errand
from bot.commands.trace import note
from conversations.effects import SendCopy
from conversations.events import AccountFound, Erased, Recorded
from conversations.people import Account, Details

FILE = "pandu-data.json"


async def find(errand: Errand, about: str) -> AccountFound:
    employee = await errand.tx.employees.of(errand.chat_id)
    stored = await errand.tx.counted(errand.chat_id)
    if employee is None:
        return AccountFound(errand.at, None, stored, about)
    details = Details(employee.name, employee.unit, employee.email, employee.nip or "")
    return AccountFound(errand.at, Account(details, employee.consented_at, employee.verified_at), stored, about)


async def copy(errand: Errand, command: SendCopy) -> Recorded:
    """Enqueue a file with everything that is kept of this chat, for nobody but this chat."""
    kept = json.dumps(await errand.tx.about(errand.chat_id), ensure_ascii=False, indent=2)
    params = {
        "chat_id": errand.chat_id,
        "caption": errand.scene.catalog.html((command.caption,)),
        "parse_mode": "HTML",
        "document": {"filename": FILE, "content": kept},
    }
    errand.scene.ask_telegram("sendDocument", errand.chat_id, params)
    await note(errand, "copied")
    return Recorded(errand.at)


async def withdraw(errand: Errand) -> Recorded:
    """Take the registration back; the guide goes on without it."""
    await note(errand, "withdrawn")
    await errand.tx.employees.sign_off(errand.chat_id)
    errand.scene.memory = replace(errand.scene.memory, registered=False)
    return Recorded(errand.at)


async def erase(errand: Errand) -> Erased:
    """Forget the chat. A role is the office's and not the person's: it has to be revoked first."""
    if errand.scene.memory.roles:
        return Erased(errand.at, "staff")
    await note(errand, "erased")
    await errand.tx.erase(errand.chat_id)
    errand.scene.erased = True
    return Erased(errand.at, "erased")
