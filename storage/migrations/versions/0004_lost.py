"""Messages that somebody wants to know of, if they do not arrive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("about", sa.Text))
    where = sa.text("about IS NOT NULL AND state IN ('dead', 'unknown')")
    op.create_index("ix_outbox_lost", "outbox", ["about"], sqlite_where=where, postgresql_where=where)
