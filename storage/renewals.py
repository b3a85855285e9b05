"""What is kept of somebody's renewal, read for the staff who help them. It is written by `Transaction` itself."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from conversations.progress import Renewal
from storage.errors import SealBroken
from storage.part import Part
from storage.records import Renewing
from storage.tables import certificates, people, renewals, sessions

log = logging.getLogger(__name__)

_noted = sa.and_(
    renewals.c.chat_id == people.c.chat_id, renewals.c.submitted_at.is_not(None), renewals.c.due_at.is_not(None)
)
OF = (
    sa.select(
        sessions.c.body,
        certificates.c.expires_on,
        renewals.c.submitted_at,
        renewals.c.due_at,
        renewals.c.issued_at,
    )
    .select_from(people)
    .outerjoin(sessions, sessions.c.chat_id == people.c.chat_id)
    .outerjoin(certificates, certificates.c.chat_id == people.c.chat_id)
    .outerjoin(renewals, _noted)
    .where(people.c.chat_id == sa.bindparam("chat", type_=sa.BigInteger))
    .order_by(renewals.c.id)
)


class Renewals(Part):
    """`tx.renewals`."""

    async def of(self, chat_id: int) -> Renewing:
        """All of it, in one query that locks nothing; a session that does not open is left out."""
        rows = (await self._execute(OF, {"chat": chat_id})).mappings().all()
        if not rows:
            return Renewing()
        noted = (Renewal(row["submitted_at"], row["due_at"], row["issued_at"]) for row in rows if row["submitted_at"])
        return Renewing(self._session(rows[0]["body"]), rows[0]["expires_on"], tuple(noted))

    def _session(self, body: bytes | None) -> str | None:
        try:
            return self._open(sessions.c.body, body)
        except SealBroken:
            log.warning("a session cannot be read; staff are not shown where its guide stands")
            return None
