"""kill -9 before each request to the database: what was half done is not there, and nothing is done twice (G1, G3)."""

from __future__ import annotations

import signal
import sys
from itertools import count, groupby
from typing import TYPE_CHECKING

from storage import Store
from tests.databases import RING, Kind, empty
from tests.storage.killed import UPDATES, serve
from tests.storage.rows import SITI

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.storage.victims import Victims

# Each is one figure of the same story: that many updates were handled.
INVARIANTS = {
    "keys remembered": "SELECT count(*) FROM inbox",
    "messages": "SELECT count(*) FROM outbox",
    "submissions": "SELECT count(*) FROM renewals",
    "issues": "SELECT count(issued_at) FROM renewals",
    "alarm": "SELECT coalesce(max(CAST(substr(name, 5) AS INTEGER)), 0) FROM alarms",
    "offset": "SELECT coalesce(max(next_offset), 1) - 1 FROM intake",
    "certificate": "SELECT coalesce(max(CAST(substr(CAST(expires_on AS TEXT), 9) AS INTEGER)), 0) FROM certificates",
}


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
        async with await Store.open(url, ring=RING) as store:
            mixed += len(await _figures(store)) > 1
            await serve(store, sent)
            lost += await _figures(store) != {len(UPDATES)}
        arrived = sent.read_text().split()
        assert [key for key, _ in groupby(arrived)] == [f"{key}:0" for key in UPDATES]
        # Between the send and its record nobody can know: only the message in flight may come twice.
        doubled += len(arrived) - len(UPDATES) > 1
        await empty(url)
        if ends[-1] == 0:
            break
    with capsys.disabled():
        sys.stdout.write(
            f"\n{kind}: {point - 1} kills, mixed states {mixed}, lost {lost}, sent twice without need {doubled}\n",
        )
    assert set(ends[:-1]) == {signal.SIGKILL}
    assert point > 30
    assert (mixed, lost, doubled) == (0, 0, 0)


async def _figures(store: Store) -> set[int]:
    """One figure if all tables tell the same story."""
    async with store.reading() as tx:
        siti = (await tx.memories([SITI])).get(SITI)
    turns = int(siti.session or 0) if siti else 0
    async with store._database.reader.connect() as connection:
        return {turns, *[(await connection.exec_driver_sql(query)).scalar_one() for query in INVARIANTS.values()]}
