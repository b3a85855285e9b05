"""The real program as a process: started, killed, stopped and started again, and what it printed.

    async with Program(launcher, sandbox, url, tmp_path) as program:
        await program.serve()
        program.kill()
        await program.ended()
        await program.serve()

Whatever a test does to it, its output must hold no token, no word of a chat and no number of a person: that is looked
at whenever a program is put away.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from sqlalchemy import make_url

from tests.databases import SECRET_KEY

TOKEN = "4242424242:AAcanary-of-the-tests_0123456789abc"
PATIENCE = 30.0
"""Seconds in which anything must happen, on a machine that is busy with other things."""

PERSONS = range(710_000_000, 730_000_000)  # the numbers that the sandbox gives to people
SERVING = "serving @"
SECRETS = ("canary", "/bot4242424242", "PERBARUI", "Perbarui", "Langkah", "rahasia-saya")


class Launcher:
    """The process that forks programs; see `forked.py`."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        self._orders, self._answers = orders, answers

    def ask(self, **order: object) -> int:
        self._orders.write(f"{json.dumps(order)}\n")
        self._orders.flush()
        return int(self._answers.readline())


@contextmanager
def launcher() -> Iterator[Launcher]:
    """Have one wait for orders; it ends when no more can come."""
    command = [sys.executable, "-m", "tests.whole.forked"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdin is not None
        assert process.stdout is not None
        yield Launcher(process.stdin, process.stdout)


class Program:
    """One installation of Pandu: a database, a folder, and a process as long as it lives.

    `api` is the Telegram that it serves; without one it brings its own sandbox along.
    """

    def __init__(self, launcher: Launcher, api: str | None, database: str, folder: Path) -> None:
        address = make_url(database)
        if not address.host and address.drivername == "postgresql+asyncpg":
            address = address.set(host="localhost")  # beside a socket it is not used
        self.env = {
            "PANDU_DATABASE_URL": address.render_as_string(hide_password=False),
            "PANDU_SECRET_KEY": SECRET_KEY,  # tests look into the database themselves
        }
        if api is None:
            self.env["PANDU_SANDBOX_PORT"] = "0"
        else:
            self.env |= {"PANDU_TELEGRAM_API": api, "PANDU_TELEGRAM_TOKEN": TOKEN}
        self.folder = folder
        self.pid: int | None = None
        self._launcher = launcher
        self._output = folder / "output.txt"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.pid is not None:
            self.kill()
            await self.ended()
        if kind is None:
            assert leaks(self.output) == []

    def start(
        self, *, kill_at: int | None = None, kill_from: str = "", file_size: int | None = None, anew: bool = False
    ) -> None:
        """Start it and wait for nothing; see `forked.py`."""
        paths = {"folder": str(self.folder), "output": str(self._output)}
        death = {"kill_at": kill_at, "kill_from": kill_from}
        self.pid = self._launcher.ask(env=self.env, **paths, **death, file_size=file_size, anew=anew)

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        if self.pid is not None:
            os.kill(self.pid, sign)

    async def ended(self, within: float = PATIENCE) -> int:
        """Wait for the process to end; answers its exit code, negative for a signal."""
        assert self.pid is not None
        pid, self.pid = self.pid, None
        descriptor = os.pidfd_open(pid)
        over = asyncio.Event()
        asyncio.get_running_loop().add_reader(descriptor, over.set)
        try:
            await asyncio.wait_for(over.wait(), within)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise
        finally:
            asyncio.get_running_loop().remove_reader(descriptor)
            os.close(descriptor)
        return self._launcher.ask(wait=pid)

    async def serve(self, *, anew: bool = False) -> float:
        """Start it, and wait until Telegram has said who it is; answers how many seconds that took."""
        lives = self.output.count(SERVING)
        self.start(anew=anew)
        return await eventually(lambda: self.output.count(SERVING) > lives, lambda: f"it to serve:\n{self.output}")

    async def says(self, part: str, times: int = 1) -> None:
        """Wait until it has printed that, so many times."""
        await eventually(lambda: self.output.count(part) >= times, lambda: f"{part!r} in:\n{self.output}")

    async def stop(self) -> float:
        """Stop it in order, as a supervisor does; answers how many seconds that took."""
        began = time.monotonic()
        self.kill(signal.SIGTERM)
        assert await self.ended() == 0, self.output
        return time.monotonic() - began

    def page(self) -> str:
        """The address of its own sandbox, as it tells people."""
        found = re.findall(r"Open (http://\S+) ", self.output)
        assert found, self.output
        return str(found[-1])

    @property
    def output(self) -> str:
        """All that it has printed so far, in all its lives."""
        return self._output.read_text(encoding="utf-8") if self._output.exists() else ""


def leaks(output: str) -> list[str]:
    """What a log must not hold: the token, words of a chat, numbers of people."""
    numbers = {word for word in _numbers(output) if int(word) in PERSONS}
    return sorted({secret for secret in SECRETS if secret in output} | numbers)


def _numbers(text: str) -> Iterator[str]:
    for word in "".join(sign if sign.isdigit() else " " for sign in text).split():
        if len(word) == len(str(PERSONS.start)):
            yield word


async def eventually(
    condition: Callable[[], bool | Awaitable[bool]], what: Callable[[], str], within: float = PATIENCE
) -> float:
    """Wait until something is so; answers how many seconds that took."""
    began = time.monotonic()
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return time.monotonic() - began
        if time.monotonic() - began > within:
            raise AssertionError(f"Waited {within:g} s in vain for {what()}")
        await asyncio.sleep(0.01)
