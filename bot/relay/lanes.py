"""Rows in memory, lane by lane: order within a lane, lanes side by side, conversations before campaigns.

A lane is `busy` while its first row is being sent, stands in a line when that row may be sent, or rests until a
moment. A campaign's row that an answer waits behind goes with the answer's urgency: order holds and nobody waits.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from math import inf

from storage.records import Outgoing, Priority


class Place(Enum):
    """Where a lane is."""

    NOWHERE = auto()
    URGENT = auto()
    PACED = auto()
    RESTING = auto()
    BUSY = auto()


@dataclass(slots=True)
class Lane:
    """The rows of one chat or thread, first to last."""

    name: str
    rows: deque[Outgoing] = field(default_factory=deque)
    place: Place = Place.NOWHERE

    def paced(self) -> bool:
        return all(row.priority is Priority.CAMPAIGN for row in self.rows)


class Lanes:
    """All lanes that hold rows."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}
        self._lines: dict[Place, OrderedDict[str, Lane]] = {Place.URGENT: OrderedDict(), Place.PACED: OrderedDict()}
        self._resting: list[tuple[float, int, Lane]] = []
        self._order = count()
        self._keys: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._lanes

    def __len__(self) -> int:
        return len(self._keys)

    def holds(self, key: str) -> bool:
        """Whether the row of that key is here."""
        return key in self._keys

    def add(self, row: Outgoing) -> None:
        """Put a row behind the others of its lane."""
        lane = self._lane(row)
        self._place(lane, row, at=len(lane.rows))

    def add_first(self, row: Outgoing) -> None:
        """Put a row before the others of its lane that are not being sent; one that is here gets its new claim."""
        lane = self._lane(row)
        if row.key in self._keys:
            lane.rows = deque(row if here.key == row.key else here for here in lane.rows)
        else:
            self._place(lane, row, at=1 if lane.place is Place.BUSY else 0)

    def next(self, place: Place) -> Lane | None:
        """Take the first lane of that line."""
        line = self._lines[place]
        if not line:
            return None
        lane = line.popitem(last=False)[1]
        lane.place = Place.NOWHERE
        return lane

    def waiting(self, place: Place) -> int:
        """How many lanes stand in that line."""
        return len(self._lines[place])

    def idle(self) -> bool:
        """Whether no lane waits for anything: all are being sent, if there are any."""
        return not self._resting and not any(self._lines.values())

    def rest(self, lane: Lane, until: float) -> None:
        """Let a lane wait until that moment (seconds since the epoch)."""
        lane.place = Place.RESTING
        heapq.heappush(self._resting, (until, next(self._order), lane))

    def rouse(self, now: float) -> None:
        """Line up every lane whose moment has come."""
        while self._resting and self._resting[0][0] <= now:
            self._line_up(heapq.heappop(self._resting)[2])

    def next_rise(self) -> float:
        """When the next resting lane is due; infinite if none rests."""
        return self._resting[0][0] if self._resting else inf

    def finish(self, lane: Lane) -> Outgoing:
        """Take the first row of a lane out: it has ended."""
        row = lane.rows.popleft()
        self._keys.discard(row.key)
        lane.place = Place.NOWHERE
        if lane.rows:
            self._line_up(lane)
        else:
            del self._lanes[lane.name]
        return row

    def retry(self, lane: Lane, row: Outgoing) -> None:
        """The first row of a lane has not ended: it goes again, as `row` says."""
        lane.rows[0] = row
        self._line_up(lane)

    def drop(self, lane: Lane) -> list[Outgoing]:
        """Take a whole lane out, which stands in no line and does not rest; answers its rows."""
        del self._lanes[lane.name]
        self._keys.difference_update(row.key for row in lane.rows)
        return list(lane.rows)

    def forget(self, name: str) -> list[str]:
        """Take the rows of a lane out but the one that is being sent; answers its key, if there is one."""
        lane = self._lanes.get(name)
        if lane is None:
            return []
        sent = [lane.rows[0]] if lane.place is Place.BUSY else []
        self._keys.difference_update(row.key for row in lane.rows)
        self._keys.update(row.key for row in sent)
        lane.rows = deque(sent)
        if not sent:
            self._leave(lane)
        return [row.key for row in sent]

    def clear(self) -> list[Outgoing]:
        """Take every row out, in order within its lane."""
        rows = self.rows()
        for line in self._lines.values():
            line.clear()
        self._lanes.clear()
        self._resting.clear()
        self._keys.clear()
        return rows

    def rows(self) -> list[Outgoing]:
        """Every row, in order within its lane."""
        return [row for lane in self._lanes.values() for row in lane.rows]

    def _leave(self, lane: Lane) -> None:
        """Take an empty lane out of where it stands or rests."""
        del self._lanes[lane.name]
        if lane.place is Place.RESTING:
            self._resting = [rest for rest in self._resting if rest[2] is not lane]
            heapq.heapify(self._resting)
        elif lane.place in self._lines:
            del self._lines[lane.place][lane.name]

    def _line_up(self, lane: Lane) -> None:
        lane.place = Place.PACED if lane.paced() else Place.URGENT
        self._lines[lane.place][lane.name] = lane

    def _lane(self, row: Outgoing) -> Lane:
        lane = self._lanes.get(row.lane)
        if lane is None:
            lane = self._lanes[row.lane] = Lane(row.lane)
        return lane

    def _place(self, lane: Lane, row: Outgoing, at: int) -> None:
        lane.rows.insert(at, row)
        self._keys.add(row.key)
        if lane.place is Place.NOWHERE:
            self._line_up(lane)
        elif lane.place is Place.PACED and row.priority is not Priority.CAMPAIGN:
            del self._lines[Place.PACED][lane.name]
            self._line_up(lane)
