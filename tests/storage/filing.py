"""A process that files complaints beside others, and undoes every third: `python filing.py URL HOW_MANY`."""

from __future__ import annotations

import asyncio
import sys
from functools import partial

from storage.store import _begun, _database
from storage.vault import unlock
from tests.databases import RING
from tests.storage.complaining import complaint


class Undone(Exception):  # noqa: N818 - nothing went wrong
    """Takes a transaction back."""


async def main(url: str, how_many: int) -> None:
    engine = _database(url).writer  # without the lead, which only one process can have
    async with engine.connect() as connection:
        vault = await connection.run_sync(partial(unlock, ring=RING, make=False))

    async def attempt(turn: int) -> None:
        async with _begun(engine, vault, writes=True) as tx:
            await tx.complaints.file(complaint(text=f"{turn}"), 2026)
            if turn % 3 == 0:
                raise Undone

    ends = await asyncio.gather(*map(attempt, range(how_many)), return_exceptions=True)
    await engine.dispose()
    unexpected = [end for end in ends if end is not None and not isinstance(end, Undone)]
    if unexpected:
        raise unexpected[0]
    sys.stdout.write(f"{ends.count(None)}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
