"""Who is tied to which chat by proof. The e-mail address is the employee; a NIP is theirs as long as nobody has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.outbox import FORGET, FORGET_ENDED, mail_lane, telegram_lane
from storage.part import Part
from storage.records import Employee, Registered
from storage.tables import alarms, employees, proofs, sessions

if TYPE_CHECKING:
    from datetime import datetime

    from conversations.people import Details
    from storage.tables import Row

_chat = sa.bindparam("chat", type_=sa.BigInteger)
_number = sa.bindparam("number", type_=sa.BigInteger)

OF = sa.select(employees).where(employees.c.chat_id == _chat)
CONCERNED = (
    sa.select(employees)
    .where(
        sa.or_(
            employees.c.chat_id == _chat,
            employees.c.email_lookup == sa.bindparam("email"),
            employees.c.nip_lookup == sa.bindparam("nip"),  # NULL is equal to nothing
        )
    )
    .order_by(employees.c.id)
    .with_for_update()
)
HOLDER = sa.select(employees).where(employees.c.nip_lookup == sa.bindparam("nip"))
ADD = sa.insert(employees).returning(employees.c.id)
CHANGE = sa.update(employees).where(employees.c.id == _number)
REMOVE = sa.delete(employees).where(employees.c.id == _number)

SIGN_OFF = sa.delete(employees).where(employees.c.chat_id == _chat)
END_PROOF = sa.delete(proofs).where(proofs.c.chat_id == _chat)
START_OVER = sa.update(sessions).where(sessions.c.chat_id == _chat).values(body=None, screen=None)
SILENCE = sa.delete(alarms).where(alarms.c.chat_id == _chat)


class Employees(Part):
    """`tx.employees`: registered, moved to another chat, signed off."""

    async def of(self, chat_id: int) -> Employee | None:
        """The employee who was proved from this chat."""
        row = (await self._execute(OF, {"chat": chat_id})).mappings().one_or_none()
        return None if row is None else self._employee(row)

    async def register(self, chat_id: int, details: Details, consented_at: datetime, at: datetime) -> Registered | None:
        """Tie the employee of a proved address to this chat; None, and nothing is changed: the NIP is another's.

        An employee who was tied to another chat moves: that chat starts over, without proofs and alarms, and what was
        said there goes, since it names the employee.
        """
        row = self._row(chat_id, details, consented_at, at)
        same_email, same_nip = row["email_lookup"], row["nip_lookup"]
        found = await self._execute(CONCERNED, {"chat": chat_id, "email": same_email, "nip": same_nip})
        concerned = found.mappings().all()
        if any(r["email_lookup"] != same_email and r["chat_id"] != chat_id for r in concerned):
            return None
        for other in (r for r in concerned if r["email_lookup"] != same_email):
            await self._execute(REMOVE, {"number": other["id"]})
        known = next((r for r in concerned if r["email_lookup"] == same_email), None)
        if known is None:
            number: int = (await self._execute(ADD, row)).scalar_one()
        else:
            number = known["id"]
            await self._execute(CHANGE, {"number": number, **row})
        moved_from = known["chat_id"] if known is not None and known["chat_id"] != chat_id else None
        if moved_from is not None:
            for statement in (END_PROOF, START_OVER, SILENCE):
                await self._execute(statement, {"chat": moved_from})
            await self._forget_said(moved_from)
        nip = details.nip or None
        employee = Employee(number, chat_id, details.name, details.unit, details.email, nip, consented_at, at)
        return Registered(employee, moved_from)

    async def holder_of(self, nip: str) -> Employee | None:
        """The employee who has this NIP."""
        row = (await self._execute(HOLDER, {"nip": self._vault.fingerprint("nip", nip)})).mappings().one_or_none()
        return None if row is None else self._employee(row)

    async def sign_off(self, chat_id: int) -> bool:
        """Take the registration of this chat back, and a proof that waits; answers whether there was one.

        What was said to it so far goes, and its mails: they say who it was.
        """
        await self._execute(END_PROOF, {"chat": chat_id})
        await self._forget_said(chat_id)
        return (await self._execute(SIGN_OFF, {"chat": chat_id})).rowcount > 0

    async def _forget_said(self, chat_id: int) -> None:
        await self._execute(FORGET_ENDED, {"lanes": [telegram_lane(chat_id)]})
        await self._execute(FORGET, {"lanes": [mail_lane(chat_id, self._vault)]})

    def _row(self, chat_id: int, details: Details, consented_at: datetime, at: datetime) -> Row:
        seal, fingerprint = self._vault.seal, self._vault.fingerprint
        return {
            "chat_id": chat_id,
            "name": seal(employees.c.name, details.name),
            "unit": seal(employees.c.unit, details.unit),
            "nip": self._seal(employees.c.nip, details.nip),
            "nip_lookup": fingerprint("nip", details.nip) if details.nip else None,
            "email": seal(employees.c.email, details.email),
            "email_lookup": fingerprint("email", details.email),
            "consented_at": consented_at,
            "verified_at": at,
        }

    def _employee(self, row: sa.RowMapping) -> Employee:
        unseal = self._vault.open
        return Employee(
            id=row["id"],
            chat_id=row["chat_id"],
            name=unseal(employees.c.name, row["name"]),
            unit=unseal(employees.c.unit, row["unit"]),
            email=unseal(employees.c.email, row["email"]),
            nip=self._open(employees.c.nip, row["nip"]),
            consented_at=row["consented_at"],
            verified_at=row["verified_at"],
        )
