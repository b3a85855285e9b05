"""Proofs that were asked for: one a chat, and how many mails left for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.part import Part
from storage.people import upsert
from storage.records import Proof
from storage.tables import proof_mails, proofs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

_chat = sa.bindparam("chat", type_=sa.BigInteger)
_ours = proofs.c.chat_id == _chat

OF = sa.select(proofs).where(_ours)
BY_TOKEN = sa.select(proofs).where(proofs.c.token_lookup == sa.bindparam("token"))
MISS = (
    sa.update(proofs)
    .where(_ours, proofs.c.tries_left > 0)
    .values(tries_left=proofs.c.tries_left - 1)
    .returning(proofs.c.tries_left)
)
END = sa.delete(proofs).where(_ours)
CHANGING = tuple(column.name for column in proofs.columns if not column.primary_key)

COUNT = sa.insert(proof_mails).inline()
MAILS = (
    sa.select(proof_mails.c.lookup, sa.func.count().label("mails"))
    .where(
        proof_mails.c.lookup.in_(sa.bindparam("lookups", expanding=True)),
        proof_mails.c.at > sa.bindparam("since", type_=proof_mails.c.at.type),
    )
    .group_by(proof_mails.c.lookup)
)


class Proofs(Part):
    """`tx.proofs`; who reads one to change it holds it until the transaction ends, so that it serves once."""

    async def begin(self, proof: Proof) -> None:
        """Keep a proof, in the place of an earlier one of its chat."""
        row = {
            "chat_id": proof.chat_id,
            "token_lookup": proof.token_lookup,
            "code_lookup": proof.code_lookup,
            "details": self._vault.seal(proofs.c.details, proof.details),
            "consented_at": proof.consented_at,
            "expires_at": proof.expires_at,
            "tries_left": proof.tries_left,
        }
        await self._execute(upsert(self._dialect, proofs, *CHANGING), row)

    async def of(self, chat_id: int) -> Proof | None:
        """The proof that this chat asked for last; it may have expired."""
        return await self._one(OF, {"chat": chat_id})

    async def by_token(self, lookup: str) -> Proof | None:
        """The proof that a link belongs to; it may have expired, and may be of another chat."""
        return await self._one(BY_TOKEN, {"token": lookup})

    async def miss(self, chat_id: int) -> int:
        """Count a wrong code; answers how many tries are left."""
        left: int | None = (await self._execute(MISS, {"chat": chat_id})).scalar_one_or_none()
        return left or 0

    async def end(self, chat_id: int) -> bool:
        """Remove the proof of this chat; answers whether there was one."""
        return (await self._execute(END, {"chat": chat_id})).rowcount > 0

    async def mails(self, lookups: Sequence[str], since: datetime) -> Mapping[str, int]:
        """How many mails left for each of these fingerprints after `since`; one without any is not in the answer."""
        rows = await self._execute(MAILS, {"lookups": lookups, "since": since})
        return {row.lookup: row.mails for row in rows}

    async def count_mail(self, lookups: Sequence[str], at: datetime) -> None:
        """Count one mail for each of these fingerprints."""
        await self._execute(COUNT, [{"lookup": lookup, "at": at} for lookup in lookups])

    async def _one(self, statement: sa.Select[Any], which: dict[str, object]) -> Proof | None:
        reading = statement.with_for_update() if self._writes else statement
        row = (await self._execute(reading, which)).mappings().one_or_none()
        if row is None:
            return None
        return Proof(**{**row, "details": self._vault.open(proofs.c.details, row["details"])})
