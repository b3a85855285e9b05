"""What is sealed with an older key is sealed anew, in slices, so that nobody waits long."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from storage.errors import SealBroken
from storage.part import Part
from storage.tables import SEALED, vault

if TYPE_CHECKING:
    from typing import Any

log = logging.getLogger(__name__)

SLICE: Final = 500

VAULT: Final = sa.select(vault.c.value)


class Walk:
    """The way along one sealed column, in the order of the table's primary key. `done`: its end was reached."""

    def __init__(self, column: sa.Column[bytes]) -> None:
        (key,) = column.table.primary_key
        self.column = column
        self.done = False
        self.change = sa.update(column.table).where(key == sa.bindparam("which")).values({column: sa.bindparam("new")})
        self._key: sa.Column[Any] = key
        self._last: object = None

    def ahead(self) -> sa.Select[Any]:
        """The next slice, with the key as `which`."""
        rows = (
            sa.select(self._key.label("which"), self.column.label("sealed"))
            .where(self.column.is_not(None))
            .order_by(self._key)
            .limit(SLICE)
        )
        return (rows if self._last is None else rows.where(self._key > self._last)).with_for_update()

    def passed(self, keys: list[object]) -> None:
        """Note where the walk is."""
        self.done = len(keys) < SLICE
        self._last = keys[-1] if keys else None


def walks() -> list[Walk]:
    """A walk along each sealed column, the vault last."""
    return [Walk(column) for column in SEALED]


class Rotation(Part):
    """`tx.rotation`: the steps of `Store.reseal`."""

    async def is_done(self) -> bool:
        """Whether everything is sealed with the newest key: the vault is the last to be."""
        return all(self._vault.ring.is_newest(sealed) for sealed in (await self._execute(VAULT)).scalars())

    async def go_on(self, walk: Walk) -> int:
        """Seal the next slice anew where it needs it; answers how many values."""
        rows = (await self._execute(walk.ahead())).mappings().all()
        old = [row for row in rows if not self._vault.ring.is_newest(row["sealed"])]
        anew = [{**row, "new": new} for row in old if (new := self._anew(walk, row["sealed"])) is not None]
        if anew:
            await self._execute(walk.change, anew)
        walk.passed([row["which"] for row in rows])
        return len(anew)

    def _anew(self, walk: Walk, sealed: bytes) -> bytes | None:
        """The value sealed with the newest key; None if it is damaged: it stays so, and holds nobody up."""
        try:
            return self._vault.seal(walk.column, self._vault.open(walk.column, sealed))
        except SealBroken:
            log.error("A value of %s is damaged and stays as it is", walk.column)  # noqa: TRY400 - it says it all
            return None
