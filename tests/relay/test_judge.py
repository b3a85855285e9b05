"""What an outcome means for a message, class by class."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery import Sent
from bot.errors import AlreadySo, Fatal, Migrated, Refused, TryLater, Unknown, Unreachable
from bot.relay.judge import LONGEST_WAIT, MOVES, REACH_ATTEMPTS, RESEND_ATTEMPTS, Outcome, again, judge
from storage.records import Kind, Outgoing, State
from tests.clocks import START

ANSWER = Outgoing("k", "telegram:7", {"method": "sendMessage", "params": {"chat_id": 7, "text": "x"}}, START)
NOTICE = Outgoing("k", "telegram:7", ANSWER.payload, START, kind=Kind.NOTICE)
EDIT = Outgoing("k", "telegram:7", {**ANSWER.payload, "method": "editMessageText"}, START, kind=Kind.NOTICE)
FILE = Outgoing("k", "telegram:7", {**ANSWER.payload, "method": "sendDocument"}, START, kind=Kind.FILE)
UNREACHED = TryLater("refused", after=None, reached=False)
FLOODED = TryLater("429", after=17, reached=True)


@pytest.mark.parametrize(
    ("row", "outcome", "state", "wait", "attempts"),
    [
        (ANSWER, Sent(9), State.SENT, None, 1),
        (ANSWER, AlreadySo("", 9), State.SENT, None, 1),
        (ANSWER, FLOODED, State.QUEUED, 17, 0),
        (ANSWER, UNREACHED, State.QUEUED, 0.5, 1),
        (ANSWER, Unknown(""), State.QUEUED, 0.5, 1),
        (FILE, Unknown(""), State.QUEUED, 0.5, 1),
        (NOTICE, Unknown(""), State.UNKNOWN, None, 1),
        (NOTICE, UNREACHED, State.QUEUED, 0.5, 1),
        (EDIT, Unknown(""), State.QUEUED, 0.5, 1),
        (ANSWER, Unreachable(""), State.DEAD, None, 1),
        (ANSWER, Refused(""), State.DEAD, None, 1),
        (ANSWER, Fatal(""), State.QUEUED, 0, 0),
        (ANSWER, Migrated("", -1007), State.QUEUED, 0, 1),
    ],
)
def test_an_outcome_has_its_consequence(
    row: Outgoing, outcome: Outcome, state: State, wait: float | None, attempts: int
) -> None:
    settled = judge(row, outcome, START, jitter=0.0)

    assert (settled.state, settled.attempts) == (state, attempts)
    assert settled.due_at == (None if wait is None else START + timedelta(seconds=wait))


@pytest.mark.parametrize(
    ("row", "outcome", "attempts", "state"),
    [
        (ANSWER, UNREACHED, REACH_ATTEMPTS, State.DEAD),
        (ANSWER, Unknown(""), RESEND_ATTEMPTS, State.UNKNOWN),
        (ANSWER, Migrated("", 1), MOVES + 1, State.DEAD),
    ],
)
def test_patience_has_an_end(row: Outgoing, outcome: Outcome, attempts: int, state: State) -> None:
    waits = []
    while (settled := judge(row, outcome, START, jitter=0.999)).state is State.QUEUED:
        row = again(row, settled, outcome)
        waits.append(row.due_at - START)

    assert (settled.state, settled.attempts) == (state, attempts)
    assert waits == sorted(waits)
    assert max(waits) <= LONGEST_WAIT


def test_jitter_spreads_the_waits() -> None:
    waits = {judge(ANSWER, UNREACHED, START, jitter / 10).due_at for jitter in range(10)}

    assert len(waits) == 10


def test_a_chat_that_moved_is_written_to_at_its_new_number() -> None:
    moved = Migrated("", -1007)
    params = again(ANSWER, judge(ANSWER, moved, START, 0.0), moved).payload["params"]

    assert params == {"chat_id": -1007, "text": "x"}
