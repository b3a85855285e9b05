"""What the store needs of a database; `storage.sqlite` and `storage.postgresql` are the two there are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from storage.records import Counts

# Non-ASCII letters are written as escapes: that is the one spelling in which both databases hold any text at all.
JSON: Final = json.JSONEncoder(separators=(",", ":")).encode


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

    async def close(self) -> None:
        """End all connections, then let others lead."""
