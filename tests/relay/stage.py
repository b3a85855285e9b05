"""A relay on a real store and a real sender, a server to send to, and a clock that the test moves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bot.delivery import Pause, Sender
from bot.relay import Rates, Relay
from bot.telegram.sender import TelegramSender, Timeouts
from storage import Store
from storage.records import Channel, Kind, Outgoing, Priority, State
from tests.clocks import FakeClock
from tests.databases import RING, fresh_url
from tests.telegram_server import ApiServer, Call

UNLIMITED = Rates(lane_per_second=0, campaign_per_second=0)


class Stage:
    """What a test plays with. `heard` is every sendMessage: moment, chat, text."""

    def __init__(
        self, store: Store, server: ApiServer, clock: FakeClock, rates: Rates, concurrency: int, patience: float
    ) -> None:
        self.store = store
        self.server = server
        self.clock = clock
        self.rates = rates
        self.concurrency = concurrency
        self.patience = patience
        self.heard: list[tuple[datetime, int, str]] = []
        self.answers: list[Callable[[Call], None]] = []
        self.losses = 0  # how often the relay said that something did not arrive
        self.others: dict[Channel, Sender] = {}
        self.sender = self._sender()
        self.relay = self._relay()
        self._running: asyncio.Task[None] | None = None
        self._message_id = 0

    def _sender(self) -> TelegramSender:
        timeouts = Timeouts(connect=1.0, read=self.patience)
        return TelegramSender("1:t", pause=Pause(self.clock), api=self.server.url, timeouts=timeouts)

    def _relay(self) -> Relay:
        jitter = random.Random(7).random  # noqa: S311 - repeatable on purpose
        senders: dict[Channel, Sender] = {Channel.TELEGRAM: self.sender, **self.others}
        return Relay(
            self.store, senders, self.clock, rates=self.rates, jitter=jitter, concurrency=self.concurrency,
            lost=self._note_loss,
        )  # fmt: skip

    def _note_loss(self) -> None:
        self.losses += 1

    def answer(self, call: Call) -> None:
        """Note the call; the next scripted answer, or success."""
        params = call.params
        self.heard.append((self.clock.now(), int(str(params.get("chat_id"))), str(params.get("text"))))
        if self.answers:
            self.answers.pop(0)(call)
        else:
            self.succeed(call)

    def succeed(self, call: Call) -> None:
        self._message_id += 1
        call.ok({"message_id": self._message_id})

    def row(
        self,
        chat: int,
        text: str,
        *,
        kind: Kind = Kind.ANSWER,
        priority: Priority = Priority.ANSWER,
        method: str = "sendMessage",
        edits: str | None = None,
        born_claimed: bool = True,
    ) -> Outgoing:
        """A row whose key is its text."""
        claim = self.relay.claim()
        return Outgoing(
            text,
            f"telegram:{chat}",
            {"method": method, "params": {"chat_id": chat, "text": text}, "public": chat < 0},
            self.clock.now(),
            kind=kind,
            priority=priority,
            edits=edits,
            claimed_until=claim.until if born_claimed else None,
            claimed_by=claim.by if born_claimed else None,
        )

    async def put(self, *rows: Outgoing) -> None:
        """Write rows and hand them over, as a turn does."""
        await self.store_only(rows)
        self.relay.take(rows)

    async def store_only(self, rows: Iterable[Outgoing]) -> None:
        async with self.store.transaction() as tx:
            await tx.enqueue(list(rows))

    async def start(self) -> None:
        await self.sender.start()
        self._running = asyncio.create_task(self.relay.run())
        await self.quiet()

    async def stop(self, grace: float = 1.0) -> None:
        if self._running is not None:
            await self.relay.stop(grace)
            await self._running
            self._running = None
        await self.sender.stop()

    async def crash(self) -> None:
        """End as a killed process does: nothing more is written."""
        assert self._running is not None
        await killed(self.relay, self._running)
        await self.sender.stop()
        self._running = None

    def renew(self) -> None:
        """A new process on the same store, not started yet."""
        self.sender = self._sender()
        self.relay = self._relay()

    async def restart(self) -> None:
        self.renew()
        await self.start()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Until that is so, whatever else goes on."""
        while not happened():  # noqa: ASYNC110 - network and disk go on meanwhile; no one event stands for all
            await asyncio.sleep(0.002)

    async def quiet(self) -> None:
        """Until nothing goes on that would not wait for the clock."""
        still = 0
        while still < 3:
            await asyncio.wait({asyncio.ensure_future(asyncio.sleep(0.002)), *self.relay._calls.values()})
            still = 0 if self._at_work() else still + 1

    def busy(self) -> bool:
        """Whether a call is under way, or something is not written yet."""
        return bool(self.relay._calls or self.relay._bookkeeper._books) or self.writing()

    def writing(self) -> bool:
        """Whether a transaction that writes is under way."""
        turn = self.store._database.turn
        return isinstance(turn, asyncio.Lock) and turn.locked()

    def _at_work(self) -> bool:
        if self.relay._bookkeeper.stalled:
            return bool(self.relay._calls) or self.writing()
        due = self.relay._bookkeeper._look_at <= self.clock.now()
        return self.busy() or due or self.relay._bookkeeper._dirty.is_set() or self.relay._woken.is_set()

    async def pass_time(self, seconds: float) -> None:
        """Move the clock, stopping at each moment at which somebody wakes."""
        end = self.clock.now() + timedelta(seconds=seconds)
        await self.quiet()
        while (moment := self.clock.wakes_at()) is not None and moment <= end:
            self.clock.advance(moment - self.clock.now())
            await self.quiet()
        self.clock.advance(end - self.clock.now())
        await self.quiet()

    async def states(self) -> dict[State, int]:
        async with self.store.reading() as tx:
            return {state: number for state, number in (await tx.count_states()).items() if number}

    def texts(self, chat: int | None = None) -> list[str]:
        return [text for _, its, text in self.heard if chat in {None, its}]


async def killed(relay: Relay, running: asyncio.Task[None]) -> None:
    """End a relay as a kill ends it: no call goes on, and nothing more is written."""
    calls = list(relay._calls.values())
    relay._lanes.clear()
    relay._close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


@asynccontextmanager
async def staged(
    tmp_path: Path, *, rates: Rates = UNLIMITED, concurrency: int = 256, patience: float = 10.0
) -> AsyncIterator[Stage]:
    """A stage on a fresh SQLite, its relay running; `patience` is how many real seconds it waits for an answer."""
    stage: Stage

    def answer(call: Call) -> None:
        stage.answer(call)

    async with fresh_url("sqlite", tmp_path) as url, ApiServer(answer) as server:
        store = await Store.open(url, ring=RING)
        stage = Stage(store, server, FakeClock(), rates=rates, concurrency=concurrency, patience=patience)
        try:
            await stage.start()
            yield stage
        finally:
            await stage.stop()
            await store.close()


def refusing(code: int, description: str, **parameters: object) -> Callable[[Call], None]:
    return lambda call: call.refuse(code, description, parameters or None)


def silent(call: Call) -> None:
    """Never answer."""
