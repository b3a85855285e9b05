"""Commands about complaints done straight, without a conversation around them; and the clock that rings them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.bell import Bell
from bot.burial import Burial
from bot.commands import Commands, Office
from bot.commands.complaints import handling
from bot.envelope import Envelope
from bot.scene import Outcome, Scene
from bot.web.links import Outcome as LinkOutcome
from conversations.complaint import Act, Attachment, Complaint, Happening
from conversations.effects import Command, FileComplaint, FindComplaint, FindComplaints, HandleComplaint
from conversations.events import Answered, ComplaintFiled, ComplaintFound, ComplaintHandled, ComplaintsFound, Said
from conversations.people import Details, Role
from storage import Store
from storage.records import Channel, Memory, Outgoing, Settled, State
from tests.chat import WIB, CountedTokens
from tests.clocks import FakeClock
from tests.databases import RING, Kind, fresh_url
from tests.outlet import Tray
from tests.shipped import CATALOGS, GUIDE

SITI, BUDI, RATNA, AGUS, DEWI = range(710_000_101, 710_000_106)


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of November 2026 in the city; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=WIB).astimezone(UTC)


@asynccontextmanager
async def counter_on(kind: Kind, folder: Path, now: datetime) -> AsyncIterator[Counter]:
    """A counter on a new database, at that moment, with nobody there yet."""
    async with fresh_url(kind, folder) as url, await Store.open(url, ring=RING) as store:
        yield Counter(store, FakeClock(now))


class Counter:
    """What people and the clock do to complaints, and what was handed over because of it."""

    def __init__(self, store: Store, clock: FakeClock, *, public_url: str = "https://pandu.example.go.id") -> None:
        self.store, self.clock = store, clock
        self.book, self._catalogs = GUIDE.book, CATALOGS
        self.office = Office(sends_mail=True, username="pandu_bot", public_url=public_url, tokens=CountedTokens())
        self.commands = Commands(self.office)
        self.handed: list[Outgoing] = []
        self._tray = Tray(clock, self.handed.extend)
        burial = Burial(store, self._catalogs, self._tray)
        self.bell = Bell(store, self.book, self._catalogs, self.office, burial, self._tray)
        self._count = 0

    async def appoint(self, chat: int | None, role: Role, name: str, email: str = "") -> int:
        async with self.store.transaction() as tx:
            if chat is not None:
                await tx.save([Memory(chat, language="id")], self.clock.now())
            return await tx.staff.appoint(role, name, email, chat, self.clock.now())

    async def do(self, chat: int, command: Command) -> Answered:
        """One command of one chat, in a transaction of its own."""
        self._count += 1
        now = self.clock.now()
        async with self.store.transaction() as tx:
            memory = (await tx.memories([chat])).get(chat) or Memory(chat, language="id")
            outcome = Outcome({chat: memory}, self._tray.claim(), outage=await tx.outage())
            envelope = Envelope(f"telegram:{self._count}", chat, Said(now, "…"))
            scene = Scene(envelope, memory, self._catalogs, outcome)
            answer = await self.commands.carry_out(tx, scene, command, self.book, now)
            await tx.save([scene.memory], now)
            await tx.enqueue(outcome.rows)
        self.handed += outcome.rows
        return answer

    async def found(self, chat: int, number: str) -> ComplaintFound:
        """What a chat sees of a complaint."""
        answer = await self.do(chat, FindComplaint(number))
        assert isinstance(answer, ComplaintFound)
        return answer

    async def queue(self, chat: int) -> list[str]:
        """The numbers in the queue of a chat."""
        answer = await self.do(chat, FindComplaints("queue"))
        assert isinstance(answer, ComplaintsFound)
        return [complaint.number for complaint in answer.complaints]

    async def file(self, chat: int = SITI, *, confidential: bool = False, files: int = 0) -> Complaint:
        attachments = tuple(Attachment("photo", f"file{n}") for n in range(files))
        command = FileComplaint("help", "Tombol tidak dapat ditekan sama sekali", confidential, attachments)
        answer = await self.do(chat, command)
        assert isinstance(answer, ComplaintFiled)
        return answer.complaint

    async def handle(self, chat: int, number: str, act: Act, text: str = "", **more: Any) -> ComplaintHandled:
        answer = await self.do(chat, HandleComplaint(number, act, text, **more))
        assert isinstance(answer, ComplaintHandled)
        return answer

    async def follow(self, token: str, text: str = "") -> LinkOutcome:
        """Use the one-time link of a mail."""
        self._count += 1
        async with self.bell.matter(f"link:{self._count}", self.clock.now(), "web") as matter:
            return await handling.handle_by_link(matter, token, text)

    async def ring(self, moment: datetime) -> None:
        """Go there at once, as after a standstill, and ring what is due."""
        self.clock.advance(moment - self.clock.now())
        await self.bell.ring(moment)

    async def goes_on_until(self, moment: datetime) -> None:
        """Go there step by step, ringing everything at its time."""
        while (due := await self.next_ring()) is not None and due <= moment:
            await self.ring(max(due, self.clock.now()))
        self.clock.advance(moment - self.clock.now())

    async def next_ring(self) -> datetime | None:
        async with self.store.reading() as tx:
            return await self.bell.next_at(tx, self.clock.now())

    async def loses(self, rows: Sequence[Outgoing], state: State = State.DEAD, *, blocked: int | None = None) -> None:
        """What the relay stores when these did not arrive, `blocked` if because that chat wants nothing any more."""
        now = self.clock.now()
        async with self.store.transaction() as tx:
            await tx.settle([Settled(row.key, state, now, 1, "it did not go") for row in rows])
            if blocked is not None:
                await tx.mark_unreachable([blocked], now)

    async def register(self, chat: int, address: str) -> None:
        """Tie an employee who proved the address to the chat."""
        now = self.clock.now()
        async with self.store.transaction() as tx:
            await tx.save([Memory(chat, language="id")], now)
            await tx.employees.register(chat, Details("Siti", "Dinas Rekaan", address), now, now)

    async def history(self, number: str) -> tuple[Happening, ...]:
        async with self.store.reading() as tx:
            return await tx.complaints.history(number)

    async def now(self, number: str) -> Complaint:
        async with self.store.reading() as tx:
            found = await tx.complaints.get(number)
        assert found is not None
        return found

    def told(self, chat: int) -> list[str]:
        """What a chat was sent, the words of it; of files their captions."""
        rows = [row for row in self.handed if row.lane == f"telegram:{chat}"]
        return [str(_params(row).get("text") or _params(row).get("caption")) for row in rows]

    def methods(self, chat: int) -> list[object]:
        return [row.payload["method"] for row in self.handed if row.lane == f"telegram:{chat}"]

    def rows(self, chat: int) -> list[Outgoing]:
        return [row for row in self.handed if row.lane == f"telegram:{chat}"]

    def letters(self) -> list[Outgoing]:
        return [row for row in self.handed if row.channel is Channel.MAIL]

    def mails(self) -> list[Mapping[str, Any]]:
        return [row.payload for row in self.handed if row.channel is Channel.MAIL]


def _params(row: Outgoing) -> Mapping[str, Any]:
    params = row.payload["params"]
    assert isinstance(params, dict)
    return params
