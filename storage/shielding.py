"""What has begun in a database is let come to its end.

SQLite runs in a thread of its own: a `BEGIN IMMEDIATE` or a `COMMIT` whose waiter was cancelled still happens there.
Who walks away then leaves an open transaction behind, or does not know that it was committed. So every request to a
database is awaited to its end; the cancellation is raised after it, when the transaction can be rolled back in order.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


async def to_the_end(work: Coroutine[None, None, T]) -> T:
    """Await `work`; a cancellation meanwhile is raised when it has ended."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # taken note of, so that nobody warns that it was never looked at
    raise cancelled
