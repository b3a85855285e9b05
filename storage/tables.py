"""The tables, one schema for SQLite and PostgreSQL. `storage/migrations/` makes them; a test holds the two together.

    people ─┬─ sessions       where each chat is in its conversation
            ├─ certificates   what it told us of its certificate
            ├─ renewals       what it submitted and when that should be issued
            └─ alarms         when something is due in it
    inbox                     keys of updates already handled
    outbox                    messages to send, and what became of them
    dead_letters              updates that could not be handled
    intake                    one row: who leads, and where Telegram's queue continues

Rows of a person hang on `people` and go with it. The reference is checked at commit, so that a turn may write in the
order in which things happen: an alarm is set before the person who was just met is saved.
"""

from __future__ import annotations

from typing import TypeAlias

import sqlalchemy as sa

from storage.columns import Evidence, Moment
from storage.records import State

# Each constraint has a name on both databases, so that a later migration can change it.
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    },
)

Row: TypeAlias = dict[str, object]
"""The parameters of a statement for one row, by name."""

# SQLite numbers rows by itself only where the type is spelled INTEGER.
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _person(*, primary_key: bool) -> sa.Column[int]:
    reference = sa.ForeignKey("people.chat_id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    return sa.Column("chat_id", sa.BigInteger, reference, primary_key=primary_key, autoincrement=False, nullable=False)


intake = sa.Table(
    "intake",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("next_offset", sa.BigInteger),
    sa.CheckConstraint("id = 1", name="one_row"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sqlite_with_rowid=False,
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("language", sa.Text),
    sa.Column("unreachable_since", Moment),
    sa.Column("first_seen_at", Moment, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    _person(primary_key=True),
    sa.Column("body", sa.Text),
    sa.Column("screen", sa.Text),
    sa.Column("updated_at", Moment, nullable=False),
)

certificates = sa.Table(
    "certificates",
    metadata,
    _person(primary_key=True),
    sa.Column("expires_on", sa.Date, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
)

renewals = sa.Table(
    "renewals",
    metadata,
    sa.Column("id", SERIAL, sa.Identity(), primary_key=True),
    _person(primary_key=False),
    sa.Column("submitted_at", Moment),
    sa.Column("due_at", Moment),
    sa.Column("issued_at", Moment),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Index("ix_renewals_chat_id", "chat_id", "id"),
)

alarms = sa.Table(
    "alarms",
    metadata,
    _person(primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("due_at", Moment, nullable=False, index=True),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", SERIAL, sa.Identity(), primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("edits", sa.Text),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("claimed_until", Moment),
    sa.Column("claimed_by", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("error", Evidence),
    sa.Column("sent_at", Moment),
    sa.Column("message_id", sa.BigInteger),
)

dead_letters = sa.Table(
    "dead_letters",
    metadata,
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("chat_id", sa.BigInteger),
    sa.Column("raw", Evidence, nullable=False),
    sa.Column("error", Evidence, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
)


def in_state(*states: State) -> sa.ColumnElement[bool]:
    """Rows of the outbox in one of these states, spelled out: with a bound value no partial index would be used."""
    spelled: list[sa.ColumnClause[str]] = [sa.literal_column(f"'{state.value}'") for state in states]
    return outbox.c.state == spelled[0] if len(spelled) == 1 else outbox.c.state.in_(spelled)


def _partial(name: str, *columns: str, where: sa.ColumnElement[bool]) -> None:
    sa.Index(name, *(outbox.c[column] for column in columns), sqlite_where=where, postgresql_where=where)


QUEUED = in_state(State.QUEUED)
SENT = in_state(State.SENT)
TROUBLED = in_state(State.DEAD, State.UNKNOWN)

# What waits is a handful among millions: these indexes hold the handful.
_partial("ix_outbox_lane", "lane", "id", where=QUEUED)
_partial("ix_outbox_turn", "priority", "id", where=QUEUED)
# What is old is found without reading the rest.
_partial("ix_outbox_sent", "sent_at", where=SENT)
_partial("ix_outbox_troubled", "due_at", where=TROUBLED)
