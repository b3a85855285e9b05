"""An update that breaks things, and a chat that is slow, are nobody else's trouble (G5, G6)."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.clock import Clock, MovableClock
from bot.commands import Commands, Office
from bot.delivery import Pause
from bot.intake import Intake
from bot.relay import Rates, Relay
from bot.sandbox import Bubble, Fault, People, Person, Sandbox
from bot.telegram.decode import ALLOWED_UPDATES, decode
from bot.telegram.sender import TelegramSender
from bot.turn import Turn
from conversations.advance import Guide, Step
from conversations.events import Event, Said
from conversations.people import ANYONE, Standing
from conversations.session import Session
from storage import Store
from storage.records import Channel, DeadLetter
from tests.databases import RING, fresh_url
from tests.shipped import CATALOGS, SERVICE
from tests.whole.conftest import Figure
from tests.whole.desk import Raw
from tests.whole.program import TOKEN, Program, eventually
from tests.whole.walk import UPDATES, seeded, walk

TALKERS = 10
SLOW_SECONDS = 10


class Touchy(Guide):
    """A guide with a mistake in it: one word breaks it."""

    def advance(self, session: Session, event: Event, standing: Standing = ANYONE) -> Step:
        if isinstance(event, Said) and event.text == "rusak":
            raise ZeroDivisionError("the mistake")
        return super().advance(session, event, standing)


@asynccontextmanager
async def served(sandbox: Sandbox, clock: Clock, url: str, guide: Guide) -> AsyncIterator[tuple[Store, Turn]]:
    """Intake, turn and relay, with a guide of the test's own."""
    store = await Store.open(url, ring=RING)
    async with TelegramSender(TOKEN, pause=Pause(clock), api=sandbox.api_url) as sender:
        relay = Relay(store, {Channel.TELEGRAM: sender}, clock, rates=Rates(), jitter=seeded(5).random)
        commands = Commands(Office(sends_mail=True, username="pandu_bot"))
        turn = Turn(store, guide, CATALOGS, clock, decode, commands, relay)
        intake = Intake(
            store, turn, clock, sender, allowed=ALLOWED_UPDATES, handled=lambda _: None, typing=lambda _: None
        )
        running = [asyncio.create_task(relay.run()), asyncio.create_task(intake.run())]
        try:
            yield store, turn
        finally:
            intake.stop()
            await relay.stop(1)
            await asyncio.gather(*running)
            await store.close()


def poison(number: int, chat: int) -> Sequence[Raw]:
    """Updates that are broken, huge or of a kind that nobody knows."""
    person = {"id": chat, "is_bot": False, "first_name": "Racun"}
    whole: Raw = {"message_id": number, "date": 1, "from": person, "chat": {"id": chat, "type": "private"}}
    return (
        {"message": None},
        {"message": {**whole, "from": None, "text": "halo"}},
        {"message": {**whole, "chat": {"id": "satu"}, "text": "halo"}},
        {"callback_query": {"id": 1, "from": [], "data": {}}},
        {"message": {**whole, "text": "panjang " * 20_000}},
        {"message": {**whole, "text": {"deep": [[[[[[[[[[{}]]]]]]]]]]}}},
        {"something_new": {"id": number}},
        {},
    )


async def test_poison_in_one_chat_while_others_talk(
    sandbox: Sandbox, people: People, clock: MovableClock, tmp_path: Path, figure: Figure
) -> None:
    guide = Touchy(SERVICE)
    culprit = await people.add("Racun")
    talkers = [await people.add(f"Orang {number}") for number in range(TALKERS)]
    async with fresh_url("sqlite", tmp_path) as url, served(sandbox, clock, url, guide) as (store, turn):
        await culprit.start()

        async def spoil() -> int:
            put = 0
            for number in range(5):
                for raw in poison(number, culprit.id):
                    await people.put_update(raw)
                    put += 1
                await culprit.says("rusak")
            return put + 5

        async with asyncio.TaskGroup() as talking:
            spoiling = talking.create_task(spoil())
            for talker in talkers:
                talking.create_task(walk(talker, seeded(talker.id)))
        references = await culprit.waits(apologies)
        async with store.reading() as tx:
            letters = await tx.dead_letters(1000)
    crashed = [letter for letter in letters if letter.error.startswith("ZeroDivisionError")]
    assert len(crashed) == 5
    assert {letter.reference for letter in crashed} <= references
    assert all(owned(letter, culprit) for letter in letters)
    polls = sum(call.method == "getupdates" for call in await people.calls())
    assert polls <= TALKERS * UPDATES + spoiling.result() + 5  # never asks again for what it has
    figure(
        f"G6: {spoiling.result()} poisonous updates: {turn.buried} buried with a reference, the rest answered or "
        f"ignored; {TALKERS} others reached the end, getUpdates {polls} times for {TALKERS * UPDATES} updates of theirs"
    )


def apologies(chat: list[Bubble]) -> set[str] | None:
    """The references that were told, when all crashes have one."""
    found = {match[1] for bubble in chat if bubble.from_bot for match in re.finditer(r"\b([0-9A-F]{6})\b", bubble.text)}
    return found if len(found) >= 5 else None


def owned(letter: DeadLetter, culprit: Person) -> bool:
    return letter.chat_id in {None, culprit.id} and letter.raw != ""


async def test_a_slow_chat_delays_nobody(program: Program, people: People, figure: Figure) -> None:
    slow = await people.add("Lambat")
    talkers = [await people.add(f"Orang {number}") for number in range(20)]
    await program.serve()
    await people.fail(Fault(answer="delay", chat_id=slow.id, seconds=SLOW_SECONDS, times=None))
    await slow.start()
    await slow.says("/perbarui")
    await slow.says("/status")
    waits: list[float] = []
    began = time.monotonic()

    async def talks(person: Person) -> None:
        await person.start()
        await person.hears("Selamat datang")
        for text, answer in (
            ("/perbarui", "enam langkah"),
            ("/info", "ketahui"),
            ("/status", "Pembaruan sertifikat"),
        ) * 4:
            asked_at = time.monotonic()
            await person.says(text)
            await person.hears(answer)
            waits.append(time.monotonic() - asked_at)

    await asyncio.gather(*map(talks, talkers))
    assert time.monotonic() - began < SLOW_SECONDS
    assert not [bubble for bubble in await slow.looks() if bubble.from_bot]
    await people.heal()

    async def settled() -> bool:
        return sum(bubble.from_bot for bubble in await slow.looks()) >= 3

    await eventually(settled, lambda: "the slow chat's answers")
    said = [bubble.text for bubble in slow.chat if bubble.from_bot]
    in_order = all(
        part in text for part, text in zip(("Selamat datang", "enam langkah", "Pembaruan"), said, strict=True)
    )
    p99 = sorted(waits)[int(len(waits) * 0.99)]
    assert in_order
    assert p99 <= 1.0
    figure(
        f"G5: one chat {SLOW_SECONDS} s slow; {len(waits)} answers to 20 others, p99 {p99 * 1000:.0f} ms; "
        f"out of order 0"
    )
