"""Whatever is done in whatever order, SQLite and PostgreSQL answer the same (G16)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from storage import StorageError, Store
from storage.packing import pack
from storage.records import Alarm, DeadLetter, Horizons, Kind, Memory, Outgoing, Priority, Settled, State
from storage.tables import metadata, vault
from tests.databases import KINDS, RING, fresh_url
from tests.storage.rows import after, meet

if TYPE_CHECKING:
    from pathlib import Path

    from storage import Transaction

Operation: TypeAlias = tuple[str, tuple[object, ...]]
History: TypeAlias = list[object]

CHATS: Final = st.integers(1, 3)
KEYS: Final = st.sampled_from(["a", "b", "c", "d", "e"])
MOMENTS: Final = st.integers(0, 9).map(after)
WORDS: Final = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5)

MESSAGES: Final = st.builds(
    Outgoing,
    key=KEYS,
    lane=st.sampled_from(["x", "telegram:1"]),
    payload=st.dictionaries(WORDS, WORDS | st.integers() | st.booleans() | st.none(), max_size=2),
    due_at=MOMENTS,
    kind=st.sampled_from(Kind),
    priority=st.sampled_from(Priority),
    claimed_until=st.none() | MOMENTS,
)
OUTCOMES: Final = st.builds(
    Settled,
    key=KEYS,
    state=st.sampled_from(State),
    at=MOMENTS,
    attempts=st.integers(0, 3),
    error=st.none() | WORDS,
    message_id=st.none() | st.integers(1, 9),
    due_at=st.none() | MOMENTS,
)
MEMORIES: Final = st.builds(
    Memory,
    chat_id=CHATS,
    language=st.sampled_from(["id", "en", None]),
    unreachable_since=st.none() | MOMENTS,
    session=st.none() | WORDS.map(pack),
    screen=st.none() | KEYS,
    expires_on=st.none() | st.integers(1, 28).map(lambda day: date(2026, 12, day)),
)
LETTERS: Final = st.builds(
    DeadLetter,
    reference=KEYS,
    key=KEYS,
    chat_id=st.none() | CHATS,
    raw=st.text(max_size=5),
    error=WORDS,
    at=MOMENTS,
)


def _call(name: str, *arguments: st.SearchStrategy[object]) -> st.SearchStrategy[Operation]:
    return st.tuples(st.just(name), st.tuples(*arguments))


def _several(strategy: st.SearchStrategy[object], unique: str | None = None) -> st.SearchStrategy[list[object]]:
    by = (lambda row: getattr(row, unique)) if unique else None
    return st.lists(strategy, max_size=3, unique_by=by)


OPERATIONS: Final = st.one_of(
    _call("seen", _several(KEYS)),
    _call("remember", _several(KEYS), MOMENTS),
    _call("memories", _several(CHATS)),
    _call("save", _several(MEMORIES, "chat_id"), MOMENTS),
    _call("mark_unreachable", _several(CHATS), MOMENTS),
    _call("record_submission", CHATS, MOMENTS, MOMENTS, MOMENTS),
    _call("record_issue", CHATS, MOMENTS),
    _call("set_alarms", _several(st.builds(Alarm, chat_id=CHATS, name=KEYS, due_at=MOMENTS))),
    _call("drop_alarms", _several(st.tuples(CHATS, KEYS))),
    _call("due_alarms", MOMENTS, st.integers(1, 3)),
    _call("next_alarm"),
    _call("enqueue", _several(MESSAGES)),
    _call("claim", MOMENTS, MOMENTS, st.integers(1, 3), KEYS),
    _call("settle", _several(OUTCOMES)),
    _call("next_due", MOMENTS),
    _call("release"),
    _call("message_ids", _several(KEYS)),
    _call("count_states"),
    _call("confirm", st.integers(1, 2), st.none() | st.integers(1, 9)),
    _call("next_offset"),
    _call("bury", _several(LETTERS)),
    _call("dead_letters", st.integers(1, 3)),
    _call("purge", st.builds(Horizons, *[st.none() | MOMENTS] * 9), st.just(1000)),
    _call("would_purge", st.builds(Horizons, *[st.none() | MOMENTS] * 9)),
    _call("counted", CHATS),
    _call("about", CHATS),
    _call("erase", CHATS),
    _call("counts"),
)
TRANSACTIONS: Final = st.lists(st.lists(OPERATIONS, min_size=1, max_size=4), min_size=15, max_size=30)


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # to shrink a failure takes minutes, and the history is readable as it is
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(transactions=TRANSACTIONS)
async def test_both_databases_tell_the_same_history(tmp_path: Path, transactions: list[list[Operation]]) -> None:
    histories = []
    for kind in KINDS:
        async with fresh_url(kind, tmp_path) as url, await Store.open(url, ring=RING) as store:
            await meet(store, 1, 2)  # and nobody knows the third
            histories.append([await _tell(store, operations) for operations in transactions])
            histories[-1].append(await _everything(store))
    assert histories[0] == histories[1]


async def _tell(store: Store, operations: list[Operation]) -> History:
    """What each operation of a transaction answered, and how the transaction ended."""
    history: History = []
    try:
        async with store.transaction() as transaction:
            for name, arguments in operations:
                history.append((name, await _do(transaction, name, arguments)))
    except (StorageError, ValueError) as error:
        history.append((type(error).__name__, str(error)))
    return history


async def _everything(store: Store) -> History:
    """All rows of all tables, opened, but for the numbers and the keys that a database gives them."""
    history: History = []
    async with store._database.reader.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [column for column in table.columns if not column.identity and column is not vault.c.value]
            rows = (await connection.execute(sa.select(*columns))).mappings()
            history.append((table.name, sorted(repr([_plain(store, c, row[c.name]) for c in columns]) for row in rows)))
    return history


def _plain(store: Store, column: sa.Column[Any], value: object) -> object:
    return store._vault.open(column, value) if isinstance(value, bytes) else value


async def _do(transaction: Transaction, name: str, arguments: tuple[object, ...]) -> object:
    answer: object = await getattr(transaction, name)(*arguments)
    return answer
