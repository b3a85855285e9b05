"""Complaints without anybody and anything that was written: what is left of them is a number, moments and states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from conversations.complaint import Status
from storage.complaint_tables import OPEN, complaint_cards, complaint_words, complaints, happenings, web_links
from storage.part import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

_ids: sa.BindParameter[int] = sa.bindparam("ids", expanding=True)

OF = sa.select(complaints.c.id).where(complaints.c.chat_id == sa.bindparam("chat", type_=sa.BigInteger))
BLANK = (
    sa.update(complaints)
    .where(complaints.c.id.in_(_ids))
    .values(chat_id=None, text=None, origin=None, name=None, unit=None, attachments=None)
)
# Nobody is there any more who could be answered. When it was withdrawn is not known here; its last change is.
WITHDRAW = (
    sa.update(complaints)
    .where(complaints.c.id.in_(_ids), OPEN)
    .values(
        status=Status.WITHDRAWN.value,
        closed_at=complaints.c.since,
        next_at=None,
        stopped_at=None,
        version=complaints.c.version + 1,
    )
)
# What staff wrote speaks of the person as well; who of the staff did what stays.
FORGET_WORDS = (
    sa.update(happenings)
    .where(happenings.c.complaint_id.in_(_ids))
    .values(
        text=None,
        attachments=None,
        actor=sa.case((happenings.c.side == "employee", None), else_=happenings.c.actor),
    )
)
UNTIE = [
    sa.delete(table).where(table.c.complaint_id.in_(_ids)) for table in (complaint_cards, complaint_words, web_links)
]


class Blanking(Part):
    """Complaints of whom was erased, and those that were closed long ago."""

    async def blank_of(self, chat_id: int) -> None:
        """Blank all of this person; an open one counts as withdrawn."""
        await self.blank((await self._execute(OF, {"chat": chat_id})).scalars().all())

    async def blank(self, ids: Sequence[int]) -> None:
        """Blank these."""
        for statement in (WITHDRAW, BLANK, FORGET_WORDS, *UNTIE) if ids else ():
            await self._execute(statement, {"ids": ids})
