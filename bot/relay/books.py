"""What the store has to be told, and what is known of the rows that are in the store and not in memory.

A row that was just written may be sent at once, without asking the store, only if no earlier row of its lane waits
there. Such rows come from a crash, or were handed back because they have to wait long. While a lane may have some, what
is new in it is handed back as well, and comes again by `claim`, which keeps the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.records import Outgoing, Settled, State

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Page:
    """What one transaction writes."""

    settled: list[Settled]
    unreachable: dict[datetime, list[int]]
    lost: bool  # somebody wants to know of one that did not arrive


class Books:
    """Results to write, and lanes whose order the store keeps."""

    def __init__(self) -> None:
        self._settled: list[Settled] = []
        self._unreachable: dict[datetime, list[int]] = {}
        self._lost = False
        self._handed_back: dict[str, set[str]] = {}
        self._unsure: set[str] = set()
        self._loaded = False

    def __bool__(self) -> bool:
        return bool(self._settled or self._unreachable)

    def settle(self, settled: Settled, *, wanted: bool = False) -> None:
        """Note the end of a row; `wanted`: somebody wants to know if it is a bad one."""
        self._settled.append(settled)
        self._lost |= wanted and settled.state is not State.SENT

    def mark_unreachable(self, chat_id: int, at: datetime) -> None:
        self._unreachable.setdefault(at, []).append(chat_id)

    def hand_back(self, row: Outgoing, now: datetime) -> None:
        """Give up the claim on a row: whoever looks next may have it when it is due."""
        if row.claimed_until is None or row.claimed_until > now:
            settled = Settled(row.key, State.QUEUED, now, row.attempts, due_at=row.due_at)
            self._settled.append(settled)
        self._handed_back.setdefault(row.lane, set()).add(row.key)

    def open(self) -> Page:
        """Take all that waits to be written."""
        page = Page(self._settled, self._unreachable, self._lost)
        self._settled, self._unreachable, self._lost = [], {}, False
        return page

    def reopen(self, page: Page) -> None:
        """Put a page back that could not be written, before what has come since."""
        self._settled = page.settled + self._settled
        self._lost |= page.lost
        for at, chats in page.unreachable.items():
            self._unreachable.setdefault(at, []).extend(chats)

    def in_store(self, lane: str) -> bool:
        """Whether earlier rows of that lane may wait in the store."""
        return not self._loaded or lane in self._unsure or lane in self._handed_back

    @property
    def loaded(self) -> bool:
        """Whether everything that was there at the start has been seen."""
        return self._loaded

    def follows(self) -> bool:
        """Whether something in the store may wait for what is being written."""
        return bool(self._unsure or self._handed_back)

    def only_ends(self) -> bool:
        """Whether there are ends of rows and nothing else: no lane to look into, nobody to mark."""
        return bool(self._settled) and not self._unreachable and not self.follows()

    def unsure(self) -> set[str]:
        """Lanes of which the store may hold more."""
        return set(self._unsure)

    def came(self, row: Outgoing) -> None:
        """A row has come out of the store."""
        self._unsure.add(row.lane)
        keys = self._handed_back.get(row.lane)
        if keys is not None:
            keys.discard(row.key)
            if not keys:
                del self._handed_back[row.lane]

    def seen_all(self, empty: set[str]) -> None:
        """The store had nothing more to give, and nothing in particular for the lanes in `empty`."""
        self._loaded = True
        self._unsure -= empty

    def nothing_left(self) -> None:
        """The store holds no row that waits."""
        self._handed_back.clear()
