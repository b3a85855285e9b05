"""Starts processes that kill themselves at a chosen request to the database; `killed.py` is what they do."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Victims:
    """The program that starts them, waiting for orders."""

    def __init__(self, orders: IO[str], ends: IO[str]) -> None:
        self._orders = orders
        self._ends = ends

    def run(self, url: str, sent: Path, kill_at: int) -> int:
        """Answers the signal that ended the process; 0 if it came to its own end."""
        self._orders.write(f"{url} {sent} {kill_at}\n")
        self._orders.flush()
        return int(self._ends.readline())


@contextmanager
def waiting_victims() -> Iterator[Victims]:
    """Have the program wait; it ends when no more orders can come."""
    command = [sys.executable, "-m", "tests.storage.killed"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdin is not None
        assert process.stdout is not None
        yield Victims(process.stdin, process.stdout)
