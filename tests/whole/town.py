"""A town whose employees complain, whose office answers, and whose program dies now and then.

Updates wait at Telegram until they are confirmed. After a death the batch that was served last comes once more as well:
Telegram hears that it was taken only with the next request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

import pytest
from sqlalchemy import make_url

from conversations.advance import Guide
from conversations.complaint import Complaint, Happening
from conversations.people import Details, Role
from conversations.service import ClosedDays
from conversations.text import Words
from storage import Overtaken, Store
from storage.records import Memory, State
from tests.clocks import FakeClock
from tests.databases import RING
from tests.shipped import SERVICE
from tests.whole.desk import Raw, pressed, said
from tests.whole.mortal import Died, Process
from tests.whole.phones import NUMBER, Bubble, People, matter

EMPLOYEES = SITI, TONO = 710_000_101, 710_000_102
OFFICERS = BUDI, RATNA = 710_000_201, 710_000_202
OFFICIAL, ADMIN, LEADER = 710_000_301, 710_000_401, 710_000_501
STAFF = (*OFFICERS, OFFICIAL)
DEWI = "dewi@example.go.id"
ADDRESSES: Mapping[int, str] = {SITI: "siti@example.go.id"}
"""Of employees who are registered: they can be written to when they have blocked the bot."""

ROLES = {BUDI: Role.OFFICER, RATNA: Role.OFFICER, OFFICIAL: Role.OFFICIAL, ADMIN: Role.ADMIN, LEADER: Role.LEADER}
NAMES = {BUDI: "Budi", RATNA: "Ratna", OFFICIAL: "Dewi", ADMIN: "Agus", LEADER: "Wati"}
_ANOTHER_LIFE = 5
_MANY = 50
_LONGEST = 2000  # moments at which the clock is stopped until everything has left


class Town:
    """`by_mail`: the official has no chat. `closed`: days that the service file closes from the next process on."""

    def __init__(self, url: str, at: datetime, *, by_mail: bool) -> None:
        self.url, self.clock = url, FakeClock(at)
        self.by_mail = by_mail
        self.people = People(self.clock)
        self.process: Process
        self.closed = False
        self.acts = self.crashes = self.overtaken = 0
        self.written: dict[int, int] = {}  # who wrote which matter
        self._waiting: list[Raw] = []
        self._served: list[Raw] = []
        self._updates = 0

    # Lives

    async def opens(self) -> None:
        """Let the first process begin, with staff appointed and one employee registered."""
        self.process = await self._another()
        at = self.clock.now()
        async with self.process.store.transaction() as tx:
            await tx.save([Memory(chat, language="id") for chat in (*EMPLOYEES, *ROLES)], at)
            for chat, role in ROLES.items():
                mail_only = self.by_mail and role is Role.OFFICIAL
                email = DEWI if role is Role.OFFICIAL else ""
                await tx.staff.appoint(role, NAMES[chat], email, None if mail_only else chat, at)
            for chat, address in ADDRESSES.items():
                await tx.employees.register(chat, Details("Siti", "Dinas Rekaan", address), at, at)

    async def _another(self) -> Process:
        process = await Process.begin(self.url, self.people, self.clock, _guide(closed=self.closed))
        with suppress(Died):
            await process.rests()
        return process

    async def falls(self, asleep: timedelta = timedelta()) -> None:
        """The process dies, and another one begins after a while."""
        self.process.fate.dead = True
        self.clock.advance(asleep)
        await self.serves()

    async def is_overtaken(self, chat: int, *texts: str) -> None:
        """Another process begins while this one works, and both are given the same; on SQLite it is refused."""
        batch = [*self._heard_again(chat), *(self._said(chat, text=text) for text in texts)]
        if make_url(self.url).drivername == "sqlite+aiosqlite":
            with pytest.raises(Overtaken):
                await Store.open(self.url, ring=RING)
            await self._happen(batch)
            return
        old, self.overtaken = self.process, self.overtaken + 1
        await old.store._database._lead.close()  # type: ignore[attr-defined] # the server takes a paused leader for gone
        self.process, *_ = await asyncio.gather(self._another(), _tries(old, batch))
        await asyncio.gather(self._happen(batch), _tries(old, batch))
        with pytest.raises((Overtaken, Died)):
            await old.turn.take(batch, _after(batch))
        await old.ends()

    # What goes on

    async def serves(self) -> None:
        """Let the program work until it waits for somebody, whatever it dies of meanwhile."""
        for _ in range(_ANOTHER_LIFE):
            try:
                while self._waiting:
                    await self.process.turn.take(self._waiting, _after(self._waiting))
                    self._served, self._waiting = self._waiting, []
                await self._rings()
                await self.process.rests()
            except Died:
                await self.process.ends()
                self.crashes += 1
                self.process = await self._another()
                self._waiting, self._served = self._served + self._waiting, []
            else:
                return
        raise AssertionError("It died again and again.")

    async def _rings(self) -> None:
        """As often as something is due, and that is not without end."""
        for _ in range(_MANY):
            due = await self.process.turn.next_ring()
            if due is None or due > self.clock.now():
                return
            await self.process.turn.ring()
        raise AssertionError("It rings and rings.")

    async def time_passes(self, until: datetime) -> None:
        """Everything rings at its time."""
        await self.serves()
        while (due := await self.process.turn.next_ring()) is not None and due <= until:
            self.clock.advance(max(timedelta(), due - self.clock.now()))
            await self.serves()
        self.clock.advance(max(timedelta(), until - self.clock.now()))
        await self.serves()

    async def everything_has_left(self) -> None:
        """Without faults, until nothing waits in the outbox."""
        self.people.troubles.clear()
        self.process.fate.point = None
        await self.serves()
        for _ in range(_LONGEST):
            async with self.process.store.reading() as tx:
                if not (await tx.count_states()).get(State.QUEUED):
                    return
            wakes_at = self.clock.wakes_at()
            assert wakes_at is not None, "something waits, and nobody will wake"
            self.clock.advance(max(timedelta(seconds=1), wakes_at - self.clock.now()))
            await self.process.rests()
        raise AssertionError("The outbox does not empty.")

    # What people do

    async def says(self, chat: int, *texts: str) -> None:
        """One after the other; Telegram delivers them together."""
        await self._happen([*self._heard_again(chat), *(self._said(chat, text=text) for text in texts)])

    async def replies(self, chat: int, number: str, text: str, *, photo: bool) -> None:
        """To a message of the bot that is about this complaint; nothing, if there is none."""
        newest_first = sorted(self.people.readers[chat].bubbles.items(), reverse=True)
        about = next((one for one in newest_first if number in NUMBER.findall(one[1].text.partition("\n")[0])), None)
        if about is None:
            return
        to = {"message_id": about[0], "date": 1, "from": {"id": 1, "is_bot": True, "first_name": "P"}}
        to["text"] = about[1].text
        content: Raw = {"text": text}
        if photo:
            file = {"file_id": f"foto{self._updates}", "file_unique_id": "x", "width": 1, "height": 1}
            content = {"photo": [file], "caption": text}
        await self._happen([*self._heard_again(chat), self._said(chat, reply_to_message=to, **content)])

    async def presses(self, chat: int, place: int) -> None:
        """One of the buttons that lately came, also one that is stale."""
        bubbles = sorted(self.people.readers[chat].bubbles.items(), reverse=True)[:6]
        shown = [(number, data) for number, bubble in bubbles for data in _harmless(bubble)]
        if shown:
            number, data = shown[place % len(shown)]
            updates = self._heard_again(chat)
            self._updates += 1
            await self._happen([*updates, pressed(self._updates, chat, number, data)])

    async def blocks(self, chat: int) -> None:
        """Block the bot, or let it write again."""
        await self._happen([self._changes(chat)])

    def _heard_again(self, chat: int) -> list[Raw]:
        """Nobody can write to a bot that they have blocked."""
        return [self._changes(chat)] if chat in self.people.blocked else []

    def _changes(self, chat: int) -> Raw:
        back = chat in self.people.blocked
        (self.people.blocked.discard if back else self.people.blocked.add)(chat)
        old, new = ({"status": status} for status in (("kicked", "member") if back else ("member", "kicked")))
        update = self._said(chat, old_chat_member=old, new_chat_member=new)
        update["my_chat_member"] = update.pop("message")
        return update

    async def follows(self, place: int, text: str) -> None:
        """The official opens one of the links that came by mail and sends the form."""
        links = self.people.readers[DEWI].links[-8:]
        if links:
            with suppress(Died):
                await self.process.turn.act_by_link(links[place % len(links)], text, self.clock.now())
            await self._happen([])

    def writes(self, chat: int) -> str:
        """A text that names a new matter."""
        number = len(self.written) + 1
        self.written[number] = chat
        return matter(number)

    async def _happen(self, updates: Sequence[Raw]) -> None:
        self.acts += 1
        self._waiting += updates
        await self.serves()

    def _said(self, chat: int, **content: object) -> Raw:
        self._updates += 1
        return said(self._updates, chat, **content)

    # What is stored

    async def complaints(self) -> tuple[Complaint, ...]:
        """All of them, by number."""
        async with self.process.store.reading() as tx:
            found = [each.complaint async for each in tx.complaints.export()]
        return tuple(sorted(found, key=lambda one: one.number))

    async def outage(self) -> str:
        async with self.process.store.reading() as tx:
            return await tx.outage()

    async def history(self, number: str) -> tuple[Happening, ...]:
        async with self.process.store.reading() as tx:
            return await tx.complaints.history(number)

    async def unseen(self) -> int:
        """Updates that the inbox knows nothing of."""
        keys = [f"telegram:{number}" for number in range(1, self._updates + 1)]
        async with self.process.store.reading() as tx:
            return len(keys) - len(await tx.seen(keys))


async def _tries(process: Process, batch: Sequence[Raw]) -> None:
    """Take a batch, unless another process leads."""
    with suppress(Overtaken, Died):
        await process.turn.take(batch, _after(batch))


def _after(batch: Sequence[Raw]) -> int:
    last = batch[-1]["update_id"]
    assert isinstance(last, int)
    return last + 1


def _harmless(bubble: Bubble) -> list[str]:
    """What leads neither to another language nor out of the house, and says nothing that was said before."""
    return [
        data for data in bubble.buttons if data.startswith(("/aduan", "/tiket", "/antrean")) or data.endswith("stop")
    ]


@cache
def _guide(*, closed: bool) -> Guide:
    """The guide; `closed`: the office is shut for a week that the calendar knows nothing of."""
    standard = SERVICE
    days = ClosedDays(first=CLOSED, last=CLOSED + timedelta(days=6), reason=Words("banjir", "flood"))
    return Guide(standard.model_copy(update={"closed_days": (days,)}) if closed else standard)


CLOSED = datetime(2026, 12, 7).date()  # noqa: DTZ001 - a day of the city
