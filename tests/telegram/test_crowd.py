"""The crowd of the bench counts truly: with a bot that does as it should, and with one that does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.clock import SystemClock
from bot.delivery import Pause
from bot.envelope import Envelope
from bot.telegram.decode import ALLOWED_UPDATES, decode
from bot.telegram.sender import TelegramSender
from conversations.events import Pressed
from storage.records import Outgoing
from tests.bench.crowd import Crowd, Step, figures
from tests.clocks import START
from tests.telegram_server import ApiServer

if TYPE_CHECKING:
    from collections.abc import Sequence

SCRIPT: Sequence[Step] = [
    {"say": "/perbarui"},
    {"press": "yes"},
    {"press": "yes", "hear": "pertanyaan"},
    {"say": "selesai"},
]


def payload(chat_id: int, turn: int, text: str, message_id: int | None) -> dict[str, object]:
    """A question with one button: a new message, or in place of the one whose button was pressed."""
    markup = {"inline_keyboard": [[{"text": "Ya", "callback_data": f"a:b:{turn}:yes"}]]}
    params = {"chat_id": chat_id, "text": text, "reply_markup": markup}
    if message_id is None:
        return {"method": "sendMessage", "params": params}
    return {"method": "editMessageText", "params": {**params, "message_id": message_id}}


async def serve(sender: TelegramSender, fault: str) -> None:
    """Ask on and on, with the fault at every fourth turn."""
    turns: dict[int, int] = {}
    offset = None
    while True:
        for update in await sender.get_updates(offset, 1, ALLOWED_UPDATES):
            envelope = decode(update, START)
            assert isinstance(envelope, Envelope)
            offset = int(envelope.key.split(":")[1]) + 1
            turn = turns[envelope.chat_id] = turns.get(envelope.chat_id, 0) + 1
            shown = envelope.message_id if isinstance(envelope.event, Pressed) else None
            late = 2 if fault == "back" and turn % 4 == 3 else 0
            question = payload(envelope.chat_id, turn - late, f"pertanyaan {turn}", shown)
            for _ in range(2 if fault == "twice" and turn % 4 == 1 else 1):
                await sender.send(Outgoing("k", "l", question, START))


@pytest.mark.parametrize(("fault", "counted"), [("none", ()), ("twice", ("repeated",)), ("back", ("out_of_order",))])
async def test_the_crowd_counts_what_it_sees(fault: str, counted: tuple[str, ...]) -> None:
    crowd = Crowd(3, SCRIPT)
    async with (
        ApiServer(crowd.answer) as server,
        TelegramSender("1:t", pause=Pause(SystemClock()), api=server.url) as sender,
    ):
        bot = asyncio.create_task(serve(sender, fault))
        await crowd.polled.wait()
        crowd.begin()
        while len(crowd.tally.latencies) < 60:  # noqa: ASYNC110 - the crowd has no event for its progress
            await asyncio.sleep(0.001)
        bot.cancel()
        await asyncio.gather(bot, return_exceptions=True)

    result = figures(crowd, 1.0)
    assert {name for name in ("lost", "repeated", "out_of_order") if result[name]} == set(counted)
