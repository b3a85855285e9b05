"""What a database holds, read while nobody serves it: the facts that a crash could have spoiled."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import make_url

from conversations import session as sessions
from storage import Store, tables
from tests.databases import RING, opened

if TYPE_CHECKING:
    from conversations.session import Session


@dataclass(frozen=True, slots=True)
class Row:
    """A message of the outbox. `chat` is the chat it belongs to; `new` if it sends and does not edit."""

    key: str
    chat: int
    new: bool
    state: str
    message_id: int | None

    @property
    def update(self) -> str:
        """The key of the update that it answers."""
        return self.key.rpartition(":")[0]


@dataclass(frozen=True)
class Ledger:
    """Everything of interest, by chat where it belongs to one."""

    keys: frozenset[str]
    offset: int | None
    outbox: tuple[Row, ...]
    sessions: dict[int, Session]
    submissions: Counter[int]
    issues: Counter[int]
    certificates: frozenset[int]
    alarms: frozenset[tuple[int, str]]

    @cached_property
    def handled(self) -> dict[int, set[str]]:
        """The updates of each chat that have brought about messages."""
        found: dict[int, set[str]] = {}
        for row in self.outbox:
            found.setdefault(row.chat, set()).add(row.update)
        return found

    def queued(self) -> list[Row]:
        return [row for row in self.outbox if row.state == "queued"]

    def position(self, chat: int) -> Position:
        """Where a chat is, in all tables at once."""
        session = self.sessions.get(chat, sessions.Session())
        names = frozenset(name for owner, name in self.alarms if owner == chat)
        rows = sum(row.chat == chat for row in self.outbox)
        states = tuple((frame.flow, frame.state) for frame in session.stack)
        return Position(
            session.turn, states, rows, self.submissions[chat], self.issues[chat], chat in self.certificates, names
        )


@dataclass(frozen=True, slots=True)
class Position:
    """The state of one chat across the tables: what one transaction changes together."""

    turn: int
    states: tuple[tuple[str, str], ...]
    messages: int
    submissions: int
    issues: int
    certificate: bool
    alarms: frozenset[str]


async def read(url: str) -> Ledger:
    """Read a database that nobody serves. A SQLite file is copied first: its log is the program's to recover."""
    address = make_url(url)
    if address.drivername != "sqlite+aiosqlite":
        return await _read(url)
    file = Path(str(address.database))
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        for part in ("", "-wal"):
            if (source := file.with_name(file.name + part)).exists():
                shutil.copyfile(source, Path(folder) / f"copy{part}")
        return await _read(f"sqlite+aiosqlite:///{folder}/copy")


async def watch(url: str) -> Ledger:
    """Read a database beside the program that serves it."""
    return await _read(url, read_only=True)


async def _read(url: str, *, read_only: bool = False) -> Ledger:
    store = await Store.open(url, ring=RING, read_only=read_only)
    try:
        return await ledger_of(store)
    finally:
        await store.close()


async def ledger_of(store: Store) -> Ledger:
    """Read through an open store."""
    async with store.reading() as tx:

        async def rows(table: sa.Table) -> list[dict[str, Any]]:
            found = (await tx._execute(sa.select(table).order_by(*table.primary_key.columns))).mappings()
            return [opened(store, table, row) for row in found]

        renewals = await rows(tables.renewals)
        return Ledger(
            keys=frozenset(row["key"] for row in await rows(tables.inbox)),
            offset=await tx.next_offset(),
            outbox=tuple(_row(row) for row in await rows(tables.outbox)),
            sessions={row["chat_id"]: sessions.load(row["body"]) for row in await rows(tables.sessions)},
            submissions=Counter(row["chat_id"] for row in renewals),
            issues=Counter(row["chat_id"] for row in renewals if row["issued_at"] is not None),
            certificates=frozenset(row["chat_id"] for row in await rows(tables.certificates)),
            alarms=frozenset((row["chat_id"], row["name"]) for row in await rows(tables.alarms)),
        )


def _row(row: dict[str, Any]) -> Row:
    chat = int(row["lane"].removeprefix("telegram:"))
    method = json.loads(row["payload"])["method"]
    return Row(row["key"], chat, method == "sendMessage", row["state"], row["message_id"])
