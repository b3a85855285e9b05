"""What is kept of a chat: shown, copied, taken back, erased (UU 27/2022 on personal data)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from bot.commands.complaints.erasing import let_go
from bot.commands.office import Errand
from bot.commands.trace import note
from bot.scene import LARGEST_FILE
from conversations.effects import Say, SendCopy
from conversations.events import AccountFound, Erased, Recorded
from conversations.people import Account, Details
from conversations.text import N_, Text

FILE = "pandu-data.json"
COPIES_AN_HOUR = 3
HOUR = timedelta(hours=1)

_TOO_MANY = N_("I have sent the file three times in the last hour. Please use the last one, or ask again in an hour.")
_TOO_LARGE = N_("Your data are too large for a file in this chat. Please ask the office for a copy.")


async def find(errand: Errand, about: str) -> AccountFound:
    employee = await errand.tx.employees.of(errand.chat_id)
    stored = await errand.tx.counted(errand.chat_id)
    if employee is None:
        return AccountFound(errand.at, None, stored, about)
    details = Details(employee.name, employee.unit, employee.email, employee.nip or "")
    return AccountFound(errand.at, Account(details, employee.consented_at, employee.verified_at), stored, about)


async def copy(errand: Errand, command: SendCopy) -> Recorded:
    """Enqueue a file with everything that is kept of this chat, for nobody but this chat."""
    counted = [errand.fingerprint("copy to", errand.chat_id)]
    if (await errand.tx.proofs.mails(counted, errand.at - HOUR)).get(counted[0], 0) >= COPIES_AN_HOUR:
        return _refused(errand, _TOO_MANY)
    await errand.tx.proofs.count_mail(counted, errand.at)
    kept = json.dumps(await errand.tx.about(errand.chat_id), ensure_ascii=False, indent=2)
    if len(kept.encode("utf-8", "surrogatepass")) > LARGEST_FILE:
        return _refused(errand, _TOO_LARGE)
    errand.scene.send_file(FILE, kept, (command.caption,))
    await note(errand, "copied")
    return Recorded(errand.at)


def _refused(errand: Errand, why: str) -> Recorded:
    errand.scene.show(Say((Text(why),)))
    return Recorded(errand.at)


async def withdraw(errand: Errand) -> Recorded:
    """Take the registration back; the guide goes on without it."""
    await note(errand, "withdrawn")
    await errand.tx.employees.sign_off(errand.chat_id)
    errand.scene.outcome.drop(errand.tx.mail_lane(errand.chat_id))
    errand.scene.memory = replace(errand.scene.memory, registered=False)
    return Recorded(errand.at)


async def erase(errand: Errand) -> Erased:
    """Forget the chat. A role is the office's and not the person's: it has to be revoked first."""
    if errand.scene.memory.roles:
        return Erased(errand.at, "staff")
    await note(errand, "erased")
    await let_go(errand)
    await errand.tx.erase(errand.chat_id)
    errand.scene.outcome.drop(errand.tx.mail_lane(errand.chat_id))
    errand.scene.erased = True
    return Erased(errand.at, "erased")
