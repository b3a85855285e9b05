"""`make bench`: the real program against a stand-in that is fast enough not to be the limit.

People walk an eight-step conversation in a closed loop: each goes on as soon as the reply is there. Everything is
durable (SQLite, `synchronous=FULL`). The library's own echo bot is measured in the same run, for comparison.

A machine that is shared with others is now fast, now slow. So all rows are measured in turn, several times over, and
each figure is the median; of what may not be at all, and of memory, it is the sum and the most.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

HERE = Path(__file__).parent
# The tools of the tests bring these along, and the library's HTTP client loads them where it finds them. Who runs Pandu
# has neither.
PROGRAM = (
    "import sys; sys.modules |= {'rich': None, 'pygments': None}; sys.argv = ['pandu', 'run'];"
    "from bot.cli import main; main()"
)
ROUNDS = 3
MANY, FEW = 1_000_000, 1_000
WIDTHS = (9, 9, 9, 9, 8, 7, 6, 10, 7)
ECHO, ONE, FIFTY, FIVE_HUNDRED = (
    "echo bot of the library, 50",
    "Pandu, 1 person",
    "Pandu, 50 people",
    "Pandu, 500 people",
)
FIFTY_SLOW, FIVE_HUNDRED_SLOW = "Pandu, 50, answers take 50 ms", "Pandu, 500, answers take 50 ms"
SMALL, LARGE = f"Pandu, 50, {FEW:,} sessions stored", f"Pandu, 50, {MANY:,} stored"


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
            "--bot", bot or shlex.join([sys.executable, "-c", PROGRAM]),
            *([] if bot else ["--script", str(HERE / "renewal.json")]),
        ]  # fmt: skip
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        if done.returncode:
            sys.exit(f"The bench failed:\n{done.stderr}")
        figures = cast("Figures", json.loads(done.stdout))
        if not figures["updates"]:
            sys.exit(f"Nobody was answered:\n{done.stderr}")
        return figures


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


def median(rounds: Sequence[Figures]) -> Figures:
    """One row of several rounds."""
    one = rounds[0].copy()
    one["updates_per_second"] = statistics.median(figures["updates_per_second"] for figures in rounds)
    one["latency_ms"] = {
        name: statistics.median(figures["latency_ms"][name] for figures in rounds) for name in one["latency_ms"]
    }
    one["calls_per_update"] = statistics.median(figures["calls_per_update"] for figures in rounds)
    one["cpu_seconds_per_1000_updates"] = statistics.median(
        figures["cpu_seconds_per_1000_updates"] for figures in rounds
    )
    one["max_memory_mb"] = max(figures["max_memory_mb"] for figures in rounds)
    one["lost"], one["repeated"], one["out_of_order"] = (
        sum(figures["lost"] for figures in rounds),
        sum(figures["repeated"] for figures in rounds),
        sum(figures["out_of_order"] for figures in rounds),
    )
    return one


def measured(seconds: float, few: Path, million: Path) -> dict[str, Figures]:
    """All rows, by name."""
    library = f"{sys.executable} {HERE / 'echo.py'} --api {{url}}"
    rows: dict[str, Callable[[], Figures]] = {
        ECHO: lambda: crowd(50, seconds, bot=library),
        ONE: lambda: crowd(1, seconds),
        FIFTY: lambda: crowd(50, seconds),
        FIVE_HUNDRED: lambda: crowd(500, seconds),
        FIFTY_SLOW: lambda: crowd(50, seconds, latency=50),
        FIVE_HUNDRED_SLOW: lambda: crowd(500, seconds, latency=50),
        SMALL: lambda: crowd(50, seconds, folder=few),
        LARGE: lambda: crowd(50, seconds, folder=million),
    }
    rounds: dict[str, list[Figures]] = {name: [] for name in rows}
    for number in range(ROUNDS):
        for name, measure in rows.items():
            print(f"round {number + 1} of {ROUNDS}: {name:<34}", end="\r", file=sys.stderr, flush=True)  # noqa: T201 - while it lasts
            rounds[name].append(measure())
    return {name: median(figures) for name, figures in rounds.items()}


def targets(rows: dict[str, Figures]) -> tuple[Target, ...]:
    """What is to be reached on two cores, and whether it was."""
    speed = {name: figures["updates_per_second"] for name, figures in rows.items()}
    ours = [figures for name, figures in rows.items() if name != ECHO]
    times, held, growth = speed[FIFTY] / speed[ECHO], speed[FIVE_HUNDRED] / speed[FIFTY], speed[SMALL] / speed[LARGE]
    p99 = rows[FIFTY]["latency_ms"]["p99"]
    slow, slow_many = speed[FIFTY_SLOW], speed[FIVE_HUNDRED_SLOW]
    memory = max(figures["max_memory_mb"] for figures in ours)
    amiss = sum(figures["lost"] + figures["repeated"] + figures["out_of_order"] for figures in ours)
    return (
        Target(f"{times:.1f} times the echo bot at 50 people (5)", times >= 5),
        Target(f"p99 {p99:.0f} ms at 50 people (50)", p99 < 50),
        Target(f"{held:.0%} of that at 500 people (80 %)", held >= 0.8),
        Target(f"{slow:.0f}/s at 50 people and 50 ms (350)", slow >= 350),
        Target(f"{slow_many:.0f}/s at 500 people and 50 ms (900)", slow_many >= 900),
        Target(f"{memory:.0f} MB at the most (120)", memory < 120),
        Target(f"{growth:.2f} times the time per update with {MANY:,} sessions (1.2)", growth <= 1.2),
        Target(f"{amiss} lost, repeated or out of order (0)", amiss == 0),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each row is measured, each time")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as few, tempfile.TemporaryDirectory() as million:
        with_sessions(FEW, Path(few))
        with_sessions(MANY, Path(million))
        rows = measured(seconds, Path(few), Path(million))
    heads = ("upd/s", "p50 ms", "p99 ms", "CPU s/k", "calls", "MB", "lost", "repeated", "order")
    told = [
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, {ROUNDS} rounds",
        f"{'':<34}" + "".join(f"{head:>{width}}" for head, width in zip(heads, WIDTHS, strict=True)),
        *(line(name, figures) for name, figures in rows.items()),
        *map(str, targets(rows)),
    ]
    print("\n".join(told))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
