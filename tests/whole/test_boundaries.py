"""kill -9 before each request to the database, one after the other: no state is ever a mixture (G1, G3)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from signal import SIGKILL

import pytest

from bot.sandbox import People, Person, Sandbox
from tests.databases import Kind
from tests.whole import ledger
from tests.whole.conftest import Figure
from tests.whole.ledger import Ledger, Position
from tests.whole.program import Launcher, Program, eventually
from tests.whole.walk import ANSWERS, END, WITHIN

REQUESTS_A_WALK = 80
"""Fewer than one walk makes: a life that is to be longer needs more people."""


async def test_a_kill_at_any_request_leaves_no_mixture(
    launcher: Launcher, sandbox: Sandbox, people: People, kind: Kind, url: str, tmp_path: Path, figure: Figure
) -> None:
    async with Program(launcher, sandbox.api_url, url, tmp_path) as program:
        figure(f"{await check_points(program, url, people, 40 if kind == 'sqlite' else 15)} ({kind})")


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_a_kill_at_any_of_hundreds_of_requests_leaves_no_mixture(
    launcher: Launcher, sandbox: Sandbox, people: People, kind: Kind, url: str, tmp_path: Path, figure: Figure
) -> None:
    async with Program(launcher, sandbox.api_url, url, tmp_path) as program:
        figure(f"{await check_points(program, url, people, 200 if kind == 'sqlite' else 100)} ({kind})")


async def check_points(program: Program, url: str, people: People, points: int) -> str:
    """Each life ends one request later than the last, while someone new walks; answers the figures."""
    positions = await unbroken(program, url, await people.add("Kendali"))
    persons: list[Person] = []
    mixed = 0
    async with asyncio.TaskGroup() as walking:
        for point in range(1, points + 1):
            for _ in range(1 + point // REQUESTS_A_WALK):
                persons.append(await people.add(f"Orang {len(persons)}"))
                walking.create_task(walk(persons[-1]))
            program.start(kill_at=point)
            assert await program.ended() == -SIGKILL, program.output
            book = await ledger.read(url)
            mixed += sum(is_mixed(book, person, positions) for person in persons)
        await program.serve()
    await eventually(lambda: all_sent(url), lambda: "the outbox to empty")
    await program.stop()
    book = await ledger.read(url)
    unfinished = sum(book.position(person.id) != positions[-1] for person in persons)
    assert (mixed, unfinished) == (0, 0)
    return f"G1 G3: killed before each of {points} requests to the database; mixed states {mixed}, lost {unfinished}"


async def unbroken(program: Program, url: str, person: Person) -> list[Position]:
    """Where a chat is after each update of a walk that nobody disturbs: the only states that there may be."""
    positions = [Position(0, (), 0, 0, 0, certificate=False, alarms=frozenset())]
    await program.serve()

    async def at_rest() -> bool:
        book = await ledger.watch(url)
        return len(book.handled.get(person.id, ())) == len(positions) and not book.queued()

    await person.start()
    for label in (*ANSWERS, ""):
        await eventually(at_rest, lambda: f"update {len(positions)}")
        positions.append((await ledger.watch(url)).position(person.id))
        if label:
            await person.presses(label)
    await program.stop()
    return positions


async def walk(person: Person) -> None:
    await person.start()
    for label in ANSWERS:
        await person.presses(label, within=WITHIN)
    await person.hears(END, within=WITHIN)


def is_mixed(book: Ledger, person: Person, positions: list[Position]) -> bool:
    """Whether the tables disagree on how far someone is, or the place in Telegram's queue on what was handled."""
    handled = book.handled.get(person.id, set())
    last = max((int(key.removeprefix("telegram:")) for key in book.keys), default=0)
    return (
        book.position(person.id) != positions[len(handled)]
        or not handled <= book.keys
        or book.offset not in {None, last + 1}
    )


async def all_sent(url: str) -> bool:
    return {row.state for row in (await ledger.watch(url)).outbox} == {"sent"}
