"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chat_id"],
        ["people.chat_id"],
        name=f"fk_{table}_chat_id",
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "outbox", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    _intake()
    _people()
    _outbox()
    _dead_letters()


def _intake() -> None:
    intake = op.create_table(
        "intake",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("next_offset", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_intake"),
        sa.CheckConstraint("id = 1", name="ck_intake_one_row"),
    )
    op.bulk_insert(intake, [{"id": 1, "epoch": 0}])
    op.create_table(
        "inbox",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_inbox"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_inbox_at", "inbox", ["at"])


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("language", sa.Text),
        sa.Column("unreachable_since", MOMENT),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_people"),
    )
    op.create_table(
        "sessions",
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("body", sa.Text),
        sa.Column("screen", sa.Text),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_sessions"),
        _person("sessions"),
    )
    op.create_table(
        "certificates",
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_certificates"),
        _person("certificates"),
    )
    op.create_table(
        "renewals",
        sa.Column("id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("submitted_at", MOMENT),
        sa.Column("due_at", MOMENT),
        sa.Column("issued_at", MOMENT),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_renewals"),
        _person("renewals"),
    )
    op.create_index("ix_renewals_chat_id", "renewals", ["chat_id", "id"])
    op.create_table(
        "alarms",
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "name", name="pk_alarms"),
        _person("alarms"),
    )
    op.create_index("ix_alarms_due_at", "alarms", ["due_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("edits", sa.Text),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.Column("claimed_by", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("sent_at", MOMENT),
        sa.Column("message_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    _partial("ix_outbox_lane", ["lane", "id"], "state = 'queued'")
    _partial("ix_outbox_turn", ["priority", "id"], "state = 'queued'")
    _partial("ix_outbox_sent", ["sent_at"], "state = 'sent'")
    _partial("ix_outbox_troubled", ["due_at"], "state IN ('dead', 'unknown')")


def _dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("chat_id", sa.BigInteger),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_dead_letters"),
    )
    op.create_index("ix_dead_letters_at", "dead_letters", ["at"])
