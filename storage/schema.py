"""Which tables this version needs, and how a database gets them.

Migrations run at start, under the lock that only one process holds, in one transaction: the database is at the old
version or at the new one. There is no way down; a copy made with `pandu backup` is.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.errors import WrongSchema

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.sealing import Ring

MIGRATIONS = Path(__file__).parent / "migrations"


@cache
def known_versions() -> tuple[str, ...]:
    """The versions of the tables that this program knows, the newest first: what their files are numbered with."""
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return tuple(sorted((file.name.partition("_")[0] for file in files), reverse=True))


def version(connection: Connection) -> str | None:
    """The version of the tables of this database; None if it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def verify(connection: Connection) -> None:
    """Raise `WrongSchema` unless the tables are those of this program."""
    verify_version(version(connection), old_is_fine=False)


def verify_version(found: str | None, *, old_is_fine: bool) -> None:
    """Raise `WrongSchema` if the version is not known, or too old."""
    if found is not None and found not in known_versions():
        raise WrongSchema(f"The database is of a newer version ({found}). Install the version of Pandu that wrote it.")
    if not old_is_fine and found != known_versions()[0]:
        raise WrongSchema(f"The database is of an older version ({found or 'empty'}). Run `pandu migrate`.")


def upgrade(connection: Connection, ring: Ring) -> bool:
    """Bring the tables to this version, inside the transaction of `connection`; answers whether any had to change.

    What an older version kept in plain text is sealed with `ring`. `WrongSchema`: the tables are newer.
    """
    found = version(connection)
    verify_version(found, old_is_fine=True)
    if found == known_versions()[0]:
        return False
    # Ten megabytes that a process does without whose tables are as they should be.
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes |= {"connection": connection, "ring": ring}
    command.upgrade(config, "head")
    return found is not None
