"""A chat with the real turn on a real database, written down as people read it.

Nothing is sent: what the turn hands over is what the phone of the person shows. Lines of a transcript:

    @ 2026-11-23 09.00            the clock of the city; alarms that are due ring
    > Siti: Sudah                 she types
    > Siti presses [Sudah]        the newest button with that label
    > Siti presses old [Sudah]    the oldest one: a button that may be stale
    > Siti sends photo            something that is not a text
    < Silakan buka AMS …          a new message; [its] [buttons], a row a line
    ~ Silakan buka AMS …          a message changed in place
    ! alarm wait 2026-11-24 16.00 what the turn stored
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from html import unescape

import sqlalchemy as sa

from bot import catalogs
from bot.app import load_service
from bot.scene import Claim
from bot.settings import Settings
from bot.telegram.decode import decode
from bot.turn import Turn
from conversations.advance import Guide
from storage import Store, tables
from storage.records import Outgoing
from tests.clocks import FakeClock

WIB = timezone(timedelta(hours=7))
SITI = 710_000_101
_TAG = re.compile(r"<[^>]+>")


@dataclass
class Message:
    """A bubble of the bot: its text, and the rows of its buttons as (label, data)."""

    text: str
    rows: list[list[tuple[str, str]]] = field(default_factory=list)

    def lines(self, sign: str) -> list[str]:
        first, *rest = self.text.splitlines() or [""]
        shown = [f"{sign} {first}", *(f"  {line}".rstrip() for line in rest)]
        return [*shown, *("  " + " ".join(f"[{label}]" for label, _ in row) for row in self.rows)]


class Chat:
    """One person and the bot. `log` grows as they talk."""

    def __init__(self, store: Store, clock: FakeClock, *, language: str = "id", name: str = "Siti") -> None:
        self.store, self.clock, self.name, self.language = store, clock, name, language
        service = load_service(Settings(_env_file=None))  # type: ignore[call-arg] # pydantic-settings takes it
        words = catalogs.load(service.zone.utc_offset_hours, service.zone.name)
        self.turn = Turn(
            store, Guide(service), words, clock, decode,
            hand_over=self._arrive, look=lambda: None, claim=lambda: Claim("chat", clock.now() + timedelta(minutes=2)),
        )  # fmt: skip
        self.log: list[str] = []
        self.messages: dict[int, Message] = {}
        self._ids: dict[str, int] = {}
        self._update_id = 100
        self._stored: list[str] = []

    # What the person does

    async def says(self, text: str) -> None:
        self.log.append(f"> {self.name}: {text}")
        await self._update(message=self._message(text=text))

    async def sends(self, kind: str) -> None:
        self.log.append(f"> {self.name} sends {kind}")
        kinds: dict[str, dict[str, object]] = {
            "photo": {"photo": [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]},
            "document": {"document": {"file_id": "x", "file_unique_id": "x"}},
            "voice": {"voice": {"file_id": "x", "file_unique_id": "x", "duration": 1}},
            "sticker": {"sticker": {"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}},
            "location": {"location": {"latitude": -6.9, "longitude": 109.7}},
            "contact": {"contact": {"phone_number": "081", "first_name": "Contoh"}},
            "forwarded": {"text": "diteruskan", "forward_origin": {"type": "hidden_user", "sender_user_name": "X"}},
            "long": {"text": "panjang " * 600},
        }
        content = kinds.get(kind, {"dice": {"emoji": "🎲", "value": 1}})
        if kind == "edited":
            await self._update(edited_message=self._message(text="diubah"))
        else:
            await self._update(message=self._message(**content))

    async def presses(self, label: str, *, oldest: bool = False) -> None:
        self.log.append(f"> {self.name} presses {'old ' if oldest else ''}[{label}]")
        shown = sorted(self.messages.items(), reverse=not oldest)
        for number, message in shown:
            for row in message.rows:
                for text, data in row:
                    if text == label:
                        await self.presses_data(data, number)
                        return
        raise AssertionError(f"no button [{label}] in:\n" + "\n".join(self.log))

    async def presses_data(self, data: str, number: int) -> None:
        query = {"id": "1", "from": self._from(), "chat_instance": "1", "data": data,
                 "message": {"message_id": number, "date": 1, "chat": {"id": SITI, "type": "private"}}}  # fmt: skip
        await self._update(callback_query=query)

    async def waits_until(self, moment: str) -> None:
        """Move the clock to a moment of the city, `2026-11-23 09.00`; alarms on the way ring at their time."""
        self.log.append(f"@ {moment}")
        target = datetime.strptime(moment, "%Y-%m-%d %H.%M").replace(tzinfo=WIB).astimezone(UTC)
        while (due := await self._next_alarm()) is not None and due <= target:
            self.clock.advance(max(timedelta(), due - self.clock.now()))
            await self.turn.ring()
            await self._write_stored()
        self.clock.advance(target - self.clock.now())

    # What comes of it

    @property
    def newest(self) -> Message:
        return self.messages[max(self.messages)]

    def labels(self) -> list[str]:
        return [label for row in self.newest.rows for label, _ in row]

    async def _update(self, **content: object) -> None:
        self._update_id += 1
        await self.turn.take([{"update_id": self._update_id, **content}], self._update_id + 1)
        await self._write_stored()

    def _message(self, **content: object) -> Mapping[str, object]:
        chat = {"id": SITI, "type": "private"}
        return {"message_id": self._update_id, "date": 1, "chat": chat, "from": self._from(), **content}

    def _from(self) -> Mapping[str, object]:
        return {"id": SITI, "is_bot": False, "first_name": self.name, "language_code": self.language}

    def _arrive(self, rows: Sequence[Outgoing]) -> None:
        for row in rows:
            params = row.payload["params"]
            assert isinstance(params, dict)
            markup = params.get("reply_markup", {"inline_keyboard": []})
            rows_of_buttons = [
                [(b["text"], b.get("callback_data", "")) for b in buttons] for buttons in markup["inline_keyboard"]
            ]
            message = Message(unescape(_TAG.sub("", params["text"])), rows_of_buttons)
            new = row.payload["method"] == "sendMessage"
            number = 1000 + len(self.messages) if new else params.get("message_id") or self._ids[row.edits or ""]
            self._ids[row.key] = number
            self.messages[number] = message
            self.log += message.lines("<" if new else "~")

    async def _write_stored(self) -> None:
        stored = await stored_lines(self.store)
        self.log += [f"! {line}" for line in stored if line not in self._stored]
        self.log += [f"! no {line}" for line in self._stored if line not in stored and line.startswith("alarm")]
        self._stored = stored

    async def _next_alarm(self) -> datetime | None:
        async with self.store.reading() as tx:
            return await tx.next_alarm()


async def stored_lines(store: Store) -> list[str]:
    """The alarms, renewals and certificates that are stored, in words."""

    def when(moment: datetime | None) -> str:
        return f"{moment.astimezone(WIB):%Y-%m-%d %H.%M}" if moment else "-"

    async with store.reading() as tx:
        alarms = (await tx._execute(sa.select(tables.alarms))).mappings().all()
        renewals = (await tx._execute(sa.select(tables.renewals))).mappings().all()
        certificates = (await tx._execute(sa.select(tables.certificates))).mappings().all()
    return [
        *(f"alarm {row['name']} {when(row['due_at'])}" for row in alarms),
        *(
            f"renewal: submitted {when(row['submitted_at'])}, due {when(row['due_at'])}, "
            f"issued {when(row['issued_at'])}"
            for row in renewals
        ),
        *(f"certificate until {row['expires_on']}" for row in certificates),
    ]


@asynccontextmanager
async def chat_on(url: str, clock: FakeClock, *, language: str = "id") -> AsyncIterator[Chat]:
    store = await Store.open(url)
    try:
        yield Chat(store, clock, language=language)
    finally:
        await store.close()
