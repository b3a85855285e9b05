"""kill -9 before each request to the database: what was half done is not there, and nothing is done twice (G1, G3)."""

from __future__ import annotations

import signal
import subprocess
import sys
from itertools import count, groupby
from typing import IO, TYPE_CHECKING

import pytest

from storage import Store
from tests.databases import Kind, empty
from tests.storage.killed import UPDATES, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Each is one figure of the same story: that many updates were handled.
INVARIANTS = {
    "keys remembered": "SELECT count(*) FROM inbox",
    "turns of the session": "SELECT coalesce(max(CAST(body AS INTEGER)), 0) FROM sessions",
    "messages": "SELECT count(*) FROM outbox",
    "submissions": "SELECT count(*) FROM renewals",
    "alarm": "SELECT coalesce(max(CAST(substr(name, 5) AS INTEGER)), 0) FROM alarms",
    "offset": "SELECT coalesce(max(next_offset), 1) - 1 FROM intake",
    "certificate": "SELECT coalesce(max(CAST(substr(CAST(expires_on AS TEXT), 9) AS INTEGER)), 0) FROM certificates",
}


class Victims:
    """Starts processes that are killed."""

    def __init__(self, orders: IO[str], ends: IO[str]) -> None:
        self._orders = orders
        self._ends = ends

    def run(self, url: str, sent: Path, kill_at: int) -> int:
        """Answers the signal that ended the process; 0 if it came to its own end."""
        self._orders.write(f"{url} {sent} {kill_at}\n")
        self._orders.flush()
        return int(self._ends.readline())


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    command = [sys.executable, "-m", "tests.storage.killed"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdin is not None
        assert process.stdout is not None
        yield Victims(process.stdin, process.stdout)


async def test_a_kill_at_any_request_leaves_no_mixture(
    kind: Kind,
    url: str,
    tmp_path: Path,
    victims: Victims,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ends, mixed, lost, doubled = [], 0, 0, 0
    for point in count(1):
        sent = tmp_path / f"sent-{point}"
        sent.touch()
        ends.append(victims.run(url, sent, point))
        store = await Store.open(url)
        try:
            mixed += len(await _figures(store)) > 1
            await serve(store, sent)
            lost += await _figures(store) != {len(UPDATES)}
        finally:
            await store.close()
        arrived = sent.read_text().split()
        assert [key for key, _ in groupby(arrived)] == [f"{key}:0" for key in UPDATES]
        # Between the send and its record nobody can know: only the message in flight may come twice.
        doubled += len(arrived) - len(UPDATES) > 1
        await empty(url)
        if ends[-1] == 0:
            break
    with capsys.disabled():
        print(f"\n{kind}: {point - 1} kills, mixed states {mixed}, lost {lost}, sent twice without need {doubled}")
    assert set(ends[:-1]) == {signal.SIGKILL}
    assert point > 30
    assert (mixed, lost, doubled) == (0, 0, 0)


async def _figures(store: Store) -> set[int]:
    """One figure if all tables tell the same story."""
    async with store._database.reader.connect() as connection:
        return {(await connection.exec_driver_sql(query)).scalar_one() for query in INVARIANTS.values()}
