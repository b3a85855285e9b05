"""Whatever is done in whatever order, SQLite and PostgreSQL answer the same (G16)."""

from __future__ import annotations

from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conversations.complaint import Act, Complaint, Happening, Level, Status
from conversations.filters import Filter
from storage import StorageError, Store
from storage.complaint_tables import complaint_words
from storage.packing import pack
from storage.records import Alarm, DeadLetter, Horizons, Kind, Memory, Outgoing, Priority, Settled, State
from storage.tables import metadata, vault
from tests.databases import KINDS, RING, fresh_url
from tests.storage.complaining import PHOTO
from tests.storage.rows import after, meet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from storage import Transaction

Operation: TypeAlias = tuple[str, tuple[object, ...], dict[str, object]]
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


def _call(
    name: str, *arguments: st.SearchStrategy[object], **named: st.SearchStrategy[object]
) -> st.SearchStrategy[Operation]:
    return st.tuples(st.just(name), st.tuples(*arguments), st.fixed_dictionaries(named))


def _several(strategy: st.SearchStrategy[object], unique: str | None = None) -> st.SearchStrategy[list[object]]:
    by = (lambda row: getattr(row, unique)) if unique else None
    return st.lists(strategy, max_size=3, unique_by=by)


NUMBERS: Final = st.integers(1, 4).map(lambda serial: f"ADU-2026-{serial:05}")
LEVELS: Final = st.lists(st.sampled_from(Level), max_size=2)
COMPLAINTS: Final = st.builds(
    Complaint,
    number=NUMBERS,
    status=st.sampled_from(Status),
    level=st.sampled_from(Level),
    category=KEYS,
    text=st.lists(st.sampled_from(["Sertifikat", "galat", "2031", "“é”"]), max_size=4).map(" ".join),
    filed_at=MOMENTS,
    due_at=MOMENTS,
    since=MOMENTS,
    confidential=st.booleans(),
    attachments=st.just((PHOTO,)) | st.just(()),
    person=st.none() | CHATS.map(lambda chat: f"telegram:{chat}"),
    name=WORDS,
    stopped_at=st.none() | MOMENTS,
    next_at=st.none() | MOMENTS,
    version=st.integers(0, 1),
)
HAPPENINGS: Final = st.builds(
    Happening,
    at=MOMENTS,
    side=st.sampled_from(["employee", "officer"]),
    actor=WORDS,
    channel=st.just("telegram"),
    act=st.sampled_from(Act).map(str),
    text=WORDS,
    internal=st.booleans(),
)
COMPLAINING: Final = (
    _call("complaints.file", COMPLAINTS, st.just(2026), HAPPENINGS),
    _call("complaints.save", COMPLAINTS, COMPLAINTS, HAPPENINGS),
    _call("complaints.get", NUMBERS),
    _call("complaints.history", NUMBERS),
    _call("complaints.by_person", CHATS),
    _call("complaints.queue", LEVELS, MOMENTS, confidential=st.booleans(), only=st.sampled_from(Filter)),
    _call("complaints.counts_for_digest", LEVELS, MOMENTS, MOMENTS, confidential=st.booleans()),
    _call("complaints.due", MOMENTS, st.integers(1, 3)),
    _call("complaints.next_ring"),
    _call("complaints.postpone", NUMBERS, MOMENTS),
    _call("complaints.similar", st.sampled_from(["sertifikatnya galat", "2031"])),
    _call("complaints.card_keys", NUMBERS),
    _call("outage"),
    _call("outages.declare", WORDS, MOMENTS),
    _call("outages.lift", MOMENTS),
    _call("outages.note_hit", st.lists(CHATS, max_size=2)),
    _call("outages.hit"),
    _call("links.look", KEYS),
    _call("links.use", KEYS, MOMENTS),
)

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
    _call("purge", st.builds(Horizons, *[st.none() | MOMENTS] * 11), st.just(1000)),
    _call("would_purge", st.builds(Horizons, *[st.none() | MOMENTS] * 11)),
    _call("counted", CHATS),
    _call("about", CHATS),
    _call("erase", CHATS),
    _call("counts"),
    *COMPLAINING,
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
            for name, arguments, named in operations:
                history.append((name, await _do(transaction, name, arguments, named)))
    except (StorageError, ValueError) as error:
        history.append((type(error).__name__, str(error)))
    return history


async def _everything(store: Store) -> History:
    """All rows of all tables, opened, but for the numbers and the keys that a database gives them."""
    history: History = []
    async with store._database.reader.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [column for column in table.columns if not _given(column)]
            rows = (await connection.execute(sa.select(sa.literal(1), *columns))).mappings()
            history.append((table.name, sorted(repr([_plain(store, c, row[c.name]) for c in columns]) for row in rows)))
    return history


def _given(column: sa.Column[Any]) -> bool:
    """Whether each database gives values of its own: numbers, in which what is undone leaves a gap, and keys."""
    numbered = bool(column.identity) or any(key.column.identity for key in column.foreign_keys)
    return numbered or column is vault.c.value or column is complaint_words.c.word_lookup


def _plain(store: Store, column: sa.Column[Any], value: object) -> object:
    return store._vault.open(column, value) if isinstance(value, bytes) else value


async def _do(
    transaction: Transaction, name: str, arguments: tuple[object, ...], named: Mapping[str, object]
) -> object:
    answer: object = await attrgetter(name)(transaction)(*arguments, **named)
    return answer
