"""One chat during one envelope, and what a whole batch brings about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.catalogs import DEFAULT, Catalog
from bot.compose import Target, compose
from bot.envelope import Envelope
from conversations.effects import Revise, Say, Settle
from conversations.events import Elapsed, Pressed
from storage.records import Kind, Memory, Outgoing, Priority


@dataclass(frozen=True, slots=True)
class Claim:
    """Who sends what a turn enqueues, and until when nobody else may."""

    by: str
    until: datetime


def lane_of(chat_id: int) -> str:
    return f"telegram:{chat_id}"


def row_key(key: str, part: object, at: datetime) -> str:
    """The key of a message: update, place and day. Telegram's ids begin anew some day, and rows outlive the inbox."""
    return f"{key}:{part}.{at.year:04}{at.month:02}{at.day:02}"  # strftime takes eight times as long


@dataclass(slots=True)
class Outcome:
    """What a batch brings about, collected so that each table is written once. An alarm that is None is dropped."""

    memories: dict[int, Memory]
    rows: list[Outgoing]
    alarms: dict[tuple[int, str], datetime | None]
    claim: Claim

    def add(
        self,
        key: str,
        chat_id: int,
        payload: Mapping[str, object],
        at: datetime,
        *,
        edits: str | None = None,
        kind: Kind = Kind.ANSWER,
    ) -> None:
        row = Outgoing(
            key,
            lane_of(chat_id),
            payload,
            at,
            kind=kind,
            priority=Priority.NOTICE if kind is Kind.NOTICE else Priority.ANSWER,
            edits=edits,
            claimed_by=self.claim.by,
            claimed_until=self.claim.until,
        )
        self.rows.append(row)


class Scene:
    """One chat during one envelope: which message can change, which language is read, what was said so far."""

    def __init__(self, envelope: Envelope, memory: Memory, catalogs: Mapping[str, Catalog], outcome: Outcome) -> None:
        self._envelope, self._catalogs = envelope, catalogs
        self.memory, self.outcome, self.chat_id = memory, outcome, envelope.chat_id
        pressed = envelope.message_id if isinstance(envelope.event, Pressed) else None
        self._before = Target(message_id=pressed) if pressed is not None else Target.read(memory.screen)
        self._kind = Kind.NOTICE if isinstance(envelope.event, Elapsed) else Kind.ANSWER
        self._count = 0

    @property
    def catalog(self) -> Catalog:
        return self._catalogs.get(self.memory.language or DEFAULT, self._catalogs[DEFAULT])

    def show(self, message: Say | Revise | Settle) -> None:
        composed = compose(message, self.chat_id, self._before, self.catalog)
        if composed is None:
            return
        at = self._envelope.event.at
        key = row_key(self._envelope.key, self._count, at)
        self._count += 1
        self.outcome.add(key, self.chat_id, composed.payload, at, edits=composed.edits, kind=self._kind)
        if isinstance(message, Settle) or not message.asks:
            return
        if composed.new:
            self.memory = replace(self.memory, screen=key)
        elif self._before is not None:
            self.memory = replace(self.memory, screen=self._before.write())
