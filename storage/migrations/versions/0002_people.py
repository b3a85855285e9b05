"""People, staff, proofs and the audit; what people wrote is sealed from here on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0002"
down_revision = "0001"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
SLICE = 500


def upgrade() -> None:
    _seal("sessions", "chat_id", {"body": True})
    _seal("outbox", "id", {"payload": False, "error": True})
    _seal("dead_letters", "reference", {"raw": False, "error": False})
    _heard()
    _employees()
    _proofs()
    _staff()
    _audit()
    op.create_table(
        "vault",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_vault"),
    )
    _remove_partings()


def _person(table: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chat_id"],
        ["people.chat_id"],
        name=f"fk_{table}_chat_id",
        ondelete=ondelete,
        deferrable=True,
        initially="DEFERRED",
    )


# Sealed columns


def _seal(table: str, key: str, columns: dict[str, bool]) -> None:
    """Put sealed columns in the place of plain ones; the values say which of them may be empty."""
    for column in columns:
        op.add_column(table, sa.Column(f"sealed_{column}", sa.LargeBinary))
    _fill(table, key, list(columns))
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.drop_column(column)
    with op.batch_alter_table(table) as batch:
        for column, nullable in columns.items():
            batch.alter_column(
                f"sealed_{column}",
                new_column_name=column,
                existing_type=sa.LargeBinary(),
                nullable=nullable,
            )


def _fill(table: str, key: str, columns: list[str]) -> None:
    ring, connection = context.config.attributes["ring"], op.get_bind()
    rows = sa.table(table, sa.column(key), *(sa.column(name) for c in columns for name in (c, f"sealed_{c}")))
    # PostgreSQL keeps the payload as JSON; its text is what is sealed.
    plain = [sa.cast(rows.c[column], sa.Text).label(column) for column in columns]
    slices = sa.select(rows.c[key], *plain).order_by(rows.c[key]).limit(SLICE)
    change = (
        sa.update(rows)
        .where(rows.c[key] == sa.bindparam("which"))
        .values({f"sealed_{column}": sa.bindparam(f"new_{column}", type_=sa.LargeBinary) for column in columns})
    )
    found = connection.execute(slices).mappings().all()
    while found:
        connection.execute(
            change,
            [
                {
                    "which": row[key],
                    **{f"new_{c}": None if row[c] is None else ring.seal(f"{table}.{c}", row[c]) for c in columns},
                }
                for row in found
            ],
        )
        found = connection.execute(slices.where(rows.c[key] > found[-1][key])).mappings().all()


# Tables


def _heard() -> None:
    """When somebody last gave a sign of life: so far it was the session that told."""
    op.add_column("people", sa.Column("heard_at", MOMENT))
    op.execute(
        "UPDATE people SET heard_at = COALESCE("
        "(SELECT updated_at FROM sessions WHERE sessions.chat_id = people.chat_id), first_seen_at)"
    )
    op.create_index("ix_people_heard_at", "people", ["heard_at"])


def _employees() -> None:
    op.create_table(
        "employees",
        sa.Column("id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("unit", sa.LargeBinary, nullable=False),
        sa.Column("nip", sa.LargeBinary),
        sa.Column("nip_lookup", sa.Text),
        sa.Column("email", sa.LargeBinary, nullable=False),
        sa.Column("email_lookup", sa.Text, nullable=False),
        sa.Column("consented_at", MOMENT, nullable=False),
        sa.Column("verified_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_employees"),
        sa.UniqueConstraint("chat_id", name="uq_employees_chat_id"),
        sa.UniqueConstraint("nip_lookup", name="uq_employees_nip_lookup"),
        sa.UniqueConstraint("email_lookup", name="uq_employees_email_lookup"),
        _person("employees"),
        sqlite_autoincrement=True,
    )


def _proofs() -> None:
    op.create_table(
        "proofs",
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("token_lookup", sa.Text, nullable=False),
        sa.Column("code_lookup", sa.Text, nullable=False),
        sa.Column("details", sa.LargeBinary, nullable=False),
        sa.Column("consented_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("tries_left", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_proofs"),
        sa.UniqueConstraint("token_lookup", name="uq_proofs_token_lookup"),
        _person("proofs"),
    )
    op.create_index("ix_proofs_expires_at", "proofs", ["expires_at"])
    op.create_table(
        "proof_mails",
        sa.Column("id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("lookup", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proof_mails"),
    )
    op.create_index("ix_proof_mails_lookup", "proof_mails", ["lookup", "at"])
    op.create_index("ix_proof_mails_at", "proof_mails", ["at"])


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("email", sa.LargeBinary),
        sa.Column("chat_id", sa.BigInteger),
        sa.Column("token_lookup", sa.Text),
        sa.Column("token_until", MOMENT),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("away_until", sa.Date),
        sa.Column("deputy_id", SERIAL),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("token_lookup", name="uq_staff_token_lookup"),
        _person("staff", "SET NULL"),
        sa.ForeignKeyConstraint(["deputy_id"], ["staff.id"], name="fk_staff_deputy_id"),
    )
    holds = sa.text("revoked_at IS NULL")
    op.create_index(
        "uq_staff_chat_id", "staff", ["chat_id", "role"], unique=True, sqlite_where=holds, postgresql_where=holds
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", SERIAL, nullable=False, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.UniqueConstraint("previous", name="uq_audit_previous"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'The audit is only added to.'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'The audit is only added to.' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
    )


def _remove_partings() -> None:
    """Whatever ends a last word, its row goes with it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER outbox_parting AFTER UPDATE OF state ON outbox "
            "WHEN new.kind = 'parting' AND new.state <> 'queued' "
            "BEGIN DELETE FROM outbox WHERE id = new.id; END"
        )
        return
    op.execute(
        "CREATE FUNCTION outbox_forget_parting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "DELETE FROM outbox WHERE id = new.id; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER outbox_parting AFTER UPDATE OF state ON outbox FOR EACH ROW "
        "WHEN (new.kind = 'parting' AND new.state <> 'queued') EXECUTE FUNCTION outbox_forget_parting()"
    )
