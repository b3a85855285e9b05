"""What all tables are made of: one catalogue of them, and the kinds of columns and indexes that several have."""

from __future__ import annotations

from typing import TypeAlias

import sqlalchemy as sa

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

# A fingerprint, as `Vault.fingerprint` makes it.
LOOKUP = sa.Text()


def partial(name: str, table: sa.Table, *columns: str, where: sa.ColumnElement[bool], unique: bool = False) -> None:
    """Give a table an index of the rows that a condition picks out."""
    listed = (table.c[column] for column in columns)
    sa.Index(name, *listed, sqlite_where=where, postgresql_where=where, unique=unique)
