"""The import rule of the house, and the purity of its core."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "conversations").rglob("*.py"))

DOORS = frozenset(
    {
        "asyncio", "concurrent", "ctypes", "http", "importlib", "io", "logging", "multiprocessing", "os", "pathlib",
        "random", "secrets", "select", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile",
        "threading", "time", "urllib.request", "uuid",
    }
)  # fmt: skip
"""Modules through which a core would reach the clock, chance, files, the network or other threads."""

CALLS = frozenset({"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint"})
CLOCKS = frozenset({"now", "utcnow", "today", "fromtimestamp"})


def test_the_arrows_between_the_folders() -> None:
    # In a process of its own: the command switches off the loggers of whoever calls it.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_reaches_for_nothing(path: Path) -> None:
    assert list(reached(path.read_text(encoding="utf-8"))) == []


def test_the_catalogs_are_data() -> None:
    assert list((ROOT / "locales").rglob("*.py")) == []


@pytest.mark.parametrize(("source", "what"), [
    ("import time", "imports time"),
    ("import os.path", "imports os.path"),
    ("from random import choice", "imports random"),
    ("import urllib.request", "imports urllib.request"),
    ("from urllib.request import urlopen", "imports urllib.request"),
    ("from urllib import request", "imports urllib.request"),
    ("open('x')", "calls open"),
    ("from datetime import datetime, UTC\ndatetime.now(UTC)", "reads the clock with datetime.now"),
    ("import datetime as dt\ndt.date.today()", "reads the clock with date.today"),
    ("from datetime import date\nwhen = date.today", "reads the clock with date.today"),
    ("async def wait() -> None: ...", "waits in wait"),
])  # fmt: skip
def test_whoever_reaches_for_something_is_found(source: str, what: str) -> None:
    assert list(reached(source)) == [what]


@pytest.mark.parametrize("source", [
    "from datetime import time\ntime(8)", "from urllib.parse import urlsplit", "calendar.today(at)", "page.open()",
])  # fmt: skip
def test_what_reaches_for_nothing_is_let_be(source: str) -> None:
    assert list(reached(source)) == []


def reached(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (f"imports {alias.name}" for alias in names if is_door(alias.name))
            case ast.ImportFrom(module=str(module), names=names):
                if is_door(module):
                    yield f"imports {module}"
                yield from (f"imports {module}.{a.name}" for a in names if f"{module}.{a.name}" in DOORS)
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield f"calls {name}"
            case ast.Attribute(value=ast.Name(id="datetime" | "date" as kind), attr=attr) if attr in CLOCKS:
                yield f"reads the clock with {kind}.{attr}"
            case ast.Attribute(value=ast.Attribute(attr="datetime" | "date" as kind), attr=attr) if attr in CLOCKS:
                yield f"reads the clock with {kind}.{attr}"
            case ast.AsyncFunctionDef(name=name):
                yield f"waits in {name}"


def is_door(module: str) -> bool:
    return module in DOORS or module.partition(".")[0] in DOORS
