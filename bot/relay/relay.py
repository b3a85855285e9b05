"""The relay at work. See `bot/relay/__init__.py` for the picture.

Two loops. One sends: whenever a row may go and there is room, a call begins; nothing is asked of the store before or
after it. The other keeps the books: as soon as the store is free, everything that has ended since is written in one
transaction, which also claims what waits there. So sends are not limited by how often a disk can sync, and a crash
costs no more than sending again what had not been written yet.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.errors import DeliveryError, Fatal, TryLater, Unknown, Unreachable
from bot.relay.books import Books, Page
from bot.relay.judge import LONGEST_WAIT, Outcome, again, judge
from bot.relay.lanes import Lane, Lanes, Place
from bot.relay.rates import CampaignMeter, LaneMeter, Rates
from bot.waiting import until
from storage.errors import Unavailable
from storage.records import Channel, Outgoing, State

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.delivery import Sender
    from storage.store import Store
    from storage.transaction import Transaction

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
LONGEST_SEND = timedelta(seconds=60)  # a call that takes longer is cut off: its lease must not run out
WINDOW = 1000  # rows claimed and not yet sent; at the pace of campaigns they leave well within their lease
SMALL_CLAIM = 100  # claimed even when the window is full: answers must pass a campaign
FATAL_PAUSE = 60.0  # seconds between attempts while nothing is accepted
REMEMBERED = 4_000  # message numbers kept for edits, before the store is asked
LAST_WRITE = 2.0  # seconds that `stop` waits for the store
STORE_WAIT = 1.0  # seconds until an unavailable store is tried again, doubled each time
LONGEST_STORE_WAIT = 30.0
FULL_WAIT = timedelta(seconds=1)  # until the store is looked into again although it gave nothing
NO_CHANNEL_WAIT = 600.0  # seconds until a row is tried again whose channel this installation does not have
TICK = 0.001  # seconds added to every wait, so that a moment has surely come after it


@dataclass(frozen=True, slots=True)
class Found:
    """What a look into the store gave, and when there will be more."""

    rows: list[Outgoing]
    all_of_them: bool
    next_due: datetime | None


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
        self._lost = lost
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
        self._books = Books()
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._message_ids: OrderedDict[str, int] = OrderedDict()
        self._woken = asyncio.Event()  # the sending loop has to look again
        self._dirty = asyncio.Event()  # the books have to be written, or the store looked into
        self._sleeps_until = 0.0  # when the sending loop looks again by itself, in seconds since the epoch
        self._look_at = clock.now()
        self._released = False  # claims left over from before the start are void
        self.stalled = False  # the store does not take results at the moment
        self._alarmed: set[Channel] = set()  # where nothing is accepted, as the operator was told
        self._closing = False
        self._over = asyncio.Event()  # the books are to be closed
        self._finished = asyncio.Event()
        self._finished.set()
        self._progress = clock.now()

    @property
    def progress_at(self) -> datetime:
        """When a call last ended; now, if none is under way."""
        return self._progress if self._calls else self._clock.now()

    def lease(self) -> datetime:
        """Until when a row that is written now with `claimed_by=owner` is ours to send."""
        return self._clock.now() + LEASE

    def take(self, rows: Sequence[Outgoing]) -> None:
        """Send rows that were just committed. Those not claimed for this relay at birth are looked for in the store."""
        now = self._clock.now()
        for row in rows:
            if row.claimed_by != self.owner or row.claimed_until is None:
                self._look(row.due_at)
            elif self._lanes.holds(row.key):
                continue  # the store has handed it out already
            elif self._closing or self._books.in_store(row.lane):
                self._hand_back([row], now)
            else:
                self._lanes.add(row)
        self._dispatch()

    def forget(self, lanes: Iterable[str]) -> None:
        """Send nothing more of these lanes: their rows are not in the store any more.

        A call under way comes to its end, whatever that is, and is not made again.
        """
        for name in lanes:
            self._gone.update(self._lanes.forget(name))

    def wake(self) -> None:
        """Look into the store now, and at everything that waits for a moment."""
        self._look(self._clock.now())
        self._woken.set()

    async def run(self) -> None:
        """Send until `stop`. Raises `Overtaken` if another process leads, `WrongSchema`."""
        self._finished.clear()
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._send_loop())
                loops.create_task(self._book_loop())
        except ExceptionGroup as group:
            raise group.exceptions[0] from None  # the loop that failed; it took the other with it
        finally:
            self._closing = True  # whatever ended it: no call begins whose result nobody writes
            self._finished.set()

    async def stop(self, grace: float) -> None:
        """Begin no more calls, wait `grace` seconds for those under way, write what is known, give back the rest.

        A store that does not answer is waited for `LAST_WRITE` seconds, and no longer.
        """
        self._closing = True
        self._woken.set()
        try:
            async with asyncio.timeout(grace + LAST_WRITE):
                await self._end_calls(grace)
                self._over.set()
                self._dirty.set()
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
        rows, self._lanes = self._lanes.rows(), Lanes()
        self._hand_back(rows, self._clock.now())

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
            self._hand_back(self._lanes.drop(lane), now)  # the lease might run out during the call
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
            self._books.settle(replace(settled, state=State.DEAD) if settled.state is State.QUEUED else settled)
            self._dirty.set()
            return
        if settled.state is State.QUEUED:
            self._lanes.retry(lane, again(row, settled, outcome))
            return
        self._lanes.finish(lane)
        self._books.settle(settled, wanted=row.about is not None)
        self._dirty.set()
        if settled.message_id is not None:
            self._message_ids[row.key] = settled.message_id
            if len(self._message_ids) > REMEMBERED:
                self._message_ids.popitem(last=False)
        if settled.state is not State.SENT:
            log.warning("Message %s ended %s (%s)", row.key, settled.state.value, type(outcome).__name__)
        if isinstance(outcome, Unreachable) and (chat_id := _chat(row)) is not None:
            self._books.mark_unreachable(chat_id, now)

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

    # Keeping the books

    def _look(self, at: datetime) -> None:
        """Look into the store at that moment, or earlier."""
        if at < self._look_at:
            self._look_at = at
            self._dirty.set()

    def _hand_back(self, rows: Sequence[Outgoing], now: datetime) -> None:
        for row in rows:
            self._books.hand_back(row, now)
            self._look(row.due_at)
        self._dirty.set()

    async def _book_loop(self) -> None:
        wait = STORE_WAIT
        while True:
            await until(self._dirty, self._clock, self._until_look())
            self._dirty.clear()
            last = self._over.is_set()
            try:
                await self._write()
            except Unavailable as error:
                if not self.stalled:
                    log.error("Results are kept until they can be stored: %s", error)  # noqa: TRY400 - it says it all
                self.stalled = True
                await until(self._over, self._clock, wait)
                self._dirty.set()
                wait = min(2 * wait, LONGEST_STORE_WAIT)
            else:
                if self.stalled:
                    log.info("Results are stored again")
                self.stalled = False
                wait = STORE_WAIT
            if last:
                return  # what could not be written is sent again after the next start

    def _until_look(self) -> float | None:
        if self._closing:
            return None
        left = (self._look_at - self._clock.now()).total_seconds()
        return left + TICK if left > 0 else 0.0

    async def _write(self) -> None:
        """Write all results that wait, and claim what may be sent, in one transaction."""
        now = self._clock.now()
        limit = self._claim_limit(now)
        if not self._books and not limit:
            return
        page = self._books.open()
        done = {lane for lane in self._books.unsure() if lane not in self._lanes}
        if limit:
            # From here on, an earlier moment comes from whoever needs one. This one is for rows that nobody knows of:
            # their turn was committed, and never heard of it.
            self._look_at = now + LEASE
        try:
            async with self._store.transaction() as tx:
                await self._write_page(tx, page)
                found = await self._find(tx, now, limit) if limit else None
        except BaseException:
            self._books.reopen(page)
            self._look(now)
            raise
        self._released = True
        if page.lost:
            self._lost()
        if found is not None:
            self._receive(found, done, now)

    def _claim_limit(self, now: datetime) -> int:
        """How many rows to claim; 0: do not look into the store."""
        due = self._look_at <= now
        if self._closing or not (due or (self._books and self._books.follows())):
            return 0
        limit = max(WINDOW - len(self._lanes), SMALL_CLAIM if self._books.follows() else 0)
        if limit <= 0:
            self._look_at = now + FULL_WAIT  # the window is full
            return 0
        return limit

    async def _write_page(self, tx: Transaction, page: Page) -> None:
        await tx.confirm(self._store.epoch)
        if not self._released:
            await tx.release()  # whoever could have sent them is gone: a store has one relay at a time
        if page.settled:
            await tx.settle(page.settled)
        for at, chats in page.unreachable.items():
            await tx.mark_unreachable(chats, at)

    async def _find(self, tx: Transaction, now: datetime, limit: int) -> Found:
        # At the start, also what waits for its next attempt: new rows must not pass it.
        horizon = now if self._books.loaded else now + LONGEST_WAIT
        rows = await tx.claim(horizon, now + LEASE, limit, self.owner)
        return Found(rows, all_of_them=len(rows) < limit, next_due=await tx.next_due(now))

    def _receive(self, found: Found, done: set[str], now: datetime) -> None:
        """Put claimed rows into their lanes, and say when to look again."""
        for row in found.rows:
            self._books.came(row)
            self._lanes.add_first(row)
        if not found.all_of_them:
            self._look(now)
        else:
            self._books.seen_all(done - {row.lane for row in found.rows})
            if found.next_due is not None:
                # Never at once: what is due and was not given is locked by somebody for a moment.
                self._look(max(found.next_due, now + FULL_WAIT) if not found.rows else found.next_due)
            elif not self._books:
                self._books.nothing_left()
        self._dispatch()


def _chat(row: Outgoing) -> int | None:
    if row.channel is not Channel.TELEGRAM:
        return None
    params = row.payload.get("params")
    chat_id = params.get("chat_id") if isinstance(params, Mapping) else None
    return chat_id if isinstance(chat_id, int) else None
