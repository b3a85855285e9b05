"""Starts `pandu run` again and again: each time a fork of a process that has everything imported already.

Importing takes seconds and serving begins in a tenth of one, so this is what makes hundreds of restarts affordable.
Run as a script it reads orders, one JSON object a line, and answers each with a number:

    {"env": …, "folder": …, "output": …, …}    start one, see `Order`; its process id
    {"wait": process id}                       its exit code, negative for a signal

A fork is the real thing, but for the time to import and to read the catalogs; `anew` starts a new interpreter as an
operator does.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from functools import cache
from itertools import count
from typing import NoReturn, TypedDict

from sqlalchemy import Engine, event

from bot import catalogs
from bot.cli import main


class Order(TypedDict):
    """How to start: the settings, the working folder, the file that takes what is printed.

    With `kill_at` the process kills itself before its n-th request to the database, commits included; with `kill_from`
    the first is the one that asks for something that begins so. With `file_size` (bytes) no file of it grows beyond
    that, until the limit is lifted from outside.
    """

    env: dict[str, str]
    folder: str
    output: str
    kill_at: int | None
    kill_from: str
    file_size: int | None
    anew: bool


def serve() -> None:
    catalogs.messages = cache(catalogs.messages)
    for language in catalogs.LANGUAGES:
        catalogs.messages(language)
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            answer = os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1])
        else:
            answer = os.fork() or _become(request)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _become(order: Order) -> NoReturn:
    code = 1
    try:
        _settle_in(order)
        if order["anew"]:
            os.execve(sys.executable, [sys.executable, "-m", "bot", "run"], order["env"])  # noqa: S606 - ours
        main(["run"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        os._exit(code)


def _settle_in(order: Order) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for target, file in enumerate((nothing, output, output)):
        os.dup2(file, target)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["folder"])
    if order["file_size"] is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails instead, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_size"], resource.RLIM_INFINITY))
    if order["kill_at"] is not None:
        _arm(order["kill_at"], order["kill_from"])


def _arm(kill_at: int, kill_from: str) -> None:
    requests = count(1)
    begun = not kill_from

    def pass_one(*request: object) -> None:
        nonlocal begun
        begun = begun or f"'{kill_from}" in str(request[3:4])  # connection, cursor, statement, parameters
        if begun and next(requests) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", pass_one)
    event.listen(Engine, "commit", pass_one)


if __name__ == "__main__":
    serve()
