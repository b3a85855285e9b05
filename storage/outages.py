"""When AMS did not work, as administrators declared it, and who ran into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.complaint_tables import OPEN, complaints, outage_hits, outages
from storage.part import Part
from storage.people import upsert
from storage.records import Outage
from storage.tables import people

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_lasts = outages.c.lifted_at.is_(None)

CURRENT = sa.select(outages).where(_lasts).order_by(outages.c.id.desc()).limit(1)
DECLARE = sa.insert(outages).inline()
REWORD = sa.update(outages).where(_lasts).values(text=sa.bindparam("words", type_=sa.LargeBinary))
LIFT = sa.update(outages).where(_lasts).values(lifted_at=sa.bindparam("at", type_=outages.c.lifted_at.type))

_told = sa.select(outage_hits.c.chat_id).join(outages).where(_lasts)
_complains = sa.select(complaints.c.chat_id).where(OPEN)
HIT = (
    sa.select(people.c.chat_id, people.c.language)
    .where(people.c.chat_id.in_(_told.union(_complains)))
    .order_by(people.c.chat_id)
)


class Outages(Part):
    """`tx.outages`; at most one lasts."""

    async def current(self) -> Outage | None:
        """The outage that lasts."""
        row = (await self._execute(CURRENT)).one_or_none()
        if row is None:
            return None
        return Outage(self._vault.open(outages.c.text, row.text), row.declared_at, row.lifted_at)

    async def declare(self, text: str, at: datetime) -> bool:
        """Declare an outage, or say it in other words; answers whether it begins with this."""
        if (await self._execute(REWORD, {"words": self._vault.seal(outages.c.text, text)})).rowcount > 0:
            return False
        await self._execute(DECLARE, {"text": self._vault.seal(outages.c.text, text), "declared_at": at})
        return True

    async def lift(self, at: datetime) -> bool:
        """End it; answers whether there was one. Ask `hit` before: it speaks of the outage that lasts."""
        return (await self._execute(LIFT, {"at": at})).rowcount > 0

    async def note_hit(self, chats: Iterable[int]) -> None:
        """Note that these people were told of the outage that lasts; nothing, if none does."""
        row = (await self._execute(CURRENT)).one_or_none()
        rows = [{"outage_id": row.id, "chat_id": chat} for chat in sorted(set(chats))] if row else []
        if rows:
            await self._execute(upsert(self._dialect, outage_hits, "chat_id"), rows)

    async def hit(self) -> list[tuple[int, str | None]]:
        """Who was told of the outage that lasts, or has an open complaint, with the language that is read there."""
        return [(row.chat_id, row.language) for row in await self._execute(HIT)]
