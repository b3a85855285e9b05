"""The relay at work. See `bot/relay/__init__.py` for the picture.

Two loops. One sends: whenever a row may go and there is room, a call begins; nothing is asked of the store before or
after it. The other is that of the bookkeeper, who tells the store what has ended since and claims what waits there. So
sends are not limited by how often a disk can sync, and a crash costs no more than sending again what had not been
written yet.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.errors import DeliveryError, Fatal, TryLater, Unknown, Unreachable
from bot.outlet import Claim
from bot.relay.bookkeeper import LEASE, TICK, Bookkeeper
from bot.relay.judge import Outcome, again, judge
from bot.relay.lanes import Lane, Lanes, Place
from bot.relay.rates import CampaignMeter, LaneMeter, Rates
from bot.waiting import until
from storage.errors import Unavailable
from storage.records import Channel, Outgoing, State

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from bot.clock import Clock
    from bot.delivery import Sender
    from storage.store import Store
    from storage.transaction import Transaction

log = logging.getLogger(__name__)

LONGEST_SEND = timedelta(seconds=60)  # a call that takes longer is cut off: its lease must not run out
FATAL_PAUSE = 60.0  # seconds between attempts while nothing is accepted
REMEMBERED = 4_000  # message numbers kept for edits, before the store is asked
LAST_WRITE = 2.0  # seconds that `stop` waits for the store
NO_CHANNEL_WAIT = 600.0  # seconds until a row is tried again whose channel this installation does not have


class Relay:
    """Sends what is in the outbox, each row by the sender of its channel; what one of them puts off holds no other.

    `jitter` gives numbers in [0, 1); `concurrency` bounds the calls at a time. `lost` is called when it is stored that
    messages did not arrive of which somebody wants to know.
    """

    def __init__(
        self,
        store: Store,
        senders: Mapping[Channel, Sender],
        clock: Clock,
        *,
        rates: Rates,
        jitter: Callable[[], float],
        concurrency: int = 256,
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        self.owner = uuid4().hex
        self._store = store
        self._senders = senders
        self._clock = clock
        self._jitter = jitter
        self._concurrency = concurrency
        self._lane_meter = LaneMeter(rates)
        self._campaign_meter = CampaignMeter(rates)
        self._lanes = Lanes()
        self._gone: set[str] = set()  # keys of rows that were forgotten during their call
        self._bookkeeper = Bookkeeper(self.owner, store, clock, self._lanes, filled=self._dispatch, lost=lost)
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._message_ids: OrderedDict[str, int] = OrderedDict()
        self._woken = asyncio.Event()  # the sending loop has to look again
        self._sleeps_until = 0.0  # when the sending loop looks again by itself, in seconds since the epoch
        self._alarmed: set[Channel] = set()  # where nothing is accepted, as the operator was told
        self._closing = False
        self._finished = asyncio.Event()
        self._finished.set()
        self._progress = clock.now()

    @property
    def progress_at(self) -> datetime:
        """When a call last ended; now, if none is under way."""
        return self._progress if self._calls else self._clock.now()

    def claim(self) -> Claim:
        """The claim of a row that is written now and ours to send."""
        return Claim(self.owner, self._clock.now() + LEASE)

    def take(self, rows: Sequence[Outgoing]) -> None:
        """Send rows that were just committed. Those not claimed for this relay at birth are looked for in the store."""
        now = self._clock.now()
        for row in rows:
            if row.claimed_by != self.owner or row.claimed_until is None:
                self._bookkeeper.look(row.due_at)
            elif self._lanes.holds(row.key):
                continue  # the store has handed it out already
            elif self._closing or self._bookkeeper.in_store(row.lane):
                self._bookkeeper.hand_back([row], now)
            else:
                self._lanes.add(row)
        self._dispatch()

    def forget(self, lanes: Iterable[str]) -> None:
        """Send nothing more of these lanes: their rows are not in the store any more.

        A call under way comes to its end, whatever that is, and is not made again.
        """
        for name in lanes:
            self._gone.update(self._lanes.forget(name))

    def results(self) -> AbstractContextManager[Callable[[Transaction], Awaitable[None]]]:
        """Let results go along with a transaction of somebody else: see `Bookkeeper.results`."""
        return self._bookkeeper.results()

    def look(self) -> None:
        """Look into the store now, and at everything that waits for a moment."""
        self._bookkeeper.look(self._clock.now())
        self._woken.set()

    async def run(self) -> None:
        """Send until `stop`. Raises `Overtaken` if another process leads, `WrongSchema`."""
        self._finished.clear()
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._send_loop())
                loops.create_task(self._bookkeeper.run())
        except ExceptionGroup as group:
            raise group.exceptions[0] from None  # the loop that failed; it took the other with it
        finally:
            self._close()  # whatever ended it: no call begins whose result nobody writes
            self._finished.set()

    async def stop(self, grace: float) -> None:
        """Begin no more calls, wait `grace` seconds for those under way, write what is known, give back the rest.

        A store that does not answer is waited for `LAST_WRITE` seconds, and no longer.
        """
        self._close()
        self._woken.set()
        try:
            async with asyncio.timeout(grace + LAST_WRITE):
                await self._end_calls(grace)
                self._bookkeeper.close()
                await self._finished.wait()
        except TimeoutError:
            log.error("The store does not answer: the last results are not written")  # noqa: TRY400 - it says it all

    async def _end_calls(self, grace: float) -> None:
        calls = list(self._calls.values())
        if calls:
            await asyncio.wait(calls, timeout=grace)
        for call in calls:
            call.cancel()
        if calls:
            await asyncio.wait(calls)  # unlike `gather` it can be given up while a call hangs in the store
        self._bookkeeper.hand_back(self._lanes.clear(), self._clock.now())

    def _close(self) -> None:
        self._closing = True
        self._bookkeeper.look_no_more()

    # Sending

    async def _send_loop(self) -> None:
        while not self._closing:
            self._woken.clear()
            self._dispatch()
            self._sleeps_until = moment = self._next_moment()
            left = moment - self._clock.now().timestamp()
            await until(self._woken, self._clock, None if left == inf else left + TICK)

    def _dispatch(self) -> None:
        """Begin every call that may begin now."""
        if self._closing or self._lanes.idle():
            return
        now = self._clock.now()
        self._lanes.rouse(now.timestamp())
        while self._has_room() and (lane := self._next_lane(now)) is not None:
            self._begin(lane, now)
        if self._next_moment() < self._sleeps_until:
            self._woken.set()

    def _has_room(self) -> bool:
        # While nothing is accepted, one message at a time asks whether that has changed.
        return len(self._calls) < (1 if self._alarmed else self._concurrency)

    def _next_lane(self, now: datetime) -> Lane | None:
        if (lane := self._lanes.next(Place.URGENT)) is not None:
            return lane
        if self._campaign_meter.wait(now.timestamp()) > 0:
            return None
        return self._lanes.next(Place.PACED)

    def _next_moment(self) -> float:
        """When something may begin that may not begin now, in seconds since the epoch."""
        now = self._clock.now().timestamp()
        moment = self._lanes.next_rise()
        if self._has_room() and self._lanes.waiting(Place.PACED):
            moment = min(moment, now + self._campaign_meter.wait(now))
        return moment

    def _begin(self, lane: Lane, now: datetime) -> None:
        """Begin the call of a lane's first row, or see why it has to wait."""
        row, seconds = lane.rows[0], now.timestamp()
        if row.claimed_until is None or max(now, row.due_at) + LONGEST_SEND > row.claimed_until:
            self._bookkeeper.hand_back(self._lanes.drop(lane), now)  # the lease might run out during the call
        elif row.due_at > now:
            self._lanes.rest(lane, row.due_at.timestamp())
        elif (wait := self._wait(lane, row, seconds)) > 0:
            self._lanes.rest(lane, seconds + wait)
        else:
            lane.place = Place.BUSY
            if row.channel is Channel.TELEGRAM:
                self._lane_meter.count(lane.name, seconds)
                self._campaign_meter.count(seconds)
            self._progress = self._progress if self._calls else now
            self._calls[row.key] = asyncio.create_task(self._call(lane, row))

    def _wait(self, lane: Lane, row: Outgoing, now: float) -> float:
        """Seconds until the channel may be called, and the chat written to; a mail thread has no pace of its own."""
        sender = self._senders.get(row.channel)
        pause = 0.0 if sender is None else sender.pause.left()
        return max(pause, self._lane_meter.wait(lane.name, now) if row.channel is Channel.TELEGRAM else 0.0)

    async def _call(self, lane: Lane, row: Outgoing) -> None:
        outcome = await self._outcome(row)
        del self._calls[row.key]
        self._settle(lane, row, outcome)
        self._dispatch()

    async def _outcome(self, row: Outgoing) -> Outcome:
        sender = self._senders.get(row.channel)
        if sender is None:
            return TryLater("This installation does not have the channel", after=NO_CHANNEL_WAIT, reached=False)
        # `asyncio.timeout` does the same at thrice the price, and every message pays it.
        cut = asyncio.get_running_loop().call_later(LONGEST_SEND.total_seconds(), self._calls[row.key].cancel)
        try:
            return await sender.send(row, await self._edited(row))
        except DeliveryError as error:
            return error
        except Unavailable:
            return TryLater("The store does not answer", after=None, reached=False)
        except asyncio.CancelledError:  # it took too long, or `stop` needs to know what became of the row
            return Unknown("Cut off while the request was under way")
        except Exception as error:  # noqa: BLE001 - the last resort: a mistake of ours must not stop the others
            log.error("Message %s met %s", row.key, type(error).__name__)  # noqa: TRY400 - a trace may quote people
            return Unknown(type(error).__name__)
        finally:
            cut.cancel()

    async def _edited(self, row: Outgoing) -> int | None:
        """Find the number of the message that a row edits, if the row does not carry it."""
        if row.edits is None:
            return None
        known = self._message_ids.get(row.edits)
        if known is None:
            async with self._store.reading() as tx:
                known = (await tx.message_ids([row.edits])).get(row.edits)
        return known

    def _settle(self, lane: Lane, row: Outgoing, outcome: Outcome) -> None:
        """Record what became of a row, or let it wait for its next attempt."""
        now = self._progress = self._clock.now()
        self._watch(row.channel, outcome)
        settled = judge(row, outcome, now, self._jitter())
        if row.key in self._gone:
            self._gone.discard(row.key)
            self._lanes.finish(lane)
            ended = replace(settled, state=State.DEAD) if settled.state is State.QUEUED else settled
            self._bookkeeper.settle(ended, wanted=False)
            return
        if settled.state is State.QUEUED:
            self._lanes.retry(lane, again(row, settled, outcome))
            return
        self._lanes.finish(lane)
        self._bookkeeper.settle(settled, wanted=row.about is not None)
        if settled.message_id is not None:
            self._message_ids[row.key] = settled.message_id
            if len(self._message_ids) > REMEMBERED:
                self._message_ids.popitem(last=False)
        if settled.state is not State.SENT:
            log.warning("Message %s ended %s (%s)", row.key, settled.state.value, type(outcome).__name__)
        if isinstance(outcome, Unreachable) and (chat_id := _chat(row)) is not None:
            self._bookkeeper.mark_unreachable(chat_id, now)

    def _watch(self, channel: Channel, outcome: Outcome) -> None:
        """Tell the operator once when nothing is accepted any more, and once when it is again."""
        match outcome:
            case Fatal():
                self._senders[channel].pause.extend(FATAL_PAUSE)
                if channel not in self._alarmed:
                    log.error("Nothing is sent, everything stays queued: %s", outcome)
                self._alarmed.add(channel)
            case TryLater(reached=False) | Unknown():
                pass  # says nothing about what the channel would accept
            case _:
                if channel in self._alarmed:
                    log.info("Messages are accepted again")
                self._alarmed.discard(channel)


def _chat(row: Outgoing) -> int | None:
    if row.channel is not Channel.TELEGRAM:
        return None
    params = row.payload.get("params")
    chat_id = params.get("chat_id") if isinstance(params, Mapping) else None
    return chat_id if isinstance(chat_id, int) else None
