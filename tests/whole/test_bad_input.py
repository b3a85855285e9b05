"""Whatever comes in: nothing crashes and nothing is lost. Each update is answered, ignored with a count, or buried."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

from storage import Store
from tests.clocks import FakeClock
from tests.databases import RING, fresh_url
from tests.whole import ledger
from tests.whole.conftest import Figure
from tests.whole.desk import Desk, Raw, said
from tests.whole.walk import seeded

UPDATES = sorted((Path(__file__).parents[1] / "telegram" / "updates").glob("*.json"))
MUTATIONS = 10_000
A_BATCH = 100
STRANGE: tuple[object, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, -(2**63), 2**200, 1.5, 1e300, "", "0", "\x00", "\ud83d", "\u202e" * 40,
    "x" * 70_000, "<b>&", "/", "/start@" + "x" * 99, [], [[]], {}, {"id": None}, [None, {"id": 1}],
)  # fmt: skip


def places(value: object) -> Iterator[tuple[dict[str, object] | list[object], str | int]]:
    """Every place inside a JSON value that something else can be put into."""
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for where, inner in items:
        assert isinstance(value, dict | list)
        yield value, where
        yield from places(inner)


def mutated(update: Raw, random: Random, donors: list[Raw]) -> Raw:
    """The update with up to four of its parts gone, replaced, or taken from another update."""
    mutant = copy.deepcopy(update)
    for _ in range(random.randint(1, 4)):
        found = list(places(mutant))
        if not found:
            break
        container, where = random.choice(found)
        match random.randrange(4):
            case 0:
                del container[where]  # type: ignore[arg-type] # `where` belongs to `container`
            case 1:
                donor_container, donor_where = random.choice(list(places(random.choice(donors))))
                container[where] = copy.deepcopy(donor_container[donor_where])  # type: ignore[index] # as above
            case _:
                container[where] = copy.deepcopy(random.choice(STRANGE))  # type: ignore[index] # as above
    return mutant


async def test_ten_thousand_mutations_of_real_updates(tmp_path: Path, figure: Figure) -> None:
    random = seeded(10_000)
    real: list[Raw] = [json.loads(path.read_text(encoding="utf-8")) for path in UPDATES]
    mutants = [mutated({**random.choice(real), "update_id": n}, random, real) for n in range(1, MUTATIONS + 1)]
    async with fresh_url("sqlite", tmp_path) as url:
        store = await Store.open(url, ring=RING)
        try:
            desk = Desk(store, FakeClock())
            for start in range(0, MUTATIONS, A_BATCH):
                await desk.turn.take(mutants[start : start + A_BATCH], start + A_BATCH + 1)
            book = await ledger.ledger_of(store)
            async with store.reading() as tx:
                letters = await tx.dead_letters(MUTATIONS)
            # After all this the next person is served as ever.
            desk.handed.clear()
            await desk.take([said(MUTATIONS + 1, 710_000_777, text="/start")])
            assert len(desk.handed) == 1
        finally:
            await store.close()
    same = len(mutants) - len({json.dumps(m.get("update_id")) for m in mutants})
    ignored, buried = sum(desk.turn.ignored.values()), desk.turn.buried
    handled = len(book.keys) - len([letter for letter in letters if letter.key in book.keys])
    repeated = MUTATIONS - handled - ignored - buried
    assert len(letters) == buried
    assert {letter.error.split(":")[0] for letter in letters} <= {"Malformed"}
    assert 0 <= repeated <= same
    assert min(handled, ignored, buried) > 100
    figure(
        f"Bad input: {MUTATIONS} mutated updates: {handled} handled, {ignored} ignored, {buried} buried, "
        f"{repeated} with a number that had come before; lost 0, crashes 0"
    )
