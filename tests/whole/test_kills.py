"""kill -9 at any moment: nothing is lost, nothing is done twice, and everybody reaches the end (G1, G3, G10)."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from signal import SIGKILL

import pytest

from bot.sandbox import People, Person, Sandbox
from tests.databases import Kind
from tests.whole import ledger
from tests.whole.conftest import Figure
from tests.whole.ledger import Ledger, Row
from tests.whole.program import Launcher, Program, eventually
from tests.whole.walk import UPDATES, seeded, walk

CROWD = 50
LONGEST_LIFE = 0.5  # seconds
PATIENCE = 5  # times the kills, until it is given up to meet a message on its way
STARTING = 0.2  # of the kills come at any moment from the start on, the others while it serves


class Crowd:
    """People who walk the renewal again and again until it is enough."""

    def __init__(self, persons: list[Person], random: Random) -> None:
        self.persons = persons
        self.walks: Counter[int] = Counter()
        self._randoms = {person.id: seeded(random.random()) for person in persons}
        self._enough = False

    async def walk(self) -> None:
        """Everybody at the same time; ends when all have finished a walk that was begun before `enough`."""
        async with asyncio.TaskGroup() as walking:
            for person in self.persons:
                walking.create_task(self._walk(person))

    async def _walk(self, person: Person) -> None:
        while not self.walks[person.id] or not self._enough:
            await walk(person, self._randoms[person.id])
            self.walks[person.id] += 1

    def enough(self) -> None:
        self._enough = True


class Turns:
    """The turn counter after a number of walks, as it is when nobody disturbs."""

    def __init__(self, first: int, second: int) -> None:
        self._first, self._more = first, second - first

    def after(self, walks: int) -> int:
        return self._first + (walks - 1) * self._more


async def undisturbed(program: Program, url: str, person: Person) -> Turns:
    """Let one person walk twice, with every kind of answer, while the program just runs."""
    counts = []
    for seed in (1, 2):
        await program.serve()
        await walk(person, seeded(seed))
        await program.stop()
        counts.append((await ledger.read(url)).sessions[person.id].turn)
    return Turns(*counts)


async def torment(program: Program, url: str, random: Random, kills: int) -> list[list[Row]]:
    """Kill it again and again, and on until one kill has met messages on their way; answers what was not settled."""
    unsettled: list[list[Row]] = []
    while len(unsettled) < kills or (not any(map(on_their_way, unsettled)) and len(unsettled) < PATIENCE * kills):
        if random.random() < STARTING:
            program.start()
        else:
            await program.serve()
        await asyncio.sleep(random.uniform(0, LONGEST_LIFE))
        program.kill()
        assert await program.ended() == -SIGKILL, program.output
        unsettled.append((await ledger.read(url)).queued())
    return unsettled


def on_their_way(rows: list[Row]) -> list[int]:
    """The chats of the new messages among them."""
    return [row.chat for row in rows if row.new]


async def finish(program: Program, url: str) -> Ledger:
    """Let it send what still waits, stop it in order, and read what is stored."""

    async def settled() -> bool:
        return not (await ledger.watch(url)).queued()

    await eventually(settled, lambda: "the outbox to empty")
    await program.stop()
    return await ledger.read(url)


def extra_copies(book: Ledger, person: Person) -> list[int]:
    """The messages in the chat that are not the one which the outbox knows of."""
    known = {row.message_id for row in book.outbox if row.chat == person.id and row.new}
    return [bubble.id for bubble in person.chat if bubble.from_bot and bubble.id not in known]


def check_crowd(book: Ledger, crowd: Crowd, turns: Turns) -> None:
    """Nothing is lost, and nothing was recorded twice."""
    for person in crowd.persons:
        walks = crowd.walks[person.id]
        assert len(book.handled[person.id]) == walks * UPDATES
        assert book.sessions[person.id].turn == turns.after(walks)
        assert book.sessions[person.id].stack == ()
        assert (book.submissions[person.id], book.issues[person.id]) == (walks, walks)
        assert person.id in book.certificates
        assert {name for chat, name in book.alarms if chat == person.id} == {"expiry"}
        shown = {bubble.id for bubble in person.chat if bubble.from_bot}
        assert {row.message_id for row in book.outbox if row.chat == person.id and row.new} <= shown
    assert {row.state for row in book.outbox} == {"sent"}


async def check_kills(program: Program, url: str, people: People, kills: int) -> str:
    """Walk and kill; answers the figures."""
    random = seeded(20_261_123)
    control = await people.add("Kendali")
    turns = await undisturbed(program, url, control)
    crowd = Crowd([await people.add(f"Orang {number}") for number in range(CROWD)], random)
    walking = asyncio.create_task(crowd.walk())
    unsettled = await torment(program, url, random, kills)
    await program.serve()
    crowd.enough()
    await walking
    book = await finish(program, url)
    for person in crowd.persons:
        await person.looks()
    check_crowd(book, crowd, turns)
    updates = sum(crowd.walks.values()) * UPDATES
    lost = updates + 2 * UPDATES - len(book.keys)
    in_flight = Counter(chat for rows in unsettled for chat in on_their_way(rows))
    copies = {person.id: len(extra_copies(book, person)) for person in crowd.persons}
    needless = sum(max(0, copies[chat] - in_flight[chat]) for chat in copies)
    assert (lost, needless) == (0, 0)
    assert in_flight.total() > 0  # or nothing was tried
    return (
        f"G1 G10: {len(unsettled)} kills, {CROWD} people at the end {sum(crowd.walks.values())} times; "
        f"lost {lost} of {updates} updates, recorded twice 0; second copies {sum(copies.values())}, needless {needless}"
        f" ({in_flight.total()} messages unsettled at a kill)"
    )


async def test_everybody_reaches_the_end_in_spite_of_kills(
    launcher: Launcher, sandbox: Sandbox, people: People, kind: Kind, url: str, tmp_path: Path, figure: Figure
) -> None:
    async with Program(launcher, sandbox.api_url, url, tmp_path) as program:
        figure(f"{await check_kills(program, url, people, 20 if kind == 'sqlite' else 6)} ({kind})")


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_everybody_reaches_the_end_in_spite_of_hundreds_of_kills(
    launcher: Launcher, sandbox: Sandbox, people: People, kind: Kind, url: str, tmp_path: Path, figure: Figure
) -> None:
    async with Program(launcher, sandbox.api_url, url, tmp_path) as program:
        figure(f"{await check_kills(program, url, people, 250 if kind == 'sqlite' else 50)} ({kind})")
