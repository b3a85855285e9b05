"""What goes with a letter: files that Telegram keeps, fetched when the letter is sent.

A letter does not wait for its files for ever: after some attempts it goes without them, and says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from bot.errors import DeliveryError, Refused, TryLater, Unreachable
from bot.mail.letter import Enclosed, Letter

LARGEST = 10 * 2**20  # bytes of all files of a letter together
MANY = 10  # files of a letter
PATIENT_ATTEMPTS = 3  # after so many a file that cannot be fetched is left out

Fetch: TypeAlias = Callable[[str], Awaitable[bytes]]
"""From Telegram's id of a file to its content; raises a `DeliveryError`."""

Files: TypeAlias = tuple[tuple[str, bytes], ...]
"""Name and content of each."""


def fitting(files: Iterable[Enclosed]) -> Iterator[Enclosed]:
    """Those that go with a letter, as far as their sizes are known before they are fetched."""
    room, many = LARGEST, MANY
    for file in files:
        if many and file.size <= room:
            yield file
            room, many = room - file.size, many - 1


async def enclosed(letter: Letter, fetch: Fetch | None, *, attempts: int, seconds: float) -> tuple[Letter, Files]:
    """Fetch the files of a letter, `seconds` at most; names in the letter those that cannot go with it.

    Raises `TryLater`, having done nothing, while it is worth to wait for one.
    """
    files: list[tuple[str, bytes]] = []
    left_out: list[str] = []
    room = LARGEST
    deadline = asyncio.get_running_loop().time() + seconds
    for file in letter.attachments:
        if len(files) == MANY:
            left_out.append(file.name)
            continue
        content = await _content(file, fetch, room, deadline, patient=attempts < PATIENT_ATTEMPTS)
        if content is None:
            left_out.append(file.name)
            continue
        files.append((file.name, content))
        room -= len(content)
    if left_out:
        names = "\n".join(f"• {name}" for name in left_out)
        letter = letter.saying(f"{letter.left_out}\n{names}")
    return replace(letter, attachments=()), tuple(files)


async def _content(file: Enclosed, fetch: Fetch | None, room: int, deadline: float, *, patient: bool) -> bytes | None:
    """The content of a file, None if it goes not with this letter."""
    if fetch is None or file.size > room:
        return None
    try:
        async with asyncio.timeout_at(deadline):
            content = await fetch(file.file_id)
    except (Refused, Unreachable):  # there is no such file any more, or it is larger than a bot may have
        return None
    except (DeliveryError, TimeoutError) as error:
        if not patient:
            return None
        # Without a moment to wait for, so that the attempt counts.
        said = f"A file of the letter cannot be fetched now ({type(error).__name__})"
        raise TryLater(said, after=None, reached=True) from None
    return content if len(content) <= room else None
