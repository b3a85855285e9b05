"""What is remembered of people, in statements: sessions, certificates, renewals, alarms."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from conversations.people import Role
from storage.complaint_tables import complaints
from storage.records import Alarm, Memory
from storage.tables import HOLDS, alarms, certificates, employees, people, renewals, sessions, staff

if TYPE_CHECKING:
    from datetime import datetime

    from storage.tables import Row
    from storage.vault import Vault

Upsert: TypeAlias = sqlite.Insert | postgresql.Insert

NO_ROLES: Final[frozenset[Role]] = frozenset()

CHANGING: Final = ("language", "unreachable_since", "heard_at")
HEARD_AGAIN: Final = timedelta(days=1)  # for the retention of years it is exact enough, and few turns write it

_chat = sa.bindparam("chat", type_=sa.BigInteger)

# A person and the session are born together, in `Transaction.save`, so the plain join finds both. It must lock both:
# PostgreSQL reads a row that it had to wait for once more, but only the rows that it locks.
_ROLES = (
    sa.select(sa.func.aggregate_strings(staff.c.role, ","))
    .where(staff.c.chat_id == people.c.chat_id, HOLDS)
    .correlate(people)
    .scalar_subquery()
)
_EXPIRES_ON = (
    sa.select(certificates.c.expires_on)
    .where(certificates.c.chat_id == people.c.chat_id)
    .correlate(people)
    .scalar_subquery()
)
_REGISTERED = sa.exists().where(employees.c.chat_id == people.c.chat_id).correlate(people)
_COMPLAINED = sa.exists().where(complaints.c.chat_id == people.c.chat_id).correlate(people)
MEMORIES = (
    sa.select(
        people.c.chat_id,
        people.c.language,
        people.c.unreachable_since,
        people.c.heard_at,
        sessions.c.body,
        sessions.c.screen,
        _EXPIRES_ON.label("expires_on"),
        _ROLES.label("roles"),
        _REGISTERED.label("registered"),
        _COMPLAINED.label("complained"),
    )
    .join_from(people, sessions)
    .where(people.c.chat_id.in_(sa.bindparam("chats", expanding=True)))
    .order_by(people.c.chat_id)
)
MEMORIES_TO_CHANGE = MEMORIES.with_for_update(of=[people, sessions])

LANGUAGES = sa.select(people.c.chat_id, people.c.language).where(
    people.c.chat_id.in_(sa.bindparam("chats", expanding=True))
)

UNREACHABLE = sa.select(people.c.chat_id).where(
    people.c.chat_id.in_(sa.bindparam("chats", expanding=True)), people.c.unreachable_since.is_not(None)
)
MARK_UNREACHABLE = (
    sa.update(people)
    .where(people.c.chat_id == _chat, people.c.unreachable_since.is_(None))
    .values(unreachable_since=sa.bindparam("at"))
)

SUBMIT = sa.insert(renewals).inline()
_open = renewals.c.id == (
    sa.select(sa.func.max(renewals.c.id))
    .where(renewals.c.chat_id == _chat, renewals.c.issued_at.is_(None))
    .scalar_subquery()
)
RESUBMIT = sa.update(renewals).where(_open).values(submitted_at=sa.bindparam("submitted"), due_at=sa.bindparam("due"))
ISSUE = sa.update(renewals).where(_open).values(issued_at=sa.bindparam("at"))

DROP_ALARM = sa.delete(alarms).where(alarms.c.chat_id == _chat, alarms.c.name == sa.bindparam("alarm"))
DUE_ALARMS = (
    sa.select(alarms.c.chat_id, alarms.c.name, alarms.c.due_at)
    .where(alarms.c.due_at <= sa.bindparam("now"))
    .order_by(alarms.c.due_at, alarms.c.chat_id, alarms.c.name)
    .limit(sa.bindparam("rows", type_=sa.Integer))
)
NEXT_ALARM = sa.select(sa.func.min(alarms.c.due_at))


@cache
def upsert(dialect: str, table: sa.Table, *changing: str) -> Upsert:
    """Insert, or change only these columns where the primary key is there already."""
    statement = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return statement.inline().on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: statement.excluded[name] for name in changing},
    )


def to_memory(row: sa.RowMapping, vault: Vault) -> Memory:
    body, roles = row["body"], row["roles"]
    return Memory(
        chat_id=row["chat_id"],
        language=row["language"],
        unreachable_since=row["unreachable_since"],
        session=None if body is None else vault.open(sessions.c.body, body),
        screen=row["screen"],
        expires_on=row["expires_on"],
        roles=frozenset(map(Role, roles.split(","))) if roles else NO_ROLES,
        registered=bool(row["registered"]),
        complained=bool(row["complained"]),
        heard_at=row["heard_at"],
    )


def to_person(memory: Memory, at: datetime) -> Row:
    return {
        "chat_id": memory.chat_id,
        "language": memory.language,
        "unreachable_since": memory.unreachable_since,
        "first_seen_at": at,
        "heard_at": memory.heard_at or at,
    }


def to_session(memory: Memory, at: datetime, vault: Vault) -> Row:
    body = None if memory.session is None else vault.seal(sessions.c.body, memory.session)
    return {"chat_id": memory.chat_id, "body": body, "screen": memory.screen, "updated_at": at}


def to_certificate(memory: Memory, at: datetime) -> Row:
    return {"chat_id": memory.chat_id, "expires_on": memory.expires_on, "recorded_at": at}


def to_alarm(alarm: Alarm) -> Row:
    return {"chat_id": alarm.chat_id, "name": alarm.name, "due_at": alarm.due_at}


def same_person(memory: Memory, known: Memory | None) -> bool:
    """Tell whether the row in `people` says this already, of the last sign of life to the day."""
    if known is None or (memory.language, memory.unreachable_since) != (known.language, known.unreachable_since):
        return False
    return memory.heard_at is None or (known.heard_at is not None and memory.heard_at - known.heard_at < HEARD_AGAIN)


def same_session(memory: Memory, known: Memory | None) -> bool:
    """Tell whether the row in `sessions` says this already."""
    return known is not None and (memory.session, memory.screen) == (known.session, known.screen)


def same_certificate(memory: Memory, known: Memory | None) -> bool:
    """Tell whether the row in `certificates` says this already; nobody takes back a day that was told."""
    return memory.expires_on is None or (known is not None and memory.expires_on == known.expires_on)
