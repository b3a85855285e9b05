"""The turn on a real store with nothing behind it: whatever it hands over is what people see at once."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeAlias

from bot.commands import Commands, Office
from bot.telegram.decode import decode
from bot.turn import Turn
from storage import Store
from storage.records import Outgoing
from tests.clocks import FakeClock
from tests.outlet import Tray
from tests.shipped import CATALOGS, GUIDE

Raw: TypeAlias = dict[str, object]

TEXTS = ("Sudah", "blum", "kemarin", "23 November 2026", "1 Januari 2029", "menu", "apa ini?", "👍", "<b>&</b>")
COMMANDS = ("/start", "/menu", "/perbarui", "/status", "/lanjut", "/kembali", "/batal", "/bantuan", "/info", "/bahasa")
FORWARD = frozenset({"/perbarui", "begin", "yes", "right", "now", "usual"})
"""What the buttons carry that lead to the end of a renewal."""

SHOWN: tuple[Raw, ...] = (
    {"photo": [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]},
    {"dice": {"emoji": "🎲", "value": 1}},
    {"text": "diteruskan", "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "X"}},
)


class Desk:
    """A turn, its clock, and what it has handed over, in order."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store, self.clock = store, clock
        self.handed: list[Outgoing] = []
        commands = Commands(Office(sends_mail=True, username="pandu_bot"))
        self.turn = Turn(store, GUIDE, CATALOGS, clock, decode, commands, Tray(clock, self.handed.extend))

    async def take(self, updates: Sequence[Raw]) -> None:
        """One batch, confirmed as the intake confirms it."""
        last = updates[-1]["update_id"]
        assert isinstance(last, int)
        await self.turn.take(updates, last + 1)


def said(update_id: int, chat: int, **content: object) -> Raw:
    """The update of a message."""
    person = {"id": chat, "is_bot": False, "first_name": "Siti", "language_code": "id"}
    message: Raw = {"message_id": update_id, "date": 1, "chat": {"id": chat, "type": "private"}, "from": person}
    return {"update_id": update_id, "message": {**message, **content}}


def pressed(update_id: int, chat: int, message_id: int, data: str) -> Raw:
    """The update of a press."""
    person = {"id": chat, "is_bot": False, "first_name": "Siti", "language_code": "id"}
    message = {"message_id": message_id, "date": 1, "chat": {"id": chat, "type": "private"}}
    query = {"id": "1", "from": person, "chat_instance": "1", "data": data, "message": message}
    return {"update_id": update_id, "callback_query": query}


class Chatter:
    """Someone who presses what is there and says what comes to mind; the same seed does the same."""

    def __init__(self, chat: int, random: Random) -> None:
        self.chat = chat
        self._random = random
        self._shown: list[list[tuple[int, str]]] = []

    def sees(self, rows: Sequence[Outgoing]) -> None:
        """Take in what was handed over to this chat."""
        for number, row in enumerate(rows):
            params = row.payload["params"]
            assert isinstance(params, dict)
            if params["chat_id"] == self.chat and "reply_markup" in params:
                keyboard = params["reply_markup"]["inline_keyboard"]
                data = [button["callback_data"] for line in keyboard for button in line if "callback_data" in button]
                self._shown.append([(1000 + number, each) for each in data])
        del self._shown[:-8]

    def acts(self, update_id: int) -> Raw:
        """What happens next: mostly a button that leads on, at times another, an old one, or a text."""
        chance = self._random.random()
        if chance < 0.75 and self._shown:
            buttons = self._shown[-1] if chance < 0.7 else self._random.choice(self._shown)
            leading = [button for button in buttons if button[1].rpartition(":")[2] in FORWARD]
            return pressed(update_id, self.chat, *self._random.choice(leading if leading and chance < 0.6 else buttons))
        if chance < 0.85:
            return said(update_id, self.chat, text=self._random.choice(COMMANDS))
        if chance < 0.95:
            return said(update_id, self.chat, text=self._random.choice(TEXTS))
        return said(update_id, self.chat, **self._random.choice(SHOWN))
