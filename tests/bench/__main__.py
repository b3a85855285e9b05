"""`make bench`: the real program against a stand-in that is fast enough not to be the limit.

People walk an eight-step conversation in a closed loop: each goes on as soon as the reply is there. Everything is
durable (SQLite, `synchronous=FULL`). The library's own echo bot is measured in the same run, for comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

HERE = Path(__file__).parent
MANY, FEW = 1_000_000, 1_000
WIDTHS = (9, 9, 9, 9, 8, 7, 6, 10, 7)


class Figures(TypedDict):
    """What `crowd.py` prints."""

    people: int
    updates: int
    updates_per_second: float
    latency_ms: dict[str, float]
    calls_per_update: float
    lost: int
    repeated: int
    out_of_order: int
    cpu_seconds_per_1000_updates: float
    max_memory_mb: float


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that is to be reached."""

    what: str
    reached: bool

    def __str__(self) -> str:
        return f"{'reached' if self.reached else 'MISSED '}  {self.what}"


def crowd(
    people: int, seconds: float, *, latency: int = 0, folder: Path | None = None, bot: str | None = None
) -> Figures:
    """Measure the program (or the command `bot`) with that many people and answers that take `latency` ms."""
    with tempfile.TemporaryDirectory() as fresh:
        if folder is None and bot is None:
            with_sessions(0, Path(fresh))  # as at every start but the first
        environment = {**os.environ, "PANDU_DATA_DIR": str(folder or fresh), "PANDU_CHAT_BURST": "0"}
        command: Sequence[str] = [
            sys.executable, "-m", "tests.bench.crowd", "--people", str(people), "--seconds", str(seconds),
            "--warmup", "3", "--latency", str(latency),
            "--bot", bot or f"{shlex.quote(sys.executable)} -m bot run",
            *([] if bot else ["--script", str(HERE / "renewal.json")]),
        ]  # fmt: skip
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        if done.returncode:
            sys.exit(f"The bench failed:\n{done.stderr}")
        return cast("Figures", json.loads(done.stdout))


def with_sessions(number: int, folder: Path) -> None:
    """Make a database that remembers that many people."""
    environment = {**os.environ, "PANDU_DATA_DIR": str(folder)}
    subprocess.run([sys.executable, "-m", "bot", "migrate"], env=environment, check=True, capture_output=True)
    frame = '{"flow":"renewal","version":1,"state":"login","trail":[{"state":"notified","value":"yes"}]}'
    body = f'{{"turn":5,"stack":[{frame}]}}'
    with closing(sqlite3.connect(folder / "pandu.sqlite3")) as db, db:
        ids = range(1_000_000_000, 1_000_000_000 + number)
        now = time.time_ns() // 1000  # older ones would be forgotten at the start
        people, sessions = ((i, now) for i in ids), ((i, body, now) for i in ids)
        db.executemany("INSERT INTO people (chat_id, language, first_seen_at) VALUES (?, 'id', ?)", people)
        db.executemany("INSERT INTO sessions (chat_id, body, updated_at) VALUES (?, ?, ?)", sessions)


def line(name: str, figures: Figures) -> str:
    latency = figures["latency_ms"]
    shown = (
        f"{figures['updates_per_second']:.0f}", f"{latency['p50']:.1f}", f"{latency['p99']:.1f}",
        f"{figures['cpu_seconds_per_1000_updates']:.2f}", f"{figures['calls_per_update']:.2f}",
        f"{figures['max_memory_mb']:.0f}", str(figures["lost"]), str(figures["repeated"]), str(figures["out_of_order"]),
    )  # fmt: skip
    return f"{name:<34}" + "".join(f"{figure:>{width}}" for figure, width in zip(shown, WIDTHS, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15.0, help="how long each row is measured")
    seconds = parser.parse_args().seconds

    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores")  # noqa: T201 - the result
    heads = ("upd/s", "p50 ms", "p99 ms", "CPU s/k", "calls", "MB", "lost", "repeated", "order")
    print(f"{'':<34}" + "".join(f"{head:>{width}}" for head, width in zip(heads, WIDTHS, strict=True)))  # noqa: T201 - the same

    def show(name: str, figures: Figures) -> Figures:
        print(line(name, figures), flush=True)  # noqa: T201 - the result
        return figures

    library = f"{sys.executable} {HERE / 'echo.py'} --api {{url}}"
    echo = show("echo bot of the library, 50", crowd(50, seconds, bot=library))
    one = show("Pandu, 1 person", crowd(1, seconds))
    fifty = show("Pandu, 50 people", crowd(50, seconds))
    many = show("Pandu, 500 people", crowd(500, seconds))
    slow = show("Pandu, 50, answers take 50 ms", crowd(50, seconds, latency=50))
    slow_many = show("Pandu, 500, answers take 50 ms", crowd(500, seconds, latency=50))
    with tempfile.TemporaryDirectory() as few, tempfile.TemporaryDirectory() as million:
        with_sessions(FEW, Path(few))
        with_sessions(MANY, Path(million))
        small = show(f"Pandu, 50, {FEW:,} sessions stored", crowd(50, seconds, folder=Path(few)))
        large = show(f"Pandu, 50, {MANY:,} stored", crowd(50, seconds, folder=Path(million)))

    rows = (one, fifty, many, slow, slow_many, small, large)
    times = fifty["updates_per_second"] / echo["updates_per_second"]
    held = many["updates_per_second"] / fifty["updates_per_second"]
    growth = small["updates_per_second"] / large["updates_per_second"]
    memory = max(row["max_memory_mb"] for row in rows)
    amiss = sum(row["lost"] + row["repeated"] + row["out_of_order"] for row in rows)
    for target in (
        Target(f"{times:.1f} times the echo bot at 50 people (5)", times >= 5),
        Target(f"p99 {fifty['latency_ms']['p99']:.0f} ms at 50 people (50)", fifty["latency_ms"]["p99"] < 50),
        Target(f"{held:.0%} of that at 500 people (80 %)", held >= 0.8),
        Target(f"{slow['updates_per_second']:.0f}/s at 50 people and 50 ms (350)", slow["updates_per_second"] >= 350),
        Target(
            f"{slow_many['updates_per_second']:.0f}/s at 500 people and 50 ms (900)",
            slow_many["updates_per_second"] >= 900,
        ),
        Target(f"{memory:.0f} MB at the most (120)", memory < 120),
        Target(f"{growth:.2f} times the time per update with {MANY:,} sessions (1.2)", growth <= 1.2),
        Target(f"{amiss} lost, repeated or out of order (0)", amiss == 0),
    ):
        print(target)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
