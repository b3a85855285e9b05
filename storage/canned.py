"""Canned answers of the office. They are staff's words and hang on nobody: a name must not stand in them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa

from conversations.canned import MOST, Canned
from storage.complaint_tables import canned_answers
from storage.errors import SealBroken
from storage.part import Part

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)

_number = canned_answers.c.id == sa.bindparam("number", type_=sa.BigInteger)

COUNT = sa.select(sa.func.count()).select_from(canned_answers)
ALL = sa.select(canned_answers).order_by(canned_answers.c.used_at.desc(), canned_answers.c.id.desc())
KEEP = sa.insert(canned_answers).returning(canned_answers.c.id)
USE = sa.update(canned_answers).where(_number).values(used_at=sa.bindparam("at", type_=canned_answers.c.used_at.type))
REMOVE = sa.delete(canned_answers).where(_number)


class CannedAnswers(Part):
    """`tx.canned`."""

    async def all(self) -> tuple[Canned, ...]:
        """Every one, the one that was used last before the others; one that is damaged is left out."""
        found = []
        for row in await self._execute(ALL):
            try:
                title = self._vault.open(canned_answers.c.title, row.title)
                found.append(Canned(row.id, title, self._vault.open(canned_answers.c.text, row.text)))
            except SealBroken:
                log.warning("Canned answer %d cannot be read", row.id)
        return tuple(found)

    async def keep(self, title: str, text: str, by: int, at: datetime) -> int | None:
        """Keep one more, by the member of staff `by`; answers its number, or None if there are as many as can be."""
        if (await self._execute(COUNT)).scalar_one() >= MOST:
            return None
        row = {
            "title": self._vault.seal(canned_answers.c.title, title),
            "text": self._vault.seal(canned_answers.c.text, text),
            "staff_id": by,
            "kept_at": at,
            "used_at": at,
        }
        number: int = (await self._execute(KEEP, row)).scalar_one()
        return number

    async def use(self, number: int, at: datetime) -> None:
        """Note that an answer was made of it; one that was removed meanwhile is not missed."""
        await self._execute(USE, {"number": number, "at": at})

    async def remove(self, number: int) -> bool:
        """Remove one; answers whether it was there."""
        return (await self._execute(REMOVE, {"number": number})).rowcount > 0
