"""Who has which role. A row holds until it is revoked; it stays after that, because the audit speaks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from conversations.people import Role
from storage.part import Part
from storage.records import StaffRow
from storage.tables import HOLDS, people, staff

if TYPE_CHECKING:
    from datetime import date, datetime

_chat = sa.bindparam("chat", type_=sa.BigInteger)
_number = staff.c.id == sa.bindparam("number", type_=sa.BigInteger)
_token = staff.c.token_lookup == sa.bindparam("token")

COLUMNS = [staff.c[name] for name in StaffRow.__dataclass_fields__]
MEMBERS = sa.select(*COLUMNS).where(HOLDS).order_by(staff.c.id)
OF = MEMBERS.where(staff.c.chat_id == _chat)
GET = sa.select(*COLUMNS).where(_number)
CHATS = (
    sa.select(people.c.chat_id, people.c.language)
    .join_from(staff, people)
    .where(HOLDS, staff.c.role == sa.bindparam("role"))
    .order_by(staff.c.id)
)

ADD = sa.insert(staff).returning(staff.c.id)
_held = staff.alias("held")
_HAS_IT = sa.exists().where(_held.c.chat_id == _chat, _held.c.role == staff.c.role, _held.c.revoked_at.is_(None))
REDEEM = (
    sa.update(staff)
    # Who has the role already does not use up the link that they pass on.
    .where(_token, HOLDS, staff.c.token_until > sa.bindparam("now", type_=staff.c.token_until.type), ~_HAS_IT)
    .values(chat_id=_chat, accepted_at=sa.bindparam("now"), token_lookup=None, token_until=None)
    .returning(*COLUMNS)
)
REVOKE = (
    sa.update(staff).where(_number, HOLDS).values(revoked_at=sa.bindparam("at"), token_lookup=None, token_until=None)
)
NOBODYS_DEPUTY = (
    sa.update(staff).where(staff.c.deputy_id == sa.bindparam("number", type_=sa.BigInteger)).values(deputy_id=None)
)
LEAVE = (
    sa.update(staff)
    .where(_number, HOLDS)
    .values(away_until=sa.bindparam("until"), deputy_id=sa.bindparam("deputy", type_=sa.BigInteger))
)


class Staff(Part):
    """`tx.staff`: members, their invitations, leave and deputies."""

    async def members(self) -> tuple[StaffRow, ...]:
        """Everybody who has a role or is invited to one."""
        return tuple(map(self._member, (await self._execute(MEMBERS)).mappings()))

    async def of(self, chat_id: int) -> tuple[StaffRow, ...]:
        """The rows of this chat, one a role."""
        return tuple(map(self._member, (await self._execute(OF, {"chat": chat_id})).mappings()))

    async def get(self, number: int) -> StaffRow | None:
        """One row, revoked or not."""
        row = (await self._execute(GET, {"number": number})).mappings().one_or_none()
        return None if row is None else self._member(row)

    async def invite(self, role: Role, name: str, email: str, token_lookup: str, until: datetime, at: datetime) -> int:
        """Add a member who can accept by the token until then; answers their number."""
        return await self._add(role, name, email, at, token_lookup=token_lookup, token_until=until)

    async def appoint(self, role: Role, name: str, email: str, chat_id: int | None, at: datetime) -> int:
        """Add a member without an invitation; answers their number."""
        return await self._add(role, name, email, at, chat_id=chat_id, accepted_at=at)

    async def redeem(self, token_lookup: str, chat_id: int, at: datetime) -> StaffRow | None:
        """Accept an invitation, once; None if it is used, too old or unknown, or the chat has the role already."""
        found = await self._execute(REDEEM, {"token": token_lookup, "chat": chat_id, "now": at})
        row = found.mappings().one_or_none()
        return None if row is None else self._member(row)

    async def revoke(self, number: int, at: datetime) -> bool:
        """End a member's role or invitation; nobody has them as deputy any more. Answers whether there was one."""
        await self._execute(NOBODYS_DEPUTY, {"number": number})
        return (await self._execute(REVOKE, {"number": number, "at": at})).rowcount > 0

    async def leave(self, number: int, until: date | None, deputy: int | None) -> bool:
        """Note until when, that day included, a member is away, and who stands in; None: not any more.

        Answers whether there is such a member.
        """
        return (await self._execute(LEAVE, {"number": number, "until": until, "deputy": deputy})).rowcount > 0

    async def chats(self, role: Role) -> list[tuple[int, str | None]]:
        """The chats of everybody who has this role, with the language that is read there."""
        rows = await self._execute(CHATS, {"role": role.value})
        return [(row.chat_id, row.language) for row in rows]

    async def _add(self, role: Role, name: str, email: str, at: datetime, **more: object) -> int:
        row = {
            "role": role.value,
            "name": self._vault.seal(staff.c.name, name),
            "email": self._seal(staff.c.email, email),
            "invited_at": at,
            **more,
        }
        number: int = (await self._execute(ADD, row)).scalar_one()
        return number

    def _member(self, row: sa.RowMapping) -> StaffRow:
        name, email = self._vault.open(staff.c.name, row["name"]), self._open(staff.c.email, row["email"])
        return StaffRow(**{**row, "role": Role(row["role"]), "name": name, "email": email})
