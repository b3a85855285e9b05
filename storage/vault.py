"""The secrets that a database has of its own, and what is done with them.

Two keys are made once, at random, and lie sealed in the table `vault`: a rotation of the secret key leaves them as they
are, so fingerprints and the chain of the audit stay what they were.
"""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from storage import tables
from storage.errors import SealBroken
from storage.sealing import OTHER_KEY

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.sealing import Ring

NAMES: Final = ("lookup", "audit")
OWED: Final = "rewrite"
LENGTH: Final = 32
CONTEXT: Final = "vault.value"
FINGERPRINT: Final = 32  # hex digits: 128 bits, too many for two values to share them by chance


@dataclass(frozen=True, slots=True)
class Vault:
    """The keys of one open database. `ring` seals and opens; `lookup` and `audit` are its own."""

    ring: Ring = field(repr=False)
    lookup: bytes = field(repr=False)
    audit: bytes = field(repr=False)

    def fingerprint(self, purpose: str, value: str) -> str:
        """What a value is looked up by: nobody without the key can try values until one fits."""
        return hmac.digest(self.lookup, f"{purpose}\0{value}".encode("utf-8", "surrogatepass"), "sha256").hex()[
            :FINGERPRINT
        ]

    def sign(self, entry: str) -> str:
        """The hash that chains an entry of the audit to the one before it."""
        return hmac.digest(self.audit, entry.encode(), "sha256").hex()

    def seal(self, column: sa.Column[bytes], plain: str) -> bytes:
        """Seal a value for a column."""
        return self.ring.seal(_context(column), plain)

    def open(self, column: sa.Column[bytes], sealed: bytes) -> str:
        """Open a value of a column. `SealBroken`."""
        return self.ring.open(_context(column), sealed)


@cache
def _context(column: sa.Column[bytes]) -> str:
    return f"{column.table.name}.{column.name}"


def unlock(connection: Connection, ring: Ring, *, make: bool) -> Vault:
    """Open the keys of a database; `make` those that are missing. `SealBroken`: the ring is not its own."""
    rows = connection.execute(sa.select(tables.vault).where(tables.vault.c.name.in_(NAMES)))
    keys: dict[str, bytes] = {name: b64decode(ring.open(CONTEXT, sealed)) for name, sealed in rows}
    missing = [name for name in NAMES if name not in keys]
    if missing and not make:
        raise SealBroken(OTHER_KEY)
    for name in missing:
        keys[name] = os.urandom(LENGTH)
        sealed = ring.seal(CONTEXT, b64encode(keys[name]).decode())
        connection.execute(sa.insert(tables.vault).values(name=name, value=sealed))
    return Vault(ring, **{name: keys[name] for name in NAMES})


def owe(connection: Connection, ring: Ring) -> None:
    """Note that what a migration removed still lies in the files, in the transaction that removed it."""
    if not owes(connection):
        connection.execute(sa.insert(tables.vault).values(name=OWED, value=ring.seal(CONTEXT, OWED)))


def owes(connection: Connection) -> bool:
    """Whether the database has to be written anew."""
    return connection.scalar(sa.select(sa.exists().where(tables.vault.c.name == OWED))) or False


def pay(connection: Connection) -> None:
    """Note that it is written anew."""
    connection.execute(sa.delete(tables.vault).where(tables.vault.c.name == OWED))
