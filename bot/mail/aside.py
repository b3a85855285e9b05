"""Something that blocks, beside the loop: in a thread of its own, for which nobody ever waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def aside(do: Callable[[], T]) -> T:
    """Do it and answer what it answers, or raise what it raises.

    The threads of an executor are waited for when the program ends, so one that hangs would hold up the end. This one
    is let be when whoever waits for it is cancelled, and it ends with the process at the latest.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():  # nobody waits for it any more
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # without an error there is a result

    def work() -> None:
        result, error = None, None
        try:
            result = do()
        except BaseException as raised:  # noqa: BLE001 - it is raised where it is awaited
            error = raised
        with suppress(RuntimeError):  # the loop is closed: the program has ended
            loop.call_soon_threadsafe(settle, result, error)

    Thread(target=work, name="aside", daemon=True).start()
    return await future
