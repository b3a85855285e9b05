"""Long polling that tells Telegram only what has been committed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from bot.errors import DeliveryError, Fatal, TryLater
from storage import Unavailable

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.envelope import Envelope
    from bot.turn import Turn
    from storage import Store

log = logging.getLogger(__name__)

POLL_SECONDS = 25
TYPING_AFTER = 1.0  # seconds of waiting after which a person sees the typing dots
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds
_LARGEST_ID = 2**63 - 1  # what both databases hold


class Updates(Protocol):
    """Where updates come from."""

    async def get_updates(
        self,
        offset: int | None,
        timeout: int,  # noqa: ASYNC109 - Telegram is the one who waits, and this its word for it
        allowed_updates: Sequence[str],
    ) -> list[dict[str, object]]: ...


class Intake:
    """Takes batches from Telegram to the turn, one after the other. `handled` sees each batch after its commit."""

    def __init__(
        self,
        store: Store,
        turn: Turn,
        clock: Clock,
        updates: Updates,
        *,
        allowed: Sequence[str],
        handled: Callable[[Sequence[Envelope]], None],
        typing: Callable[[Sequence[int]], None],
    ) -> None:
        self._store, self._turn, self._clock, self._updates, self._handled = store, turn, clock, updates, handled
        self._typing, self._allowed = typing, allowed
        self._task: asyncio.Future[list[dict[str, object]]] | None = None
        self._stopping = False
        self.progress_at = clock.now()

    async def run(self) -> None:
        """Until `stop`. A fault of network or database is waited out; the same batch is then given again."""
        async with self._store.reading() as tx:
            offset = await tx.next_offset()
        pause = _FIRST_PAUSE
        while not self._stopping:
            try:
                batch = await self._poll(offset)
                self.progress_at = self._clock.now()
                if not batch:
                    pause = _FIRST_PAUSE
                    continue
                following = _next_offset(batch, offset)
                await self._commit(batch, following)
                if following == offset:  # nothing in it has a number, so it comes again
                    await self._rest(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
                else:
                    offset, pause = following, _FIRST_PAUSE
            except DeliveryError as error:
                wait = error.after if isinstance(error, TryLater) and error.after else pause
                level = logging.ERROR if isinstance(error, Fatal) else logging.WARNING
                why = str(error) if isinstance(error, Fatal) else type(error).__name__  # our own words, or Telegram's
                log.log(level, "Telegram gives no updates (%s); asking again in %.0f s", why, wait)
                pause = min(pause * 2, _LONGEST_PAUSE)
                # An answer that says no is a sign of life. No answer is none: a black hole is for the watchdog to see.
                answered = isinstance(error, Fatal) or (isinstance(error, TryLater) and error.after is not None)
                await (self._rest(wait) if answered else self._clock.sleep(wait))

    async def _rest(self, seconds: float) -> None:
        """Wait on purpose, for however long Telegram asked: that is no stall."""
        until = self._clock.now() + timedelta(seconds=seconds)
        while not self._stopping and (left := (until - self._clock.now()).total_seconds()) > 0:
            self.progress_at = self._clock.now()
            await self._clock.sleep(min(left, _LONGEST_PAUSE))

    async def _poll(self, offset: int | None) -> list[dict[str, object]]:
        task = asyncio.ensure_future(self._updates.get_updates(offset, POLL_SECONDS, self._allowed))
        self._task = task
        try:
            await asyncio.wait({task})
        finally:
            self._task = None
            task.cancel()
        return [] if task.cancelled() else task.result()

    async def _commit(self, batch: Sequence[object], offset: int | None) -> None:
        """Give the batch until it is stored: what cannot be stored now is not confirmed to Telegram either."""
        pause = _FIRST_PAUSE
        dots = asyncio.get_running_loop().call_later(TYPING_AFTER, self._typing, _chats(batch))
        try:
            while not await self._taken(batch, offset, pause):
                pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            dots.cancel()

    async def _taken(self, batch: Sequence[object], offset: int | None, pause: float) -> bool:
        """Try once; wait after a failure. A program that stops gives up: Telegram still has the batch."""
        try:
            self._handled(await self._turn.take(batch, offset))
        except Unavailable as error:
            log.error("storage cannot take updates (%s); trying again in %.0f s", error, pause)  # noqa: TRY400 - it says it all
            if not self._stopping:
                await self._clock.sleep(pause)
            self.progress_at = self._clock.now()  # it is tried again: a full disk is no stall, the process must stay
            return self._stopping
        self.progress_at = self._clock.now()
        return True

    def stop(self) -> None:
        """Take no more; a batch that was taken is finished."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()


def _chats(batch: Sequence[object]) -> list[int]:
    """The private chats that wait for an answer to this batch."""
    chats: set[int] = set()
    for update in batch:
        match update:
            case {"message": {"chat": {"id": int(chat), "type": "private"}}}:
                chats.add(chat)
            case {"callback_query": {"message": {"chat": {"id": int(chat), "type": "private"}}}}:
                chats.add(chat)
            case _:
                pass
    return sorted(chats)


def _next_offset(batch: Sequence[object], offset: int | None) -> int | None:
    """The last id of the batch, plus one; never the highest, since ids begin anew after a quiet week."""
    for update in reversed(batch):
        number = update.get("update_id") if isinstance(update, Mapping) else None
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < _LARGEST_ID:
            return number + 1
    return offset
