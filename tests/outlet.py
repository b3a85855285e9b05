"""An outlet that sends nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.outlet import Claim

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from bot.clock import Clock
    from storage import Transaction
    from storage.records import Outgoing


class Tray:
    """Gives what is handed over to `receive`."""

    def __init__(self, clock: Clock, receive: Callable[[Sequence[Outgoing]], None]) -> None:
        self._clock, self._receive = clock, receive

    def claim(self) -> Claim:
        return Claim("tray", self._clock.now() + timedelta(minutes=2))

    def take(self, rows: Sequence[Outgoing]) -> None:
        self._receive(rows)

    def forget(self, lanes: Iterable[str]) -> None:
        """What was handed over stays handed over."""

    def look(self) -> None:
        """There is nothing to look for: no word of a commit gets lost here."""

    def results(self) -> AbstractContextManager[Callable[[Transaction], Awaitable[None]]]:
        return nullcontext(_nothing)


async def _nothing(_: Transaction) -> None:
    """Nothing was sent, so nothing became of it."""
