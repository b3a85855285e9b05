"""Complaints, their history and their numbers; links to act on them; outages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")

KEPT = ("id", "complaint_id", "at", "side", "channel", "act", "internal")
SEALED = ("actor", "text", "attachments")
REFUSED = "The history of a complaint is only added to."


def upgrade() -> None:
    _complaints()
    _happenings()
    _beside_them()
    _links()
    _outages()


def _person(table: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chat_id"],
        ["people.chat_id"],
        name=f"fk_{table}_chat_id",
        ondelete=ondelete,
        deferrable=True,
        initially="DEFERRED",
    )


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("chat_id", sa.BigInteger),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("confidential", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.LargeBinary) for name in ("text", "origin", "name", "unit", "attachments")),
        sa.Column("holder_id", SERIAL),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("stopped_at", MOMENT),
        sa.Column("nudges", sa.Integer, nullable=False),
        sa.Column("next_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("extra_minutes", sa.Integer, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_complaints"),
        sa.UniqueConstraint("number", name="uq_complaints_number"),
        _person("complaints", "SET NULL"),
        _refers("complaints", "holder_id", "staff"),
    )
    op.create_index("ix_complaints_chat_id", "complaints", ["chat_id"])
    for name, column, where in (
        ("ix_complaints_next_at", "next_at", "next_at IS NOT NULL"),
        ("ix_complaints_open", "due_at", "closed_at IS NULL"),
        ("ix_complaints_closed", "closed_at", "text IS NOT NULL AND closed_at IS NOT NULL"),
    ):
        op.create_index(name, "complaints", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "counters",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )


def _happenings() -> None:
    op.create_table(
        "happenings",
        sa.Column("id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("complaint_id", SERIAL, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("actor", sa.LargeBinary),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("text", sa.LargeBinary),
        sa.Column("attachments", sa.LargeBinary),
        sa.Column("internal", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_happenings"),
        _refers("happenings", "complaint_id", "complaints"),
    )
    op.create_index("ix_happenings_complaint_id", "happenings", ["complaint_id", "id"])
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


# What was sealed may go, by an erasure, or be sealed with another key, which its first five bytes name; nothing else of
# a line may change. Who sealed the same text anew has the key, and needs no statement to change a history.


def _guard_on_sqlite() -> None:
    allowed = [f"new.{column} IS old.{column}" for column in KEPT]
    allowed += [
        f"(new.{column} IS NULL OR new.{column} IS old.{column}"
        f" OR substr(new.{column}, 1, 5) <> substr(old.{column}, 1, 5))"
        for column in SEALED
    ]
    op.execute(
        f"CREATE TRIGGER happenings_no_update BEFORE UPDATE ON happenings "
        f"WHEN ({' AND '.join(allowed)}) IS NOT TRUE "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    )
    op.execute(
        f"CREATE TRIGGER happenings_no_delete BEFORE DELETE ON happenings BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    )


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION happenings_are_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    allowed = [f"new.{column} IS NOT DISTINCT FROM old.{column}" for column in KEPT]
    allowed += [
        f"(new.{column} IS NULL OR new.{column} IS NOT DISTINCT FROM old.{column}"
        f" OR substr(new.{column}, 1, 5) <> substr(old.{column}, 1, 5))"
        for column in SEALED
    ]
    refuse = "EXECUTE FUNCTION happenings_are_only_added_to()"
    op.execute(
        "CREATE TRIGGER happenings_no_update BEFORE UPDATE ON happenings FOR EACH ROW "
        f"WHEN (({' AND '.join(allowed)}) IS NOT TRUE) {refuse}"
    )
    op.execute(
        f"CREATE TRIGGER happenings_no_delete BEFORE DELETE OR TRUNCATE ON happenings FOR EACH STATEMENT {refuse}"
    )


def _beside_them() -> None:
    op.create_table(
        "complaint_cards",
        sa.Column("complaint_id", SERIAL, nullable=False, autoincrement=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", "chat_id", name="pk_complaint_cards"),
        _refers("complaint_cards", "complaint_id", "complaints"),
        _person("complaint_cards", "CASCADE"),
    )
    op.create_index("ix_complaint_cards_chat_id", "complaint_cards", ["chat_id"])
    op.create_table(
        "complaint_words",
        sa.Column("word_lookup", sa.Text, nullable=False),
        sa.Column("complaint_id", SERIAL, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("word_lookup", "complaint_id", name="pk_complaint_words"),
        _refers("complaint_words", "complaint_id", "complaints"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_complaint_words_complaint_id", "complaint_words", ["complaint_id"])


def _links() -> None:
    op.create_table(
        "web_links",
        sa.Column("id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("token_lookup", sa.Text, nullable=False),
        sa.Column("complaint_id", SERIAL, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("staff_id", SERIAL, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_web_links"),
        sa.UniqueConstraint("token_lookup", name="uq_web_links_token_lookup"),
        _refers("web_links", "complaint_id", "complaints"),
        _refers("web_links", "staff_id", "staff"),
    )
    op.create_index("ix_web_links_until", "web_links", ["until"])
    op.create_index("ix_web_links_complaint_id", "web_links", ["complaint_id"])


def _outages() -> None:
    op.create_table(
        "outages",
        sa.Column("id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.Column("lifted_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_outages"),
    )
    op.create_table(
        "outage_hits",
        sa.Column("outage_id", SERIAL, nullable=False, autoincrement=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("outage_id", "chat_id", name="pk_outage_hits"),
        _refers("outage_hits", "outage_id", "outages"),
        _person("outage_hits", "CASCADE"),
    )
    op.create_index("ix_outage_hits_chat_id", "outage_hits", ["chat_id"])
