"""What the relay and the channels agree on: a sender, what it answers, and the pause that both keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.clock import Clock
    from storage.records import Outgoing

EDIT = "editMessageText"
DELETE = "deleteMessage"
MENUS = frozenset({"setMyCommands", "deleteMyCommands"})
SAME_TWICE = frozenset({EDIT, DELETE}) | MENUS
"""Methods of the Bot API that, made twice, are the same as made once."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Carried out; the number of the message in its chat, if it has one."""

    message_id: int | None


class Pause:
    """A window in which nothing is called, because the channel said so."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: datetime | None = None

    def extend(self, seconds: float) -> None:
        """Call nothing for that many seconds from now; a longer window that is open already stays."""
        until = self._clock.now() + timedelta(seconds=seconds)
        if self._until is None or until > self._until:
            self._until = until

    def left(self) -> float:
        """Seconds until something may be called again; 0 when there is no pause."""
        if self._until is None:
            return 0.0
        left = (self._until - self._clock.now()).total_seconds()
        if left > 0:
            return left
        self._until = None
        return 0.0


class Sender(Protocol):
    """Makes the requests of the outbox rows of one channel."""

    @property
    def pause(self) -> Pause:
        """The window in which nothing is called; the sender opens it when the channel asks for one."""
        ...

    async def send(self, row: Outgoing, message_id: int | None) -> Sent:
        """Make the request. `message_id` is that of the message which the row edits, None if it is not known.

        Raises a `DeliveryError`. The relay cuts off what takes longer than `bot.relay.LONGEST_SEND`.
        """
        ...
