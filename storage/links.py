"""One-time links in a mail, by which somebody who has no chat does one thing to one complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from conversations.complaint import Act
from storage.complaint_tables import complaints, web_links
from storage.part import Part
from storage.records import WebLink

if TYPE_CHECKING:
    from datetime import datetime

_token = web_links.c.token_lookup == sa.bindparam("token")

ADD = sa.insert(web_links).inline()
COMPLAINT_ID = sa.select(complaints.c.id).where(complaints.c.number == sa.bindparam("which"))
LOOK = (
    sa.select(complaints.c.number, web_links.c.act, web_links.c.staff_id, web_links.c.until, web_links.c.used_at)
    .join_from(web_links, complaints)
    .where(_token)
)
USE = (
    sa.update(web_links)
    .where(_token, web_links.c.used_at.is_(None), web_links.c.until > sa.bindparam("now", type_=web_links.c.until.type))
    .values(used_at=sa.bindparam("now"))
)


class Links(Part):
    """`tx.links`; a link is stored as the fingerprint of its token, so a copy of the database opens nothing."""

    async def make(self, token_lookup: str, number: str, act: Act, staff_id: int, until: datetime) -> None:
        """Let a member of staff do this to a complaint, once, before `until`."""
        complaint_id = (await self._execute(COMPLAINT_ID, {"which": number})).scalar_one()
        told = {"token_lookup": token_lookup, "complaint_id": complaint_id, "act": act.value}
        await self._execute(ADD, {**told, "staff_id": staff_id, "until": until})

    async def look(self, token_lookup: str) -> WebLink | None:
        """What a link is for, used and expired ones as well; None: there is none (any more).

        Whoever looks in a transaction that writes holds it until the end, so that it serves once.
        """
        looking = LOOK.with_for_update(of=web_links) if self._writes else LOOK
        row = (await self._execute(looking, {"token": token_lookup})).mappings().one_or_none()
        return None if row is None else WebLink(**{**row, "act": Act(row["act"])})

    async def use(self, token_lookup: str, at: datetime) -> WebLink | None:
        """Use a link; None: it is used, expired or unknown. If the transaction is undone, so is this."""
        used = (await self._execute(USE, {"token": token_lookup, "now": at})).rowcount > 0
        return await self.look(token_lookup) if used else None
