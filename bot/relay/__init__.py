"""The relay: takes messages out of the outbox, has them sent, and records what became of each.

    take, claim ─► lanes ─► one call a lane at a time ─► judge ─┬─► books ─► settle (one transaction for all that wait)
                     ▲                                          │
                     └──────────── again, later ◄───────────────┘

`lanes.py` keeps the order, `rates.py` the pace, `judge.py` decides what an outcome means, `relay.py` sends. `books.py`
remembers what the store has to be told, `bookkeeper.py` tells it, in a transaction of a turn if one is under way.
"""

from __future__ import annotations

from bot.relay.bookkeeper import LEASE
from bot.relay.rates import Rates
from bot.relay.relay import LONGEST_SEND, Relay

__all__ = ["LEASE", "LONGEST_SEND", "Rates", "Relay"]
