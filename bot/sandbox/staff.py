"""The staff of the sandbox: those of the page's people who have a role need no invitation."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot.sandbox.server import CAST
from conversations.people import Role
from storage.records import Memory

if TYPE_CHECKING:
    from storage import Store

ROLES = {"petugas": Role.OFFICER, "pejabat pengaduan": Role.OFFICIAL, "admin": Role.ADMIN}
"""What the page calls a role, and what it is."""


MAIL = {"Ratna": "ratna@kota.example"}
"""Where mail reaches them: escalations come to the official in both ways."""

MAIL_ALONE = (Role.OFFICIAL, "Hendra", "hendra@kota.example")
"""An official without Telegram, who acts by the links of the mails."""


async def appoint(store: Store, at: datetime) -> None:
    """Give the cast its roles; everybody else is a guest."""
    async with store.transaction() as tx:
        for chat_id, name, language, called in CAST:
            if (role := ROLES.get(called)) is not None:
                await tx.save([Memory(chat_id, language=language)], at)
                number = await tx.staff.appoint(role, name, MAIL.get(name, ""), chat_id, at)
                await tx.audit.append("sandbox", "appointed", f"staff:{number}", {"role": role.value}, at)
        role, name, address = MAIL_ALONE
        number = await tx.staff.appoint(role, name, address, None, at)
        await tx.audit.append("sandbox", "appointed", f"staff:{number}", {"role": role.value}, at)
