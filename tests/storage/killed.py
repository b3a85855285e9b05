"""A program that turns updates into messages and sends them, killed before its n-th request to the database.

Run as a script it reads `address file n` from each line, lets a child of its own serve them, and answers with the
signal that ended the child: a fork of a process that has everything imported takes a hundredth of a new one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event

from storage import Store
from storage.records import Alarm, Memory, Outgoing, Settled, State
from tests.databases import RING
from tests.storage.rows import NOON, SITI, after

if TYPE_CHECKING:
    from storage import Transaction

UPDATES = ["telegram:1", "telegram:2"]


def main() -> None:
    for line in sys.stdin:
        url, sent, kill_at = line.split()
        child = os.fork()
        if child == 0:
            _run(url, Path(sent), int(kill_at))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.WTERMSIG(status)}\n")
        sys.stdout.flush()


def _run(url: str, sent: Path, kill_at: int) -> None:
    requests = 0

    def count(*_: object) -> None:
        nonlocal requests
        requests += 1
        if requests == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    asyncio.run(_open_and_serve(url, sent))


async def _open_and_serve(url: str, sent: Path) -> None:
    async with await Store.open(url, ring=RING) as store:
        await serve(store, sent)


async def serve(store: Store, sent: Path) -> None:
    """Handle the updates that are not handled yet, then send what waits; `sent` is where messages arrive."""
    async with store.transaction() as tx:
        await tx.release()
    async with store.transaction() as tx:
        await _turn(tx, store.epoch)
    while await _send(store, sent):
        pass


async def _turn(tx: Transaction, epoch: int) -> None:
    seen = await tx.seen(UPDATES)
    keys = [key for key in UPDATES if key not in seen]
    known = (await tx.memories([SITI])).get(SITI)
    turn = int(known.session or 0) if known else 0
    for key in keys:
        turn += 1
        await tx.record_submission(SITI, NOON, after(60), NOON)
        await tx.record_issue(SITI, after(30))
        await tx.enqueue([Outgoing(f"{key}:0", "siti", {"text": key}, NOON)])
    await tx.remember(keys, NOON)
    await tx.set_alarms([Alarm(SITI, f"ask {turn}", NOON)])
    await tx.save([Memory(SITI, "id", None, str(turn), f"{UPDATES[-1]}:0", date(2026, 12, turn))], NOON)
    await tx.confirm(epoch, turn + 1)


async def _send(store: Store, sent: Path) -> int:
    async with store.transaction() as tx:
        rows = await tx.claim(NOON, after(1), 10, "relay")
    with sent.open("a") as file:
        file.writelines(f"{row.key}\n" for row in rows)
    async with store.transaction() as tx:
        await tx.settle([Settled(row.key, State.SENT, NOON, 1, message_id=1) for row in rows])
    return len(rows)


if __name__ == "__main__":
    main()
