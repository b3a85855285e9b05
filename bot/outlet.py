"""Where messages leave: what turn, bell and burial need of the relay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from contextlib import AbstractContextManager

    from storage import Transaction
    from storage.records import Outgoing


@dataclass(frozen=True, slots=True)
class Claim:
    """Who sends what is enqueued, and until when nobody else may."""

    by: str
    until: datetime


class Outlet(Protocol):
    """Sends what was committed."""

    def claim(self) -> Claim:
        """The claim that rows are born with which this process is to send."""
        ...

    def take(self, rows: Sequence[Outgoing]) -> None:
        """Send these, which were just committed."""

    def forget(self, lanes: Iterable[str]) -> None:
        """Send nothing more of these lanes: they were taken out of storage. Called before `take`."""

    def look(self) -> None:
        """Look into the store: it may hold rows of a commit whose word got lost."""

    def results(self) -> AbstractContextManager[Callable[[Transaction], Awaitable[None]]]:
        """Let what became of earlier messages go along: give the transaction to what this yields, just before its end.

        If the block raises, that counts as not written.
        """
        ...
