"""The tables, one schema for SQLite and PostgreSQL. `storage/migrations/` makes them; a test holds the two together.

    people ─┬─ sessions       where each chat is in its conversation
            ├─ certificates   what it told us of its certificate
            ├─ renewals       what it submitted and when that should be issued
            ├─ alarms         when something is due in it
            ├─ employees      who it is, by proof
            └─ proofs         who it says it is, until it is proved
    staff                     who has which role; a role outlives the chat
    proof_mails               when which chat and which address was sent a proof, and which chat a copy of its data
    audit                     who did what, in a chain; triggers refuse to change or remove a line
    complaints                what employees complained of; see storage/complaint_tables.py, with all that hangs on it
    vault                     the keys for fingerprints and for the chain, sealed; and whether a rewrite is owed
    inbox                     keys of updates already handled
    outbox                    messages to send, and what became of them
    dead_letters              updates that could not be handled
    intake                    one row: who leads, and where Telegram's queue continues

Rows of a person hang on `people` and go with it. The reference is checked at commit, so that a turn may write in the
order in which things happen: an alarm is set before the person who was just met is saved.

What people wrote or what names them is **sealed** (`storage.sealing`); what has to be found by it has a **lookup**
beside it, its keyed fingerprint. A message of `Kind.PARTING` that has ended is removed by a trigger, however it ended.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import sqlalchemy as sa

from storage import base, complaint_tables
from storage.base import LOOKUP, SERIAL, partial
from storage.columns import Moment
from storage.records import State

metadata = base.metadata
"""All tables, once this module is imported."""

Row: TypeAlias = base.Row


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
    # Never empty; SQLite adds no column that says so to a table that others refer to.
    sa.Column("heard_at", Moment, index=True),
)

sessions = sa.Table(
    "sessions",
    metadata,
    _person(primary_key=True),
    sa.Column("body", sa.LargeBinary),
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
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("edits", sa.Text),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("claimed_until", Moment),
    sa.Column("claimed_by", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("error", sa.LargeBinary),
    sa.Column("sent_at", Moment),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("about", sa.Text),
)

dead_letters = sa.Table(
    "dead_letters",
    metadata,
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("chat_id", sa.BigInteger),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("error", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
)

employees = sa.Table(
    "employees",
    metadata,
    sa.Column("id", SERIAL, sa.Identity(), primary_key=True),
    _person(primary_key=False),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("unit", sa.LargeBinary, nullable=False),
    sa.Column("nip", sa.LargeBinary),
    sa.Column("nip_lookup", LOOKUP, unique=True),
    sa.Column("email", sa.LargeBinary, nullable=False),
    sa.Column("email_lookup", LOOKUP, nullable=False, unique=True),
    sa.Column("consented_at", Moment, nullable=False),
    sa.Column("verified_at", Moment, nullable=False),
    sa.UniqueConstraint("chat_id"),
    sqlite_autoincrement=True,  # the audit speaks of numbers, so none is given twice
)

proofs = sa.Table(
    "proofs",
    metadata,
    _person(primary_key=True),
    sa.Column("token_lookup", LOOKUP, nullable=False, unique=True),
    sa.Column("code_lookup", LOOKUP, nullable=False),
    sa.Column("details", sa.LargeBinary, nullable=False),
    sa.Column("consented_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
    sa.Column("tries_left", sa.Integer, nullable=False),
)

proof_mails = sa.Table(
    "proof_mails",
    metadata,
    sa.Column("id", SERIAL, sa.Identity(), primary_key=True),
    sa.Column("lookup", LOOKUP, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Index("ix_proof_mails_lookup", "lookup", "at"),
)

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", SERIAL, sa.Identity(), primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("email", sa.LargeBinary),
    sa.Column(
        "chat_id",
        sa.BigInteger,
        sa.ForeignKey("people.chat_id", ondelete="SET NULL", deferrable=True, initially="DEFERRED"),
    ),
    sa.Column("token_lookup", LOOKUP, unique=True),
    sa.Column("token_until", Moment),
    sa.Column("invited_at", Moment, nullable=False),
    sa.Column("accepted_at", Moment),
    sa.Column("revoked_at", Moment),
    sa.Column("away_until", sa.Date),
    sa.Column("deputy_id", SERIAL, sa.ForeignKey("staff.id")),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", SERIAL, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False, unique=True),
    sa.Column("hash", sa.Text, nullable=False),
)

vault = sa.Table(
    "vault",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

SEALED: Final = (
    sessions.c.body,
    outbox.c.payload,
    outbox.c.error,
    dead_letters.c.raw,
    dead_letters.c.error,
    employees.c.name,
    employees.c.unit,
    employees.c.nip,
    employees.c.email,
    proofs.c.details,
    staff.c.name,
    staff.c.email,
    *complaint_tables.SEALED,
    vault.c.value,
)
"""All sealed columns. The vault is the last: as soon as it is sealed with a new key, so is everything."""


def in_state(*states: State) -> sa.ColumnElement[bool]:
    """Rows of the outbox in one of these states, spelled out: with a bound value no partial index would be used."""
    spelled: list[sa.ColumnClause[str]] = [sa.literal_column(f"'{state.value}'") for state in states]
    return outbox.c.state == spelled[0] if len(spelled) == 1 else outbox.c.state.in_(spelled)


QUEUED = in_state(State.QUEUED)
SENT = in_state(State.SENT)
TROUBLED = in_state(State.DEAD, State.UNKNOWN)
LOST = outbox.c.about.is_not(None) & TROUBLED
"""It did not arrive, and whoever wants to know does not know yet: who is told takes the word out of the row."""

# What waits is a handful among millions: these indexes hold the handful.
partial("ix_outbox_lane", outbox, "lane", "id", where=QUEUED)
partial("ix_outbox_turn", outbox, "priority", "id", where=QUEUED)
# What is old is found without reading the rest.
partial("ix_outbox_sent", outbox, "sent_at", where=SENT)
partial("ix_outbox_troubled", outbox, "due_at", where=TROUBLED)
partial("ix_outbox_lost", outbox, "about", where=LOST)

# One row a role and person among those that hold; the roles of a chat are found by it.
HOLDS = staff.c.revoked_at.is_(None)
partial("uq_staff_chat_id", staff, "chat_id", "role", where=HOLDS, unique=True)
