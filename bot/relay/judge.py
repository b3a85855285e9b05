"""What an outcome means for a message: the outcome classes of the relay, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.delivery import SAME_TWICE, Sent
from bot.errors import AlreadySo, DeliveryError, Fatal, Migrated, TryLater, Unknown
from storage.records import Kind, Outgoing, Settled, State

Outcome: TypeAlias = Sent | DeliveryError

LONGEST_WAIT = timedelta(minutes=5)
REACH_ATTEMPTS = 300  # about a day of not reaching the channel
RESEND_ATTEMPTS = 10  # about a quarter of an hour of no answers
MOVES = 3  # a chat that moves more often than this is a mistake


def judge(row: Outgoing, outcome: Outcome, now: datetime, jitter: float) -> Settled:
    """Say what becomes of `row`: ended, or queued again with the moment at which it is due.

    `jitter` in [0, 1) spreads the waits, so that what failed together does not come back together.
    """
    match outcome:
        case Sent(message_id):
            return Settled(row.key, State.SENT, now, row.attempts + 1, message_id=message_id)
        case AlreadySo():
            return Settled(row.key, State.SENT, now, row.attempts + 1, message_id=outcome.message_id)
        case TryLater(after=None):
            return _again(row, outcome, now, jitter, limit=REACH_ATTEMPTS, at_last=State.DEAD)
        case TryLater(after=float() | int() as after):
            # What the channel put off counts for nothing, and waits exactly as long as it asked for.
            return _queued(row, str(outcome), now, row.attempts, timedelta(seconds=after))
        case Fatal():
            return _queued(row, str(outcome), now, row.attempts, timedelta())  # the relay pauses as a whole
        case Unknown() if repeatable(row):
            return _again(row, outcome, now, jitter, limit=RESEND_ATTEMPTS, at_last=State.UNKNOWN)
        case Unknown():
            return _ended(row, State.UNKNOWN, outcome, now)
        case Migrated() if row.attempts < MOVES:
            return _queued(row, str(outcome), now, row.attempts + 1, timedelta())
        case _:
            return _ended(row, State.DEAD, outcome, now)


def repeatable(row: Outgoing) -> bool:
    """Whether a second copy does no harm: answers carry their number, and an edit made twice is one edit.

    A mail is sent again with the same Message-ID, by which servers and readers recognise it.
    """
    return row.kind in {Kind.ANSWER, Kind.FILE} or row.payload.get("method") in SAME_TWICE


def again(row: Outgoing, settled: Settled, outcome: Outcome) -> Outgoing:
    """The row as it waits for its next attempt; to its chat's new number, if the chat has moved."""
    waiting = replace(row, attempts=settled.attempts, due_at=settled.due_at or row.due_at)
    params = row.payload.get("params")
    if isinstance(outcome, Migrated) and isinstance(params, Mapping):
        moved = {**params, "chat_id": outcome.new_chat_id}
        waiting = replace(waiting, payload={**row.payload, "params": moved})
    return waiting


def _again(row: Outgoing, error: DeliveryError, now: datetime, jitter: float, *, limit: int, at_last: State) -> Settled:
    attempts = row.attempts + 1
    if attempts >= limit:
        return _ended(row, at_last, error, now)
    # The exponent stops where the wait is at its longest anyway.
    wait = min(LONGEST_WAIT, timedelta(seconds=2 ** min(attempts - 1, 16))) * (1 + jitter) / 2
    return _queued(row, str(error), now, attempts, wait)


def _queued(row: Outgoing, error: str, now: datetime, attempts: int, wait: timedelta) -> Settled:
    return Settled(row.key, State.QUEUED, now, attempts, error=error, due_at=now + wait)


def _ended(row: Outgoing, state: State, error: DeliveryError, now: datetime) -> Settled:
    return Settled(row.key, state, now, row.attempts + 1, error=f"{type(error).__name__}: {error}")
