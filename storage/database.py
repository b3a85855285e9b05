"""What the store needs of a database; `storage.sqlite` and `storage.postgresql` are the two there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from storage.records import Counts


class Database(Protocol):
    """One database: how to write, how to read, and how to be the only one that writes.

    `turn` is held around each transaction that writes.
    """

    @property
    def writer(self) -> AsyncEngine: ...

    @property
    def reader(self) -> AsyncEngine: ...

    @property
    def turn(self) -> AbstractAsyncContextManager[object]: ...

    async def lead(self) -> None:
        """Become the only process that writes. `Overtaken`: another one is; `Unavailable`."""

    async def backup(self, path: Path) -> Counts:
        """Write a checked copy to `path`; answers how many rows it has of each table."""

    async def scrub(self) -> bool:
        """Have nothing on the disk of what was removed; False: somebody reads what was before, so try again later."""

    async def rewrite(self) -> None:
        """Write all anew, without the remains of what a migration removed."""

    async def close(self) -> None:
        """End all connections, then let others lead."""
