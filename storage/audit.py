"""Who did what on whom: lines that are only added, each sealed to the one before it by a hash.

A hash covers its whole line and the hash before, with a key that only the program has. So a line that was changed,
removed, put in or moved breaks the chain at its place. Lines cut off at the end break nothing: to notice that, compare
the last hash with one that was written down elsewhere.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from storage.columns import EPOCH, MICROSECOND
from storage.errors import StorageError
from storage.part import Part
from storage.records import AuditRow, Verdict
from storage.tables import audit, vault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from storage.tables import Row

SLICE: Final = 1000

# Whoever adds a line holds the key's row until the end of the transaction, so that no two lines follow the same one.
LOCK = sa.select(vault.c.name).where(vault.c.name == "audit").with_for_update()
LAST = sa.select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)
ADD = sa.insert(audit).inline()
READ = (
    sa.select(audit)
    .where(audit.c.id > sa.bindparam("after", type_=sa.BigInteger))
    .order_by(audit.c.id)
    .limit(sa.bindparam("rows", type_=sa.Integer))
)
NEWEST = sa.select(audit).order_by(audit.c.id.desc()).limit(sa.bindparam("rows", type_=sa.Integer))
_words = sa.func.lower(
    audit.c.actor + " " + audit.c.action + " " + audit.c.subject + " " + audit.c.details, type_=sa.Text
)


class Audit(Part):
    """`tx.audit`: lines added, read and verified."""

    async def append(self, actor: str, action: str, subject: str, details: Mapping[str, str], at: datetime) -> None:
        """Add a line. Nothing in it may be personal: actor and subject are references such as `staff:3`."""
        await self._execute(LOCK)
        last = (await self._execute(LAST)).one_or_none()
        row: dict[str, object] = {
            "id": last.id + 1 if last else 1,
            "at": at,
            "actor": actor,
            "action": action,
            "subject": subject,
            "details": json.dumps(dict(details), sort_keys=True),
            "previous": last.hash if last else "",
        }
        await self._execute(ADD, {**row, "hash": self._vault.sign(_line(row))})

    async def last(self, limit: int, words: str = "") -> list[AuditRow]:
        """The last lines that hold all these words, the newest first."""
        statement = NEWEST.where(*(_words.contains(word, autoescape=True) for word in words.lower().split()))
        rows = (await self._execute(statement, {"rows": limit})).mappings()
        return [AuditRow(**{**row, "details": json.loads(row["details"])}) for row in rows]

    async def verify(self, expect: str | None = None) -> Verdict:
        """Follow the whole chain. `expect` is `NUMBER:HASH`, what an earlier check ended with: the chain goes by it.

        `StorageError`: it is not written like this.
        """
        number, digest = _expected(expect) if expect else (0, "")
        count, last_hash = 0, ""
        while rows := (await self._execute(READ, {"after": count, "rows": SLICE})).mappings().all():
            for row in rows:
                if (
                    row["id"] != count + 1
                    or row["previous"] != last_hash
                    or row["hash"] != self._vault.sign(_line(row))
                    or (row["id"] == number and row["hash"] != digest)
                ):
                    return Verdict(count, last_hash, broken_at=count + 1)
                count, last_hash = count + 1, row["hash"]
        return Verdict(count, last_hash, broken_at=count + 1 if count < number else None)


def _expected(told: str) -> tuple[int, str]:
    number, _, digest = told.strip().partition(":")
    if not (number.isascii() and number.isdigit()):
        raise StorageError("Give what an earlier check ended with, as NUMBER:HASH.")
    return int(number), digest


def _line(row: Row | Mapping[Any, Any]) -> str:
    """What the hash covers, in one spelling."""
    at: datetime = row["at"]  # type: ignore[assignment]
    fields = {name: row[name] for name in ("id", "actor", "action", "subject", "details", "previous")}
    return json.dumps({**fields, "at": (at - EPOCH) // MICROSECOND}, sort_keys=True, separators=(",", ":"))
