"""What is too old is forgotten: rows, values of rows, whole people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import upkeep
from storage.belongings import Belongings
from storage.records import Counts, Horizons

if TYPE_CHECKING:
    from datetime import datetime


class Forgetting(Belongings):
    """The work of `Transaction.purge`, and what it would do."""

    async def purge(self, horizons: Horizons, limit: int) -> Counts:
        """Forget at most `limit` rows; answers how many of each table."""
        gone: dict[str, int] = {}

        def left() -> int:
            return limit - sum(gone.values())

        for name, rules in upkeep.RULES.items():
            before: datetime | None = getattr(horizons, name)
            for rule in rules if before else ():
                told = {"before": before, "rows": left(), **rule.values(self._vault)}
                forgotten = (await self._execute(rule.forget, told)).rowcount
                gone[rule.table] = gone.get(rule.table, 0) + forgotten
        if horizons.complaints:
            closed = await self._execute(upkeep.CLOSED, {"before": horizons.complaints, "rows": left()})
            ids = closed.scalars().all()
            await self.blank(ids)
            gone["complaints"] = len(ids)
        if horizons.persons:
            found = await self._execute(upkeep.UNHEARD, {"before": horizons.persons, "rows": left()})
            unheard = found.scalars().all()
            for chat_id in unheard:
                await self.erase(chat_id)
            gone["people"] = len(unheard)
        return Counts(gone)

    async def would_purge(self, horizons: Horizons) -> Counts:
        """How many rows of each table would be forgotten in all; of people only themselves are counted."""
        counted: dict[str, int] = {}
        for name, rules in upkeep.RULES.items():
            before: datetime | None = getattr(horizons, name)
            for rule in rules if before else ():
                rows = (await self._execute(rule.count, {"before": before})).scalar_one()
                counted[rule.table] = counted.get(rule.table, 0) + rows
        for table, before, count in (
            ("complaints", horizons.complaints, upkeep.COUNT_CLOSED),
            ("people", horizons.persons, upkeep.COUNT_UNHEARD),
        ):
            if before:
                counted[table] = (await self._execute(count, {"before": before})).scalar_one()
        return Counts(counted)
