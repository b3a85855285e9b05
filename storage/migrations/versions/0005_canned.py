"""Answers that staff keep to use again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "canned_answers",
        sa.Column("id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("title", sa.LargeBinary, nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("staff_id", SERIAL, nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canned_answers"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_canned_answers_staff_id"),
    )
